/** Calls a user function over the selected rows of a morsel. */
import type { DataType } from '../../arrow/schema.ts';
import type { Selection } from '../../arrow/selection.ts';
import { typeParam } from '../../arrow/type-param.ts';
import { MillraceError } from '../../errors.ts';
import { COLUMN_BYTES, readColumn, writeColumn } from '../../wasm/column.ts';
import { ArenaFull, type WasmInstance } from '../../wasm/instance.ts';
import { narrowRows } from '../filter.ts';
import { columnFrom } from '../kernels/kernel-result.ts';
import { isNull } from '../kernels/logic.ts';
import type { ConstantValue, Program } from '../program.ts';
import { take } from '../take.ts';
import { dictionaryTexts } from './dictionary-texts.ts';
import { distinctRows } from './distinct.ts';
import type { UdfVector } from './function-types.ts';
import type { LoadedFunction, UdfHost } from './host.ts';
import type { UdfProgram } from './node.ts';
import { type ColumnOutput, openOutput } from './output.ts';
import { plainColumn } from './plain-column.ts';
import { rowsOf, scatter } from './scatter.ts';
import { BadValue } from './value-check.ts';
import { openVector } from './vector.ts';

/** What an evaluation has that calls need. */
export interface UdfScope {
  readonly wasm: WasmInstance;
  /** Rows of every column. */
  readonly rows: number;
  readonly udfs: UdfHost;
}

/**
 * The value of a call on the selected rows, as `evaluate` gives it.
 *
 * @param run evaluates an operand on the selected rows.
 * @throws as {@link callUdf}.
 */
export function evaluateUdf(
  { wasm, rows, udfs }: UdfScope,
  program: UdfProgram,
  selection: Selection,
  run: (operand: Program) => number,
): number {
  const columns = program.operands.map((operand, i) =>
    operand.kind === 'constant' && program.udf.args[i]!.type.kind === 'dictionary'
      ? constantText(wasm, operand.value, rows)
      : run(operand),
  );
  return callUdf({ wasm, host: udfs, program, columns, rows }, selection);
}

// A dictionary of one text, which no other expression has.
function constantText(wasm: WasmInstance, value: ConstantValue, rows: number): number {
  const at = plainColumn(wasm, { type: { kind: 'dictionary' }, nullable: true }, [value]);
  const nullCount = value === null ? rows : 0;
  writeColumn(wasm, at, { ...readColumn(wasm, at), constant: true, length: rows, nullCount });
  return at;
}

/** One call in one morsel. */
export interface UdfCall {
  readonly wasm: WasmInstance;
  readonly host: UdfHost;
  readonly program: UdfProgram;
  /** The operands' columns, which have the declared types; constants among them. */
  readonly columns: readonly number[];
  /** Rows of the morsel. */
  readonly rows: number;
}

/**
 * The function's results as a column with the rows of the morsel; rows that are not selected hold
 * anything.
 *
 * @throws ArenaFull; MillraceError `EVALUATION_FAILED` with `row` where the function throws or
 *   gives what it did not declare.
 */
export function callUdf(call: UdfCall, selection: Selection): number {
  const { wasm, program, rows } = call;
  const { returns, nulls } = program.udf;
  if (selection.count === 0 || call.host.isSkipped(program)) {
    call.host.countErrors(selection.count);
    return nullColumn(call);
  }
  const seen = nulls === 'skip' ? withoutNulls(call, selection) : selection;
  if (seen.count === 0) return nullColumn(call);
  const dense = program.udf.pure ? callDistinct(call, seen) : callRows(call, seen);
  // A constant stands for every row, but for those that are null.
  if (readColumn(wasm, dense).constant && seen.count === selection.count) return dense;
  const column = take(wasm, dense, { address: 0, count: seen.count });
  const othersNull = seen.count < selection.count;
  return scatter(wasm, returns.type, column, seen, rows, othersNull);
}

// What a row holds that nobody reads may be null, whatever the declaration says.
function nullColumn({ wasm, program, rows }: UdfCall): number {
  const { type } = program.udf.returns;
  return plainColumn(wasm, { type, nullable: true }, new Array(rows).fill(null));
}

function withoutNulls({ wasm, columns }: UdfCall, selection: Selection): Selection {
  return columns.reduce((rows, column) => {
    if (rows.count === 0 || readColumn(wasm, column).nullCount === 0) return rows;
    return narrowRows(wasm, rows, isNull(wasm, column, false), 'true');
  }, selection);
}

/** A pure function: constants alone are one call, and so are rows with equal texts. */
function callDistinct(call: UdfCall, selection: Selection): number {
  const { wasm, columns, rows, program } = call;
  const changing = columns.filter((column) => !readColumn(wasm, column).constant);
  if (changing.length === 0) {
    const one = callRows(call, firstOf(wasm, selection));
    return constantOf(wasm, one, program, rows, selection);
  }
  const distinct = changing.length === 1 ? distinctRows(wasm, changing[0]!, selection) : undefined;
  if (distinct === undefined) return callRows(call, selection);
  const results = callRows(call, distinct.rows);
  return columnFrom(wasm.exports.kernel_take(results, distinct.codes, selection.count));
}

function firstOf(wasm: WasmInstance, selection: Selection): Selection {
  const address = wasm.arenaAlloc(4);
  wasm.u32[address / 4] = selection.address === 0 ? 0 : wasm.u32[selection.address / 4]!;
  return { address, count: 1 };
}

/** A column of one row as a constant; a nested one, which kernels do not expand, row by row. */
function constantOf(
  wasm: WasmInstance,
  column: number,
  program: UdfProgram,
  rows: number,
  selection: Selection,
): number {
  const { type } = program.udf.returns;
  const fields = readColumn(wasm, column);
  if (fields.children.length > 0) {
    const zeros = wasm.arenaAlloc(selection.count * 4);
    wasm.u32.fill(0, zeros / 4, zeros / 4 + selection.count);
    return columnFrom(wasm.exports.kernel_take(column, zeros, selection.count));
  }
  const at = wasm.arenaAlloc(COLUMN_BYTES);
  const nullCount = fields.nullCount === 0 ? 0 : rows;
  const header = { ...fields, param: typeParam(type), constant: true, length: rows, nullCount };
  writeColumn(wasm, at, header);
  return at;
}

/** Calls the function for these rows; the result has one row for each. */
function callRows(call: UdfCall, selection: Selection): number {
  const { wasm, host, program, columns } = call;
  const { udf } = program;
  const vectors = columns.map((column, i) => {
    const taken = take(wasm, column, selection);
    return openArgument(call, udf.args[i]!.type, taken);
  });
  const output = openOutput(wasm, udf.returns, selection.count, isCopied(call));
  const work = { call, selection, output };
  host.enter(program);
  try {
    if (udf.mode === 'row') return callEach(work, vectors);
    return callOnce(work, vectors);
  } finally {
    host.leave();
  }
}

// A function of rows sees no buffers: its values are copies.
function isCopied({ program: { udf }, host }: UdfCall): boolean {
  return (udf.isolated || host.copies) && udf.mode === 'vector';
}

// A dictionary where texts are declared: values of rows are the same; a vector has other buffers.
function openArgument(call: UdfCall, type: DataType, column: number): UdfVector {
  const { wasm, program } = call;
  const options = { copied: isCopied(call) };
  if (type.kind !== 'utf8' || readColumn(wasm, column).type !== 'dictionary') {
    return openVector(wasm, type, column, options);
  }
  if (program.udf.mode === 'row') return openVector(wasm, { kind: 'dictionary' }, column);
  return openVector(wasm, type, dictionaryTexts(wasm, column), options);
}

interface Work {
  readonly call: UdfCall;
  readonly selection: Selection;
  readonly output: ColumnOutput;
}

function callOnce(work: Work, vectors: readonly UdfVector[]): number {
  const { host, program } = work.call;
  const { output } = work;
  try {
    const result = host.functionOf(program)(vectors, output.length, output);
    if (result !== undefined) output.take(valuesOf(result));
    return output.finish();
  } catch (error) {
    if (error instanceof ArenaFull) throw error;
    if (program.udf.onError === 'fail') throw failed(work, error);
    host.countErrors(output.length);
    return plainColumn(work.call.wasm, program.udf.returns, new Array(output.length).fill(null));
  }
}

function valuesOf(result: unknown): Iterable<unknown> {
  if (isPromise(result)) throw new BadValue(undefined, PROMISE);
  if (typeof result === 'object' && result !== null && Symbol.iterator in result) {
    return result as Iterable<unknown>;
  }
  throw new BadValue(
    undefined,
    `returned ${String(result)}; write to the output, or return an array with one value a row`,
  );
}

const PROMISE = 'returned a promise; functions in workers answer at once';

function isPromise(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

function callEach(work: Work, vectors: readonly UdfVector[]): number {
  const { host, program } = work.call;
  const { output } = work;
  const call = rowCaller(host.functionOf(program), vectors);
  const { onError } = program.udf;
  for (let row = 0; row < output.length; row++) {
    try {
      const value = call(row);
      if (isPromise(value)) throw new BadValue(row, PROMISE);
      output.set(row, value);
    } catch (error) {
      if (error instanceof ArenaFull) throw error;
      if (onError === 'fail') throw failed(work, error, row);
      host.countErrors(1);
      output.setNull(row);
    }
  }
  return finishRows(work);
}

// What nested values hold is only seen when they are written.
function finishRows(work: Work): number {
  const { host, program } = work.call;
  for (;;) {
    try {
      return work.output.finish();
    } catch (error) {
      const row = error instanceof BadValue ? error.row : undefined;
      if (row === undefined) throw error;
      if (program.udf.onError === 'fail') throw failed(work, error);
      host.countErrors(1);
      work.output.setNull(row);
    }
  }
}

// Calls with a fixed number of arguments are several times faster than with a list of them.
function rowCaller(f: LoadedFunction, vectors: readonly UdfVector[]): (row: number) => unknown {
  const [a, b, c] = vectors as [UdfVector, UdfVector, UdfVector];
  switch (vectors.length) {
    case 1:
      return (row) => f(a.get(row));
    case 2:
      return (row) => f(a.get(row), b.get(row));
    case 3:
      return (row) => f(a.get(row), b.get(row), c.get(row));
    default:
      return (row) => f(...vectors.map((vector) => vector.get(row)));
  }
}

/**
 * The error of a call. `row` is the morsel's row at which it is cut: the one that failed where it
 * is known, else the first of the call.
 */
function failed({ call, selection, output }: Work, error: unknown, at?: number): MillraceError {
  const { program, wasm } = call;
  const rows = rowsOf(wasm, selection);
  const known = error instanceof BadValue ? error.row : at;
  const row = rows[known ?? 0] ?? rows[0]!;
  const { text } = program;
  const last = rows[rows.length - 1]!;
  const where =
    known === undefined ? `on the ${output.length} rows ${row} to ${last}` : `in row ${row}`;
  const what = error instanceof BadValue ? error.message : `threw ${messageOf(error)}`;
  return new MillraceError(`${text} ${where} ${what}`, {
    code: 'EVALUATION_FAILED',
    context: { row, expression: text, function: program.udf.name },
    cause: error,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
