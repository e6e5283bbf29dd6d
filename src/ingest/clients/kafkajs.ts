/** The Kafka client on `kafkajs`, through its connections and below its public API. */
import { createRequire } from 'node:module';
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
import { isFencingError, kafkaErrorOf } from './kafka-errors.ts';
import { createTopics, initProducerId, maxMessageBytes } from './kafkajs/admin.ts';
import { Cluster } from './kafkajs/cluster.ts';
import type { BrokerConnection } from './kafkajs/connections.ts';
import { copiedFetch } from './kafkajs/copied-fetch.ts';
import { CopyingProducer } from './kafkajs/copied-produce.ts';
import { kafkajsTransports } from './kafkajs/group-transport.ts';
import { type Kafkajs, loadKafkajs, type Require } from './kafkajs/internals.ts';
import { commitOffsets, committedOffsets, listOffsets, NO_MEMBER } from './kafkajs/offsets.ts';
import { type AskFetch, rawFetch } from './kafkajs/raw-fetch.ts';
import { RawProducer } from './kafkajs/raw-produce.ts';
import { transactionsOf } from './kafkajs/transactions.ts';
import type { Transactions } from './transactions.ts';

/**
 * Loads kafkajs with `load` and makes a client for Kafka 3.0 and later on it. The client connects
 * when it is first used.
 *
 * `options` are complete, as `resolveConnectionOptions` gives them. Throws `MISSING_DEPENDENCY`
 * where the kafkajs that is installed is not one whose internals are known. Where they are not
 * known well enough to pass record batches as bytes, `copying` of the client says so.
 */
export function createKafkajsClient(
  options: ConnectionOptions,
  load: Require = createRequire(import.meta.url),
): KafkaClient {
  return new KafkajsClient(loadKafkajs(load), options);
}

class KafkajsClient implements KafkaClient {
  readonly name = 'kafkajs';
  readonly version: string;
  readonly copying: string | undefined;
  readonly #closing = new AbortController();
  readonly #cluster: Cluster;
  readonly #ask: AskFetch | undefined;
  readonly #producer: RawProducer | CopyingProducer;
  readonly #transactions: Transactions<BrokerConnection>;
  readonly #members = new Set<Membership>();

  constructor(kafkajs: Kafkajs, options: ConnectionOptions) {
    const { version, copying } = kafkajs;
    this.version = version;
    this.#cluster = new Cluster(kafkajs, options, this.#closing.signal);
    if (copying === undefined) {
      this.#producer = new RawProducer(this.#cluster);
    } else {
      this.copying = copying.why;
      this.#ask = copiedFetch(copying.requests);
      this.#producer = new CopyingProducer(this.#cluster, copying.requests);
    }
    this.#transactions = transactionsOf(this.#cluster);
  }

  topics(names: readonly string[], options: { refresh?: boolean } = {}): Promise<TopicInfo[]> {
    return this.#cluster.topics(names, options.refresh ?? false);
  }

  topicNames(): Promise<string[]> {
    return this.#cluster.topicNames();
  }

  fetch(request: FetchRequest): Promise<FetchResult> {
    return rawFetch(this.#cluster, request, this.#ask);
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
    const member = await joinGroup(
      { cluster: this.#cluster, options, listener, topicsRefreshMs: TOPICS_REFRESH_MS },
      kafkajsTransports(this.#cluster, options),
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
