/** The requests of group members, sent over kafkajs's connections. */
import type { GroupOptions, OffsetCommit } from '../../client.ts';
import type {
  ConsumerBeat,
  ConsumerBeatAnswer,
  ConsumerTransport,
} from '../group/consumer-transport.ts';
import { CoordinatorLink } from '../group/coordinator-link.ts';
import type {
  EncodedShare,
  GroupIdentity,
  GroupTransport,
  JoinedGroup,
  OfferedProtocol,
} from '../group/group-transport.ts';
import type { GroupTransports } from '../group/join-group.ts';
import { kafkaError, kafkaErrorName } from '../kafka-errors.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection } from './connections.ts';
import { toMillraceError } from './errors.ts';
import {
  consumerHeartbeatCall,
  type GroupAnswer,
  heartbeatCall,
  joinGroupCall,
  leaveGroupCall,
  syncGroupCall,
} from './group-calls.ts';
import { commitOffsets } from './offsets.ts';

/** What sends the requests of a member of `cluster`'s group. */
export function kafkajsTransports(cluster: Cluster, options: GroupOptions): GroupTransports {
  return {
    classic: () => new KafkajsTransport(cluster, options),
    consumer: () => new KafkajsConsumerTransport(cluster, options),
  };
}

/** What both protocols have in common. */
abstract class MemberRequests {
  protected readonly cluster: Cluster;
  protected readonly options: GroupOptions;
  protected readonly link: CoordinatorLink<BrokerConnection>;

  constructor(cluster: Cluster, options: GroupOptions) {
    this.cluster = cluster;
    this.options = options;
    this.link = new CoordinatorLink({ cluster, toMillraceError }, options);
  }

  commit({ memberId, generationId }: GroupIdentity, offsets: readonly OffsetCommit[]) {
    const { groupId, instanceId = null } = this.options;
    const committer = { memberId, generationId, instanceId };
    return commitOffsets(this.cluster, groupId, committer, offsets);
  }

  close(): Promise<void> {
    return this.link.close();
  }

  /** `answer` where it tells no error. */
  protected succeeded<A extends GroupAnswer>(answer: A | undefined, what: string): A {
    const { errorCode, errorMessage } = answer!;
    if (errorCode === 0) return answer!;
    const { groupId } = this.options;
    const name = kafkaErrorName(errorCode);
    throw kafkaError(name, `${what} (group '${groupId}')`, { groupId }, errorMessage);
  }
}

/** The requests of a classic group's member. */
class KafkajsTransport extends MemberRequests implements GroupTransport {
  async joinGroup(
    memberId: string,
    offered: readonly OfferedProtocol[],
    onMemberId: (memberId: string) => void,
  ): Promise<JoinedGroup> {
    const first = await this.#join(memberId, offered);
    // So that a lost answer leaves no ghost behind (KIP-394).
    if (kafkaErrorName(first.errorCode) !== 'MEMBER_ID_REQUIRED') {
      return this.succeeded(first, 'Joining');
    }
    onMemberId(first.memberId);
    return this.succeeded(await this.#join(first.memberId, offered), 'Joining');
  }

  async syncGroup(joined: JoinedGroup, shares: readonly EncodedShare[]): Promise<Buffer> {
    const what = 'Waiting for the assignment';
    const answer = await this.link.callAndWait(what, async (connection) =>
      this.succeeded(await connection.call(syncGroupCall(this.options, joined, shares)), what),
    );
    return answer.assignment;
  }

  async heartbeat(member: GroupIdentity): Promise<void> {
    const what = 'Sending a heartbeat';
    await this.link.call(what, async (connection) =>
      this.succeeded(await connection.call(heartbeatCall(this.options, member)), what),
    );
  }

  async leaveGroup(memberId: string): Promise<void> {
    await this.link.call('Leaving', async (connection) =>
      this.succeeded(await connection.call(leaveGroupCall(this.options, memberId)), 'Leaving'),
    );
  }

  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.cluster.partitionCounts(topics);
  }

  abortWaiting(): Promise<void> {
    return this.link.abortWaiting();
  }

  #join(memberId: string, offered: readonly OfferedProtocol[]): Promise<GroupAnswer & JoinedGroup> {
    return this.link.callAndWait('Joining', async (connection) => {
      const call = joinGroupCall(connection, this.options, memberId, offered);
      return (await connection.call(call))!;
    });
  }
}

/** The requests of a member in protocol `consumer`. */
class KafkajsConsumerTransport extends MemberRequests implements ConsumerTransport {
  heartbeat(what: string, beat: ConsumerBeat): Promise<ConsumerBeatAnswer> {
    return this.link.call(what, async (connection) => {
      const call = consumerHeartbeatCall(connection, this.options, beat);
      return this.succeeded(await connection.call(call), what);
    });
  }

  topicsById(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.cluster.topicsById(names);
  }
}
