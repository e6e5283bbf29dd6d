/** Runs typed programs on the columns of a morsel: one kernel call per operator. */
import { typeToString } from '../arrow/schema-text.ts';
import type { ColumnSet, Selection } from '../arrow/selection.ts';
import { MillraceError } from '../errors.ts';
import { readColumn } from '../wasm/column.ts';
import { ArenaFull, type WasmInstance } from '../wasm/instance.ts';
import { isBytes } from './common-type.ts';
import { narrowRows } from './filter.ts';
import { arithmetic } from './kernels/arithmetic.ts';
import { cast } from './kernels/cast.ts';
import { chooseColumns, coalesceColumns, memberOf } from './kernels/choose.ts';
import { compare } from './kernels/compare.ts';
import { constantColumn } from './kernels/constant-column.ts';
import type { Kernel, KernelCall } from './kernels/kernel.ts';
import { columnFrom, KERNEL_FAILED } from './kernels/kernel-result.ts';
import { isNull, logic, not } from './kernels/logic.ts';
import { nullColumn } from './kernels/null-column.ts';
import { kernelNamed } from './kernels/registry.ts';
import { inSet } from './kernels/value-set.ts';
import type {
  ArithmeticProgram,
  CallProgram,
  CaseProgram,
  CastProgram,
  CoalesceProgram,
  InProgram,
  LiftProgram,
  LogicProgram,
  Program,
} from './program.ts';
import { DICTIONARY_VALUES } from './program.ts';
import { misfitText, widerCast } from './range-text.ts';
import { evaluateUdf } from './udf/call.ts';
import type { UdfHost } from './udf/host.ts';
import { valueAt } from './value-at.ts';

/** What programs are run on. */
export interface EvaluationScope {
  readonly wasm: WasmInstance;
  readonly columns: ColumnSet;
  /** Rows of every column. */
  readonly rows: number;
  /** The sets of the programs' `in` lists, by program. */
  readonly sets: ReadonlyMap<InProgram, number>;
  /** What kernels have prepared for their calls on this instance. */
  readonly prepared: ReadonlyMap<CallProgram, unknown>;
  /** The thread's side of user functions. */
  readonly udfs: UdfHost;
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
      if (program.value === null) return nullColumn(wasm, program.type, scope.rows);
      return constantColumn(wasm, program.type, program.value, scope.rows);
    case 'cast':
      return castValues(scope, program, selection);
    case 'arithmetic':
      return compute(scope, program, selection);
    case 'compare': {
      const { op, layout, left, right } = program;
      return compare(wasm, op, layout, run(left), run(right), selection);
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
    case 'call':
      return callKernel(scope, program, selection);
    case 'case':
      return choose(scope, program, selection);
    case 'lift':
      return overTexts(scope, program, selection);
    case 'udf':
      return evaluateUdf(scope, program, selection, run);
  }
}

function castValues(scope: EvaluationScope, program: CastProgram, selection: Selection): number {
  const { wasm } = scope;
  if (selection.count === 0) return nullColumn(wasm, program.to, scope.rows);
  const operand = evaluate(scope, program.operand, selection);
  const result = cast(wasm, operand, program, selection);
  if (result !== undefined) return result;
  const row = rowThatFailed(wasm, [operand], selection);
  const value = valueAt(wasm, operand, row);
  const misfit = misfitText(program.to, isBytes(program.from.kind) || program.from.kind === 'json');
  throw failedRow(
    `${program.text}: ${value} in row ${row} is ${misfit}; use tryCast for null in its place, ` +
      'or filter such rows out first',
    row,
    program.text,
  );
}

function callKernel(scope: EvaluationScope, program: CallProgram, selection: Selection): number {
  const { wasm, rows } = scope;
  const { type } = program;
  if (selection.count === 0) return nullColumn(wasm, type, rows);
  const operands = program.operands.map((operand) => evaluate(scope, operand, selection));
  const prepared = scope.prepared.get(program);
  const call = { wasm, program, operands, selection, rows, prepared };
  const kernel = kernelNamed(program.kernel);
  const result = runKernel(kernel, call);
  if (result !== KERNEL_FAILED) return result;
  const row = rowThatFailed(wasm, operands, selection);
  const values = operands.map((column) => valueAt(wasm, column, row)).join(' and ');
  const why = kernel.why?.(call, row) ?? `has no result in row ${row}, where it is given ${values}`;
  throw failedRow(`${program.text} ${why}; filter such rows out first`, row, program.text);
}

function runKernel(kernel: Kernel, call: KernelCall): number {
  try {
    return kernel.run(call);
  } catch (error) {
    if (error instanceof ArenaFull) error.expression ??= call.program.text;
    throw error;
  }
}

// Constants are computed once, for all rows; the first of them fails then.
function rowThatFailed(
  wasm: WasmInstance,
  operands: readonly number[],
  { address }: Selection,
): number {
  const constant = operands.every((column) => readColumn(wasm, column).constant);
  if (!constant) return wasm.exports.kernel_failed_row();
  return address === 0 ? 0 : wasm.u32[address / 4]!;
}

/** A program over the texts of a dictionary, dealt to the rows by their indices. */
function overTexts(scope: EvaluationScope, program: LiftProgram, selection: Selection): number {
  const { wasm, rows } = scope;
  const { address, count } = selection;
  const dictionary = evaluate(scope, program.operand, selection);
  const texts = readColumn(wasm, dictionary).children[0]!;
  const { length } = readColumn(wasm, texts);
  const columns = new Map([[DICTIONARY_VALUES, texts]]);
  const over = { ...scope, columns, rows: length };
  const results = evaluate(over, program.over, { address: 0, count: length });
  const { kernel_dictionary_places, unnest_items } = wasm.exports;
  const places = columnFrom(kernel_dictionary_places(dictionary, address, count));
  return columnFrom(unnest_items(results, places, rows));
}

function failedRow(message: string, row: number, expression: string): MillraceError {
  return new MillraceError(message, {
    code: 'EVALUATION_FAILED',
    context: { row, expression },
  });
}

/** `case when`: each value on the rows whose first true condition is its own. */
function choose(scope: EvaluationScope, { operands }: CaseProgram, selection: Selection): number {
  const { wasm } = scope;
  const branches: { condition: number; value: number; open: Selection }[] = [];
  let open = selection;
  for (let i = 0; i + 1 < operands.length && open.count > 0; i += 2) {
    const condition = evaluate(scope, operands[i]!, open);
    const mine = narrowRows(wasm, open, condition, 'true');
    const value = evaluate(scope, operands[i + 1]!, mine);
    branches.push({ condition, value, open });
    open = narrowRows(wasm, open, condition, 'notTrue');
  }
  const otherwise = evaluate(scope, operands.at(-1)!, open);
  return branches.reduceRight(
    (rest, { condition, value, open: rows }) => chooseColumns(wasm, condition, [value, rest], rows),
    otherwise,
  );
}

function columnNamed({ columns }: EvaluationScope, name: string): number {
  const column = columns.get(name);
  if (column !== undefined) return column;
  const message = `column ${name} was not decoded, though the steps read it`;
  throw new MillraceError(message, { code: 'INTERNAL', context: { column: name } });
}

function compute(scope: EvaluationScope, program: ArithmeticProgram, selection: Selection): number {
  const { wasm } = scope;
  if (selection.count === 0) return nullColumn(wasm, program.type, scope.rows);
  const left = evaluate(scope, program.left, selection);
  const right = evaluate(scope, program.right, selection);
  const { op, type, text } = program;
  const result = arithmetic(wasm, op, type, [left, right], selection);
  if (result !== undefined) return result;
  const row = rowThatFailed(wasm, [left, right], selection);
  const shown = program.negates === true ? [right] : [left, right];
  const values = shown.map((column) => valueAt(wasm, column, row)).join(' and ');
  const wayOut = type.kind === 'duration' ? '' : `, or compute with more room: ${widerCast(type)}`;
  throw failedRow(
    `${text} leaves the range of ${typeToString(type)} in row ${row}, where ` +
      `${shown.length === 1 ? 'its operand is' : 'its operands are'} ${values}; ` +
      `filter such rows out first${wayOut}`,
    row,
    text,
  );
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
