/** Evaluates an expression on columns in linear memory and compares every row with the oracle. */
import { expect } from 'vitest';
import type { Schema } from '../../src/arrow/schema.ts';
import type { Selection } from '../../src/arrow/selection.ts';
import { MillraceError } from '../../src/errors.ts';
import { compileSteps } from '../../src/operators/compile.ts';
import type { ExprNode } from '../../src/operators/expr/node.ts';
import { exprToString } from '../../src/operators/expr-text.ts';
import { StepRunner } from '../../src/operators/runner.ts';
import { take } from '../../src/operators/take.ts';
import type { WasmInstance } from '../../src/wasm/instance.ts';
import { columnToValues, type Value } from '../wasm/columns.ts';
import { evaluateRow, Overflow, type Row } from './oracle.ts';

/** Columns and the same data as rows. */
export interface TestData {
  readonly schema: Schema;
  readonly columns: ReadonlyMap<string, number>;
  readonly rows: readonly Row[];
}

/** A selection in memory from a list of rows; `undefined` for all rows. */
export function makeSelection(
  wasm: WasmInstance,
  rows: readonly number[] | undefined,
  length: number,
): Selection {
  if (rows === undefined) return { address: 0, count: length };
  const address = wasm.arenaAlloc(rows.length * 4);
  wasm.u32.set(rows, address / 4);
  return { address, count: rows.length };
}

/** The rows of a selection. */
export function selectedRows(wasm: WasmInstance, { address, count }: Selection): number[] {
  return Array.from({ length: count }, (_, i) => (address === 0 ? i : wasm.u32[address / 4 + i]!));
}

/** @throws where a row differs, or where the wrong rows fail. */
export function checkExpr(
  wasm: WasmInstance,
  node: ExprNode,
  { schema, columns, rows }: TestData,
  selection: Selection,
): void {
  const text = exprToString(node);
  const step = { kind: 'select', columns: [{ name: 'result', expr: node }] } as const;
  const compiled = compileSteps([step], schema);
  const runner = new StepRunner(wasm, compiled);
  const chosen = selectedRows(wasm, selection);
  const isFilter = compiled.output.fields[0]!.type.kind === 'bool';
  const expected = chosen.map((row) => oracle(node, rows[row]!, schema));
  const failing = chosen.filter((_, i) => expected[i] instanceof Overflow);
  try {
    const result = runner.run(columns, selection);
    // A condition that cannot fail goes before one that can, which then fails on fewer rows.
    if (!/ and | or /.test(text)) expect(failing, `${text} fails on rows`).toEqual([]);
    if (failing.length > 0) return;
    const column = take(wasm, result.columns.get('result')!, result.selection);
    const field = compiled.output.fields[0]!;
    const actual = columnToValues(wasm, column, field.type).map(plain);
    expect(actual, text).toEqual(expected.map((value) => ofType(value, field.type.kind)));
    if (isFilter) {
      const filter = { kind: 'filter', predicate: node } as const;
      const filtered = new StepRunner(wasm, compileSteps([filter], schema)).run(columns, selection);
      const kept = chosen.filter((_, i) => expected[i] === true);
      expect(selectedRows(wasm, filtered.selection), `filter ${text}`).toEqual(kept);
    }
    if (!field.nullable) expect(actual.includes(null), `${text} is never null`).toBe(false);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    expect(error.code, error.message).toBe('EVALUATION_FAILED');
    expect(failing, `${text}: ${error.message}`).toContain(error.context.row);
  }
}

function oracle(node: ExprNode, row: Row, schema: Schema): Value | Overflow {
  try {
    return evaluateRow(node, row, schema);
  } catch (error) {
    if (error instanceof Overflow) return error;
    throw error;
  }
}

// The oracle's integers are bigint, whatever their width.
function plain(value: Value): Value {
  if (typeof value === 'number') return Object.is(value, -0) ? 0 : value;
  return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
}

function ofType(value: Value | Overflow, kind: string): Value {
  if (value instanceof Overflow) throw value;
  if (kind === 'float64' || kind === 'int32') return value === null ? null : plain(Number(value));
  return value;
}
