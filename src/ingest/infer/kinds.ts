/** The kinds of JSON values, as the rules tell them apart. */
import type { Observation } from './observation.ts';

/** A kind of value; null is none. */
export type Kind = 'boolean' | 'number' | 'string' | 'array' | 'object';

/** How many values of each kind there are; those of which there is none are left out. */
export function kindsOf(seen: Observation): [kind: Kind, count: number][] {
  const all: [Kind, number][] = [
    ['boolean', seen.bools],
    ['number', seen.integers + seen.fractions],
    ['string', seen.strings],
    ['array', seen.arrays],
    ['object', seen.objects],
  ];
  return all.filter(([, count]) => count > 0);
}
