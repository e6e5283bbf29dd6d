/** The requests of a classic group's member, sent with kafkajs's encoders. */
import { MillraceError } from '../../../errors.ts';
import type { GroupOptions, OffsetCommit } from '../../client.ts';
import type {
  EncodedShare,
  GroupIdentity,
  GroupTransport,
  JoinedGroup,
  OfferedProtocol,
} from '../group/group-transport.ts';
import { isPassing } from '../kafka-errors.ts';
import type { Cluster } from './cluster.ts';
import { toMillraceError } from './errors.ts';
import type { KafkajsBroker } from './internals.ts';
import { commitOffsets } from './offsets.ts';

const PROTOCOL_TYPE = 'consumer';

let transports = 0;

/**
 * Refuses what kafkajs cannot do, instead of joining without it.
 *
 * @throws {@link MillraceError} `INVALID_OPTION`
 */
export function checkGroupOptions({ protocol, instanceId }: GroupOptions): void {
  const refused = [
    ...(protocol === 'consumer' ? ["group protocol 'consumer' (KIP-848)"] : []),
    ...(instanceId === undefined ? [] : ['static membership (instanceId)']),
  ];
  if (refused.length === 0) return;
  const message =
    `kafkajs cannot do ${refused.join(' and ')}: choose client 'platformatic', ` +
    'or leave the option out.';
  throw new MillraceError(message, { code: 'INVALID_OPTION', context: { client: 'kafkajs' } });
}

/** A transport for one member. */
export class KafkajsTransport implements GroupTransport {
  readonly #cluster: Cluster;
  readonly #options: GroupOptions;
  /** JoinGroup waits for other members; heartbeats must not wait behind it. */
  readonly #joinPurpose: string;
  readonly #purpose: string;

  constructor(cluster: Cluster, options: GroupOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#purpose = `member-${transports++}`;
    this.#joinPurpose = `${this.#purpose}-join`;
  }

  // kafkajs itself answers MEMBER_ID_REQUIRED with a second request.
  async joinGroup(memberId: string, offered: readonly OfferedProtocol[]): Promise<JoinedGroup> {
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    const joined = await this.#wait('Joining', (broker) =>
      broker.joinGroup({
        groupId,
        sessionTimeout: sessionTimeoutMs,
        rebalanceTimeout: rebalanceTimeoutMs,
        memberId,
        protocolType: PROTOCOL_TYPE,
        groupProtocols: offered,
      }),
    );
    return {
      memberId: joined.memberId,
      generationId: joined.generationId,
      leader: joined.leaderId,
      protocolName: joined.groupProtocol,
      skipAssignment: false,
      members: joined.members.map(({ memberId: id, memberMetadata }) => ({
        memberId: id,
        instanceId: null,
        metadata: memberMetadata,
      })),
    };
  }

  async syncGroup(
    { generationId, memberId }: JoinedGroup,
    shares: readonly EncodedShare[],
  ): Promise<Buffer> {
    const { groupId } = this.#options;
    const groupAssignment = shares.map(({ memberId: id, assignment }) => ({
      memberId: id,
      memberAssignment: assignment,
    }));
    const request = { groupId, generationId, memberId, groupAssignment };
    const what = 'Waiting for the assignment';
    const { memberAssignment } = await this.#wait(what, (broker) => broker.syncGroup(request));
    return memberAssignment;
  }

  async heartbeat({ memberId, generationId }: GroupIdentity): Promise<void> {
    const { groupId } = this.#options;
    const request = { groupId, groupGenerationId: generationId, memberId };
    await this.#call('Sending a heartbeat', (broker) => broker.heartbeat(request));
  }

  async leaveGroup(memberId: string): Promise<void> {
    const { groupId } = this.#options;
    await this.#call('Leaving', (broker) => broker.leaveGroup({ groupId, memberId }));
  }

  commit(member: GroupIdentity, offsets: readonly OffsetCommit[]): Promise<void> {
    return commitOffsets(this.#cluster, this.#options.groupId, member, offsets);
  }

  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#cluster.partitionCounts(topics);
  }

  abortWaiting(): Promise<void> {
    return this.#cluster.connections.drop(this.#joinPurpose);
  }

  async close(): Promise<void> {
    await this.abortWaiting();
    await this.#cluster.connections.drop(this.#purpose);
  }

  /** One request that is answered at once. */
  #call<T>(what: string, request: (broker: KafkajsBroker) => Promise<T>): Promise<T> {
    const { requestTimeoutMs } = this.#cluster.options;
    // A heartbeat that is not answered within the session has failed, whatever else may wait.
    const timeoutMs = Math.min(requestTimeoutMs, this.#options.sessionTimeoutMs);
    return this.#send(this.#purpose, timeoutMs, what, request);
  }

  /** One request whose answer waits for the other members. */
  #wait<T>(what: string, request: (broker: KafkajsBroker) => Promise<T>): Promise<T> {
    const timeoutMs = this.#cluster.options.requestTimeoutMs + this.#options.rebalanceTimeoutMs;
    return this.#send(this.#joinPurpose, timeoutMs, what, request);
  }

  async #send<T>(
    purpose: string,
    timeoutMs: number,
    what: string,
    request: (broker: KafkajsBroker) => Promise<T>,
  ): Promise<T> {
    const { groupId } = this.#options;
    try {
      const node = await this.#cluster.coordinator(groupId);
      const { broker } = await this.#cluster.connection(purpose, node, timeoutMs);
      return await request(broker);
    } catch (error) {
      const known = toMillraceError(error, `${what} (group '${groupId}')`, { groupId });
      if (isPassing(known)) this.#cluster.forgetCoordinator(groupId);
      throw known;
    }
  }
}
