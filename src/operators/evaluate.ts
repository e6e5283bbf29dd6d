/** Runs typed programs on the columns of a morsel: one kernel call per operator. */
import type { ColumnSet, Selection } from '../arrow/selection.ts';
import { MillraceError } from '../errors.ts';
import { readColumn } from '../wasm/column.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import { narrowRows } from './filter.ts';
import { arithmetic, cast } from './kernels/arithmetic.ts';
import { coalesceColumns, memberOf, textsOf } from './kernels/choose.ts';
import { compare } from './kernels/compare.ts';
import { constantColumn } from './kernels/constant-column.ts';
import { isNull, logic, not } from './kernels/logic.ts';
import { inSet } from './kernels/value-set.ts';
import type {
  ArithmeticProgram,
  CoalesceProgram,
  InProgram,
  LogicProgram,
  Program,
} from './program.ts';

/** What programs are run on. */
export interface EvaluationScope {
  readonly wasm: WasmInstance;
  readonly columns: ColumnSet;
  /** Rows of every column. */
  readonly rows: number;
  /** The sets of the programs' `in` lists, by program. */
  readonly sets: ReadonlyMap<InProgram, number>;
}

/**
 * The value of a program on the selected rows, as a column with the rows of the morsel; what it
 * holds on other rows is not defined.
 *
 * @returns the address of a column in the open lease, one of `columns` itself where that is it.
 * @throws ArenaFull; MillraceError `EVALUATION_FAILED` with `row` and `expression`.
 */
export function evaluate(scope: EvaluationScope, program: Program, selection: Selection): number {
  const { wasm } = scope;
  const run = (operand: Program) => evaluate(scope, operand, selection);
  switch (program.kind) {
    case 'column':
      return columnNamed(scope, program.name);
    case 'constant':
      return constantColumn(wasm, program.type, program.value, scope.rows);
    case 'cast':
      return cast(wasm, run(program.operand), program.to, selection);
    case 'texts':
      return textsOf(wasm, run(program.operand), selection);
    case 'arithmetic':
      return compute(scope, program, selection);
    case 'compare': {
      const { op, bytes, left, right } = program;
      return compare(wasm, op, bytes, run(left), run(right), selection);
    }
    case 'logic':
      return decide(scope, program, selection);
    case 'not':
      return not(wasm, run(program.operand));
    case 'isNull':
      return isNull(wasm, run(program.operand), program.wanted);
    case 'coalesce':
      return firstValid(scope, program, selection);
    case 'in': {
      const set = scope.sets.get(program);
      if (set === undefined) throw new MillraceError('an in() has no set', { code: 'INTERNAL' });
      return inSet(wasm, run(program.operand), set, program.hasNull, selection);
    }
    case 'field':
      return memberOf(wasm, run(program.operand), program.index);
  }
}

function columnNamed({ columns }: EvaluationScope, name: string): number {
  const column = columns.get(name);
  if (column !== undefined) return column;
  const message = `column ${name} was not decoded, though the steps read it`;
  throw new MillraceError(message, { code: 'INTERNAL', context: { column: name } });
}

function compute(scope: EvaluationScope, program: ArithmeticProgram, selection: Selection): number {
  const { wasm } = scope;
  const left = evaluate(scope, program.left, selection);
  const right = evaluate(scope, program.right, selection);
  const result = arithmetic(wasm, program.op, left, right, selection);
  if (result !== undefined) return result;
  const row = wasm.exports.kernel_failed_row();
  const { text, type } = program;
  const values = [left, right].map((column) => integerAt(wasm, column, row)).join(' and ');
  throw new MillraceError(
    `${text} leaves the range of ${type} in row ${row}, where its operands are ${values}; ` +
      'filter such rows out first, or compute with float64 (x / 1 is float64)',
    { code: 'EVALUATION_FAILED', context: { row, expression: text } },
  );
}

function integerAt(wasm: WasmInstance, column: number, row: number): string {
  const { type, constant, data } = readColumn(wasm, column);
  const at = constant ? 0 : row;
  return String(type === 'int32' ? wasm.i32[data / 4 + at] : wasm.i64[data / 8 + at]);
}

/** `and`, `or`: the right side on the rows that the left side leaves open. */
function decide(scope: EvaluationScope, program: LogicProgram, selection: Selection): number {
  const { wasm } = scope;
  const { op, narrows } = program;
  const left = evaluate(scope, program.left, selection);
  let open = selection;
  if (narrows) {
    open = narrowRows(wasm, selection, left, op === 'and' ? 'notFalse' : 'notTrue');
    if (open.count === 0) return left;
  }
  return logic(wasm, op, left, evaluate(scope, program.right, open));
}

/** `coalesce`: each operand on the rows where all before it are null. */
function firstValid(
  scope: EvaluationScope,
  { operands }: CoalesceProgram,
  selection: Selection,
): number {
  const { wasm } = scope;
  const [first, ...others] = operands as readonly [Program, ...Program[]];
  let result = evaluate(scope, first, selection);
  for (const operand of others) {
    const open = narrowRows(wasm, selection, result, 'null');
    if (open.count === 0) break;
    const other = evaluate(scope, operand, open);
    result = coalesceColumns(wasm, result, other, selection);
  }
  return result;
}
