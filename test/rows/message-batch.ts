/** Batches as a run of a source of rows hands them out. */
import {
  Binary,
  Field,
  Int32,
  Int64,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';
import { dataOf } from '../arrow/batches.ts';

/** What a batch is made from. */
export interface Messages {
  readonly values: readonly (string | null)[];
  readonly key?: readonly (Uint8Array | null)[];
  readonly headers?: readonly (readonly { key: string; value: Uint8Array | null }[])[];
  readonly firstOffset: bigint;
  readonly partition?: number;
}

const HEADER = new Struct([new Field('key', new Utf8()), new Field('value', new Binary(), true)]);

/** One batch with a column `value` and the metadata columns. */
export function messageBatch({ values, firstOffset, partition = 0, ...more }: Messages) {
  const count = values.length;
  const headers = new List(new Field('item', HEADER));
  const columns = {
    value: dataOf(new Utf8(), values),
    _topic: dataOf(
      new Utf8(),
      values.map(() => 'orders'),
    ),
    _partition: dataOf(
      new Int32(),
      values.map(() => partition),
    ),
    _offset: dataOf(
      new Int64(),
      values.map((_, i) => firstOffset + BigInt(i)),
    ),
    _timestamp: makeData({
      type: new TimestampMicrosecond('UTC'),
      length: count,
      data: BigInt64Array.from(values, () => 1_700_000_000_000_250n),
    }),
    _key: dataOf(new Binary(), more.key ?? values.map(() => null)),
    _headers: dataOf(headers, more.headers ?? values.map(() => [])),
  };
  const fields = Object.entries(columns).map(([name, { type }]) => {
    return new Field(name, type, name === 'value' || name === '_key' || name === '_timestamp');
  });
  const type = new Struct(fields);
  const children = Object.values(columns);
  return new RecordBatch(new Schema(fields), makeData({ type, length: count, children }));
}
