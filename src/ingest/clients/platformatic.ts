/** The Kafka client on `@platformatic/kafka`, through its public low-level exports. */

import { MillraceError } from '../../errors.ts';
import type {
  ConnectionOptions,
  FetchRequest,
  FetchResult,
  GroupListener,
  GroupMember,
  GroupOptions,
  KafkaClient,
  OffsetCommit,
  OffsetPoint,
  ProduceRequest,
  ProduceResult,
  ProducerIdentity,
  TopicInfo,
  TopicPartition,
  TransactionalProducer,
  TransactionMember,
  TransactionOptions,
} from '../client.ts';
import { joinGroup } from './group/join-group.ts';
import { fenced, type Membership, readCommittedAs } from './group/membership.ts';
import { TOPICS_REFRESH_MS } from './group/topic-subscription.ts';
import { createTopics, initProducerId, maxMessageBytes } from './platformatic/admin.ts';
import { Cluster } from './platformatic/cluster.ts';
import type { BrokerConnection } from './platformatic/connections.ts';
import { isFencingError, kafkaErrorOf } from './platformatic/errors.ts';
import { groupCluster, platformaticTransports } from './platformatic/group-transport.ts';
import { libraryVersion } from './platformatic/library-version.ts';
import { commitOffsets, committedOffsets, listOffsets, NO_MEMBER } from './platformatic/offsets.ts';
import { rawFetch } from './platformatic/raw-fetch.ts';
import { RawProducer } from './platformatic/raw-produce.ts';
import { topicNames } from './platformatic/topic-list.ts';
import { transactionsOf } from './platformatic/transactions.ts';
import type { Transactions } from './transactions.ts';

/**
 * A client for Kafka 3.0 and later on `@platformatic/kafka`. Connects when it is first used.
 *
 * `options` are complete, as `resolveConnectionOptions` gives them.
 */
export function createPlatformaticClient(options: ConnectionOptions): KafkaClient {
  return new PlatformaticClient(options);
}

class PlatformaticClient implements KafkaClient {
  readonly name = '@platformatic/kafka';
  readonly version = libraryVersion();
  readonly #closing = new AbortController();
  readonly #cluster: Cluster;
  readonly #producer: RawProducer;
  readonly #transactions: Transactions<BrokerConnection>;
  readonly #members = new Set<Membership>();

  constructor(options: ConnectionOptions) {
    this.#cluster = new Cluster(options, this.#closing.signal);
    this.#producer = new RawProducer(this.#cluster);
    this.#transactions = transactionsOf(this.#cluster);
  }

  topics(names: readonly string[], options: { refresh?: boolean } = {}): Promise<TopicInfo[]> {
    return this.#cluster.topics(names, options.refresh ?? false);
  }

  fetch(request: FetchRequest): Promise<FetchResult> {
    return rawFetch(this.#cluster, request);
  }

  produce(request: ProduceRequest): Promise<ProduceResult[]> {
    return this.#producer.produce(request);
  }

  initProducerId(): Promise<ProducerIdentity> {
    return initProducerId(this.#cluster);
  }

  initTransactions(options: TransactionOptions): Promise<TransactionalProducer> {
    return this.#transactions.init(options);
  }

  addPartitionsToTransaction(
    producer: TransactionalProducer,
    partitions: readonly TopicPartition[],
  ): Promise<void> {
    return this.#transactions.addPartitions(producer, partitions);
  }

  sendOffsetsToTransaction(
    producer: TransactionalProducer,
    groupId: string,
    offsets: readonly OffsetCommit[],
    member?: TransactionMember,
  ): Promise<void> {
    const members = this.#members;
    return this.#transactions.sendOffsets(producer, groupId, offsets, member, members);
  }

  endTransaction(producer: TransactionalProducer, outcome: 'commit' | 'abort'): Promise<void> {
    return this.#transactions.end(producer, outcome);
  }

  topicNames(): Promise<string[]> {
    return topicNames(this.#cluster);
  }

  listOffsets(
    partitions: readonly TopicPartition[],
    at: OffsetPoint,
    isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
  ): Promise<bigint[]> {
    return listOffsets(this.#cluster, partitions, at, isolation);
  }

  committed(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<(bigint | undefined)[]> {
    return readCommittedAs(this.#members, groupId, partitions, (as) =>
      committedOffsets(this.#cluster, groupId, partitions, as),
    );
  }

  async commit(groupId: string, offsets: readonly OffsetCommit[]): Promise<void> {
    try {
      await commitOffsets(this.#cluster, groupId, NO_MEMBER, offsets);
    } catch (error) {
      // The group has live members: only they may commit.
      if (!isFencingError(kafkaErrorOf(error))) throw error;
      throw fenced(groupId, NO_MEMBER.generationId, error);
    }
  }

  async joinGroup(options: GroupOptions, listener: GroupListener): Promise<GroupMember> {
    const cluster = groupCluster(this.#cluster);
    const member = await joinGroup(
      { cluster, options, listener, topicsRefreshMs: TOPICS_REFRESH_MS },
      platformaticTransports(this.#cluster, options),
    );
    this.#members.add(member);
    const forget = () => this.#members.delete(member);
    member.ended.then(forget, forget);
    return member;
  }

  maxMessageBytes(topic: string): Promise<number> {
    return maxMessageBytes(this.#cluster, topic);
  }

  createTopics(topics: Parameters<KafkaClient['createTopics']>[0]): Promise<void> {
    return createTopics(this.#cluster, topics);
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#members].map((member) => member.abandon()));
    this.#members.clear();
    const reason = new MillraceError('The Kafka client was closed.', { code: 'ABORTED' });
    this.#closing.abort(reason);
    await this.#cluster.close();
  }
}
