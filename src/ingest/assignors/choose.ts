/** The assignors by name, and what a list of them means for a member. */

import { MillraceError } from '../../errors.ts';
import type { AssignorName } from '../client.ts';
import type { Assignor } from './assignor.ts';
import { cooperativeStickyAssignor } from './cooperative-sticky.ts';
import { rangeAssignor } from './range.ts';
import { roundRobinAssignor } from './round-robin.ts';

const ASSIGNORS: Readonly<Record<AssignorName, Assignor>> = {
  range: rangeAssignor,
  'round-robin': roundRobinAssignor,
  'cooperative-sticky': cooperativeStickyAssignor,
};

/**
 * The assignors that a member offers, the best first.
 *
 * @throws {@link MillraceError} `INVALID_OPTION` for an unknown name, or none
 */
export function chooseAssignors(names: readonly AssignorName[]): Assignor[] {
  const known = Object.keys(ASSIGNORS).join(', ');
  if (names.length === 0) {
    const message = `assignors is empty: name at least one of ${known}.`;
    throw new MillraceError(message, { code: 'INVALID_OPTION', context: { option: 'assignors' } });
  }
  return [...new Set(names)].map((name) => {
    if (Object.hasOwn(ASSIGNORS, name)) return ASSIGNORS[name];
    const message = `assignors has '${name}', which is none of ${known}.`;
    throw new MillraceError(message, { code: 'INVALID_OPTION', context: { assignor: name } });
  });
}

/**
 * Whether a member that offers these goes on with its partitions while it joins. One assignor that
 * does not bear with that may be chosen, hence all of them must: as with Kafka's Java consumer.
 */
export function isCooperative(assignors: readonly Assignor[]): boolean {
  return assignors.every((assignor) => assignor.isCooperative);
}
