/** Runs the compiled steps of a plan on the columns of one morsel. */
import type { Schema } from '../arrow/schema.ts';
import type { ColumnSet, Selection } from '../arrow/selection.ts';
import { MillraceError } from '../errors.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import { distinctRows, type RowOrigin, sampleRows } from './choose-rows.ts';
import type { CompiledProjection, CompiledStep } from './compile-step.ts';
import { type EvaluationScope, evaluate } from './evaluate.ts';
import { filterRows } from './filter.ts';
import type { StepHosts } from './hosts.ts';
import { type InlineHost, NO_INLINE, runInline } from './inline/run-inline.ts';
import { kernelNamed } from './kernels/registry.ts';
import { newValueSet } from './kernels/value-set.ts';
import { type Limited, limitRows } from './limit.ts';
import { type CallProgram, type InProgram, type Program, partsOf } from './program.ts';
import { NO_UDFS, type UdfHost } from './udf/host.ts';
import { programsOf } from './udf/programs.ts';
import { type RowSet, unnest } from './unnest.ts';

/**
 * A morsel behind the steps: the output's columns, in its order; they lie in the lease or are the
 * input's. What they hold on rows outside the selection is not defined.
 */
export interface StepResult extends RowSet {
  /** Under a limit step: what passed the last one. */
  readonly limited?: Limited;
}

/** What a run of the steps may take beside its rows. */
export interface StepOptions {
  /** Rows that each limit may still let pass, by its number; default: all of its own. */
  readonly left?: readonly number[] | undefined;
  /** What rows are known by, for samples; default: by their number alone. */
  readonly origin?: RowOrigin;
}

/** Is told what passed a limit. */
export type LimitListener = (number: number, limited: Limited) => void;

const NO_ORIGIN: RowOrigin = { offsets: 0, first: 0n, salt: 0n };

/** Steps on one instance: constants that live long are laid out once. */
export class StepRunner {
  readonly #wasm: WasmInstance;
  readonly #steps: readonly CompiledStep[];
  readonly #output: Schema | undefined;
  readonly #sets: ReadonlyMap<InProgram, number>;
  readonly #udfs: UdfHost;
  readonly #inline: InlineHost;
  // Senders of messages must not know it: see `selectDistinct`.
  readonly #seed = BigInt(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));
  readonly #prepared: ReadonlyMap<CallProgram, unknown>;

  /**
   * @param compiled steps, and where they are the last ones the columns behind them.
   * @throws MillraceError `INVALID_PLAN` where the constants are too many for a worker.
   */
  constructor(
    wasm: WasmInstance,
    compiled: { readonly steps: readonly CompiledStep[]; readonly output?: Schema | undefined },
    { udfs = NO_UDFS, inline = NO_INLINE }: StepHosts = {},
  ) {
    this.#udfs = udfs;
    this.#inline = inline;
    this.#wasm = wasm;
    this.#steps = compiled.steps;
    this.#output = compiled.output;
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
    let limited: Limited | undefined;
    const after = this.advance(rowSetOf(this.#wasm, columns, selection), options, (_, last) => {
      limited = last;
    });
    return { ...after, ...(limited === undefined ? {} : { limited }) };
  }

  /** As {@link run}, of rows that other steps have left. */
  advance(before: RowSet, options: StepOptions, onLimit: LimitListener): RowSet {
    let at = before;
    for (const step of this.#steps) {
      if (step.kind === 'limit') {
        const limited = this.#limit(at, options.left?.[step.number] ?? step.rows);
        onLimit(step.number, limited);
        at = { ...at, selection: limited.selection };
      } else if (at.selection.count > 0) {
        // With no row left there is nothing to compute; nobody reads the columns either.
        at = this.#step(at, step, options);
      }
    }
    if (this.#output === undefined) return at;
    const { columns } = at;
    const output = this.#output.fields.map(({ name }) => [name, columns.get(name)!] as const);
    return { ...at, columns: new Map(output) };
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
        case 'inline':
          return runInline(wasm, this.#inline, step, before);
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
    return new MillraceError(`${error.message} (of the rows that a step made of the messages)`, {
      code,
      context: { ...context, row },
      cause: error,
    });
  }
}

/**
 * The rows of a morsel before any step. Steps may read no column at all, as select({ one: 1 })
 * does; then there are as many rows as the selection needs.
 */
export function rowSetOf(wasm: WasmInstance, columns: ColumnSet, selection: Selection): RowSet {
  const { address, count } = selection;
  const { u32 } = wasm;
  const [column] = columns.values();
  const selected = address === 0 || count === 0 ? count : u32[(address >>> 2) + count - 1]! + 1;
  const rows = column === undefined ? selected : u32[(column >>> 2) + 1]!;
  return { columns, selection, rows, records: 0 };
}

function projected(
  scope: EvaluationScope,
  { columns }: CompiledProjection,
  selection: Selection,
): ColumnSet {
  return new Map(columns.map(({ name, program }) => [name, evaluate(scope, program, selection)]));
}

function listsIn(program: Program): readonly InProgram[] {
  const below = partsOf(program).flatMap(listsIn);
  return program.kind === 'in' ? [program, ...below] : below;
}

function callsIn(program: Program): readonly CallProgram[] {
  const below = partsOf(program).flatMap(callsIn);
  return program.kind === 'call' ? [program, ...below] : below;
}
