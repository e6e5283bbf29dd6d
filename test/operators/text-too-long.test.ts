/** Texts that no worker could hold fail their rows, and say so. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { MillraceError } from '../../src/errors.ts';
import { coalesce, col, type Expr, lit } from '../../src/operators/expr.ts';
import { ArenaFull } from '../../src/wasm/instance.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { type RunOptions, type TestColumns, valuesOf } from './run-expr.ts';

// Half of it is the most.
const wasm = makeInstance({ megabytes: 32 });
const MOST = 16 * 1024 * 1024;
beforeEach(() => {
  openArena(wasm);
  wasm.exports.state_reset();
});

const columns: TestColumns = {
  t: ['utf8', ['ab', 'cd', 'ef']],
  n: ['int64', [1n, 9_000_000_000_000_000_000n, 2n]],
  d: ['dictionary', ['ab', 'cd', 'ef']],
};
const run = (expr: Expr, options?: RunOptions) => valuesOf(wasm, expr, columns, options);

function failureOf(expr: Expr, options?: RunOptions): MillraceError {
  try {
    run(expr, options);
  } catch (error) {
    return error as MillraceError;
  }
  throw new Error('nothing failed');
}

const n = col('n');
describe.each([
  ['repeat', (text: Expr) => text.repeat(n), 'repeat(t, n)', ['ab', 'efef']],
  ['padStart', (text: Expr) => text.padStart(n, 'xy'), "padStart(t, n, 'xy')", ['a', 'ef']],
  ['padEnd', (text: Expr) => text.padEnd(n, 'xy'), "padEnd(t, n, 'xy')", ['a', 'ef']],
] as const)('%s', (_, make, text, others) => {
  test('fails the row alone, and says which', () => {
    const error = failureOf(make(col('t')));
    expect(error.code).toBe('EVALUATION_FAILED');
    expect(error.context).toMatchObject({ row: 1, expression: text });
    expect(error.message).toContain(
      `${text} would make a text of more than ${MOST} bytes in row 1`,
    );
    openArena(wasm);
    expect(run(make(col('t')), { rows: [0, 2] })).toEqual(others);
  });

  test('names the row of a dictionary, not of its texts', () => {
    const options = { rows: [1, 2], constant: ['n'] };
    const big: TestColumns = { ...columns, n: ['int64', Array(3).fill(1n << 40n)] };
    expect(() => valuesOf(wasm, make(col('d')), big, options)).toThrow('in row 1, which no worker');
  });
});

test('constants alone fail the rows that need them', () => {
  const never = lit('ab').repeat(1_000_000_000_000);
  expect(failureOf(never, { rows: [1, 2] }).context).toMatchObject({ row: 1 });
  openArena(wasm);
  expect(run(coalesce(col('t'), never))).toEqual(['ab', 'cd', 'ef']);
});

test('what is filled in has bytes, not characters', () => {
  const given: TestColumns = { t: ['utf8', ['ab']], n: ['int64', [(BigInt(MOST) * 3n) / 4n]] };
  const run = (fill: string) => valuesOf(wasm, col('t').padEnd(n, fill), given);
  for (const fill of ['€', 'x€', '€x']) {
    openArena(wasm);
    expect(() => run(fill)).toThrow(`would make a text of more than ${MOST} bytes in row 0`);
  }
});

test('a part that is empty is nowhere, also where the room ends', () => {
  const text = 'a'.repeat(5_000);
  const given: TestColumns = {
    t: ['utf8', Array(8_000).fill(text)],
    p: ['utf8', Array(8_000).fill('')],
    b: ['utf8', Array(8_000).fill('b')],
  };
  expect(() => valuesOf(wasm, col('t').replace(col('p'), col('b')), given)).toThrow(ArenaFull);
});

test('the least integer repeats nothing', () => {
  const given: TestColumns = { t: ['utf8', ['ab']], n: ['int64', [-(2n ** 63n)]] };
  expect(valuesOf(wasm, col('t').repeat(n), given)).toEqual(['']);
});

test('replace fails a row where what it puts in is of the row', () => {
  const text = 'a'.repeat(5_000);
  const given: TestColumns = { t: ['utf8', ['a', text]], by: ['utf8', ['b', text]] };
  const run = (expr: Expr) => valuesOf(wasm, expr, given);
  expect(() => run(col('t').replace('a', col('by')))).toThrow(/in row 1, which no worker can hold/);
  openArena(wasm);
  expect(() => run(col('t').replace('a', text))).toThrow(ArenaFull);
});

test('a text of half the memory that has no room says what was computed', () => {
  const given: TestColumns = { t: ['utf8', ['a', 'b', 'c']] };
  try {
    valuesOf(wasm, col('t').repeat(MOST - 1), given);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(ArenaFull);
    expect((error as ArenaFull).expression).toBe(`repeat(t, ${MOST - 1})`);
  }
});
