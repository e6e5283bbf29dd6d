/** Runs the compiled steps of a plan on the columns of one morsel. */
import type { ColumnSet, Selection } from '../arrow/selection.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import type { CompiledProjection, CompiledStep, CompiledSteps } from './compile.ts';
import { type EvaluationScope, evaluate } from './evaluate.ts';
import { filterRows } from './filter.ts';
import { newValueSet } from './kernels/value-set.ts';
import { type Limited, limitRows } from './limit.ts';
import { type InProgram, operandsOf, type Program } from './program.ts';

/** A morsel behind the steps. */
export interface StepResult {
  /**
   * The output's columns, in its order; they lie in the lease or are the input's. What they hold
   * on rows outside the selection is not defined.
   */
  readonly columns: ColumnSet;
  readonly selection: Selection;
  /** Under a limit step. */
  readonly limited?: Limited;
}

/** The steps of a plan on one instance: constants that live long are laid out once. */
export class StepRunner {
  readonly #wasm: WasmInstance;
  readonly #compiled: CompiledSteps;
  readonly #sets: ReadonlyMap<InProgram, number>;

  /** @throws MillraceError `INVALID_PLAN` where the constants are too many for a worker. */
  constructor(wasm: WasmInstance, compiled: CompiledSteps) {
    this.#wasm = wasm;
    this.#compiled = compiled;
    const programs = compiled.steps.flatMap(programsOf);
    this.#sets = new Map(
      programs.flatMap(listsIn).map((list) => [list, newValueSet(wasm, list.type, list.values)]),
    );
  }

  /**
   * Runs all steps.
   *
   * @param columns at least those that the steps read, of the same number of rows.
   * @param selection the rows in play; others are never an error.
   * @param limit rows that the limit step may still let pass; default: all of its own.
   * @throws ArenaFull, with no result at all; MillraceError `EVALUATION_FAILED` with `row` and
   *   `expression` where a selected row has no result.
   */
  run(columns: ColumnSet, selection: Selection, limit = this.#compiled.limit): StepResult {
    const rows = this.#rowsOf(columns, selection);
    let scope: EvaluationScope = { wasm: this.#wasm, columns, rows, sets: this.#sets };
    let selected = selection;
    let limited: Limited | undefined;
    for (const step of this.#compiled.steps) {
      if (step.kind === 'filter') {
        const before = selected;
        const predicate = () => evaluate(scope, step.predicate, before);
        selected = filterRows(this.#wasm, before, predicate);
      } else if (step.kind === 'limit') {
        limited = limitRows(this.#wasm, selected, limit ?? step.rows);
        selected = limited.selection;
      } else {
        scope = { ...scope, columns: projected(scope, step, selected) };
      }
    }
    return {
      columns: this.#output(scope.columns),
      selection: selected,
      ...(limited === undefined ? {} : { limited }),
    };
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

function programsOf(step: CompiledStep): readonly Program[] {
  if (step.kind === 'filter') return [step.predicate];
  return step.kind === 'project' ? step.columns.map(({ program }) => program) : [];
}

function listsIn(program: Program): readonly InProgram[] {
  const below = operandsOf(program).flatMap(listsIn);
  return program.kind === 'in' ? [program, ...below] : below;
}
