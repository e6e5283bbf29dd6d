/**
 * Cooperative sticky assignment (KIP-54, KIP-429): shares that differ by one at most, as few moves
 * as that takes, and nothing to its new owner before the old one has given it back.
 */

import type { TopicPartition } from '../client.ts';
import { type Assignor, inOrder, type Shares, type Subscription } from './assignor.ts';

/** A member's share while it is made; what it had before comes first. */
interface Share {
  readonly member: Subscription;
  readonly partitions: TopicPartition[];
}

const keyOf = ({ topic, partition }: TopicPartition) => `${partition}/${topic}`;

/**
 * Agrees with Java's `CooperativeStickyAssignor` on everything that crosses the wire; which of two
 * equally good shares a member gets is its own choice, as only the leader's assignor runs.
 */
export const cooperativeStickyAssignor: Assignor = {
  name: 'cooperative-sticky',
  protocolName: 'cooperative-sticky',
  isCooperative: true,
  assign(members, partitionCounts) {
    return withhold(members, stickyShares(members, partitionCounts));
  },
};

/** The shares that the group is to come to: every partition has an owner, whoever has it now. */
export function stickyShares(
  members: readonly Subscription[],
  partitionCounts: ReadonlyMap<string, number>,
): Shares {
  const owners = ownersOf(members, partitionCounts);
  const shares = inOrder(members).map((member): Share => {
    const kept = member.owned.filter((owned) => owners.get(keyOf(owned)) === member);
    return { member, partitions: [...new Map(kept.map((p) => [keyOf(p), p])).values()] };
  });
  for (const partition of unowned(owners, members, partitionCounts)) {
    smallest(shares, partition.topic)?.partitions.push(partition);
  }
  while (evenOut(shares));
  return new Map(shares.map(({ member, partitions }) => [member.memberId, partitions]));
}

// Of two that claim the same partition the one with the later generation has it. Where that does
// not tell them apart, neither can be believed: undefined.
function ownersOf(
  members: readonly Subscription[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, Subscription | undefined> {
  const owners = new Map<string, Subscription | undefined>();
  const generations = new Map<string, number>();
  for (const member of members) {
    for (const owned of member.owned) {
      const count = partitionCounts.get(owned.topic) ?? 0;
      if (owned.partition >= count || !member.topics.has(owned.topic)) continue;
      const key = keyOf(owned);
      const known = generations.get(key) ?? Number.NEGATIVE_INFINITY;
      if (member.generationId < known || owners.get(key) === member) continue;
      owners.set(key, member.generationId === known ? undefined : member);
      generations.set(key, member.generationId);
    }
  }
  return owners;
}

// Those that few members can take come first: the others make up for it.
function unowned(
  owners: ReadonlyMap<string, Subscription | undefined>,
  members: readonly Subscription[],
  partitionCounts: ReadonlyMap<string, number>,
): TopicPartition[] {
  const topics = [...partitionCounts]
    .map(([topic, count]) => {
      const readers = members.filter((member) => member.topics.has(topic)).length;
      return { topic, count, readers };
    })
    .sort((a, b) => a.readers - b.readers || (a.topic < b.topic ? -1 : 1));
  return topics.flatMap(({ topic, count }) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })).filter(
      (partition) => owners.get(keyOf(partition)) === undefined,
    ),
  );
}

function smallest(shares: readonly Share[], topic: string): Share | undefined {
  let least: Share | undefined;
  for (const share of shares) {
    if (!share.member.topics.has(topic)) continue;
    if (least === undefined || share.partitions.length < least.partitions.length) least = share;
  }
  return least;
}

// One move, from the largest share that can lose one to the smallest that can take it. What was
// moved already is at the end of a share, and moves on first. Each move makes the sum of the
// squares smaller: it ends.
function evenOut(shares: readonly Share[]): boolean {
  const largestFirst = [...shares].sort((a, b) => b.partitions.length - a.partitions.length);
  for (const from of largestFirst) {
    const tried = new Set<string>();
    for (let i = from.partitions.length - 1; i >= 0; i--) {
      const partition = from.partitions[i]!;
      if (tried.has(partition.topic)) continue;
      tried.add(partition.topic);
      const to = smallest(shares, partition.topic);
      if (to === undefined || to.partitions.length + 1 >= from.partitions.length) continue;
      from.partitions.splice(i, 1);
      to.partitions.push(partition);
      return true;
    }
  }
  return false;
}

// A partition that its owner reads still goes to nobody: when the owner hears that it is no longer
// in its share it gives it back and joins again, and then it is free.
function withhold(members: readonly Subscription[], shares: Shares): Shares {
  const claims = new Map<string, Set<string>>();
  for (const { memberId, owned } of members) {
    for (const partition of owned) {
      const key = keyOf(partition);
      const claimers = claims.get(key);
      if (claimers === undefined) claims.set(key, new Set([memberId]));
      else claimers.add(memberId);
    }
  }
  return new Map(
    [...shares].map(([memberId, partitions]) => [
      memberId,
      partitions.filter((partition) => {
        const claimers = claims.get(keyOf(partition));
        return claimers === undefined || claimers.has(memberId);
      }),
    ]),
  );
}
