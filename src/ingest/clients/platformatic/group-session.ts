/**
 * The requests of one member of a classic consumer group. Knows the wire, not the life cycle:
 * that is `membership.ts`.
 */

import {
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
  type joinGroupV9,
  ResponseError,
} from '@platformatic/kafka';
import { type ErrorContext, MillraceError } from '../../../errors.ts';
import type { GroupOptions, OffsetCommit, TopicPartition } from '../../client.ts';
import { type ApiVersions, HEARTBEAT, JOIN_GROUP, LEAVE_GROUP, SYNC_GROUP } from './apis.ts';
import type { Cluster } from './cluster.ts';
import { isFencingError, isPassing, kafkaErrorOf, toMillraceError } from './errors.ts';
import { commitOffsets } from './offsets.ts';
import { type Assignor, rangeAssignor, type Subscription } from './range-assignor.ts';

type JoinAnswer = joinGroupV9.JoinGroupResponse;

const PROTOCOL_TYPE = 'consumer';
/** Version of the ConsumerProtocol that Java clients since 2.4 write for eager members. */
const PROTOCOL_VERSION = 1;
/** Dynamic membership: no `group.instance.id`. */
const NO_INSTANCE = null;

/** How many partitions each topic had when this member, as the leader, shared them out. */
export type PartitionCounts = ReadonlyMap<string, number>;

let sessions = 0;

/** One member's identity and its requests; not retried here unless said. */
export class GroupSession {
  memberId = '';
  generationId = -1;
  /** Set while this member leads the group. */
  sharedOut: PartitionCounts | undefined;
  readonly #cluster: Cluster;
  readonly #options: GroupOptions;
  readonly #assignor: Assignor;
  /** JoinGroup waits for other members; heartbeats must not wait behind it. */
  readonly #joinPurpose: string;
  readonly #purpose: string;

  constructor(cluster: Cluster, options: GroupOptions, assignor: Assignor = rangeAssignor) {
    this.#cluster = cluster;
    this.#options = options;
    this.#assignor = assignor;
    this.#purpose = `member-${sessions++}`;
    this.#joinPurpose = `${this.#purpose}-join`;
  }

  /** Joins (under the old id, if any) and answers this member's partitions; one attempt. */
  async join(): Promise<TopicPartition[]> {
    const joined = await this.#joinGroup();
    this.memberId = joined.memberId;
    this.generationId = joined.generationId;
    const leads = joined.leader === joined.memberId && !joined.skipAssignment;
    const assignments = leads ? await this.#shareOut(joined) : [];
    if (!leads) this.sharedOut = undefined;
    const { groupId } = this.#options;
    const answer = await this.#call(
      this.#joinPurpose,
      'Waiting for the assignment',
      SYNC_GROUP,
      groupId,
      joined.generationId,
      joined.memberId,
      NO_INSTANCE,
      PROTOCOL_TYPE,
      joined.protocolName ?? this.#assignor.name,
      assignments,
    );
    const { assignedPartitions } = decodeConsumerProtocolAssignment(answer.assignment);
    return assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    );
  }

  /** Tells the coordinator that this member lives. */
  async heartbeat(): Promise<void> {
    const { generationId, memberId } = this;
    const { groupId } = this.#options;
    await this.#call(
      this.#purpose,
      'Sending a heartbeat',
      HEARTBEAT,
      groupId,
      generationId,
      memberId,
      NO_INSTANCE,
    );
  }

  /** Commits under the generation now; retries what passes; `GROUP_FENCED` where it is stale. */
  async commit(offsets: readonly OffsetCommit[]): Promise<void> {
    const { groupId } = this.#options;
    const committer = { memberId: this.memberId, generationId: this.generationId };
    try {
      await commitOffsets(this.#cluster, groupId, committer, offsets);
    } catch (error) {
      if (!isFencingError(kafkaErrorOf(error))) throw error;
      throw fenced(groupId, committer.generationId, error);
    }
  }

  /** Leaves; one attempt. Without it the group would wait for the session to time out. */
  async leave(): Promise<void> {
    if (this.memberId === '') return;
    const member = { memberId: this.memberId, groupInstanceId: NO_INSTANCE, reason: 'leaving' };
    this.forget();
    await this.#call(this.#purpose, 'Leaving', LEAVE_GROUP, this.#options.groupId, [member]);
  }

  /** To be called when the group does not know this member any more: the next join is a new one. */
  forget(): void {
    this.memberId = '';
    this.generationId = -1;
  }

  /** Makes a join that is under way reject. */
  abortJoin(): Promise<void> {
    return this.#cluster.connections.drop(this.#joinPurpose);
  }

  async close(): Promise<void> {
    await this.abortJoin();
    await this.#cluster.connections.drop(this.#purpose);
  }

  async #joinGroup(): Promise<JoinAnswer> {
    try {
      return await this.#sendJoin();
    } catch (error) {
      // Brokers give a new member its id before they let it in, so that a lost answer leaves no
      // ghost behind (KIP-394).
      if (kafkaErrorOf(error) !== 'MEMBER_ID_REQUIRED') throw error;
      const { cause } = error as MillraceError;
      const inside: unknown = cause instanceof ResponseError ? cause.response : undefined;
      this.memberId = (inside as JoinAnswer | undefined)?.memberId ?? '';
      return this.#sendJoin();
    }
  }

  #sendJoin(): Promise<JoinAnswer> {
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs, topics } = this.#options;
    const metadata = encodeConsumerProtocolSubscription({
      version: PROTOCOL_VERSION,
      topics: [...topics],
      ownedPartitions: [],
    });
    return this.#call(
      this.#joinPurpose,
      'Joining',
      JOIN_GROUP,
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      this.memberId,
      NO_INSTANCE,
      PROTOCOL_TYPE,
      [{ name: this.#assignor.name, metadata }],
      null,
    );
  }

  /** The leader's part: who gets what. */
  async #shareOut(joined: JoinAnswer): Promise<{ memberId: string; assignment: Buffer }[]> {
    const members: Subscription[] = joined.members.map(({ memberId, metadata }) => ({
      memberId,
      topics: decodeConsumerProtocolSubscription(metadata).topics,
    }));
    const names = [...new Set(members.flatMap(({ topics }) => topics))].sort();
    const topics = await this.#cluster.topics(names, true);
    this.sharedOut = new Map(topics.map(({ topic, partitions }) => [topic, partitions.length]));
    const shares = this.#assignor.assign(members, this.sharedOut);
    return [...shares].map(([memberId, partitions]) => ({
      memberId,
      assignment: encodeConsumerProtocolAssignment({
        version: PROTOCOL_VERSION,
        assignedPartitions: [...Map.groupBy(partitions, ({ topic }) => topic)].map(
          ([topic, same]) => ({ topic, partitions: same.map(({ partition }) => partition) }),
        ),
      }),
    }));
  }

  async #call<Args extends unknown[], Answer>(
    purpose: string,
    what: string,
    api: ApiVersions<Args, Answer>,
    ...args: Args
  ): Promise<Answer> {
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    const { requestTimeoutMs } = this.#cluster.options;
    // A heartbeat that is not answered within the session has failed, whatever else may wait.
    const timeoutMs =
      purpose === this.#joinPurpose
        ? requestTimeoutMs + rebalanceTimeoutMs
        : Math.min(requestTimeoutMs, sessionTimeoutMs);
    try {
      const node = await this.#cluster.coordinator(groupId);
      const broker = await this.#cluster.connection(purpose, node, timeoutMs);
      return await broker.call(api, ...args);
    } catch (error) {
      const context: ErrorContext = { groupId, memberId: this.memberId };
      const known = toMillraceError(error, `${what} (group '${groupId}')`, context);
      if (isPassing(known)) this.#cluster.forgetCoordinator(groupId);
      throw known;
    }
  }
}

/** The error of a commit that comes too late. */
export function fenced(groupId: string, generationId: number, cause?: unknown): MillraceError {
  const message =
    `Group '${groupId}' has gone on since generation ${generationId}: the offsets were not ` +
    'committed. Whoever has the partitions now reads them again.';
  return new MillraceError(message, {
    code: 'GROUP_FENCED',
    context: { groupId, generationId },
    cause,
  });
}
