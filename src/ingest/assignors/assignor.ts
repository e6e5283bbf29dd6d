/** What an assignor is given and gives: the leader of a classic group runs one. */

import type { AssignorName, TopicPartition } from '../client.ts';

/** A member, what it wants to read, and what it says that it has now. */
export interface Subscription {
  readonly memberId: string;
  /** `group.instance.id` of a static member. */
  readonly instanceId: string | null;
  readonly topics: ReadonlySet<string>;
  /** What the member goes on reading meanwhile; none where it gave back all before it joined. */
  readonly owned: readonly TopicPartition[];
  /** The generation in which it got those; -1 where it does not know. */
  readonly generationId: number;
}

/** Partitions by member id. */
export type Shares = Map<string, TopicPartition[]>;

/** Shares out the partitions of a group. */
export interface Assignor {
  readonly name: AssignorName;
  /** The name on the wire, which members vote for: Kafka's. */
  readonly protocolName: string;
  /** Whether members may go on with what they own while they join. */
  readonly isCooperative: boolean;
  /**
   * Every partition to one of the members that subscribe its topic; a cooperative assignor leaves
   * out those that another member has to give back first. Every member is in the answer.
   */
  assign(members: readonly Subscription[], partitionCounts: ReadonlyMap<string, number>): Shares;
}

/** Shares of nothing, for every member. */
export function emptyShares(members: readonly Subscription[]): Shares {
  return new Map(members.map(({ memberId }) => [memberId, []]));
}

/**
 * Members as Kafka's assignors sort them: static ones first, by their lasting name, so that a
 * restart under another member id changes nothing; the others by member id.
 */
export function inOrder(members: readonly Subscription[]): Subscription[] {
  return [...members].sort((a, b) => {
    if (a.instanceId !== null && b.instanceId !== null) {
      return compare(a.instanceId, b.instanceId);
    }
    if (a.instanceId !== null) return -1;
    if (b.instanceId !== null) return 1;
    return compare(a.memberId, b.memberId);
  });
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
