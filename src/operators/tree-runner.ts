/** Runs all ways of a source on the columns of one morsel; what they share runs once. */
import type { ColumnSet, Selection } from '../arrow/selection.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import type { BranchEnd, CompiledBranch } from './compile.ts';
import type { StepHosts } from './hosts.ts';
import type { Limited } from './limit.ts';
import { type LimitListener, rowSetOf, type StepOptions, StepRunner } from './runner.ts';
import type { RowSet } from './unnest.ts';

/** Rows at an end: its output's columns, as `StepResult` has them. */
export interface EndRows {
  readonly end: BranchEnd;
  readonly rows: RowSet;
}

/** A morsel at the ends of all ways. */
export interface TreeResult {
  readonly ends: readonly EndRows[];
  /** What passed the limits, by their numbers; none of a limit that is of another source. */
  readonly limited: readonly (Limited | undefined)[];
}

/** The steps of a tree on one instance. */
export class TreeRunner {
  readonly #wasm: WasmInstance;
  readonly #root: BranchRunner;

  /** @throws MillraceError `INVALID_PLAN` where the constants are too many for a worker. */
  constructor(wasm: WasmInstance, root: CompiledBranch, hosts?: StepHosts) {
    this.#wasm = wasm;
    this.#root = new BranchRunner(wasm, root, hosts);
  }

  /**
   * Runs all steps of all ways.
   *
   * @throws as `StepRunner.run`: nothing came out at any end then.
   */
  run(columns: ColumnSet, selection: Selection, options: StepOptions = {}): TreeResult {
    const ends: EndRows[] = [];
    const limited: (Limited | undefined)[] = [];
    const onLimit: LimitListener = (number, passed) => {
      limited[number] = passed;
    };
    this.#root.run(rowSetOf(this.#wasm, columns, selection), options, onLimit, ends);
    return { ends, limited };
  }
}

class BranchRunner {
  readonly #steps: StepRunner;
  readonly #branches: readonly BranchRunner[];
  readonly #end: BranchEnd | undefined;

  constructor(
    wasm: WasmInstance,
    { steps, branches, end }: CompiledBranch,
    hosts: StepHosts | undefined,
  ) {
    this.#steps = new StepRunner(wasm, { steps, output: end?.output }, hosts);
    this.#branches = branches.map((branch) => new BranchRunner(wasm, branch, hosts));
    this.#end = end;
  }

  run(before: RowSet, options: StepOptions, onLimit: LimitListener, ends: EndRows[]): void {
    const rows = this.#steps.advance(before, options, onLimit);
    if (this.#end !== undefined) ends.push({ end: this.#end, rows });
    for (const branch of this.#branches) branch.run(rows, options, onLimit, ends);
  }
}
