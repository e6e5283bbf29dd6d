/**
 * The requests of one member in protocol `consumer` (KIP-848). Knows the wire, not the life cycle:
 * that is `consumer-membership.ts`.
 *
 * One request does everything. It carries in full what the member wants and has when it joins
 * (epoch 0) or when it cannot know what the broker heard, else only what changed:
 *
 *     ConsumerGroupHeartbeat => group_id member_id member_epoch instance_id? rack_id?
 *       rebalance_timeout_ms (-1: as before) [subscribed_topic_names]? subscribed_topic_regex?
 *       server_assignor? [topic_id [partitions]]? (those that the member has)
 *     answer => member_epoch heartbeat_interval_ms [topic_id [partitions]]? (those it is to have)
 */

import { randomUUID } from 'node:crypto';
import { MillraceError } from '../../../errors.ts';
import type { GroupOptions, OffsetCommit, TopicPartition } from '../../client.ts';
import { kafkaError, kafkaErrorOf } from '../kafka-errors.ts';
import type {
  ConsumerBeatAnswer,
  ConsumerTransport,
  TopicIdPartitions,
} from './consumer-transport.ts';

/** The epochs that say what a member is about to do. */
const JOIN_EPOCH = 0;
const LEAVE_EPOCH = -1;
/** A static member that will be back: its partitions stay its own for a session. */
const PAUSE_EPOCH = -2;
const UNCHANGED_MS = -1;

/** One member's identity and its requests; not retried here unless said. */
export class ConsumerSession {
  readonly memberId = randomUUID();
  epoch = JOIN_EPOCH;
  /** What the broker asks for, ms; 0 until it has. */
  heartbeatIntervalMs = 0;
  /** Called when the broker wants this member to have other partitions. */
  onTarget: () => void = () => undefined;
  readonly #transport: ConsumerTransport;
  readonly #options: GroupOptions;
  readonly #topicIds = new Map<string, string>();
  #topics: readonly string[];
  #owned: readonly TopicPartition[] = [];
  #target: readonly TopicIdPartitions[] = [];
  #topicsAreKnown = false;
  #ownedAreKnown = false;
  #allIsKnown = false;

  constructor(transport: ConsumerTransport, options: GroupOptions, topics: readonly string[]) {
    this.#transport = transport;
    this.#options = options;
    this.#topics = topics;
  }

  /** Other topics than before: the next heartbeat tells them. */
  subscribe(topics: readonly string[]): void {
    this.#topics = topics;
    this.#topicsAreKnown = false;
  }

  /** What this member has from now on: the next heartbeat tells it. */
  acknowledge(owned: readonly TopicPartition[]): void {
    this.#owned = owned;
    this.#ownedAreKnown = false;
  }

  /** Joins as a new member; one attempt. */
  async join(): Promise<void> {
    this.forget();
    await this.#beat();
  }

  /** Says what is new and hears what to have; one attempt. */
  async heartbeat(): Promise<void> {
    const { groupId } = this.#options;
    // With epoch 0 it would join.
    if (this.epoch === JOIN_EPOCH) {
      throw kafkaError('UNKNOWN_MEMBER_ID', 'Sending a heartbeat', { groupId });
    }
    await this.#beat();
  }

  async #beat(): Promise<void> {
    const full = !this.#allIsKnown;
    const tellsTopics = full || !this.#topicsAreKnown;
    const tellsOwned = full || !this.#ownedAreKnown;
    const [topics, owned] = [this.#topics, this.#owned];
    // Until the answer is there nobody knows what the broker heard.
    this.#allIsKnown = false;
    const answer = await this.#send(
      this.epoch,
      full ? this.#options.rebalanceTimeoutMs : UNCHANGED_MS,
      tellsTopics ? topics : null,
      tellsOwned ? this.#withIds(owned) : null,
    );
    this.#allIsKnown = true;
    this.#topicsAreKnown = topics === this.#topics;
    this.#ownedAreKnown = owned === this.#owned;
    this.epoch = answer.memberEpoch;
    this.heartbeatIntervalMs = answer.heartbeatIntervalMs;
    if (answer.assignment === null) return;
    this.#target = answer.assignment;
    this.onTarget();
  }

  /**
   * The partitions that the broker wants this member to have. `isComplete` is false where it names
   * a topic that the cluster's metadata do not have yet: to be asked again.
   */
  async target(): Promise<{ partitions: TopicPartition[]; isComplete: boolean }> {
    const target = this.#target;
    const names = new Map<string, string>();
    for (const [name, id] of this.#topicIds) names.set(id, name);
    if (target.some(({ topicId }) => !names.has(topicId))) {
      for (const [id, name] of await this.#transport.topicsById(this.#topics)) {
        names.set(id, name);
        this.#topicIds.set(name, id);
      }
    }
    const known = target.filter(({ topicId }) => names.has(topicId));
    const partitions = known.flatMap(({ topicId, partitions: numbers }) =>
      numbers.map((partition) => ({ topic: names.get(topicId)!, partition })),
    );
    return { partitions, isComplete: known.length === target.length };
  }

  /** Commits under the epoch now; retries what passes. */
  commit(offsets: readonly OffsetCommit[]): Promise<void> {
    const { memberId, epoch } = this;
    return this.#transport.commit({ memberId, generationId: epoch }, offsets);
  }

  /** Leaves; a static member keeps its place for a session where it `comesBack`. One attempt. */
  async leave(comesBack: boolean): Promise<void> {
    if (this.epoch <= JOIN_EPOCH) return;
    this.forget();
    const epoch = comesBack && this.#options.instanceId !== undefined ? PAUSE_EPOCH : LEAVE_EPOCH;
    await this.#send(epoch, UNCHANGED_MS, null, null);
  }

  /** To be called when the group has given this member up: the next heartbeat joins anew. */
  forget(): void {
    this.epoch = JOIN_EPOCH;
    this.#owned = [];
    this.#target = [];
    this.#allIsKnown = false;
  }

  async #send(
    epoch: number,
    rebalanceTimeoutMs: number,
    topics: readonly string[] | null,
    owned: TopicIdPartitions[] | null,
  ): Promise<ConsumerBeatAnswer> {
    const { memberId } = this;
    const { groupId } = this.#options;
    const what = epoch === JOIN_EPOCH ? 'Joining' : 'Sending a heartbeat';
    try {
      const beat = { memberId, epoch, rebalanceTimeoutMs, topics, owned };
      return await this.#transport.heartbeat(what, beat);
    } catch (error) {
      if (kafkaErrorOf(error) !== 'UNSUPPORTED_VERSION') throw error;
      const message =
        `Group '${groupId}' cannot have protocol 'consumer' on this cluster: it is switched off ` +
        "(group.coordinator.rebalance.protocols), or the group is held by 'classic' members. Use " +
        "protocol: 'classic'.";
      const context = { groupId, kafkaError: 'UNSUPPORTED_VERSION' };
      throw new MillraceError(message, { code: 'KAFKA_ERROR', context, cause: error });
    }
  }

  #withIds(owned: readonly TopicPartition[]): TopicIdPartitions[] {
    return [...Map.groupBy(owned, ({ topic }) => topic)].map(([topic, same]) => ({
      topicId: this.#topicIds.get(topic)!,
      partitions: same.map(({ partition }) => partition),
    }));
  }
}
