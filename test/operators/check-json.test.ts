/** JSON texts that came as Arrow, wherever they are in the columns. */
import { Table, Utf8, vectorFromArray } from 'apache-arrow';
import { beforeEach, expect, test } from 'vitest';
import { map, nullable, toSchema } from '../../src/arrow/schema-literal.ts';
import { Stream } from '../../src/index.ts';
import { checkJson, jsonFields } from '../../src/operators/check-json.ts';
import { plainColumn } from '../../src/operators/udf/plain-column.ts';
import { rowsOf } from '../arrow/batches.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';

const wasm = makeInstance({ megabytes: 32 });
beforeEach(() => openArena(wasm));

const schemaOf = (text: 'json' | 'utf8') =>
  toSchema({
    plain: `${text}?`,
    number: 'int64',
    list: nullable([`${text}?`]),
    deep: { more: map({ value: text }) },
  });
const schema = schemaOf('json');
const good = {
  plain: '{"a": [1, null]}',
  number: 1n,
  list: [' 1.0 ', null, '"größe"'],
  deep: { more: new Map([['k', { value: 'null' }]]) },
};

// Written as texts, which lie as JSON does and are not looked at.
const check = (...rows: readonly (typeof good | Record<string, unknown>)[]) => {
  const columns = schemaOf('utf8').fields.map((field) => {
    const values = rows.map((row) => (row as Record<string, unknown>)[field.name]);
    return [field.name, plainColumn(wasm, field, values)] as const;
  });
  const mark = wasm.exports.arena_mark();
  checkJson(wasm, jsonFields(schema), new Map(columns));
  expect(wasm.exports.arena_mark()).toBe(mark);
};

test('only columns with JSON in them are looked at', () => {
  expect(jsonFields(schema).map(({ name }) => name)).toEqual(['plain', 'list', 'deep']);
  check(good, { ...good, plain: null, list: null }, good);
});

const BAD = ['', '{', '1 2', 'nul', `["${'x'.repeat(100)}`];

test.each(BAD)('%j is no JSON value', (text) => {
  const bad = [
    ['plain', { ...good, plain: text }],
    ['list.item', { ...good, list: ['1', text] }],
    ['deep.more.entry.value.value', { ...good, deep: { more: new Map([['k', { value: text }]]) } }],
  ] as const;
  for (const [column, row] of bad) {
    let thrown: unknown;
    try {
      check(good, row, good);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'INVALID_SCHEMA', context: { column } });
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    expect((thrown as Error).message).toContain(
      `'${column}' has '${shown}', which is not the JSON`,
    );
  }
});

test('a batch with bad JSON ends the run; those before came out', async () => {
  const batches = [['1', '[]'], ['{'], ['2']].flatMap(
    (texts) => new Table({ x: vectorFromArray(texts, new Utf8()) }).batches,
  );
  const seen: unknown[] = [];
  const run = await Stream.fromBatches(batches, { schema: { x: 'json' }, workers: 1 })
    .forEach((batch) => {
      seen.push(...batch.toArray());
    })
    .run();
  await expect(run.closed).rejects.toMatchObject({
    code: 'INVALID_SCHEMA',
    context: { column: 'x' },
  });
  expect(seen).toHaveLength(2);
});

test('what an inline function gives is looked at, too', async () => {
  const given = (text: string) =>
    Stream.fromBatches(new Table({ x: vectorFromArray(['1'], new Utf8()) }), {
      schema: { x: 'json' },
      workers: 1,
    })
      .map(() => ({ x: vectorFromArray([text], new Utf8()) }))
      .collect();
  expect(rowsOf(await given('[1]'))).toEqual([{ x: '[1]' }]);
  await expect(given('[1')).rejects.toMatchObject({
    code: 'CONSUMER_FAILED',
    message: expect.stringContaining("map(inline function) failed: column 'x' has '[1'"),
  });
});
