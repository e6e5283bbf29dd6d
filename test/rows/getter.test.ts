import {
  Data,
  Dictionary,
  Int32,
  type RecordBatch,
  TimestampNanosecond,
  Utf8,
  Vector,
} from 'apache-arrow';
import { expect, test } from 'vitest';
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import { type FieldLiteral, map, nullable, toSchema } from '../../src/arrow/schema-literal.ts';
import { getterOf } from '../../src/rows/getter.ts';
import { dataOf, madeBatch, madeRow, PLAIN_TYPES } from '../arrow/batches.ts';

/** The plain values of rows as Arrow's builders take them. */
function plainOf(literal: FieldLiteral, values: readonly unknown[]): unknown[] {
  const schema = toSchema({ x: literal });
  const data = dataOf(toArrowSchema(schema).fields[0]!.type, values);
  const get = getterOf(data, schema.fields[0]!.type);
  return values.map((_, row) => get(row));
}

test.each<[FieldLiteral, readonly unknown[], (readonly unknown[])?]>([
  ['bool?', [true, null, false]],
  ['int8?', [-128, null, 127]],
  ['uint32', [4_294_967_295]],
  ['int64?', [-(2n ** 63n), null]],
  ['uint64', [2n ** 64n - 1n]],
  ['float32?', [0.5, null]],
  ['utf8?', ['größe', '', null]],
  ['dictionary?', ['a', 'b', null, 'a']],
  ['date?', [new Date(-86_400_000), null], [-86_400_000, null]],
  ['time?', [86_399_999_999n, null]],
  ['duration?', [-1n, null]],
  ['timestamp?', [1_700_000_000_000, null]],
  ['timestamp(s)', [-5_000]],
  ['timestamp(ms,local)', [5]],
  ['timestamp(ns)', [5]],
  [
    'decimal(12,2)?',
    [[1250, 0, 0, 0], null, [0xffff_fffb, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff]],
    ['12.50', null, '-0.05'],
  ],
  ['json?', ['{"a":[1]}', null, 'null', ' "x"'], [{ a: [1] }, null, null, 'x']],
  ['null', [null, null]],
  [['dictionary?'], [['a', null], []]],
  [nullable({ a: 'int8' }), [{ a: 1 }, null]],
])('%j', (literal, given, expected = given) => {
  expect(plainOf(literal, given)).toEqual(expected);
});

test('nanoseconds of today are whole milliseconds where they are', () => {
  const nanos = BigInt64Array.of(1_700_000_000_086_000_000n, -86_000_001n);
  const data = new Data(new TimestampNanosecond(), 0, 2, 0, { 1: nanos } as never);
  const get = getterOf(data, { kind: 'timestamp', unit: 'ns', zone: null });
  expect([get(0), get(1)]).toEqual([1_700_000_000_086, -86.000001]);
});

test('bytes are buffers', () => {
  const [bytes] = plainOf('binary', [Uint8Array.of(1, 2)]);
  expect(bytes).toEqual(Buffer.of(1, 2));
});

test('a map is an object, whatever its keys', () => {
  const given = [{ a: 1, __proto__x: null, 'b c': 3 }, {}, null];
  expect(plainOf(nullable(map('int32?')), given)).toEqual(given);
  const evil = JSON.parse('{"__proto__": 1, "constructor": 2}') as Record<string, number>;
  const [object] = plainOf(map('int32'), [evil]) as [Record<string, unknown>];
  expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  expect(Object.entries(object)).toEqual([
    ['__proto__', 1],
    ['constructor', 2],
  ]);
});

test('nested columns are as plain as the others', () => {
  const literal = [map({ day: 'date', price: 'decimal(10,2)?' })] as const;
  const given = [[{ a: { day: 0, price: [5, 0, 0, 0] } }, {}], []];
  expect(plainOf(literal, given)).toEqual([[{ a: { day: 0, price: '0.05' } }, {}], []]);
});

test('a text of a dictionary is one string for all rows', () => {
  const dictionary = new Vector([dataOf(new Utf8(), ['größe'])]);
  const type = new Dictionary(new Utf8(), new Int32());
  const data = new Data(type, 0, 2, 0, { 1: Int32Array.of(0, 0) } as never, [], dictionary);
  const get = getterOf(data, { kind: 'dictionary' });
  expect([get(0), get(1)]).toEqual(['größe', 'größe']);
});

test('every type of a batch has a plain value', () => {
  const batch: RecordBatch = madeBatch(40);
  const schema = toSchema(batch.schema);
  for (const [i, field] of schema.fields.entries()) {
    const get = getterOf(batch.data.children[i]!, field.type);
    for (let row = 0; row < 40; row++) {
      expect(get(row) === null, `${field.name} ${row}`).toBe(madeRow(row)[field.name] === null);
    }
  }
  expect(schema.fields).toHaveLength(Object.keys(PLAIN_TYPES).length);
});
