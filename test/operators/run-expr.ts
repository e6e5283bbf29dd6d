/** The values of an expression over columns that are made for it. */
import { parseType, type TypeText } from '../../src/arrow/scalar-text.ts';
import type { DataType, Schema } from '../../src/arrow/schema.ts';
import { compileSteps } from '../../src/operators/compile.ts';
import { col, type Expr } from '../../src/operators/expr.ts';
import { StepRunner } from '../../src/operators/runner.ts';
import { take } from '../../src/operators/take.ts';
import type { WasmInstance } from '../../src/wasm/instance.ts';
import { PADDING } from '../../src/wasm/module.ts';
import { columnToValues, type Value } from '../wasm/columns.ts';
import { makeSelection } from './check-expr.ts';
import { makeColumn } from './make-column.ts';

/** Columns by name: their type and rows. */
export type TestColumns = Readonly<
  Record<string, readonly [type: TypeText | DataType, values: readonly Value[]]>
>;

/** How an expression is run. */
export interface RunOptions {
  /** The selected rows. Default: all. */
  readonly rows?: readonly number[];
  /** Names of columns that are made as constants: all rows are alike. */
  readonly constant?: readonly string[];
  /** Bytes of the lease that the expression may take. Default: all. */
  readonly room?: number;
}

function typeNamed(type: TypeText | DataType): DataType {
  if (typeof type !== 'string') return type;
  const parsed = parseType(type);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

/**
 * What the expression is on each selected row.
 *
 * @throws as the expression's evaluation does.
 */
export function valuesOf(
  wasm: WasmInstance,
  expr: Expr,
  columns: TestColumns,
  { rows, constant = [], room }: RunOptions = {},
): Value[] {
  const entries = Object.entries(columns);
  const schema: Schema = {
    fields: entries.map(([name, [type]]) => ({ name, type: typeNamed(type), nullable: true })),
  };
  const step = { kind: 'select', columns: [{ name: 'result', expr: expr.node }] } as const;
  // As a worker gets them.
  const runner = new StepRunner(wasm, structuredClone(compileSteps([step], schema)));
  const made = entries.map(([name, [type, values]]) => {
    const options = { constant: constant.includes(name) };
    return [name, makeColumn(wasm, typeNamed(type), values, options)] as const;
  });
  const length = entries[0]![1][1].length;
  const selection = makeSelection(wasm, rows, length);
  const { arena_mark, arena_open } = wasm.exports;
  if (room !== undefined) arena_open(arena_mark(), arena_mark() + room);
  const result = runner.run(new Map(made), selection);
  if (room !== undefined) arena_open(arena_mark(), wasm.u8.length - PADDING);
  const column = take(wasm, result.columns.get('result')!, result.selection);
  return columnToValues(wasm, column, compileSteps([step], schema).output.fields[0]!.type);
}

/** What `tryCast` makes of texts. */
export function readTexts(
  wasm: WasmInstance,
  type: TypeText,
  texts: readonly (string | null)[],
): Value[] {
  return valuesOf(wasm, col('c').tryCast(type), { c: ['utf8', texts] });
}

/** The texts of values, by `cast`. */
export function textsOfValues(
  wasm: WasmInstance,
  type: TypeText,
  values: readonly Value[],
): Value[] {
  return valuesOf(wasm, col('c').cast('utf8'), { c: [type, values] });
}
