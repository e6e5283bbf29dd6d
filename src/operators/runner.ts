/** Runs the compiled steps of a plan on the columns of one morsel. */
import type { ColumnSet, Selection } from '../arrow/selection.ts';
import { MillraceError } from '../errors.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import { distinctRows, type RowOrigin, sampleRows } from './choose-rows.ts';
import type { CompiledProjection, CompiledStep, CompiledSteps } from './compile.ts';
import { type EvaluationScope, evaluate } from './evaluate.ts';
import { filterRows } from './filter.ts';
import { kernelNamed } from './kernels/registry.ts';
import { newValueSet } from './kernels/value-set.ts';
import { type Limited, limitRows } from './limit.ts';
import { type CallProgram, type InProgram, operandsOf, type Program } from './program.ts';
import { NO_UDFS, type UdfHost } from './udf/host.ts';
import { programsOf } from './udf/programs.ts';
import { type RowSet, unnest } from './unnest.ts';

/** A morsel behind the steps. */
export interface StepResult {
  /**
   * The output's columns, in its order; they lie in the lease or are the input's. What they hold
   * on rows outside the selection is not defined.
   */
  readonly columns: ColumnSet;
  readonly selection: Selection;
  /** Rows of every column. */
  readonly rows: number;
  /** Address of `u32[rows]`: the input row of each row, ascending; 0: they are the same. */
  readonly records: number;
  /** Under a limit step. */
  readonly limited?: Limited;
}

/** What a run of the steps may take beside its rows. */
export interface StepOptions {
  /** Rows that the limit step may still let pass; default: all of its own. */
  readonly limit?: number | undefined;
  /** What rows are known by, for samples; default: by their number alone. */
  readonly origin?: RowOrigin;
}

const NO_ORIGIN: RowOrigin = { offsets: 0, first: 0n, salt: 0n };

/** The steps of a plan on one instance: constants that live long are laid out once. */
export class StepRunner {
  readonly #wasm: WasmInstance;
  readonly #compiled: CompiledSteps;
  readonly #sets: ReadonlyMap<InProgram, number>;
  readonly #udfs: UdfHost;
  // Senders of messages must not know it: see `selectDistinct`.
  readonly #seed = BigInt(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));
  readonly #prepared: ReadonlyMap<CallProgram, unknown>;

  /** @throws MillraceError `INVALID_PLAN` where the constants are too many for a worker. */
  constructor(wasm: WasmInstance, compiled: CompiledSteps, udfs: UdfHost = NO_UDFS) {
    this.#wasm = wasm;
    this.#compiled = compiled;
    this.#udfs = udfs;
    const programs = compiled.steps.flatMap(programsOf);
    this.#sets = new Map(
      programs.flatMap(listsIn).map((list) => [list, newValueSet(wasm, list.type, list.values)]),
    );
    this.#prepared = new Map(
      programs
        .flatMap(callsIn)
        .map((call) => [call, kernelNamed(call.kernel).prepare?.(wasm, call)]),
    );
  }

  /**
   * Runs all steps.
   *
   * @param columns at least those that the steps read, of the same number of rows.
   * @param selection the rows in play; others are never an error.
   * @throws ArenaFull, with no result at all; MillraceError `EVALUATION_FAILED` with `row` (of the
   *   input) and `expression` where a selected row has no result.
   */
  run(columns: ColumnSet, selection: Selection, options: StepOptions = {}): StepResult {
    let at: RowSet = { columns, selection, rows: this.#rowsOf(columns, selection), records: 0 };
    let limited: Limited | undefined;
    for (const step of this.#compiled.steps) {
      if (step.kind === 'limit') {
        limited = this.#limit(at, options.limit ?? step.rows);
        at = { ...at, selection: limited.selection };
      } else {
        at = this.#step(at, step, options);
      }
    }
    return {
      ...at,
      columns: this.#output(at.columns),
      ...(limited === undefined ? {} : { limited }),
    };
  }

  #step(
    before: RowSet,
    step: Exclude<CompiledStep, { kind: 'limit' }>,
    { origin = NO_ORIGIN }: StepOptions,
  ): RowSet {
    const wasm = this.#wasm;
    const scope: EvaluationScope = {
      wasm,
      ...before,
      sets: this.#sets,
      prepared: this.#prepared,
      udfs: this.#udfs,
    };
    const { selection, records } = before;
    try {
      switch (step.kind) {
        case 'filter': {
          const predicate = () => evaluate(scope, step.predicate, selection);
          return { ...before, selection: filterRows(wasm, selection, predicate) };
        }
        case 'project':
          return { ...before, columns: projected(scope, step, selection) };
        case 'unnest':
          return unnest(wasm, step, before);
        case 'distinct':
          return { ...before, selection: distinctRows(wasm, step, before, this.#seed) };
        case 'sample':
          return { ...before, selection: sampleRows(wasm, step, before, origin) };
      }
    } catch (error) {
      throw records === 0 ? error : this.#ofRecord(error, records);
    }
  }

  #limit({ selection, records }: RowSet, limit: number): Limited {
    const limited = limitRows(this.#wasm, selection, limit);
    if (records === 0 || limited.lastRow < 0) return limited;
    return { ...limited, lastRow: this.#wasm.u32[records / 4 + limited.lastRow]! };
  }

  // Who catches it cuts the input, and wants its row.
  #ofRecord(error: unknown, records: number): unknown {
    if (!(error instanceof MillraceError) || error.code !== 'EVALUATION_FAILED') return error;
    const row = this.#wasm.u32[records / 4 + Number(error.context.row)]!;
    const { code, context } = error;
    return new MillraceError(`${error.message} (of the unnested rows)`, {
      code,
      context: { ...context, row },
      cause: error,
    });
  }

  // Steps may read no column at all, as select({ one: 1 }) does.
  #rowsOf(columns: ColumnSet, { address, count }: Selection): number {
    const { u32 } = this.#wasm;
    for (const column of columns.values()) return u32[(column >>> 2) + 1]!;
    return address === 0 || count === 0 ? count : u32[(address >>> 2) + count - 1]! + 1;
  }

  #output(columns: ColumnSet): ColumnSet {
    return new Map(this.#compiled.output.fields.map(({ name }) => [name, columns.get(name)!]));
  }
}

function projected(
  scope: EvaluationScope,
  { columns }: CompiledProjection,
  selection: Selection,
): ColumnSet {
  return new Map(columns.map(({ name, program }) => [name, evaluate(scope, program, selection)]));
}

function listsIn(program: Program): readonly InProgram[] {
  const below = operandsOf(program).flatMap(listsIn);
  return program.kind === 'in' ? [program, ...below] : below;
}

function callsIn(program: Program): readonly CallProgram[] {
  const below = operandsOf(program).flatMap(callsIn);
  return program.kind === 'call' ? [program, ...below] : below;
}
