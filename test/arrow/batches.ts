/** Record batches of every shape that the edge must take, and what their rows are. */
import {
  Bool,
  Data,
  type DataType,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  makeBuilder,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';

/** A batch with these columns, all nullable. */
export function batchOf(columns: Readonly<Record<string, Data>>): RecordBatch {
  const names = Object.keys(columns);
  const fields = names.map((name) => new Field(name, columns[name]!.type, true));
  const children = names.map((name) => columns[name]!);
  const length = children[0]?.length ?? 0;
  const type = new Struct(fields);
  return new RecordBatch(new Schema(fields), new Data(type, 0, length, 0, {}, children));
}

/** One vector's data with these values, null where `null`. */
export function dataOf(type: DataType, values: readonly unknown[]): Data {
  const builder = makeBuilder({ type, nullValues: [null] });
  for (const value of values) builder.append(value);
  return builder.finish().flush();
}

const item = new Struct([new Field('sku', new Utf8(), true), new Field('qty', new Int32(), true)]);

/** Types that need no conversion, nested ones among them. */
export const PLAIN_TYPES: Readonly<Record<string, DataType>> = {
  ok: new Bool(),
  small: new Int32(),
  id: new Int64(),
  amount: new Float64(),
  name: new Utf8(),
  at: new TimestampMicrosecond('UTC'),
  item,
  items: new List(new Field('item', item, true)),
};

/** Row `i` of a made-up data set with nulls in every column. */
export function madeRow(i: number): Readonly<Record<string, unknown>> {
  const maybe = <T>(period: number, value: T) => (i % period === period - 1 ? null : value);
  return {
    ok: maybe(3, i % 2 === 0),
    small: maybe(4, i * 7 - 100),
    id: maybe(5, BigInt(i) * 1_000_000_007n - 2n ** 62n),
    amount: maybe(6, i / 7),
    name: maybe(7, i % 2 === 0 ? '' : `größe ${i} 😀`),
    at: maybe(8, 1_700_000_000_000 + i),
    item: maybe(9, { sku: maybe(2, `s${i}`), qty: i }),
    items: maybe(
      10,
      Array.from({ length: i % 4 }, (_, k) => ({ sku: `${i}/${k}`, qty: maybe(3, k) })),
    ),
  };
}

/** A batch of `rows` made-up rows of {@link PLAIN_TYPES}. */
export function madeBatch(rows: number): RecordBatch {
  const made = Array.from({ length: rows }, (_, i) => madeRow(i));
  return batchOf(
    Object.fromEntries(
      Object.entries(PLAIN_TYPES).map(([name, type]) => [
        name,
        dataOf(
          type,
          made.map((row) => row[name]),
        ),
      ]),
    ),
  );
}

/** The rows of a batch as plain objects. */
export function rowsOf(batch: { toArray(): unknown[] }): unknown[] {
  return batch.toArray().map((row) => plain(row));
}

function plain(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (Symbol.iterator in value && 'get' in value && 'length' in value) {
    return Array.from(value as unknown as Iterable<unknown>, plain);
  }
  const members = (value as { toJSON(): Record<string, unknown> }).toJSON();
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, plain(member)]));
}
