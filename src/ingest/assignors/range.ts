/** Kafka's range assignment: per topic, consecutive partitions to the members in order. */

import { type Assignor, emptyShares, inOrder } from './assignor.ts';

/**
 * The same shares as Java's `RangeAssignor` gives without racks: members are sorted, and the first
 * ones take one partition more where the number does not divide.
 */
export const rangeAssignor: Assignor = {
  name: 'range',
  protocolName: 'range',
  isCooperative: false,
  assign(members, partitionCounts) {
    const shares = emptyShares(members);
    const sorted = inOrder(members);
    for (const [topic, count] of partitionCounts) {
      const readers = sorted.filter(({ topics }) => topics.has(topic));
      let next = 0;
      readers.forEach(({ memberId }, i) => {
        const share = Math.floor(count / readers.length) + (i < count % readers.length ? 1 : 0);
        for (const end = next + share; next < end; next++) {
          shares.get(memberId)!.push({ topic, partition: next });
        }
      });
    }
    return shares;
  },
};
