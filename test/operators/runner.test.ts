import { beforeEach, expect, test } from 'vitest';
import type { DataType, ScalarType, Schema } from '../../src/arrow/schema.ts';
import { compileSteps } from '../../src/operators/compile.ts';
import { coalesce, col, type Operand, toNode } from '../../src/operators/expr.ts';
import { type StepResult, StepRunner } from '../../src/operators/runner.ts';
import type { Step } from '../../src/operators/step.ts';
import { take } from '../../src/operators/take.ts';
import { ArenaFull } from '../../src/wasm/instance.ts';
import { ARENA_BASE } from '../../src/wasm/module.ts';
import { columnToValues, type Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { makeColumn } from './make-column.ts';

const wasm = makeInstance({ megabytes: 32 });
beforeEach(() => openArena(wasm));

const DATA = {
  id: ['int64', [1n, 2n, 3n, 4n, 5n, 6n, 0x7fffffffffffffffn]],
  small: ['int32', [5, 4, 3, 2, 1, 0, null]],
  status: ['utf8', ['paid', 'open', 'paid', null, 'paid', 'open', 'paid']],
} as const satisfies Record<string, readonly [ScalarType, readonly Value[]]>;
const ROWS = DATA.id[1].length;
const ALL = { address: 0, count: ROWS };
const SCHEMA: Schema = {
  fields: Object.entries(DATA).map(([name, [kind]]) => ({
    name,
    type: { kind } as DataType,
    nullable: name !== 'id',
  })),
};

const named = (columns: Record<string, Operand>) =>
  Object.entries(columns).map(([name, operand]) => ({ name, expr: toNode(operand) }));
const filter = (predicate: Operand): Step => ({ kind: 'filter', predicate: toNode(predicate) });
const map = (columns: Record<string, Operand>): Step => ({ kind: 'map', columns: named(columns) });
const select = (...names: string[]): Step => ({
  kind: 'select',
  columns: names.map((name) => ({ name, expr: col(name).node })),
});

function makeColumns() {
  return new Map(
    Object.entries(DATA).map(([name, [kind, values]]) => [
      name,
      makeColumn(wasm, { kind }, values),
    ]),
  );
}

function run(steps: readonly Step[], limit?: number) {
  const columns = makeColumns();
  // As a worker gets them.
  const runner = new StepRunner(wasm, structuredClone(compileSteps(steps, SCHEMA)));
  return runner.run(columns, ALL, { left: limit === undefined ? undefined : [limit] });
}

function rowsOf({ columns, selection }: Pick<StepResult, 'columns' | 'selection'>) {
  const values = [...columns].map(
    ([name, column]) => [name, columnToValues(wasm, take(wasm, column, selection))] as const,
  );
  return Object.fromEntries(values);
}

test('filter, map and select', () => {
  const steps = [
    filter(col('status').eq('paid').and(col('id').lt(100))),
    map({ twice: col('id').mul(2), left: col('small').sub(1) }),
    select('twice', 'status', 'left'),
  ];
  const result = run(steps);
  expect([...result.columns.keys()]).toEqual(['twice', 'status', 'left']);
  expect(rowsOf(result)).toEqual({
    twice: [2n, 6n, 10n],
    status: ['paid', 'paid', 'paid'],
    left: [4, 2, 0],
  });
});

test('every expression of a map sees the columns before it', () => {
  const result = run([map({ id: col('small'), small: col('id'), status: col('id').gt(3) })]);
  expect(rowsOf(result)).toEqual({
    id: DATA.small[1],
    small: DATA.id[1],
    status: [false, false, false, true, true, true, true],
  });
});

test('columns that are not computed stay where they are, and so does a selection of all', () => {
  const columns = makeColumns();
  const steps: Step[] = [
    filter(col('id').gt(0)),
    { kind: 'rename', names: { id: 'key' } },
    { kind: 'drop', columns: ['small'] },
  ];
  const before = wasm.exports.arena_mark();
  const result = new StepRunner(wasm, compileSteps(steps, SCHEMA)).run(columns, ALL);
  expect(result.selection).toBe(ALL);
  expect(result.columns.get('key')).toBe(columns.get('id'));
  expect(result.columns.get('status')).toBe(columns.get('status'));
  expect(wasm.exports.arena_mark()).toBe(before);
});

test('a row that overflows is named with its expression and operands', () => {
  expect(() => run([map({ next: col('id').add(1) })])).toThrow(
    expect.objectContaining({
      code: 'EVALUATION_FAILED',
      context: { row: 6, expression: 'id + 1' },
      message: expect.stringContaining(
        'id + 1 leaves the range of int64 in row 6, where its operands are ' +
          '9223372036854775807 and 1',
      ),
    }),
  );
});

test('a row that a filter dropped, a limit cut off, or nobody reads cannot fail', () => {
  const next = map({ next: col('id').add(1) });
  expect(rowsOf(run([filter(col('id').lt(100)), next, select('next')])).next).toHaveLength(6);
  expect(rowsOf(run([next, { kind: 'limit', rows: 6 }, select('next')])).next).toHaveLength(6);
  expect(rowsOf(run([next, { kind: 'drop', columns: ['next'] }])).id).toHaveLength(7);
});

test('the right side of and, or, coalesce is not evaluated where the left decides', () => {
  const next = col('id').add(1);
  expect(rowsOf(run([filter(col('id').lt(9).and(next.gt(2))), select('id')])).id).toHaveLength(5);
  expect(rowsOf(run([filter(col('id').ge(9).or(next.gt(2))), select('id')])).id).toHaveLength(6);
  const step = map({ x: coalesce(col('id'), next), y: coalesce(col('small'), col('id').sub(1)) });
  expect(rowsOf(run([step])).y).toEqual([5n, 4n, 3n, 2n, 1n, 0n, 0x7ffffffffffffffen]);
});

test('a limit passes the first rows and says which was the last', () => {
  const steps: Step[] = [filter(col('status').eq('paid')), { kind: 'limit', rows: 2 }];
  const limited = run(steps);
  expect(rowsOf(limited).id).toEqual([1n, 3n]);
  expect(limited.limited).toMatchObject({ passed: 2, lastRow: 2 });
  expect(run(steps, 1).limited).toMatchObject({ passed: 1, lastRow: 0 });
  expect(run(steps, 0).limited).toMatchObject({ passed: 0, lastRow: -1 });
  expect(run([{ kind: 'limit', rows: 50 }]).limited).toMatchObject({ passed: 7, lastRow: 6 });
  expect(run([]).limited).toBeUndefined();
});

test('a filter after a limit sees only what the limit passed', () => {
  const steps: Step[] = [{ kind: 'limit', rows: 3 }, filter(col('status').eq('paid'))];
  const result = run(steps);
  expect(rowsOf(result).id).toEqual([1n, 3n]);
  expect(result.limited).toMatchObject({ passed: 3, lastRow: 2 });
});

test('constants are columns too, also where nothing is read', () => {
  const one: Step = { kind: 'select', columns: named({ one: 1, text: 'x', flag: true }) };
  const compiled = compileSteps([one], SCHEMA);
  expect(compiled.reads).toEqual([]);
  const result = new StepRunner(wasm, compiled).run(new Map(), { address: 0, count: 3 });
  expect(rowsOf(result)).toEqual({
    one: [1, 1, 1],
    text: ['x', 'x', 'x'],
    flag: [true, true, true],
  });
});

test('no row left is no error', () => {
  const result = run([filter(col('id').lt(0)), map({ next: col('id').add(1) })]);
  expect(result.selection.count).toBe(0);
  expect(rowsOf(result).next).toEqual([]);
});

test('a lease that is too small is said, wherever it ends', () => {
  const steps = [
    filter(col('status').in(['paid', 'open']).and(col('id').lt(100))),
    map({
      sum: col('id').add(col('small')),
      text: coalesce(col('status'), 'none'),
      odd: col('id').mod(col('small')),
      flag: col('small').isNull().or(col('status').eq('open')),
    }),
  ];
  const columns = makeColumns();
  const begin = wasm.exports.arena_mark();
  const runner = new StepRunner(wasm, compileSteps(steps, SCHEMA));
  const whole = runner.run(columns, ALL);
  const used = wasm.exports.arena_mark() - begin;
  const expected = rowsOf(whole);
  let full = 0;
  for (let bytes = 0; bytes <= used; bytes += 16) {
    wasm.exports.arena_open(begin, begin + bytes);
    try {
      const { columns: output, selection } = runner.run(columns, ALL);
      wasm.exports.arena_open(begin + used, ARENA_BASE + (8 << 20));
      expect(rowsOf({ columns: new Map(output), selection })).toEqual(expected);
    } catch (error) {
      expect(error).toBeInstanceOf(ArenaFull);
      full++;
    }
  }
  expect(full).toBeGreaterThan(20);
});
