import {
  BinaryView,
  type DataType,
  DateMillisecond,
  Decimal,
  Dictionary,
  DurationSecond,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Int8,
  Int32,
  Int64,
  IntervalYearMonth,
  LargeBinary,
  LargeList,
  LargeUtf8,
  Schema,
  TimeNanosecond,
  TimeSecond,
  TimestampMicrosecond,
  Utf8,
  Utf8View,
  util,
} from 'apache-arrow';
import { expect, test } from 'vitest';
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import { fromArrowSchema } from '../../src/arrow/from-arrow-schema.ts';
import { map, nullable, toSchema } from '../../src/arrow/schema-literal.ts';
import { schemaToString } from '../../src/arrow/schema-text.ts';

const EVERYTHING = {
  a: 'bool',
  b: 'int32?',
  c: 'int64',
  d: 'float64',
  e: 'utf8?',
  f: 'binary',
  g: 'timestamp',
  h: nullable({ x: 'utf8', y: ['int64?'] }),
  i: nullable([{ z: 'bool' }]),
  j: 'int8',
  k: 'int16?',
  l: 'uint8',
  m: 'uint16',
  n: 'uint32?',
  o: 'uint64',
  p: 'float32',
  q: 'decimal(12,2)',
  r: 'decimal(38,38)?',
  s: 'date',
  t: 'time',
  u: 'duration?',
  v: 'timestamp(s)',
  w: 'timestamp(ms,local)',
  x: 'timestamp(ns,Europe/Berlin)?',
  y: 'dictionary',
  z: 'json?',
  aa: 'null',
  bb: map('int64?'),
  cc: nullable(map([map({ x: 'json', y: 'dictionary?' })])),
} as const;

test('a schema survives the way to Arrow and back', () => {
  const schema = toSchema(EVERYTHING);
  expect(fromArrowSchema(toArrowSchema(schema))).toEqual(schema);
  expect(toSchema(toArrowSchema(schema))).toEqual(schema);
});

test('two Arrow schemas of one schema are equal, though they have dictionaries', () => {
  const schema = toSchema(EVERYTHING);
  expect(util.compareSchemas(toArrowSchema(schema), toArrowSchema(schema))).toBe(true);
});

test('timestamps are microseconds in UTC', () => {
  const [at] = toArrowSchema(toSchema({ at: 'timestamp' })).fields;
  expect(String(at!.type)).toBe(String(new TimestampMicrosecond('UTC')));
});

const unitless = (type: DataType) => new Field('x', type);
const WIDE: readonly [string, Field, string][] = [
  ['large utf8', unitless(new LargeUtf8()), 'utf8'],
  ['large binary', unitless(new LargeBinary()), 'binary'],
  ['text views', unitless(new Utf8View()), 'utf8'],
  ['binary views', unitless(new BinaryView()), 'binary'],
  ['binaries of fixed size', unitless(new FixedSizeBinary(4)), 'binary'],
  ['large lists', unitless(new LargeList(unitless(new Utf8()))), '[utf8]'],
  ['lists of fixed size', unitless(new FixedSizeList(2, unitless(new Float16()))), '[float32]'],
  ['half floats', unitless(new Float16()), 'float32'],
  ['dates in milliseconds', unitless(new DateMillisecond()), 'timestamp(ms,local)'],
  ['times in seconds', unitless(new TimeSecond()), 'time'],
  ['times in nanoseconds', unitless(new TimeNanosecond()), 'time'],
  ['durations in seconds', unitless(new DurationSecond()), 'duration'],
  ['narrow indices', unitless(new Dictionary(new Utf8(), new Int8())), 'dictionary'],
  ['large texts', unitless(new Dictionary(new LargeUtf8(), new Int32())), 'dictionary'],
];

test.each(WIDE)('%s are widened on request only', (_, field, type) => {
  const schema = new Schema([field]);
  expect(schemaToString(fromArrowSchema(schema, { widen: true }))).toBe(`x ${type}`);
  expect(() => fromArrowSchema(schema)).toThrow(/column 'x' is .*Arrow types that work: Bool/);
});

test.each([
  ['a dictionary of numbers', new Dictionary(new Int64(), new Int32())],
  ['a decimal of 256 bits', new Decimal(2, 10, 256)],
  ['a decimal of negative scale', new Decimal(-2, 10, 128)],
  ['an interval', new IntervalYearMonth()],
])('%s is refused by its path', (_, type) => {
  const schema = new Schema([new Field('amount', type)]);
  expect(() => fromArrowSchema(schema, { widen: true })).toThrow(
    expect.objectContaining({
      code: 'INVALID_SCHEMA',
      context: expect.objectContaining({ path: 'amount' }),
    }),
  );
});

test('two columns of one name are refused', () => {
  const schema = new Schema([new Field('x', new Utf8()), new Field('x', new Int32())]);
  expect(() => fromArrowSchema(schema)).toThrow(/'x' is there twice/);
});

test('decimals of other widths are named by them', () => {
  for (const bits of [64, 256]) {
    const schema = new Schema([unitless(new Decimal(2, 12, bits))]);
    expect(() => fromArrowSchema(schema)).toThrow(`Decimal${bits}(12, 2)`);
  }
});
