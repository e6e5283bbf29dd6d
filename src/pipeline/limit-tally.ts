/** How many rows the limits of a plan may still let pass. */
import { isOver } from '../morsel/limits.ts';
import type { BranchEnd } from '../operators/compile.ts';

/** The limits of a run, counted down as morsels are done. */
export class LimitTally {
  readonly #left: number[];

  /** @param rows that each lets pass in all, by its number. */
  constructor(rows: readonly number[]) {
    this.#left = [...rows];
  }

  /** What each may still let pass; undefined where there is no limit. */
  get left(): readonly number[] | undefined {
    return this.#left.length === 0 ? undefined : [...this.#left];
  }

  /** Whether one is still counting: which rows it lets pass is known only behind each morsel. */
  get counts(): boolean {
    return this.#left.some((rows) => rows > 0);
  }

  /** So many rows have passed. */
  take(passed: readonly number[] = []): void {
    for (const [number, rows] of passed.entries()) this.#left[number]! -= rows;
  }

  /** Whether no end of a source gets anything more. */
  isOver(ends: readonly BranchEnd[]): boolean {
    return isOver(ends, this.#left);
  }
}
