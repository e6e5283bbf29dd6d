/** Record batches of every shape that the edge must take, and what their rows are. */
import {
  Binary,
  Bool,
  Data,
  type DataType,
  DateDay,
  Decimal,
  Dictionary,
  DurationMicrosecond,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Map_,
  makeBuilder,
  Null,
  RecordBatch,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Type,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
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
  for (const value of values) builder.append(toBuild(type, value));
  return builder.finish().flush();
}

/** What a builder takes for what a vector gives. */
function toBuild(type: DataType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (type.typeId) {
    case Type.Decimal:
      return Uint32Array.from(value as number[]);
    case Type.Date:
      return new Date(value as number);
    case Type.Map: {
      const member = (type as Map_).children[0]!.type.children[1]!.type;
      const entries = Object.entries(value);
      return new Map(entries.map(([key, one]) => [key, toBuild(member, one)]));
    }
    case Type.Struct: {
      const row = value as Record<string, unknown>;
      const members = (type as Struct).children.map(({ name, type: member }) => {
        return [name, toBuild(member, row[name])];
      });
      return Object.fromEntries(members);
    }
    case Type.List:
      return (value as unknown[]).map((item) => toBuild((type as List).children[0]!.type, item));
    default:
      return value;
  }
}

const item = new Struct([new Field('sku', new Utf8(), true), new Field('qty', new Int32(), true)]);

const mapOf = (value: DataType) =>
  new Map_<Utf8, DataType>(
    new Field(
      'entries',
      new Struct<{ key: Utf8; value: DataType }>([
        new Field('key', new Utf8(), false),
        new Field('value', value, true),
      ]),
      false,
    ),
  );

/** Types that need no conversion, nested ones among them. */
export const PLAIN_TYPES: Readonly<Record<string, DataType>> = {
  ok: new Bool(),
  i8: new Int8(),
  i16: new Int16(),
  small: new Int32(),
  id: new Int64(),
  u8: new Uint8(),
  u16: new Uint16(),
  u32: new Uint32(),
  u64: new Uint64(),
  f32: new Float32(),
  amount: new Float64(),
  price: new Decimal(2, 38, 128),
  name: new Utf8(),
  bytes: new Binary(),
  color: new Dictionary(new Utf8(), new Int32(), 1),
  day: new DateDay(),
  time: new TimeMicrosecond(),
  took: new DurationMicrosecond(),
  at: new TimestampMicrosecond('UTC'),
  atSeconds: new TimestampSecond(),
  atMillis: new TimestampMillisecond('Europe/Berlin'),
  atNanos: new TimestampNanosecond('UTC'),
  nothing: new Null(),
  item,
  items: new List(new Field('item', item, true)),
  counts: mapOf(new Int64()),
  nested: new List(new Field('item', mapOf(item), true)),
  colors: new List(new Field('item', new Dictionary(new Utf8(), new Int32(), 2), true)),
};

/** Row `i` of a made-up data set with nulls in every column. */
export function madeRow(i: number): Readonly<Record<string, unknown>> {
  const maybe = <T>(period: number, value: T) => (i % period === period - 1 ? null : value);
  const many = <T>(value: (k: number) => T) => Array.from({ length: i % 4 }, (_, k) => value(k));
  const entries = <T>(value: (k: number) => T) =>
    Object.fromEntries(many((k) => [`key ${k}`, value(k)]));
  return {
    ok: maybe(3, i % 2 === 0),
    i8: maybe(4, (i % 256) - 128),
    i16: maybe(5, i - 32_768),
    small: maybe(4, i * 7 - 100),
    id: maybe(5, BigInt(i) * 1_000_000_007n - 2n ** 62n),
    u8: maybe(6, 255 - (i % 256)),
    u16: maybe(7, 65_535 - i),
    u32: maybe(3, 4_294_967_295 - i),
    u64: maybe(4, 2n ** 64n - 1n - BigInt(i)),
    f32: maybe(5, i / 8),
    amount: maybe(6, i / 7),
    price: maybe(7, [i, 2 ** 32 - 1, i % 2, i % 3 === 0 ? 0x80000000 : 1]),
    name: maybe(7, i % 2 === 0 ? '' : `größe ${i} 😀`),
    bytes: maybe(3, Uint8Array.of(i % 256, 0xff)),
    color: maybe(4, ['red', 'größe', ''][i % 3]),
    day: maybe(5, (i - 20_000) * 86_400_000),
    time: maybe(6, BigInt(i) * 86_399_999n),
    took: maybe(7, BigInt(i) * -1_000_003n),
    at: maybe(8, 1_700_000_000_000 + i),
    atSeconds: maybe(3, (i - 500) * 1_000),
    atMillis: maybe(4, i - 1_700_000_000_000),
    atNanos: maybe(5, i),
    nothing: null,
    item: maybe(9, { sku: maybe(2, `s${i}`), qty: i }),
    items: maybe(
      10,
      many((k) => ({ sku: `${i}/${k}`, qty: maybe(3, k) })),
    ),
    counts: maybe(
      3,
      entries((k) => maybe(4, BigInt(i + k))),
    ),
    nested: maybe(
      4,
      many(() => entries((k) => maybe(3, { sku: `m${k}`, qty: null }))),
    ),
    colors: maybe(
      5,
      many((k) => maybe(6, `color ${(i + k) % 5}`)),
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
  if (value instanceof Uint32Array) return Array.from(value);
  if (Symbol.iterator in value && 'get' in value && 'length' in value) {
    return Array.from(value as unknown as Iterable<unknown>, plain);
  }
  const members = (value as { toJSON(): Record<string, unknown> }).toJSON();
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, plain(member)]));
}
