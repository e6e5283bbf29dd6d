import {
  DateMillisecond,
  Decimal,
  Dictionary,
  Field,
  Float32,
  Int8,
  Int32,
  Int64,
  LargeUtf8,
  Schema,
  TimestampMicrosecond,
  TimestampNanosecond,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { expect, test } from 'vitest';
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import { fromArrowSchema } from '../../src/arrow/from-arrow-schema.ts';
import { nullable, toSchema } from '../../src/arrow/schema-literal.ts';
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
} as const;

test('a schema survives the way to Arrow and back', () => {
  const schema = toSchema(EVERYTHING);
  expect(fromArrowSchema(toArrowSchema(schema))).toEqual(schema);
  expect(toSchema(toArrowSchema(schema))).toEqual(schema);
});

test('timestamps are microseconds in UTC', () => {
  const [at] = toArrowSchema(toSchema({ at: 'timestamp' })).fields;
  expect(String(at!.type)).toBe(String(new TimestampMicrosecond('UTC')));
});

const WIDE: readonly [string, Field, string][] = [
  ['int8', new Field('x', new Int8()), 'int32'],
  ['uint32', new Field('x', new Uint32()), 'int64'],
  ['float32', new Field('x', new Float32()), 'float64'],
  ['large utf8', new Field('x', new LargeUtf8()), 'utf8'],
  ['nanoseconds', new Field('x', new TimestampNanosecond()), 'timestamp'],
  ['dates', new Field('x', new DateMillisecond()), 'timestamp'],
  ['dictionaries', new Field('x', new Dictionary(new Utf8(), new Int32())), 'utf8'],
];

test.each(WIDE)('%s are widened on request only', (_, field, type) => {
  const schema = new Schema([field]);
  expect(schemaToString(fromArrowSchema(schema, { widen: true }))).toBe(`x ${type}`);
  expect(() => fromArrowSchema(schema)).toThrow(/column 'x' is .*Arrow types that work: Bool/);
});

test.each([
  ['uint64', new Uint64()],
  ['decimal', new Decimal(2, 10)],
  ['a dictionary of numbers', new Dictionary(new Int64(), new Int32())],
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
