import { expect, test } from 'vitest';
import { nullable, type SchemaInput, toSchema } from '../../src/arrow/schema-literal.ts';
import { schemaToString } from '../../src/arrow/schema-text.ts';
import { MillraceError } from '../../src/errors.ts';

function failure(literal: unknown): MillraceError {
  try {
    toSchema(literal as SchemaInput);
  } catch (error) {
    if (error instanceof MillraceError) return error;
  }
  throw new Error('it was taken');
}

test('a literal becomes fields in its order, nullable only where it says so', () => {
  const schema = toSchema({
    id: 'int64',
    amount: 'float64?',
    ok: 'bool',
    at: 'timestamp',
    items: [{ sku: 'utf8', qty: 'int32?' }],
    tags: ['utf8?'],
    address: nullable({ city: 'utf8?' }),
    history: nullable(['int32']),
    raw: nullable('binary'),
  });
  expect(schemaToString(schema)).toBe(
    'id int64, amount float64?, ok bool, at timestamp, items [{sku utf8, qty int32?}], ' +
      'tags [utf8?], address {city utf8?}?, history [int32]?, raw binary?',
  );
  expect(schema.fields[4]).toEqual({
    name: 'items',
    nullable: false,
    type: {
      kind: 'list',
      item: {
        name: 'item',
        nullable: false,
        type: {
          kind: 'struct',
          fields: [
            { name: 'sku', type: { kind: 'utf8' }, nullable: false },
            { name: 'qty', type: { kind: 'int32' }, nullable: true },
          ],
        },
      },
    },
  });
});

test('a schema is plain, frozen data', () => {
  const schema = toSchema({ address: nullable({ city: 'utf8' }) });
  expect(structuredClone(schema)).toEqual(schema);
  expect(Object.isFrozen(schema.fields)).toBe(true);
  expect(Object.isFrozen(schema.fields[0]!.type)).toBe(true);
});

test.each([
  [{ id: 'int46' }, 'id', "'int46'", "'int64'"],
  [{ id: 'string' }, 'id', "'string'", "'utf8'"],
  [{ id: 'Long' }, 'id', "'Long'", "'int64'"],
  [{ a: { b: ['bol?'] } }, 'a.b[]', "'bol?'", "'bool'"],
  [{ id: 'int64??' }, 'id', "'int64??'", "'int64'"],
  [{ 'id?': 'int64' }, 'id?', "'int64'", "id: 'utf8?'"],
  [{ tags: [] }, 'tags', '[]', 'names the type of its items once'],
  [{ tags: ['utf8', 'utf8'] }, 'tags', "[ 'utf8', 'utf8' ]", 'once'],
  [{ n: 7 }, 'n', '7', 'write a type'],
  [{ n: null }, 'n', 'null', 'write a type'],
  [{ n: {} }, 'n', '{}', 'at least one column'],
  [{ '': 'utf8' }, '', "{ '': 'utf8' }", 'a name'],
])('%j is refused, with the path, the text and what would work', (literal, path, text, wayOut) => {
  const error = failure(literal);
  expect(error.code).toBe('INVALID_SCHEMA');
  expect(error.context.path).toBe(path);
  expect(error.message).toContain(text);
  expect(error.message).toContain(wayOut);
});

test('what is no object of columns is no schema', () => {
  for (const input of [null, 'int64', [], {}, new Map(), 12n, undefined]) {
    expect(failure(input).code).toBe('INVALID_SCHEMA');
  }
});

test('a schema that is nested too deep is refused instead of followed', () => {
  const endless: Record<string, unknown> = {};
  endless.again = endless;
  expect(failure(endless).message).toContain('at most 256');
  let deep: unknown = 'utf8';
  for (let i = 0; i < 255; i++) deep = [deep];
  expect(schemaToString(toSchema({ deep } as SchemaInput))).toContain('[utf8]');
  expect(failure({ deep: [deep] }).message).toContain('at most 256');
});

test.each([
  ['map(utf8)', "a map is written with the function map: map('utf8'), whose keys are texts"],
  ['map<utf8, int64>', "map('int64')"],
  ['list(int32)', "a list is written in brackets: ['int32']"],
  ['struct<a>', "a struct is written as an object: { city: 'utf8' }"],
])('%s is no type as text', (type, hint) => {
  expect(() => toSchema({ x: type } as never)).toThrow(hint);
});
