/** Kafka's round-robin assignment: the partitions of all topics to the members in turn. */

import { type Assignor, emptyShares, inOrder } from './assignor.ts';

/** The same shares as Java's `RoundRobinAssignor`: members that do not read a topic are skipped. */
export const roundRobinAssignor: Assignor = {
  name: 'round-robin',
  protocolName: 'roundrobin',
  isCooperative: false,
  assign(members, partitionCounts) {
    const shares = emptyShares(members);
    const sorted = inOrder(members);
    let turn = 0;
    for (const topic of [...partitionCounts.keys()].sort()) {
      if (!sorted.some(({ topics }) => topics.has(topic))) continue;
      for (let partition = 0; partition < partitionCounts.get(topic)!; partition++) {
        while (!sorted[turn % sorted.length]!.topics.has(topic)) turn++;
        shares.get(sorted[turn++ % sorted.length]!.memberId)!.push({ topic, partition });
      }
    }
    return shares;
  },
};
