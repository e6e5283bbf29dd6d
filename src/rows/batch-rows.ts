/** The rows of a record batch as plain values, one by one: where columns become objects. */
import type { RecordBatch } from 'apache-arrow';
import { fromArrowSchema } from '../arrow/from-arrow-schema.ts';
import { type Getter, getterOf, objectOf } from './getter.ts';
import type { KafkaRecord, RecordHeader } from './record.ts';

const NO_HEADERS: readonly RecordHeader[] = Object.freeze([]);

/**
 * One batch of one partition. Buffers of values are views on the batch.
 *
 * @param batch from a run: with the metadata columns, and not a slice of another.
 */
export class BatchRows {
  readonly topic: string;
  readonly partition: number;
  readonly length: number;
  readonly #names: readonly string[];
  readonly #values: readonly Getter[];
  readonly #whole: boolean;
  readonly #offsets: BigInt64Array;
  readonly #timestamp: Getter;
  readonly #key: Getter;
  readonly #headers: Getter | undefined;

  /**
   * @param columns of the value.
   * @param whole whether the one column is the value, in the place of an object with it.
   */
  constructor(batch: RecordBatch, columns: readonly string[], whole: boolean) {
    const { fields } = fromArrowSchema(batch.schema);
    const dataOf = (name: string) => {
      const index = fields.findIndex((field) => field.name === name);
      return [batch.data.children[index]!, fields[index]!.type] as const;
    };
    this.length = batch.numRows;
    this.#names = columns;
    this.#values = columns.map((name) => getterOf(...dataOf(name)));
    this.#whole = whole;
    // A morsel is of one partition.
    this.topic = getterOf(...dataOf('_topic'))(0) as string;
    this.partition = getterOf(...dataOf('_partition'))(0) as number;
    this.#offsets = dataOf('_offset')[0].values as BigInt64Array;
    this.#timestamp = getterOf(...dataOf('_timestamp'));
    this.#key = getterOf(...dataOf('_key'));
    const [headers, type] = dataOf('_headers');
    this.#headers = headers.children[0]!.length === 0 ? undefined : getterOf(headers, type);
  }

  /** The offset of a row's message. */
  offset(row: number): bigint {
    return this.#offsets[row]!;
  }

  /** The value of a row's message. */
  value(row: number): unknown {
    if (this.#whole) return this.#values[0]!(row);
    return objectOf(this.#names, this.#values, row);
  }

  /** A row's message, with this as its value. */
  record<Value>(row: number, value: Value): KafkaRecord<Value> {
    return {
      value,
      key: this.#key(row) as Buffer | null,
      headers: (this.#headers?.(row) as RecordHeader[] | undefined) ?? NO_HEADERS,
      topic: this.topic,
      partition: this.partition,
      offset: this.offset(row),
      timestamp: (this.#timestamp(row) as number | null) ?? -1,
    };
  }
}
