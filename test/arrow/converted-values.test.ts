import {
  Binary,
  BinaryView,
  Data,
  DateMillisecond,
  Decimal,
  Dictionary,
  DurationMillisecond,
  DurationNanosecond,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Float32,
  Int8,
  Int32,
  Int64,
  LargeBinary,
  LargeList,
  LargeUtf8,
  type RecordBatch,
  Schema,
  Struct,
  TimeMicrosecond,
  TimeMillisecond,
  TimeNanosecond,
  TimeSecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint8,
  Uint16,
  Uint32,
  Utf8,
  Utf8View,
  Vector,
} from 'apache-arrow';
import { expect, test } from 'vitest';
import { planImport, writeBatch } from '../../src/arrow/batch-import.ts';
import { fromArrowSchema } from '../../src/arrow/from-arrow-schema.ts';
import { type FieldLiteral, toSchema } from '../../src/arrow/schema-literal.ts';
import { columnToValues } from '../wasm/columns.ts';
import { makeInstance } from '../wasm/harness.ts';
import { batchOf, dataOf } from './batches.ts';

const wasm = makeInstance();
const ADDRESS = 17 << 20;

/** The rows of column `x` in memory. */
function imported(batch: RecordBatch, literal?: FieldLiteral) {
  const schema = literal
    ? toSchema({ x: literal })
    : fromArrowSchema(batch.schema, { widen: true });
  const plan = planImport(batch, schema);
  return columnToValues(wasm, writeBatch(plan, wasm.u8, ADDRESS).get('x')!, schema.fields[0]!.type);
}

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'INVALID_SCHEMA', message: expect.stringMatching(message) });

const int64s = (type: TimestampNanosecond | DurationNanosecond, ...values: bigint[]) =>
  new Data(type, 0, values.length, 0, { 1: BigInt64Array.from(values) } as never);

const item = new Field('item', new Int32(), true);

function largeList(): Data {
  const offsets = BigInt64Array.of(0n, 2n, 2n, 3n);
  const items = dataOf(new Int32(), [1, 2, 3]);
  return new Data(new LargeList(item), 0, 3, 0, { 0: offsets } as never, [items]);
}

const CONVERTED: readonly [string, Data, readonly unknown[]][] = [
  ['large utf8', dataOf(new LargeUtf8(), ['a', null, 'größe']), ['a', null, 'größe']],
  ['large binary', dataOf(new LargeBinary(), [Uint8Array.of(1)]), [Uint8Array.of(1)]],
  [
    'text views, short and long',
    dataOf(new Utf8View(), ['a', null, 'größer als zwölf Bytes', '', 'twelve bytes']),
    ['a', null, 'größer als zwölf Bytes', '', 'twelve bytes'],
  ],
  [
    'binary views',
    dataOf(new BinaryView(), [new Uint8Array(13).fill(7), Uint8Array.of(1)]),
    [new Uint8Array(13).fill(7), Uint8Array.of(1)],
  ],
  [
    'binaries of fixed size',
    dataOf(new FixedSizeBinary(2), [Uint8Array.of(1, 2), null]),
    [Uint8Array.of(1, 2), null],
  ],
  [
    'lists of fixed size',
    dataOf(new FixedSizeList(2, item), [
      [1, 2],
      [3, 4],
    ]),
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['large lists', largeList(), [[1, 2], [], [3]]],
  ['half floats', dataOf(new Float16(), [0.5, null, -2]), [0.5, null, -2]],
  ['dates in milliseconds', dataOf(new DateMillisecond(), [5, null]), [5n, null]],
  ['times in seconds', dataOf(new TimeSecond(), [86_399, null]), [86_399_000_000n, null]],
  ['times in milliseconds', dataOf(new TimeMillisecond(), [1]), [1_000n]],
  ['times in nanoseconds', dataOf(new TimeNanosecond(), [5_000n, null]), [5n, null]],
  ['durations in milliseconds', dataOf(new DurationMillisecond(), [-3n, null]), [-3_000n, null]],
  ['durations in nanoseconds', int64s(new DurationNanosecond(), -3_000n), [-3n]],
];

test.each(CONVERTED)('%s are converted', (_, data, expected) => {
  expect(imported(batchOf({ x: data }))).toEqual(expected);
});

test.each(CONVERTED)('a slice of %s is what it shows', (_, data, expected) => {
  const batch = batchOf({ x: data });
  expect(imported(batch.slice(1))).toEqual(expected.slice(1));
  expect(imported(batch.slice(0, 1))).toEqual(expected.slice(0, 1));
  expect(imported(batch.slice(expected.length))).toEqual([]);
});

test('views and sizes that are damaged are refused', () => {
  const view = (...words: number[]) => new Uint8Array(Int32Array.from(words).buffer);
  const views = (...buffers: Uint8Array[]) =>
    new Data(new Utf8View(), 0, 1, 0, { 1: view(13, 0, 0, 5) } as never, [], undefined, buffers);
  const long = new Data(new Utf8View(), 0, 1, 0, { 1: view(-1, 0, 0, 0) } as never);
  const short = new Data(new Utf8View(), 0, 2, 0, { 1: view(0, 0, 0, 0) } as never);
  const list = new Data(new FixedSizeList(2, item), 0, 3, 0, {}, [dataOf(new Int32(), [1, 2])]);
  for (const data of [views(), views(new Uint8Array(17)), long, short, list]) {
    expect(() => imported(batchOf({ x: data }))).toThrow(refusal(/'x' of a batch has .*damaged/));
  }
  expect(imported(batchOf({ x: views(new Uint8Array(18).fill(97)) }))).toEqual(['a'.repeat(13)]);
});

test('every half float is the number that its bits say', () => {
  const halves = Uint16Array.of(
    0,
    0x8000,
    1,
    0x03ff,
    0x0400,
    0x3c00,
    0xc000,
    0x7bff,
    0x7c00,
    0xfc00,
  );
  const data = new Data(new Float16(), 0, halves.length, 0, { 1: halves } as never);
  expect(imported(batchOf({ x: data }))).toEqual([
    0,
    -0,
    2 ** -24,
    1023 * 2 ** -24,
    2 ** -14,
    1,
    -2,
    65_504,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]);
  const nan = new Data(new Float16(), 0, 1, 0, { 1: Uint16Array.of(0x7e00) } as never);
  expect(imported(batchOf({ x: nan }))).toEqual([Number.NaN]);
});

const ASKED: readonly [string, Data, FieldLiteral, readonly unknown[]][] = [
  ['int8 as int32', dataOf(new Int8(), [-128, null]), 'int32?', [-128, null]],
  ['int8 as int64', dataOf(new Int8(), [-128]), 'int64', [-128n]],
  ['uint8 as int16', dataOf(new Uint8(), [255]), 'int16', [255]],
  ['uint16 as uint64', dataOf(new Uint16(), [65_535]), 'uint64', [65_535n]],
  [
    'uint32 as int64',
    dataOf(new Uint32(), [4_294_967_295, null]),
    'int64?',
    [4_294_967_295n, null],
  ],
  ['float32 as float64', dataOf(new Float32(), [0.5, null]), 'float64?', [0.5, null]],
  ['half floats as float64', dataOf(new Float16(), [0.5]), 'float64', [0.5]],
  ['texts as json', dataOf(new Utf8(), ['{"a": 1}', null]), 'json?', ['{"a": 1}', null]],
  ['seconds', dataOf(new TimestampSecond(), [1_000, null]), 'timestamp?', [1_000_000n, null]],
  ['milliseconds', dataOf(new TimestampMillisecond(), [-2]), 'timestamp(ns)', [-2_000_000n]],
];

test.each(ASKED)('%s are taken where the schema asks for it', (_, data, literal, expected) => {
  expect(imported(batchOf({ x: data }), literal)).toEqual(expected);
});

const REFUSED: readonly [string, Data, FieldLiteral][] = [
  ['int64 as int32', dataOf(new Int64(), [1n]), 'int32'],
  ['int32 as uint64', dataOf(new Int32(), [1]), 'uint64'],
  ['uint32 as int32', dataOf(new Uint32(), [1]), 'int32'],
  ['int32 as float64', dataOf(new Int32(), [1]), 'float64'],
  ['binary as utf8', dataOf(new Binary(), [Uint8Array.of(1)]), 'utf8'],
  ['decimals of another scale', dataOf(new Decimal(2, 10, 128), [[1, 0, 0, 0]]), 'decimal(10,3)'],
];

test.each(REFUSED)('%s are refused', (_, data, literal) => {
  expect(() => imported(batchOf({ x: data }), literal)).toThrow(/'x' is .* in a batch/);
});

test('timestamps round towards the past where the schema asks for a coarser unit', () => {
  const data = int64s(new TimestampNanosecond(), 1_999n, -1n, -1_000n, -1_001n);
  expect(imported(batchOf({ x: data }), 'timestamp')).toEqual([1n, -1n, -1n, -2n]);
});

test('a timestamp that the unit cannot tell is refused, unless it lies under a null', () => {
  const values = BigInt64Array.of(2n ** 62n);
  const far = new Data(new TimestampMillisecond(), 0, 1, 0, { 1: values } as never);
  expect(() => imported(batchOf({ x: far }), 'timestamp')).toThrow(
    refusal(/'x' has the .*4611686018427387904/),
  );
  const nulls = { 1: values, 2: Uint8Array.of(0) } as never;
  const hidden = new Data(new TimestampMillisecond(), 0, 1, 1, nulls);
  expect(imported(batchOf({ x: hidden }), 'timestamp?')).toEqual([null]);
});

test.each([
  ['a time that is not whole microseconds', dataOf(new TimeNanosecond(), [1_999n]), /1999/],
  ['a duration that is not whole microseconds', int64s(new DurationNanosecond(), -1n), /-1,/],
  ['a duration that is too long', dataOf(new DurationMillisecond(), [2n ** 62n]), /int64/],
  ['a time of the next day', dataOf(new TimeMicrosecond(), [86_400_000_000n]), /within a day/],
  ['a time before midnight', dataOf(new TimeSecond(), [-1]), /within a day/],
])('%s is refused', (_, data, message) => {
  expect(() => imported(batchOf({ x: data }))).toThrow(refusal(message));
});

/** A dictionary column of these entries, which may be null, in two chunks. */
function dictionaryData(
  entries: (string | null)[][],
  indices: Int8Array | Int32Array,
  valid = 0xff,
) {
  const type = new Dictionary(new Utf8(), indices instanceof Int8Array ? new Int8() : new Int32());
  const dictionary = new Vector(entries.map((chunk) => dataOf(new Utf8(), chunk)));
  const buffers = { 1: indices, 2: Uint8Array.of(valid) } as never;
  return new Data(type, 0, indices.length, -1, buffers, [], dictionary);
}

const CHUNKS = [
  ['red', 'größe'],
  ['', 'blue'],
];

test.each([undefined, 'dictionary?', 'utf8?'] as const)(
  'a dictionary in two chunks, as %s',
  (literal) => {
    const batch = batchOf({ x: dictionaryData(CHUNKS, Int32Array.of(3, 0, 9, 2, 1, 3), 0b111011) });
    const expected = ['blue', 'red', null, '', 'größe', 'blue'];
    expect(imported(batch, literal)).toEqual(expected);
    for (let from = 0; from < 6; from++) {
      expect(imported(batch.slice(from, 6), literal)).toEqual(expected.slice(from));
      expect(imported(batch.slice(0, from), literal)).toEqual(expected.slice(0, from));
    }
  },
);

test.each([undefined, 'utf8?'] as const)(
  'entries of a dictionary that are null or there twice, and narrow indices, as %s',
  (literal) => {
    const entries = [['a', null, 'b'], ['a']];
    const data = dictionaryData(entries, Int8Array.of(0, 1, 2, 3, 3, 0));
    const expected = ['a', null, 'b', 'a', 'a', 'a'];
    expect(imported(batchOf({ x: data }), literal)).toEqual(expected);
    expect(imported(batchOf({ x: data }).slice(1, 3), literal)).toEqual([null, 'b']);
    expect(() => imported(batchOf({ x: data }), 'dictionary')).toThrow(/'x' has 1 nulls/);
  },
);

test('an index outside of its dictionary is refused', () => {
  for (const index of [4, -1]) {
    const data = dictionaryData(CHUNKS, Int32Array.of(index));
    expect(() => imported(batchOf({ x: data }))).toThrow(refusal(new RegExp(`index ${index}`)));
  }
});

const jsonBatch = (...texts: (string | null)[]) => {
  const data = dataOf(new Utf8(), texts);
  const metadata = new Map([['ARROW:extension:name', 'arrow.json']]);
  const fields = [new Field('x', data.type, true, metadata)];
  return new RecordBatchOf(fields, data);
};

class RecordBatchOf {
  readonly schema: Schema;
  readonly data: Data;
  readonly numRows: number;
  constructor(fields: Field[], child: Data) {
    this.schema = new Schema(fields);
    this.data = new Data(new Struct(fields), 0, child.length, 0, {}, [child]);
    this.numRows = child.length;
  }
}

test('json is taken as it is', () => {
  const texts = ['{"a": [1, null]}', null, ' 1.0 ', '"größe"', 'null'];
  expect(imported(jsonBatch(...texts) as unknown as RecordBatch)).toEqual(texts);
});
