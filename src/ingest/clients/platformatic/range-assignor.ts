/** Kafka's range assignment: per topic, consecutive partitions to the members in order of id. */

import type { TopicPartition } from '../../client.ts';

/** A member and what it wants to read. */
export interface Subscription {
  readonly memberId: string;
  readonly topics: readonly string[];
}

/** Shares out partitions of a group; the name is what members vote for. */
export interface Assignor {
  readonly name: string;
  /** Every partition to exactly one of the members that subscribe its topic; by member id. */
  assign(
    members: readonly Subscription[],
    partitionCounts: ReadonlyMap<string, number>,
  ): Map<string, TopicPartition[]>;
}

/**
 * The same shares as Java's `RangeAssignor`: members are sorted by id, and the first ones take one
 * partition more where the number does not divide.
 */
export const rangeAssignor: Assignor = {
  name: 'range',
  assign(members, partitionCounts) {
    const shares = new Map<string, TopicPartition[]>();
    for (const { memberId } of members) shares.set(memberId, []);
    const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
    for (const [topic, count] of partitionCounts) {
      const readers = sorted.filter(({ topics }) => topics.includes(topic));
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
