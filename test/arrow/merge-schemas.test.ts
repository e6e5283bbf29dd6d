import { expect, test } from 'vitest';
import { mergeSchemas } from '../../src/arrow/merge-schemas.ts';
import { map, nullable, type SchemaLiteral, toSchema } from '../../src/arrow/schema-literal.ts';

const merge = (one: SchemaLiteral, two: SchemaLiteral) =>
  mergeSchemas(toSchema(one), toSchema(two), 'union');

test('columns keep the order of the first, and are nullable where they are in either', () => {
  const merged = merge(
    { a: 'int64', b: 'utf8?', c: 'bool' },
    { c: 'bool?', b: 'utf8', a: 'int64' },
  );
  expect(merged).toEqual(toSchema({ a: 'int64', b: 'utf8?', c: 'bool?' }));
});

test('so it is within structs, lists and maps', () => {
  const merged = merge(
    { s: { x: ['int32?'], y: 'utf8' }, m: map('int64') },
    { s: nullable({ x: ['int32'], y: 'utf8?' }), m: map('int64?') },
  );
  expect(merged).toEqual(
    toSchema({ s: nullable({ x: ['int32?'], y: 'utf8?' }), m: map('int64?') }),
  );
});

test.each([
  [{ a: 'int32' }, { a: 'int64' }, /a is int32 in the first and int64 in the second/],
  [{ a: 'decimal(9,2)' }, { a: 'decimal(9,3)' }, /a is decimal\(9,2\) in the first/],
  [{ a: 'timestamp(ms)' }, { a: 'timestamp(us)' }, /TYPE|in the first and timestamp/],
  [{ a: { x: 'int32' } }, { a: { y: 'int32' } }, /in the first/],
  [{ a: { x: 'int32' } }, { a: { x: 'int32', y: 'int32' } }, /in the first/],
  [{ a: ['int32'] }, { a: ['utf8'] }, /in the first/],
  [{ a: map('int32') }, { a: map('utf8') }, /in the first/],
] as const)('types that differ are refused: %j, %j', (one, two, message) => {
  expect(() => merge(one as SchemaLiteral, two as SchemaLiteral)).toThrow(
    expect.objectContaining({
      code: 'TYPE_MISMATCH',
      context: { column: 'a' },
      message: expect.stringMatching(message),
    }),
  );
});

test('columns that one of them lacks are refused', () => {
  expect(() => merge({ a: 'bool', b: 'bool' }, { a: 'bool' })).toThrow(
    expect.objectContaining({ code: 'INVALID_PLAN', context: { column: 'b' } }),
  );
  expect(() => merge({ a: 'bool' }, { a: 'bool', b: 'bool' })).toThrow(/only the second has b/);
});
