/**
 * Expressions give what DuckDB gives for the same expression: random ones over columns of every
 * type, with nulls, extremes, overflow and NaN. A row that fails here fails there, and the
 * other way round.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DataType } from '../../../src/arrow/schema.ts';
import { typeToString } from '../../../src/arrow/schema-text.ts';
import { MillraceError } from '../../../src/errors.ts';
import { compileSteps } from '../../../src/operators/compile.ts';
import type { ExprNode } from '../../../src/operators/expr/node.ts';
import { exprToString } from '../../../src/operators/expr-text.ts';
import { FUNCTIONS } from '../../../src/operators/functions/registry.ts';
import { StepRunner } from '../../../src/operators/runner.ts';
import { take } from '../../../src/operators/take.ts';
import { toSql } from '../../../tools/expressions/to-sql.ts';
import { columnToValues } from '../../wasm/columns.ts';
import { makeInstance, openArena } from '../../wasm/harness.ts';
import { makeSelection } from '../check-expr.ts';
import { Random, SEED } from '../random.ts';
import { areSame, ofDuck, ofMillrace } from './compare.ts';
import { everyCast, randomCall, randomExpression } from './generate.ts';
import { decidesLazily, FAILED, isKnownDifference, mayRound } from './known-differences.ts';
import {
  type Columns,
  openDuck,
  type Rows,
  randomRows,
  TABLE_SCHEMA,
  toColumns,
  toTable,
} from './table.ts';

const ROWS = 100;
const EXPRESSIONS = Number(process.env.MILLRACE_EXPRESSIONS ?? 600);
const CALLS_PER_FUNCTION = 12;
const DEPTH = 1;
/** Each is a query of its own. */
const MAX_FAILURES_CHECKED = 5;

const wasm = makeInstance();
let connection: DuckDBConnection;

beforeAll(async () => {
  connection = await openDuck();
});

afterAll(() => connection.closeSync());

/** What Millrace gives for every row; `fails` where the row has no result. */
function evaluate(
  node: ExprNode,
  { columns, rows }: Columns,
): { values: string[]; type: DataType } {
  const step = { kind: 'select', columns: [{ name: 'result', expr: node }] } as const;
  const compiled = compileSteps([step], TABLE_SCHEMA);
  const { type } = compiled.output.fields[0]!;
  const runner = new StepRunner(wasm, compiled);
  const values = new Array<string>(rows).fill(FAILED);
  let open = Array.from({ length: rows }, (_, row) => row);
  const mark = wasm.exports.arena_mark();
  for (;;) {
    wasm.exports.arena_rewind(mark);
    const selection = makeSelection(wasm, open, rows);
    try {
      const result = runner.run(columns, selection);
      const column = take(wasm, result.columns.get('result')!, result.selection);
      const found = columnToValues(wasm, column, type).map((value) => ofMillrace(value, type));
      for (const [i, row] of open.entries()) values[row] = found[i]!;
      return { values, type };
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== 'EVALUATION_FAILED') throw error;
      const failed = Number(error.context.row);
      expect(open, `${error.message}: the row that fails is selected`).toContain(failed);
      open = open.filter((row) => row !== failed);
    }
  }
}

// What depends on the values, not on the expression: the row fails.
const ROW_ERROR = /Out of Range|Conversion Error|Invalid Input/;
// What is compared or computed here, but not there, or in one of several ways there: bytes and
// texts, units of time, constants of them.
const UNKNOWN = /Binder Error|Cannot compare values|Unimplemented type for cast/;
/** Of all random expressions DuckDB must know so many. */
const LEAST_SHARE = 0.9;

/** DuckDB's results of some rows; undefined where one of them fails. */
async function inDuck(
  node: ExprNode,
  type: DataType,
  rows: readonly number[],
): Promise<string[] | undefined> {
  const list = `(${rows.join(', ')})`;
  const sql = `SELECT ${toSql(node)} FROM t WHERE "row" IN ${list} ORDER BY "row"`;
  try {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRows().map(([value]) => ofDuck(value!, type));
  } catch (error) {
    if (UNKNOWN.test(String(error))) throw new UnknownInDuck();
    if (ROW_ERROR.test(String(error))) return undefined;
    throw new Error(`${exprToString(node)} (seed ${SEED})\n${sql}: ${error}`);
  }
}

class UnknownInDuck extends Error {}

interface Data extends Columns {
  readonly values: Rows;
}

/** Whether the expression could be compared. */
async function check(node: ExprNode, data: Data): Promise<boolean> {
  try {
    await compare(node, data);
    return true;
  } catch (error) {
    if (error instanceof UnknownInDuck) return false;
    throw error;
  }
}

async function compare(node: ExprNode, data: Data): Promise<void> {
  const { values, type } = evaluate(node, data);
  const text = `${exprToString(node)} (seed ${SEED})\n${toSql(node)}\nof ${typeToString(type)}`;
  const all = Array.from({ length: data.rows }, (_, row) => row);
  const good = all.filter((row) => values[row] !== FAILED);
  const mayDiffer = decidesLazily(node);
  const rounds = mayRound(node, type);
  const isKnown = (row: number, duck: string | undefined) => {
    const valueIn = (name: string) => data.values.get(name)![row]!;
    return isKnownDifference(node, { mine: values[row]!, duck, row: valueIn });
  };
  for (const [row, duck] of await resultsInDuck(node, type, good)) {
    if (duck === undefined ? mayDiffer : areSame(values[row]!, duck, type, rounds)) continue;
    if (isKnown(row, duck)) continue;
    expect(`row ${row}: ${values[row]}`, text).toBe(`row ${row}: ${duck ?? FAILED}`);
  }
  if (mayDiffer) return;
  for (const row of all.filter((row) => values[row] === FAILED).slice(0, MAX_FAILURES_CHECKED)) {
    const duck = (await inDuck(node, type, [row]))?.[0];
    if (duck === undefined || isKnown(row, duck)) continue;
    expect(`row ${row}: ${FAILED}`, text).toBe(`row ${row}: ${duck}`);
  }
}

/** DuckDB's result of each row; undefined where it fails. */
async function resultsInDuck(
  node: ExprNode,
  type: DataType,
  rows: readonly number[],
): Promise<readonly (readonly [number, string | undefined])[]> {
  if (rows.length === 0) return [];
  const together = await inDuck(node, type, rows);
  if (together !== undefined) return rows.map((row, i) => [row, together[i]]);
  if (rows.length === 1) return [[rows[0]!, undefined]];
  const half = rows.length >> 1;
  const first = await resultsInDuck(node, type, rows.slice(0, half));
  return [...first, ...(await resultsInDuck(node, type, rows.slice(half)))];
}

async function freshData(random: Random): Promise<Data> {
  openArena(wasm);
  wasm.exports.state_reset();
  const rows = randomRows(random, ROWS);
  await toTable(connection, rows);
  return { ...toColumns(wasm, rows), values: rows };
}

const COMPARED = FUNCTIONS.filter(({ sql }) => sql !== undefined).map(({ name }) => name);

test.for(COMPARED)('%s gives what DuckDB gives', async (fn) => {
  const random = new Random(SEED + fn.length);
  const data = await freshData(random);
  let found = 0;
  for (let i = 0; i < CALLS_PER_FUNCTION; i++) {
    const node = randomCall(random, fn);
    if (node === undefined) continue;
    if (await check(node, data)) found += 1;
  }
  expect(found, `uses of ${fn} that were compared`).toBeGreaterThan(0);
});

test.for(['cast', 'tryCast'] as const)(
  '%s of every column to every type',
  { timeout: 120_000 },
  async (fn) => {
    const data = await freshData(new Random(SEED));
    const nodes = everyCast(fn);
    expect(nodes.length).toBeGreaterThan(300);
    for (const node of nodes) await check(node, data);
  },
);

test('random expressions give what DuckDB gives', async () => {
  const random = new Random(SEED);
  let data = await freshData(random);
  let compared = 0;
  for (let i = 0; i < EXPRESSIONS; i++) {
    if (i % 50 === 49) data = await freshData(random);
    if (await check(randomExpression(random, DEPTH), data)) compared += 1;
  }
  expect(compared / EXPRESSIONS).toBeGreaterThan(LEAST_SHARE);
}, 120_000);
