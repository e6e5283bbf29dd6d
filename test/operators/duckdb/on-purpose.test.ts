/** What docs/expressions.md says of casts that differ from DuckDB's on purpose, on both sides. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TypeText } from '../../../src/arrow/scalar-text.ts';
import { col, type Expr } from '../../../src/operators/expr.ts';
import { toSql } from '../../../tools/expressions/to-sql.ts';
import { makeInstance, openArena } from '../../wasm/harness.ts';
import { valuesOf } from '../run-expr.ts';
import { openDuck } from './table.ts';

const wasm = makeInstance({ megabytes: 32 });
let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openDuck();
});
afterAll(() => connection.closeSync());

const t = col('t');
const text = (type: TypeText) => t.tryCast(type).cast('utf8');

const CASES: readonly [value: string, expr: Expr, mine: string | null, duck: string | null][] = [
  ['2024-01-01x', text('date'), null, '2024-01-01'],
  ['2024-01-01 25:00', text('date'), null, '2024-01-01'],
  ['2024-01-01 10:00', text('date'), '2024-01-01', '2024-01-01'],
  ['2024\\01\\01', text('date'), null, '2024-01-01'],
  ['2024-05-01 10:00:00 Europe/Berlin', text('timestamp'), null, '2024-05-01 08:00:00+00'],
  [
    '2024-05-01 10:00:00 UTC',
    text('timestamp'),
    '2024-05-01 10:00:00+00',
    '2024-05-01 10:00:00+00',
  ],
  ['2024-05-01 10:00:00-16', text('timestamp'), null, '2024-05-02 02:00:00+00'],
  [
    '2024-05-01 10:00:00+01',
    text('timestamp(us,local)'),
    '2024-05-01 10:00:00',
    '2024-05-01 10:00:00',
  ],
  [
    '2024-05-01 10:00:00+01',
    text('timestamp(ns,local)'),
    '2024-05-01 10:00:00',
    '2024-05-01 09:00:00',
  ],
  ['  2024-01-01  ', text('time'), '00:00:00', null],
  ['0e99999', text('int32'), '0', null],
  ['1e-99999', text('decimal(4,2)'), '0.00', null],
  ['-nan', text('float64'), 'nan', '-nan'],
  [
    '1e10',
    t.cast('float32').cast('decimal(38,10)').cast('utf8'),
    '10000000000.0000000000',
    '10000000200.4087734272',
  ],
  ['ក្ក', t.reverse(), 'ក្ក', 'កក្'],
];

test.for(CASES)('%s', async ([value, expr, mine, duck]) => {
  openArena(wasm);
  wasm.exports.state_reset();
  const here = valuesOf(wasm, expr, { t: ['utf8', [value]] });
  const sql = `SELECT ${toSql(expr.node)} FROM (VALUES ('${value}')) AS r(t)`;
  const there = (await connection.runAndReadAll(sql)).getRows().flat();
  expect([...here, ...there], sql).toEqual([mine, duck]);
});
