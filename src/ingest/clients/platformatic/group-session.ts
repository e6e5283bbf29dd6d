/**
 * The requests of one member of a classic consumer group. Knows the wire, not the life cycle:
 * that is `classic-membership.ts`.
 */

import { type joinGroupV9, ResponseError } from '@platformatic/kafka';
import type { MillraceError } from '../../../errors.ts';
import type { Assignor, Subscription } from '../../assignors/assignor.ts';
import type { GroupOptions, OffsetCommit, TopicPartition } from '../../client.ts';
import { HEARTBEAT, JOIN_GROUP, LEAVE_GROUP, SYNC_GROUP } from './apis.ts';
import type { Cluster } from './cluster.ts';
import { CoordinatorLink } from './coordinator-link.ts';
import { kafkaError, kafkaErrorOf } from './errors.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './group-metadata.ts';
import { commitOffsets } from './offsets.ts';
import { type PartitionCounts, partitionCounts } from './topic-list.ts';

type JoinAnswer = joinGroupV9.JoinGroupResponse;

const PROTOCOL_TYPE = 'consumer';

/** One member's identity and its requests; not retried here unless said. */
export class GroupSession {
  memberId = '';
  generationId = -1;
  readonly #cluster: Cluster;
  readonly #options: GroupOptions;
  readonly #assignors: readonly Assignor[];
  readonly #link: CoordinatorLink;
  readonly #instanceId: string | null;
  /** The generation whose assignment came; -1 while there is none. */
  #assignedGeneration = -1;
  /** What this member shares out while it leads the group. */
  #sharedOut: { readonly topics: string[]; readonly counts: PartitionCounts } | undefined;

  /** @param assignors what is offered, the best first. */
  constructor(cluster: Cluster, options: GroupOptions, assignors: readonly Assignor[]) {
    this.#cluster = cluster;
    this.#options = options;
    this.#assignors = assignors;
    this.#instanceId = options.instanceId ?? null;
    this.#link = new CoordinatorLink(cluster, options);
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
    const joined = await this.#joinGroup(topics, owned);
    this.memberId = joined.memberId;
    this.generationId = joined.generationId;
    const assignments = await this.#lead(joined);
    const answer = await this.#link.callAndWait(
      'Waiting for the assignment',
      SYNC_GROUP,
      this.#options.groupId,
      joined.generationId,
      joined.memberId,
      this.#instanceId,
      PROTOCOL_TYPE,
      joined.protocolName,
      assignments,
    );
    this.#assignedGeneration = joined.generationId;
    return decodeAssignment(answer.assignment);
  }

  /** Tells the coordinator that this member lives. */
  async heartbeat(): Promise<void> {
    const { generationId, memberId } = this;
    const { groupId } = this.#options;
    await this.#link.call(
      'Sending a heartbeat',
      HEARTBEAT,
      groupId,
      generationId,
      memberId,
      this.#instanceId,
    );
  }

  /** Commits under the generation now; retries what passes. */
  commit(offsets: readonly OffsetCommit[]): Promise<void> {
    const { memberId, generationId } = this;
    const committer = { memberId, generationId, instanceId: this.#instanceId };
    return commitOffsets(this.#cluster, this.#options.groupId, committer, offsets);
  }

  /**
   * Whether a topic that this member shared out has another number of partitions now; never where
   * it does not lead the group.
   */
  async hasOtherPartitions(): Promise<boolean> {
    const shared = this.#sharedOut;
    if (shared === undefined) return false;
    const now = await partitionCounts(this.#cluster, shared.topics);
    return shared.topics.some((topic) => now.get(topic) !== shared.counts.get(topic));
  }

  /** Leaves; one attempt. Without it the group would wait for the session to time out. */
  async leave(): Promise<void> {
    if (this.memberId === '') return;
    const { memberId } = this;
    const member = { memberId, groupInstanceId: this.#instanceId, reason: 'leaving' };
    this.forget();
    await this.#link.call('Leaving', LEAVE_GROUP, this.#options.groupId, [member]);
  }

  /** To be called when the group does not know this member any more: the next join is a new one. */
  forget(): void {
    this.memberId = '';
    this.generationId = -1;
    this.#assignedGeneration = -1;
  }

  /** Makes a join that is under way reject. */
  abortJoin(): Promise<void> {
    return this.#link.abortWaiting();
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async #joinGroup(
    topics: readonly string[],
    owned: readonly TopicPartition[],
  ): Promise<JoinAnswer> {
    try {
      return await this.#sendJoin(topics, owned);
    } catch (error) {
      // Brokers give a new member its id before they let it in, so that a lost answer leaves no
      // ghost behind (KIP-394).
      if (kafkaErrorOf(error) !== 'MEMBER_ID_REQUIRED') throw error;
      const { cause } = error as MillraceError;
      const inside: unknown = cause instanceof ResponseError ? cause.response : undefined;
      this.memberId = (inside as JoinAnswer | undefined)?.memberId ?? '';
      return this.#sendJoin(topics, owned);
    }
  }

  #sendJoin(topics: readonly string[], owned: readonly TopicPartition[]): Promise<JoinAnswer> {
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs, rack } = this.#options;
    const state = { topics, owned, generationId: this.#assignedGeneration, rack };
    const offered = this.#assignors.map((assignor) => ({
      name: assignor.protocolName,
      metadata: encodeSubscription(state, assignor),
    }));
    return this.#link.callAndWait(
      'Joining',
      JOIN_GROUP,
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      this.memberId,
      this.#instanceId,
      PROTOCOL_TYPE,
      offered,
      null,
    );
  }

  /** The leader's part: who gets what. The others have nothing to say. */
  async #lead(joined: JoinAnswer): Promise<{ memberId: string; assignment: Buffer }[]> {
    this.#sharedOut = undefined;
    if (joined.leader !== joined.memberId) return [];
    const members: Subscription[] = joined.members.map(({ memberId, groupInstanceId, metadata }) =>
      decodeSubscription(memberId, groupInstanceId ?? null, metadata),
    );
    const topics = [...new Set(members.flatMap((member) => [...member.topics]))].sort();
    const counts = await partitionCounts(this.#cluster, topics);
    this.#sharedOut = { topics, counts };
    // A static leader that came back: the group goes on with the shares that it has (KIP-814).
    if (joined.skipAssignment) return [];
    const shares = this.#chosen(joined).assign(members, counts);
    return [...shares].map(([memberId, partitions]) => ({
      memberId,
      assignment: encodeAssignment(partitions),
    }));
  }

  #chosen({ protocolName }: JoinAnswer): Assignor {
    const chosen = this.#assignors.find((assignor) => assignor.protocolName === protocolName);
    if (chosen !== undefined) return chosen;
    const { groupId } = this.#options;
    throw kafkaError('INCONSISTENT_GROUP_PROTOCOL', `Sharing out the partitions of '${groupId}'`, {
      groupId,
      protocol: protocolName ?? 'none',
    });
  }
}
