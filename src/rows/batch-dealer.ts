/** Record batches of the caller, in pieces, as record batches of Kafka. */
import type { RecordBatch } from 'apache-arrow';
import type { DataType, Schema } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import { anyOf, BYTES_KINDS, INTEGER_KINDS } from '../ingest/message-types.ts';
import { partitionColumns } from '../ingest/partitioner.ts';
import { ArenaFull } from '../wasm/instance.ts';
import { checkPartition } from './choose-partition.ts';
import type { BatchRequest, EncodedBatch, RowEncoder } from './encoder.ts';
import { keyBytes } from './message.ts';
import type { KeyInput } from './record.ts';
import { isPlainPartitioner, type RowSinkSettings } from './row-sink-options.ts';
import { writtenSchema } from './written-schema.ts';

/** Some rows of a batch, encoded. */
export interface Piece {
  /** The batch's row that the piece's row 0 is. */
  readonly first: number;
  readonly encoded: readonly EncodedBatch[];
}

/** Rows of a piece: so many wait in the buffer at least. */
const PIECE_ROWS = 8_192;

/** Deals batches to the partitions of one topic. */
export class BatchDealer {
  readonly #settings: RowSinkSettings;
  readonly #encoder: RowEncoder;
  readonly #partitions: number;
  #turn: number;

  constructor(settings: RowSinkSettings, encoder: RowEncoder, partitions: number) {
    this.#settings = settings;
    this.#encoder = encoder;
    this.#partitions = partitions;
    this.#turn = Math.floor(Math.random() * partitions);
  }

  /**
   * Encodes a batch piece by piece, each when it is asked for.
   *
   * @throws MillraceError `INVALID_SCHEMA`, `UNKNOWN_COLUMN`, `MESSAGE_TOO_LARGE`,
   *   `EVALUATION_FAILED`; `INVALID_OPTION` where a function answers no partition or no key.
   */
  *deal(batch: RecordBatch): Generator<Piece> {
    for (let first = 0; first < batch.numRows; ) {
      const count = Math.min(PIECE_ROWS, batch.numRows - first);
      const piece =
        first === 0 && count === batch.numRows ? batch : batch.slice(first, first + count);
      yield* this.#encode(piece, first);
      first += count;
    }
  }

  *#encode(batch: RecordBatch, first: number): Generator<Piece> {
    let encoded: EncodedBatch[];
    try {
      encoded = this.#encoder.rows(batch, this.#request(batch));
    } catch (error) {
      if (!(error instanceof ArenaFull)) throw error;
      if (batch.numRows === 1) throw tooLarge(first);
      const half = batch.numRows >> 1;
      yield* this.#encode(batch.slice(0, half), first);
      yield* this.#encode(batch.slice(half), first + half);
      return;
    }
    this.#turn = (this.#turn + batch.numRows) % 0x40000000;
    yield { first, encoded };
  }

  #request(batch: RecordBatch): BatchRequest {
    const { plan, key, partitioner } = this.#settings;
    const schema = writtenSchema(batch.schema);
    const plain = isPlainPartitioner(partitioner);
    const { column, partitionColumn } = plain ? partitionColumns(partitioner) : {};
    const leftOut = (name: string) =>
      name === partitionColumn || (!plan.keyInValue && name === key);
    const keyIsBytes = typeof key === 'string' && hasBytes(schema, key);
    return {
      partitions: this.#partitions,
      value: { fields: schema.fields.filter(({ name }) => !leftOut(name)) },
      ...(keyIsBytes && { key }),
      ...(key !== undefined && !keyIsBytes && { keys: keysOf(batch, schema, key) }),
      ...(column !== undefined && { partitionKey: bytesColumn(schema, column) }),
      ...(partitionColumn !== undefined && {
        partitionNumber: numberColumn(schema, partitionColumn),
      }),
      ...(!plain && { chosen: this.#chosen(batch, partitioner) }),
      partitioner: typeof partitioner === 'string' ? partitioner : 'murmur2',
      roundRobinStart: this.#turn,
    };
  }

  #chosen(
    batch: RecordBatch,
    partitioner: Exclude<RowSinkSettings['partitioner'], string>,
  ): Int32Array {
    const partitions = this.#partitions;
    if ('row' in partitioner) {
      return Int32Array.from({ length: batch.numRows }, (_, i) => {
        const chosen = partitioner.row(batch.get(i)?.toJSON(), partitions);
        return checkPartition(chosen, partitions, 'the partitioner');
      });
    }
    const chosen: unknown =
      'batch' in partitioner ? partitioner.batch(batch, partitions) : undefined;
    if (!(chosen instanceof Int32Array) || chosen.length !== batch.numRows) {
      throw new MillraceError(
        `the partitioner must answer an Int32Array with a partition for each of ${batch.numRows} ` +
          `rows, not ${chosen instanceof Int32Array ? `${chosen.length} of them` : typeof chosen}`,
        { code: 'INVALID_OPTION', context: { option: 'partitioner' } },
      );
    }
    for (const partition of chosen) checkPartition(partition, partitions, 'the partitioner');
    return chosen;
  }
}

function hasBytes(schema: Schema, name: string): boolean {
  return BYTES_KINDS.includes(kindOf(schema, name));
}

function kindOf(schema: Schema, name: string): DataType['kind'] {
  const field = schema.fields.find((column) => column.name === name);
  if (field !== undefined) return field.type.kind;
  const names = schema.fields.map((column) => column.name).join(', ');
  throw new MillraceError(`there is no column "${name}" in the batch; it has ${names}`, {
    code: 'UNKNOWN_COLUMN',
    context: { column: name },
  });
}

function bytesColumn(schema: Schema, name: string): string {
  if (hasBytes(schema, name)) return name;
  throw mismatch(name, kindOf(schema, name), anyOf(BYTES_KINDS));
}

function numberColumn(schema: Schema, name: string): string {
  const kind = kindOf(schema, name);
  if (INTEGER_KINDS.includes(kind)) return name;
  throw mismatch(name, kind, anyOf(INTEGER_KINDS));
}

function keysOf(batch: RecordBatch, schema: Schema, key: string | ((row: unknown) => KeyInput)) {
  if (typeof key === 'string') {
    kindOf(schema, key);
    const column = batch.getChild(key);
    return Array.from({ length: batch.numRows }, (_, i) => keyBytes(column?.get(i) as KeyInput));
  }
  return Array.from({ length: batch.numRows }, (_, i) => keyBytes(key(batch.get(i)?.toJSON())));
}

function mismatch(column: string, type: string, wanted: string): MillraceError {
  return new MillraceError(
    `the column "${column}" of the partitioner is ${type}; it takes ${wanted}`,
    {
      code: 'TYPE_MISMATCH',
      context: { column, type },
    },
  );
}

function tooLarge(row: number): MillraceError {
  return new MillraceError(`row ${row} does not fit into the memory`, {
    code: 'MESSAGE_TOO_LARGE',
    context: { row },
  });
}
