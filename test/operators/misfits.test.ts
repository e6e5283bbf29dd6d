/** What errors of rows say of values that a type does not hold. */
import { expect, test } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { col, type Expr } from '../../src/operators/expr.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { type TestColumns, valuesOf } from './run-expr.ts';

const wasm = makeInstance({ megabytes: 32 });

const DAYS_TO_9999 = 2_932_896;

const FAILURES: readonly [Expr, TestColumns, string][] = [
  [
    col('d').gt(col('t')),
    { d: ['date', [DAYS_TO_9999]], t: ['timestamp(ns,local)', [0n]] },
    'd: 9999-12-31 in row 0 is beyond timestamp(ns,local), which holds 1677-09-21 to 2262-04-11; ' +
      'use tryCast for null in its place, or filter such rows out first',
  ],
  [
    col('a').gt(col('b')),
    { a: ['decimal(38,0)', [10n ** 31n]], b: ['decimal(38,30)', [1n]] },
    `a: 1${'0'.repeat(31)} in row 0 is beyond decimal(38,30), which holds 8 digits in front of ` +
      'the point and 30 behind it;',
  ],
  [
    col('a').cast('int8'),
    { a: ['int32', [128]] },
    "cast(a, 'int8'): 128 in row 0 is beyond int8, which holds -128 to 127;",
  ],
  [col('a').cast('int8'), { a: ['utf8', ['x']] }, "'x' in row 0 is no int8;"],
  [
    col('a').neg(),
    { a: ['int8', [-128]] },
    '-a leaves the range of int8 in row 0, where its operand is -128; filter such rows out ' +
      "first, or compute with more room: .cast('int64')",
  ],
  [
    col('a').mul(col('a')),
    { a: ['int64', [2n ** 62n]] },
    "or compute with more room: .cast('decimal(38,0)')",
  ],
  [
    col('a').add(col('a')),
    { a: ['decimal(38,0)', [10n ** 38n - 1n]] },
    "or compute with more room: .cast('float64')",
  ],
];

test.for(FAILURES.map(([expr, columns, message]) => [message, expr, columns] as const))(
  '%s',
  ([message, expr, columns]) => {
    openArena(wasm);
    let error: unknown;
    try {
      valuesOf(wasm, expr, columns);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(MillraceError);
    expect(error).toMatchObject({
      code: 'EVALUATION_FAILED',
      message: expect.stringContaining(message),
    });
  },
);
