/** The requests of group members, sent by the library. */
import { type joinGroupV9, ResponseError } from '@platformatic/kafka';
import type { MillraceError } from '../../../errors.ts';
import type { GroupOptions, OffsetCommit } from '../../client.ts';
import type {
  ConsumerBeat,
  ConsumerBeatAnswer,
  ConsumerTransport,
} from '../group/consumer-transport.ts';
import { CoordinatorLink } from '../group/coordinator-link.ts';
import type { GroupCluster } from '../group/group-cluster.ts';
import type {
  EncodedShare,
  GroupIdentity,
  GroupTransport,
  JoinedGroup,
  OfferedProtocol,
} from '../group/group-transport.ts';
import type { GroupTransports } from '../group/join-group.ts';
import { kafkaErrorOf } from '../kafka-errors.ts';
import {
  CONSUMER_GROUP_HEARTBEAT,
  HEARTBEAT,
  JOIN_GROUP,
  LEAVE_GROUP,
  SYNC_GROUP,
} from './apis.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection } from './connections.ts';
import { toMillraceError } from './errors.ts';
import { commitOffsets } from './offsets.ts';
import { partitionCounts, topicNames, topicsById } from './topic-list.ts';

type JoinAnswer = joinGroupV9.JoinGroupResponse;

const PROTOCOL_TYPE = 'consumer';

/** What sends the requests of a member of `cluster`'s group. */
export function platformaticTransports(cluster: Cluster, options: GroupOptions): GroupTransports {
  return {
    classic: () => new PlatformaticTransport(cluster, options),
    consumer: () => new PlatformaticConsumerTransport(cluster, options),
  };
}

/** `cluster` as members see it. */
export function groupCluster(cluster: Cluster): GroupCluster {
  return {
    options: cluster.options,
    signal: cluster.signal,
    topics: (names) => cluster.topics(names),
    topicNames: () => topicNames(cluster),
  };
}

/** The requests of a classic group's member. */
class PlatformaticTransport implements GroupTransport {
  readonly #cluster: Cluster;
  readonly #options: GroupOptions;
  readonly #link: CoordinatorLink<BrokerConnection>;
  readonly #instanceId: string | null;

  constructor(cluster: Cluster, options: GroupOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#link = new CoordinatorLink({ cluster, toMillraceError }, options);
    this.#instanceId = options.instanceId ?? null;
  }

  async joinGroup(
    memberId: string,
    offered: readonly OfferedProtocol[],
    onMemberId: (memberId: string) => void,
  ): Promise<JoinedGroup> {
    try {
      return joinedGroup(await this.#sendJoin(memberId, offered));
    } catch (error) {
      // So that a lost answer leaves no ghost behind (KIP-394).
      if (kafkaErrorOf(error) !== 'MEMBER_ID_REQUIRED') throw error;
      const { cause } = error as MillraceError;
      const inside: unknown = cause instanceof ResponseError ? cause.response : undefined;
      const given = (inside as JoinAnswer | undefined)?.memberId ?? '';
      onMemberId(given);
      return joinedGroup(await this.#sendJoin(given, offered));
    }
  }

  async syncGroup(joined: JoinedGroup, shares: readonly EncodedShare[]): Promise<Buffer> {
    const answer = await this.#link.callAndWait('Waiting for the assignment', (broker) =>
      broker.call(
        SYNC_GROUP,
        this.#options.groupId,
        joined.generationId,
        joined.memberId,
        this.#instanceId,
        PROTOCOL_TYPE,
        joined.protocolName,
        [...shares],
      ),
    );
    return answer.assignment;
  }

  async heartbeat({ generationId, memberId }: GroupIdentity): Promise<void> {
    const { groupId } = this.#options;
    await this.#link.call('Sending a heartbeat', (broker) =>
      broker.call(HEARTBEAT, groupId, generationId, memberId, this.#instanceId),
    );
  }

  async leaveGroup(memberId: string): Promise<void> {
    const member = { memberId, groupInstanceId: this.#instanceId, reason: 'leaving' };
    const { groupId } = this.#options;
    await this.#link.call('Leaving', (broker) => broker.call(LEAVE_GROUP, groupId, [member]));
  }

  commit({ memberId, generationId }: GroupIdentity, offsets: readonly OffsetCommit[]) {
    const committer = { memberId, generationId, instanceId: this.#instanceId };
    return commitOffsets(this.#cluster, this.#options.groupId, committer, offsets);
  }

  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return partitionCounts(this.#cluster, topics);
  }

  abortWaiting(): Promise<void> {
    return this.#link.abortWaiting();
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #sendJoin(memberId: string, offered: readonly OfferedProtocol[]): Promise<JoinAnswer> {
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    return this.#link.callAndWait('Joining', (broker) =>
      broker.call(
        JOIN_GROUP,
        groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        memberId,
        this.#instanceId,
        PROTOCOL_TYPE,
        [...offered],
        null,
      ),
    );
  }
}

/** The requests of a member in protocol `consumer`. */
class PlatformaticConsumerTransport implements ConsumerTransport {
  readonly #cluster: Cluster;
  readonly #options: GroupOptions;
  readonly #link: CoordinatorLink<BrokerConnection>;

  constructor(cluster: Cluster, options: GroupOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#link = new CoordinatorLink({ cluster, toMillraceError }, options);
  }

  async heartbeat(what: string, beat: ConsumerBeat): Promise<ConsumerBeatAnswer> {
    const { groupId, instanceId = null, rack = null } = this.#options;
    const { memberId, epoch, rebalanceTimeoutMs, topics, owned } = beat;
    const { memberEpoch, heartbeatIntervalMs, assignment } = await this.#link.call(what, (broker) =>
      broker.call(
        CONSUMER_GROUP_HEARTBEAT,
        groupId,
        memberId,
        epoch,
        instanceId,
        rack,
        rebalanceTimeoutMs,
        topics && [...topics],
        null,
        null,
        owned && [...owned],
      ),
    );
    return { memberEpoch, heartbeatIntervalMs, assignment: assignment?.topicPartitions ?? null };
  }

  topicsById(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return topicsById(this.#cluster, names);
  }

  commit({ memberId, generationId }: GroupIdentity, offsets: readonly OffsetCommit[]) {
    const { groupId, instanceId = null } = this.#options;
    const committer = { memberId, generationId, instanceId };
    return commitOffsets(this.#cluster, groupId, committer, offsets);
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

function joinedGroup(answer: JoinAnswer): JoinedGroup {
  const { memberId, generationId, leader, protocolName, skipAssignment, members } = answer;
  return {
    memberId,
    generationId,
    leader,
    protocolName: protocolName ?? '',
    skipAssignment,
    members: members.map(({ memberId: id, groupInstanceId, metadata }) => ({
      memberId: id,
      instanceId: groupInstanceId ?? null,
      metadata,
    })),
  };
}
