/** When limits end a source: no end of it gets anything more. */
import type { BranchEnd } from '../operators/compile.ts';

/**
 * Whether a limit that lets nothing more pass is on the way to each end; ends that only look on do
 * not count, and without limits nothing is ever over.
 *
 * @param left rows that each limit may still let pass, by its number.
 */
export function isOver(ends: readonly BranchEnd[], left: readonly number[]): boolean {
  const working = ends.filter(({ looksOn }) => !looksOn);
  if (working.length === 0) return false;
  return working.every(({ limits }) => limits.some((number) => left[number] === 0));
}
