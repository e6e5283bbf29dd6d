/**
 * The requests of one member of a classic consumer group. Knows the wire, not the life cycle:
 * that is `classic-membership.ts`.
 */

import type { Assignor, Subscription } from '../../assignors/assignor.ts';
import type { GroupOptions, OffsetCommit, TopicPartition } from '../../client.ts';
import { kafkaError } from '../kafka-errors.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './group-metadata.ts';
import type { EncodedShare, GroupTransport, JoinedGroup } from './group-transport.ts';

/** Number of partitions by topic. */
type PartitionCounts = ReadonlyMap<string, number>;

/** One member's identity and its requests; not retried here unless said. */
export class GroupSession {
  memberId = '';
  generationId = -1;
  readonly #transport: GroupTransport;
  readonly #options: GroupOptions;
  readonly #assignors: readonly Assignor[];
  /** The generation whose assignment came; -1 while there is none. */
  #assignedGeneration = -1;
  /** What this member shares out while it leads the group. */
  #sharedOut: { readonly topics: string[]; readonly counts: PartitionCounts } | undefined;

  /** @param assignors what is offered, the best first. */
  constructor(transport: GroupTransport, options: GroupOptions, assignors: readonly Assignor[]) {
    this.#transport = transport;
    this.#options = options;
    this.#assignors = assignors;
  }

  /**
   * Joins (under the old id, if any) and answers this member's partitions; one attempt.
   *
   * @param owned what this member goes on reading meanwhile.
   */
  async join(
    topics: readonly string[],
    owned: readonly TopicPartition[],
  ): Promise<TopicPartition[]> {
    const joined = await this.#transport.joinGroup(
      this.memberId,
      this.#offered(topics, owned),
      (memberId) => {
        this.memberId = memberId;
      },
    );
    this.memberId = joined.memberId;
    this.generationId = joined.generationId;
    const share = await this.#transport.syncGroup(joined, await this.#lead(joined));
    this.#assignedGeneration = joined.generationId;
    return decodeAssignment(share);
  }

  /** Tells the coordinator that this member lives. */
  heartbeat(): Promise<void> {
    return this.#transport.heartbeat(this);
  }

  /** Commits under the generation now; retries what passes. */
  commit(offsets: readonly OffsetCommit[]): Promise<void> {
    const { memberId, generationId } = this;
    return this.#transport.commit({ memberId, generationId }, offsets);
  }

  /**
   * Whether a topic that this member shared out has another number of partitions now; never where
   * it does not lead the group.
   */
  async hasOtherPartitions(): Promise<boolean> {
    const shared = this.#sharedOut;
    if (shared === undefined) return false;
    const now = await this.#transport.partitionCounts(shared.topics);
    return shared.topics.some((topic) => now.get(topic) !== shared.counts.get(topic));
  }

  /** Leaves; one attempt. Without it the group would wait for the session to time out. */
  async leave(): Promise<void> {
    if (this.memberId === '') return;
    const { memberId } = this;
    this.forget();
    await this.#transport.leaveGroup(memberId);
  }

  /** To be called when the group does not know this member any more: the next join is a new one. */
  forget(): void {
    this.memberId = '';
    this.generationId = -1;
    this.#assignedGeneration = -1;
  }

  /** Makes a join that is under way reject. */
  abortJoin(): Promise<void> {
    return this.#transport.abortWaiting();
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #offered(topics: readonly string[], owned: readonly TopicPartition[]) {
    const { rack } = this.#options;
    const state = { topics, owned, generationId: this.#assignedGeneration, rack };
    return this.#assignors.map((assignor) => ({
      name: assignor.protocolName,
      metadata: encodeSubscription(state, assignor),
    }));
  }

  /** The leader's part: who gets what. The others have nothing to say. */
  async #lead(joined: JoinedGroup): Promise<EncodedShare[]> {
    this.#sharedOut = undefined;
    if (joined.leader !== joined.memberId) return [];
    const members: Subscription[] = joined.members.map(({ memberId, instanceId, metadata }) =>
      decodeSubscription(memberId, instanceId, metadata),
    );
    const topics = [...new Set(members.flatMap((member) => [...member.topics]))].sort();
    const counts = await this.#transport.partitionCounts(topics);
    this.#sharedOut = { topics, counts };
    // A static leader that came back: the group goes on with the shares that it has (KIP-814).
    if (joined.skipAssignment) return [];
    const shares = this.#chosen(joined).assign(members, counts);
    return [...shares].map(([memberId, partitions]) => ({
      memberId,
      assignment: encodeAssignment(partitions),
    }));
  }

  #chosen({ protocolName }: JoinedGroup): Assignor {
    const chosen = this.#assignors.find((assignor) => assignor.protocolName === protocolName);
    if (chosen !== undefined) return chosen;
    const { groupId } = this.#options;
    throw kafkaError('INCONSISTENT_GROUP_PROTOCOL', `Sharing out the partitions of '${groupId}'`, {
      groupId,
      protocol: protocolName,
    });
  }
}
