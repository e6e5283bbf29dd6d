/** A worker thread's user functions: loaded once; the main thread is told of their calls. */
import type { CompiledSteps } from '../operators/compile.ts';
import type { LoadedFunction, UdfHost } from '../operators/udf/host.ts';
import { loadFunctions } from '../operators/udf/modules.ts';
import { functionKey, type UdfProgram } from '../operators/udf/node.ts';
import { udfsOf } from '../operators/udf/programs.ts';
import type { Beacon } from './beacon.ts';

/** One thread's user functions. */
export class ThreadUdfs implements UdfHost {
  readonly #numbers: ReadonlyMap<UdfProgram, number>;
  readonly #functions: ReadonlyMap<string, LoadedFunction>;
  readonly #beacon: Beacon;
  #skipped: readonly number[] = [];
  #copies = false;
  #showedViews = false;
  #errors = 0;

  private constructor(
    programs: readonly UdfProgram[],
    functions: ReadonlyMap<string, LoadedFunction>,
    beacon: Beacon,
  ) {
    this.#numbers = new Map(programs.map((program, number) => [program, number]));
    this.#functions = functions;
    this.#beacon = beacon;
  }

  /**
   * Imports the modules of all calls in the steps; undefined where there are none.
   *
   * @throws MillraceError as `loadFunctions`.
   */
  static async load(
    compiled: Pick<CompiledSteps, 'steps'>,
    beacon: Beacon,
  ): Promise<ThreadUdfs | undefined> {
    const programs = udfsOf(compiled);
    if (programs.length === 0) return undefined;
    try {
      const declarations = programs.map(({ udf }) => udf);
      const functions = await loadFunctions(declarations, (n) => beacon.enter(n, true));
      return new ThreadUdfs(programs, functions, beacon);
    } finally {
      beacon.leave();
    }
  }

  /**
   * A morsel begins.
   *
   * @param skipped numbers of calls that are not made in it.
   * @param copies whether functions of vectors are given copies, isolated or not.
   */
  begin(skipped: readonly number[] = [], copies = false): void {
    this.#skipped = skipped;
    this.#copies = copies;
    this.#showedViews = false;
    this.#errors = 0;
  }

  /** Whether a function of the morsel was given views, to which it may have written. */
  get showedViews(): boolean {
    return this.#showedViews;
  }

  get copies(): boolean {
    return this.#copies;
  }

  /** Rows of the morsel that became null in the place of an error. */
  get errors(): number {
    return this.#errors;
  }

  functionOf({ udf }: UdfProgram): LoadedFunction {
    return this.#functions.get(functionKey(udf))!;
  }

  isSkipped(program: UdfProgram): boolean {
    return this.#skipped.length > 0 && this.#skipped.includes(this.#numbers.get(program)!);
  }

  enter(program: UdfProgram): void {
    const { mode, isolated } = program.udf;
    if (mode === 'vector' && !isolated && !this.#copies) this.#showedViews = true;
    this.#beacon.enter(this.#numbers.get(program)!, false);
  }

  leave(): void {
    this.#beacon.leave();
  }

  countErrors(rows: number): void {
    this.#errors += rows;
  }
}
