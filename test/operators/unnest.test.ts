import { beforeEach, expect, test } from 'vitest';
import type { DataType, Field, Schema } from '../../src/arrow/schema.ts';
import { compileSteps } from '../../src/operators/compile.ts';
import { col, type Operand, toNode } from '../../src/operators/expr.ts';
import { StepRunner } from '../../src/operators/runner.ts';
import type { Step, UnnestStep } from '../../src/operators/step.ts';
import { take } from '../../src/operators/take.ts';
import { ArenaFull } from '../../src/wasm/instance.ts';
import { ARENA_BASE } from '../../src/wasm/module.ts';
import { columnToValues, type Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { makeColumn } from './make-column.ts';
import { Random, SEED } from './random.ts';

const wasm = makeInstance({ megabytes: 32 });
beforeEach(() => openArena(wasm));

const field = (name: string, type: DataType, nullable = true): Field => ({ name, type, nullable });
const list = (item: DataType): DataType => ({ kind: 'list', item: field('item', item) });
const ITEM: DataType = {
  kind: 'struct',
  fields: [field('sku', { kind: 'utf8' }), field('parts', list({ kind: 'int64' }))],
};
const SCHEMA: Schema = {
  fields: [
    field('id', { kind: 'int64' }),
    field('items', list(ITEM)),
    field('tags', list({ kind: 'utf8' })),
    field('flags', list({ kind: 'bool' })),
    field('numbers', list({ kind: 'int32' })),
    field('lists', list(list({ kind: 'int32' }))),
    field('small', list({ kind: 'int8' })),
    field('prices', list({ kind: 'decimal', precision: 20, scale: 2 })),
    field('words', list({ kind: 'dictionary' })),
    field('raw', list({ kind: 'json' })),
    field('nothing', list({ kind: 'null' })),
    field('maps', list({ kind: 'map', value: field('value', { kind: 'float32' }) })),
  ],
};
type Row = Record<string, Value>;

const filter = (predicate: Operand): Step => ({ kind: 'filter', predicate: toNode(predicate) });
const unnestStep = (columns: string[], options: Partial<UnnestStep> = {}): UnnestStep => ({
  kind: 'unnest',
  columns: columns.map((column) => ({ column, as: undefined })),
  outer: false,
  ...options,
});

function run(rows: readonly Row[], ...steps: Step[]) {
  const columns = new Map(
    SCHEMA.fields.map(({ name, type }) => [
      name,
      makeColumn(
        wasm,
        type,
        rows.map((row) => row[name] ?? null),
      ),
    ]),
  );
  const compiled = compileSteps(steps, SCHEMA);
  const runner = new StepRunner(wasm, structuredClone(compiled));
  const result = runner.run(columns, { address: 0, count: rows.length });
  const values = compiled.output.fields.map(({ name, type }) => {
    const column = take(wasm, result.columns.get(name)!, result.selection);
    return [name, columnToValues(wasm, column, type)] as const;
  });
  const made = Array.from({ length: result.selection.count }, (_, i) =>
    Object.fromEntries(values.map(([name, column]) => [name, column[i]!])),
  );
  const records = Array.from({ length: result.rows }, (_, i) =>
    result.records === 0 ? i : wasm.u32[result.records / 4 + i]!,
  );
  return { made, records, output: compiled.output };
}

/** What `unnest` means, row by row. */
function oracle(rows: readonly Row[], { columns, outer, index }: UnnestStep): Row[] {
  return rows.flatMap((row) => {
    const lists = columns.map(({ column }) => (row[column] ?? []) as Value[]);
    const longest = Math.max(...lists.map(({ length }) => length));
    const places = longest === 0 && outer ? [-1] : [...Array(longest).keys()];
    return places.map((place) => ({
      ...Object.fromEntries(SCHEMA.fields.map(({ name }) => [name, row[name] ?? null])),
      ...Object.fromEntries(columns.map(({ column }, k) => [column, lists[k]![place] ?? null])),
      ...(index === undefined ? {} : { [index]: place < 0 ? null : place }),
    }));
  });
}

function randomRows(random: Random, count: number): Row[] {
  const maybe = <T extends Value>(value: () => T) => (random.next() < 0.2 ? null : value());
  const many = (value: () => Value, most = 4) =>
    maybe(() => Array.from({ length: Math.floor(random.next() * most) }, value));
  const text = () => maybe(() => 'abcdefghijklmnopqrstuvwxyz'.slice(0, random.next() * 26));
  const number = () => maybe(() => Math.floor(random.next() * 1_000));
  return Array.from({ length: count }, (_, i) => ({
    id: BigInt(i),
    items: many(() =>
      maybe(() => ({ sku: text(), parts: many(() => BigInt(Math.floor(random.next() * 9))) })),
    ),
    tags: many(text),
    flags: many(() => maybe(() => random.next() < 0.5)),
    numbers: many(number, random.next() < 0.5 ? 2 : 40),
    lists: many(() => many(number)),
    small: many(() => maybe(() => Math.floor(random.next() * 100))),
    prices: many(() => maybe(() => BigInt(Math.floor(random.next() * 1e9)))),
    words: many(() => maybe(() => 'abcdefgh'.slice(0, random.next() * 8))),
    raw: many(() => maybe(() => '{"a":1}')),
    nothing: many(() => null),
    maps: many(() => maybe(() => new Map([['x', random.next() < 0.5 ? null : 0.5]]))),
  }));
}

test(`gives what the same loop over rows gives (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const names = SCHEMA.fields.slice(1).map(({ name }) => name);
  for (let round = 0; round < 300; round++) {
    openArena(wasm);
    const rows = randomRows(random, Math.floor(random.next() * 150));
    const columns = names.filter(() => random.next() < 0.4);
    if (columns.length === 0) columns.push(names[round % names.length]!);
    const outer = random.next() < 0.5;
    const index = random.next() < 0.5 ? { index: 'at' } : {};
    const step = unnestStep(columns, { outer, ...index });
    const limit = BigInt(Math.floor(random.next() * rows.length));
    const kept = round % 3 === 0 ? rows : rows.filter(({ id }) => (id as bigint) >= limit);
    const before = round % 3 === 0 ? [] : [filter(col('id').ge(limit))];
    expect(run(rows, ...before, step).made, `round ${round}`).toEqual(oracle(kept, step));
  }
});

test('lists of nulls alone, and of nothing, with outer', () => {
  const rows: Row[] = [
    { id: 1n, items: null },
    { id: 2n, items: [] },
  ];
  expect(run(rows, unnestStep(['items'])).made).toEqual([]);
  const names = SCHEMA.fields.slice(1).map(({ name }) => name);
  for (const name of names) {
    const step = unnestStep([name], { outer: true, index: 'i' });
    expect(run(rows, step).made).toEqual(oracle(rows, step));
  }
  expect(run([], unnestStep(['tags'], { outer: true })).made).toEqual([]);
});

test('a map gives its keys and values', () => {
  const type: DataType = { kind: 'map', value: field('value', { kind: 'int64' }) };
  const schema: Schema = { fields: [field('id', { kind: 'int64' }, false), field('m', type)] };
  const maps = [
    new Map<string, Value>([
      ['a', 1n],
      ['b', null],
    ]),
    null,
    new Map(),
    new Map([['c', 3n]]),
  ];
  const columns = new Map([
    ['id', makeColumn(wasm, { kind: 'int64' }, [0n, 1n, 2n, 3n])],
    ['m', makeColumn(wasm, type, maps)],
  ]);
  const read = (step: UnnestStep) => {
    const compiled = compileSteps([step], schema);
    const after = new StepRunner(wasm, compiled).run(columns, { address: 0, count: 4 });
    const values = compiled.output.fields.map(({ name, type: of }) =>
      columnToValues(wasm, after.columns.get(name)!, of),
    );
    const rows = Array.from({ length: after.rows }, (_, i) => values.map((column) => column[i]));
    return { rows, fields: compiled.output.fields };
  };
  const { rows, fields } = read(unnestStep(['m'], { index: 'at' }));
  expect(fields.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['id', false],
    ['key', false],
    ['value', true],
    ['at', false],
  ]);
  expect(rows).toEqual([
    [0n, 'a', 1n, 0],
    [0n, 'b', null, 1],
    [3n, 'c', 3n, 0],
  ]);
  const as = { key: 'name', value: 'n' };
  const outer = read(unnestStep([], { columns: [{ column: 'm', as }], outer: true }));
  expect(outer.fields.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['id', false],
    ['name', true],
    ['n', true],
  ]);
  expect(outer.rows.slice(2, 4)).toEqual([
    [1n, null, null],
    [2n, null, null],
  ]);
  const wrong = unnestStep([], { columns: [{ column: 'm', as: 'item' }] });
  expect(() => compileSteps([wrong], schema)).toThrow(
    expect.objectContaining({
      code: 'INVALID_PLAN',
      message: expect.stringContaining('is a map, which becomes two columns'),
    }),
  );
});

test('rows keep their record through nested unnests, filters and repeats', () => {
  const rows: Row[] = [
    { id: 1n, lists: [[1, 2], [], [3]] },
    { id: 2n, lists: null },
    { id: 3n, lists: [[4], [5, 6]] },
  ];
  const inner = unnestStep(['lists']);
  const { made, records } = run(rows, unnestStep(['lists']), inner, filter(col('lists').ne(5)));
  expect(made.map(({ id, lists: number }) => [id, number])).toEqual([
    [1n, 1],
    [1n, 2],
    [1n, 3],
    [3n, 4],
    [3n, 6],
  ]);
  expect(records).toEqual([0, 0, 0, 2, 2, 2]);
});

test('a row that fails is named by its record, and a limit by that of its last row', () => {
  const rows: Row[] = [
    { id: 1n, numbers: [1] },
    { id: 2n, numbers: [] },
    { id: 3n, numbers: [2, 2_147_483_647] },
  ];
  const add = { name: 'numbers', expr: col('numbers').add(1).node };
  const map: Step = { kind: 'map', columns: [add] };
  expect(() => run(rows, unnestStep(['numbers']), map)).toThrow(
    expect.objectContaining({
      code: 'EVALUATION_FAILED',
      context: { row: 2, expression: 'numbers + 1' },
      message: expect.stringContaining('(of the rows that a step made of the messages)'),
    }),
  );
  const compiled = compileSteps([unnestStep(['numbers']), { kind: 'limit', rows: 2 }], SCHEMA);
  const columns = new Map(
    SCHEMA.fields.map(({ name, type }) => [
      name,
      makeColumn(
        wasm,
        type,
        rows.map((row) => row[name] ?? null),
      ),
    ]),
  );
  const { limited } = new StepRunner(wasm, compiled).run(columns, { address: 0, count: 3 });
  expect(limited).toMatchObject({ passed: 2, lastRow: 2 });
});

test('what nothing needs is neither read nor repeated, but the lists are counted', () => {
  const step = unnestStep(['tags', 'numbers'], { index: 'i' });
  const compiled = compileSteps(
    [step, { kind: 'select', columns: [{ name: 'id', expr: col('id').node }] }],
    SCHEMA,
  );
  expect(compiled.reads).toEqual(['id', 'tags', 'numbers']);
  expect(compiled.steps[0]).toEqual({
    kind: 'unnest',
    lists: [
      { column: 'tags', into: [undefined], members: false },
      { column: 'numbers', into: [undefined], members: false },
    ],
    outer: false,
    keep: ['id'],
  });
});

test('types and names of the items', () => {
  const as = (name: string) => [{ column: 'tags', as: name }];
  const { fields } = compileSteps([unnestStep([], { columns: as('tag'), index: 'i' })], {
    fields: [
      field('a', { kind: 'bool' }, false),
      field('tags', { kind: 'list', item: field('item', { kind: 'utf8' }, false) }),
      field('b', { kind: 'bool' }, false),
    ],
  }).output;
  expect(fields.map(({ name, type, nullable }) => [name, type.kind, nullable])).toEqual([
    ['a', 'bool', false],
    ['tag', 'utf8', false],
    ['i', 'int32', false],
    ['b', 'bool', false],
  ]);
  const outer = compileSteps([unnestStep(['tags'], { outer: true, index: 'i' })], SCHEMA).output;
  expect(outer.fields.find(({ name }) => name === 'i')?.nullable).toBe(true);
});

test('what does not fit is refused', () => {
  const compile = (...steps: Step[]) => compileSteps(steps, SCHEMA);
  expect(() => compile(unnestStep(['tagz']))).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_COLUMN' }),
  );
  expect(() => compile(unnestStep(['id']))).toThrow(
    expect.objectContaining({ code: 'TYPE_MISMATCH', context: { column: 'id', type: 'int64' } }),
  );
  const twice = unnestStep([], { columns: [{ column: 'tags', as: 'id' }] });
  expect(() => compile(twice)).toThrow(
    expect.objectContaining({ code: 'INVALID_PLAN', context: { step: 'unnest', column: 'id' } }),
  );
  expect(() => compile(unnestStep(['tags'], { index: 'id' }))).toThrow(/two columns id/);
  const pair = unnestStep([], { columns: [{ column: 'tags', as: { key: 'k', value: 'v' } }] });
  expect(() => compile(pair)).toThrow(expect.objectContaining({ code: 'INVALID_PLAN' }));
});

test('lists that the lease has no room for say so', () => {
  const numbers = Array.from({ length: 5_000 }, (_, i) => i);
  const rows: Row[] = [{ id: 1n, numbers }];
  openArena(wasm);
  const columns = new Map(
    SCHEMA.fields.map(({ name, type }) => [
      name,
      makeColumn(
        wasm,
        type,
        rows.map((row) => row[name] ?? null),
      ),
    ]),
  );
  const runner = new StepRunner(wasm, compileSteps([unnestStep(['numbers'])], SCHEMA));
  const used = wasm.exports.arena_mark();
  for (const room of [1_000, 20_000, 40_000, 70_000]) {
    wasm.exports.arena_open(ARENA_BASE, used + room);
    wasm.exports.arena_rewind(used);
    expect(() => runner.run(columns, { address: 0, count: 1 })).toThrow(ArenaFull);
  }
  wasm.exports.arena_open(ARENA_BASE, used + 400_000);
  wasm.exports.arena_rewind(used);
  expect(runner.run(columns, { address: 0, count: 1 }).rows).toBe(5_000);
});
