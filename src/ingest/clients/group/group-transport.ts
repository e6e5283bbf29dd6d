/**
 * The requests of one member of a classic group, whichever library sends them. None is retried but
 * `commit`; Kafka's refusals come as errors with Kafka's name in their context.
 */
import type { OffsetCommit } from '../../client.ts';

/** Who a member is to its group. */
export interface GroupIdentity {
  /** Empty while it has none. */
  readonly memberId: string;
  /** -1 while it has none. */
  readonly generationId: number;
}

/** An assignor under its name on the wire, with what the member says of itself. */
export interface OfferedProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

/** How a join came out. */
export interface JoinedGroup extends GroupIdentity {
  /** The member id of the leader, who alone is told of `members`. */
  readonly leader: string;
  /** The protocol that the group has chosen. */
  readonly protocolName: string;
  /** The leader has nothing to share out (KIP-814). */
  readonly skipAssignment: boolean;
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly metadata: Buffer;
  }[];
}

/** A member's share, encoded. */
export interface EncodedShare {
  readonly memberId: string;
  readonly assignment: Buffer;
}

/** Sends the requests of one member; made once per membership. */
export interface GroupTransport {
  /**
   * One JoinGroup. A broker that gives a new member its id before it lets it in (KIP-394) is
   * answered with a second one; `onMemberId` hears of that id.
   */
  joinGroup(
    memberId: string,
    offered: readonly OfferedProtocol[],
    onMemberId: (memberId: string) => void,
  ): Promise<JoinedGroup>;
  /** Answers this member's share, encoded; waits for the leader's shares. */
  syncGroup(joined: JoinedGroup, shares: readonly EncodedShare[]): Promise<Buffer>;
  heartbeat(member: GroupIdentity): Promise<void>;
  leaveGroup(memberId: string): Promise<void>;
  /** Retries what passes. */
  commit(member: GroupIdentity, offsets: readonly OffsetCommit[]): Promise<void>;
  /** Partitions of each of `topics` as the cluster has them now; those that are not there lack. */
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Makes a join or sync that is under way reject. */
  abortWaiting(): Promise<void>;
  close(): Promise<void>;
}
