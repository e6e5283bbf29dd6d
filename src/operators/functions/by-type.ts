/** Functions of one name over several types. */
import type { Typed } from '../program.ts';
import type { CallSite } from './call-site.ts';

/**
 * The program of a function that is another one for each type of its first operand: the first of
 * `ways` that answers, each undefined for types of others.
 *
 * @param takes what the function takes, for the error where no way answers.
 */
export function byType(
  ways: readonly ((site: CallSite) => Typed | undefined)[],
  takes: string,
): (site: CallSite) => Typed {
  return (site) => {
    for (const way of ways) {
      const typed = way(site);
      if (typed !== undefined) return typed;
    }
    throw site.mismatch(takes);
  };
}
