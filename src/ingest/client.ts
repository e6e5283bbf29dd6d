/**
 * The Kafka edge as Millrace needs it: raw record sets in, raw record batches out, groups, offsets.
 *
 * A client never makes an object per message. Whatever library stands behind it, everything that
 * crosses this interface is bytes, numbers and one small object per partition and request.
 */

import type { Secret } from './secret.ts';

/** How connections are encrypted; certificates and keys are PEM texts. */
export interface SslOptions {
  /** The authorities that are trusted; absent: those that Node.js trusts. */
  readonly ca?: readonly string[];
  /** This client's certificate; there with `key`, or not at all. */
  readonly cert?: string;
  readonly key?: Secret;
  readonly passphrase?: Secret;
  /** The name that the brokers' certificates must be for; absent: the host connected to. */
  readonly servername?: string;
  /** Default true. */
  readonly rejectUnauthorized: boolean;
}

/** How this client proves who it is. */
export type SaslOptions =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: Secret;
    }
  | {
      readonly mechanism: 'oauthbearer';
      /** Called for each connection that is made. */
      readonly token: () => string | Promise<string>;
      readonly extensions?: Readonly<Record<string, string>>;
    };

/** What every connection to a cluster takes. */
export interface ConnectionOptions {
  /** The library behind the client; default `auto`: the first that is installed. */
  readonly client: 'auto' | 'platformatic' | 'kafkajs';
  /** Encrypts; absent: plain text. */
  readonly ssl?: SslOptions;
  /** Logs in; absent: the broker takes anybody, or knows the certificate. */
  readonly sasl?: SaslOptions;
  /** Where this client runs, as in the brokers' `broker.rack`: the replica there is read. */
  readonly rack?: string;
  /** `host:port`, one or several; default `['localhost:9092']`. A string may hold a comma list. */
  readonly brokers: readonly string[];
  /** Name shown in the brokers' logs and quotas; default `millrace`. */
  readonly clientId: string;
  /** How long one request may take before it fails, ms; default 30,000. */
  readonly requestTimeoutMs: number;
  /** How long connecting may take, ms; default 5,000. */
  readonly connectTimeoutMs: number;
  /** A connection over which nothing has come or gone for so long is closed, ms; default 60,000. */
  readonly socketTimeoutMs: number;
  /**
   * How often a request that failed in passing is sent again; default 10. Where it is given it
   * bounds batches, too, else tried for the sink's `deliveryTimeoutMs`; with 0 none is sent twice.
   */
  readonly retries: number;
  /** First back-off, ms; default 100, doubled each time up to 5,000. */
  readonly retryDelayMs: number;
  /** How long brokers are tried of which none has ever answered, ms; default 10,000. */
  readonly bootstrapTimeoutMs: number;
}

/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What the cluster says of one partition. */
export interface PartitionInfo extends TopicPartition {
  /** Node id of the leader, -1 while there is none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  /** The replica to fetch from, where the leader has named a nearer one for our `rack`. */
  readonly readFrom?: number;
}

/** What the cluster says of one topic; `partitions` in order of their number. */
export interface TopicInfo {
  readonly topic: string;
  readonly topicId: string;
  readonly partitions: readonly PartitionInfo[];
}

/** From where to read one partition; `offset` is the first that is wanted (inclusive). */
export interface FetchPosition extends TopicPartition {
  readonly offset: bigint;
}

/** One fetch to one broker. All its positions must be led by `node`. */
export interface FetchRequest {
  readonly node: number;
  readonly positions: readonly FetchPosition[];
  /** Bytes the whole answer may have (soft: the first batch always comes whole). */
  readonly maxBytes: number;
  /** Bytes one partition of the answer may have (soft, likewise). */
  readonly partitionMaxBytes: number;
  /** The broker answers when it has so many bytes. */
  readonly minBytes: number;
  /** Or when so much time has passed, ms. */
  readonly maxWaitMs: number;
  readonly isolation: 'read_committed' | 'read_uncommitted';
}

/** A transaction of `producerId` that was aborted, from `firstOffset` on. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/**
 * A record set: the encoded record batches of one partition, as they came from the socket.
 * `chunks` are borrowed: they are valid until the caller drops them, and are never written.
 */
export interface RecordSet extends TopicPartition {
  /** The offset that was asked for; the first batch may start before it. */
  readonly fetchOffset: bigint;
  readonly chunks: readonly Uint8Array[];
  /** Sum of the chunks' lengths; 0 where nothing new is there. */
  readonly byteLength: number;
  readonly highWatermark: bigint;
  readonly lastStableOffset: bigint;
  readonly logStartOffset: bigint;
  readonly abortedTransactions: readonly AbortedTransaction[];
  /**
   * Gives back at once the memory that this set alone holds; its chunks are void then. To be called
   * when nothing reads them any more. Whoever does not leaves it to the garbage collector.
   */
  release?(): void;
}

/** One partition's fetch failed while others of the same answer came. */
export interface FetchFailure extends TopicPartition {
  /**
   * Kafka's error name, for instance `NOT_LEADER_OR_FOLLOWER`, `FENCED_LEADER_EPOCH` (both: the
   * partition moved, read the topics again) or `OFFSET_OUT_OF_RANGE`.
   */
  readonly error: string;
}

/** The answer to one fetch. */
export interface FetchResult {
  readonly sets: readonly RecordSet[];
  readonly failures: readonly FetchFailure[];
}

/** One encoded record batch (v2) for one partition. Borrowed until the produce call settles. */
export interface ProduceBatch extends TopicPartition {
  readonly bytes: Uint8Array;
}

/** One produce to one broker; at most one batch a partition. */
export interface ProduceRequest {
  readonly node: number;
  readonly acks: -1 | 0 | 1;
  readonly timeoutMs: number;
  readonly batches: readonly ProduceBatch[];
  /** For batches with the transactional attribute, which are then all; absent otherwise. */
  readonly transactionalId?: string;
}

/** What became of one batch. `error` is Kafka's error name; absent: it is stored. */
export interface ProduceResult extends TopicPartition {
  readonly baseOffset: bigint;
  readonly logAppendTimeMs: bigint;
  readonly error?: string;
  /** What the broker said besides, if anything. */
  readonly errorMessage?: string;
}

/** Identity of an idempotent producer. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** How to become the one producer of a transactional id. */
export interface TransactionOptions {
  /** Stands for one writer through its restarts: no two live ones may have the same. */
  readonly transactionalId: string;
  /**
   * The coordinator aborts a transaction that has been open for so long, and fences its producer,
   * ms. Kafka's own default is 60,000; brokers allow `transaction.max.timeout.ms`.
   */
  readonly transactionTimeoutMs: number;
  /**
   * Goes on from this identity, and is refused (`PRODUCER_FENCED`) where another producer has taken
   * the id over since; a transaction that the other has open is aborted by Kafka all the same.
   * Absent: takes the id over from whoever has it.
   */
  readonly current?: ProducerIdentity;
}

/** The producer of a transactional id; what it writes carries this identity (`patchProducer`). */
export interface TransactionalProducer extends ProducerIdentity {
  readonly transactionalId: string;
}

/** On whose behalf offsets are committed in a transaction; a {@link GroupMember} is one. */
export interface TransactionMember {
  readonly memberId: string;
  /**
   * The one under which the data was read. Where the member is this client's own, partitions that
   * have stayed since are committed under the one now, as by {@link GroupMember.commit}.
   */
  readonly generationId: number;
  /** Of a static member. */
  readonly instanceId?: string;
}

/** A point in a partition's log; `timestampMs` counts from the Unix epoch. */
export type OffsetPoint = 'earliest' | 'latest' | { readonly timestampMs: number };

/** An offset to commit: the next one to read. */
export interface OffsetCommit extends TopicPartition {
  readonly offset: bigint;
  readonly metadata?: string;
}

/**
 * What a group member is told; the hooks are awaited before the group goes on. Partitions that stay
 * through a rebalance are in none of the calls.
 */
export interface GroupListener {
  /**
   * Partitions that are this member's from now on, and were not before: all of its partitions with
   * an eager assignor, only the new ones otherwise. Called after every rebalance, with none where
   * nothing is new.
   */
  onAssign(partitions: readonly TopicPartition[]): Promise<void>;
  /** Partitions about to be taken: drain and commit them before this settles. Never none. */
  onRevoke(partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * The group went on without us: in-flight work must not be committed. It may be called while
   * `onRevoke` is still draining (too slow, or fenced meanwhile); both are then awaited.
   */
  onLost(partitions: readonly TopicPartition[]): Promise<void>;
  /** The membership failed for good. */
  onError(error: Error): void;
}

/**
 * How the members of a classic group share out partitions, by the names that Millrace gives them;
 * on the wire they are Kafka's `range`, `roundrobin` and `cooperative-sticky`.
 */
export type AssignorName = 'range' | 'round-robin' | 'cooperative-sticky';

/** How to join a group. */
export interface GroupOptions {
  readonly groupId: string;
  /** Topics by name; each must exist. Empty only where there is a `pattern`. */
  readonly topics: readonly string[];
  /**
   * Topics whose whole name matches are subscribed, too; new ones are picked up. Internal topics
   * never match.
   */
  readonly pattern?: RegExp;
  /**
   * `classic`: members join and sync, and one of them shares out the partitions. `consumer`: the
   * broker does, one partition after the other (KIP-848; Kafka 4.0 and later).
   */
  readonly protocol: 'classic' | 'consumer';
  /**
   * Offered to a classic group, the best first; the group takes one that all its members know.
   * Partitions keep flowing through a rebalance where `cooperative-sticky` is the only one.
   */
  readonly assignors: readonly AssignorName[];
  /**
   * `group.instance.id`: a member that comes back under it within the session has its partitions
   * again, without a rebalance. No two live members may have the same.
   */
  readonly instanceId?: string;
  /** `client.rack`, told to the group. */
  readonly rack?: string;
  /** Default 30,000. The broker's own setting counts in protocol `consumer`. */
  readonly sessionTimeoutMs: number;
  /** Default 3,000. In protocol `consumer` at most: the broker may ask for more frequent ones. */
  readonly heartbeatIntervalMs: number;
  /** How long a member may take to give partitions back, ms; default 60,000. */
  readonly rebalanceTimeoutMs: number;
}

/** A live membership. */
export interface GroupMember {
  readonly memberId: string;
  /** Of the group in protocol `classic`, of the member (its epoch) in protocol `consumer`. */
  readonly generationId: number;
  /**
   * Commits for partitions that have been this member's without a break since `generationId`
   * (default: the one now); rejects with `GROUP_FENCED` otherwise. Pass the generation under which
   * the data was read wherever a commit may come late: it is then refused instead of taking the
   * offsets of a later owner back.
   */
  commit(offsets: readonly OffsetCommit[], generationId?: number): Promise<void>;
  /**
   * Calls `onRevoke`, then leaves; rejects where the hook did. May be called again. Awaited inside
   * one of the listener's hooks it never settles.
   */
  leave(): Promise<void>;
}

/**
 * A connection to a cluster. Every method rejects with a `MillraceError` and retries what Kafka
 * calls retriable, unless it says otherwise.
 */
export interface KafkaClient {
  /** Name of the library behind it, for logs and `stats()`. */
  readonly name: string;
  /** Version of that library. */
  readonly version: string;
  /** Why each message is copied as an object, where it is; absent: record batches pass as bytes. */
  readonly copying?: string | undefined;
  /** Topics in the order asked; rejects with `UNKNOWN_TOPIC` where one does not exist. */
  topics(names: readonly string[], options?: { refresh?: boolean }): Promise<TopicInfo[]>;
  /** One fetch, no retries inside: failures are values, a lost connection rejects (`backoff`). */
  fetch(request: FetchRequest): Promise<FetchResult>;
  /** One produce, no retries inside: refusals are values, a lost connection rejects (`backoff`). */
  produce(request: ProduceRequest): Promise<ProduceResult[]>;
  /** A fresh identity for an idempotent producer. */
  initProducerId(): Promise<ProducerIdentity>;
  /**
   * Makes this the producer of a transactional id: former ones are fenced, a transaction that they
   * left open is aborted, and one that they had decided is completed first.
   *
   * The producer has one transaction at a time. It begins with the first partition or offsets that
   * are added and lasts until `endTransaction`; batches are produced with the `transactionalId`,
   * the identity and the transactional attribute, each partition's sequences starting at 0. Every
   * request of a producer that was fenced, or whose transaction timed out, is refused with
   * `PRODUCER_FENCED`; batches come back with `INVALID_PRODUCER_EPOCH`.
   */
  initTransactions(options: TransactionOptions): Promise<TransactionalProducer>;
  /** To be called before the transaction's first batch for each of `partitions`; again is fine. */
  addPartitionsToTransaction(
    producer: TransactionalProducer,
    partitions: readonly TopicPartition[],
  ): Promise<void>;
  /**
   * Commits a group's offsets when, and only when, the transaction commits.
   *
   * @param member the coordinator refuses one that the group has gone on without (`GROUP_FENCED`).
   *   Absent: whoever calls may commit, also beside live members.
   */
  sendOffsetsToTransaction(
    producer: TransactionalProducer,
    groupId: string,
    offsets: readonly OffsetCommit[],
    member?: TransactionMember,
  ): Promise<void>;
  /**
   * Decides the transaction; every batch and offset of it must have been answered before. What was
   * decided stays so: readers see it once the coordinator has written its markers, moments later.
   *
   * Where a commit rejects with `BROKER_UNREACHABLE` or `PRODUCER_FENCED` it is not known whether
   * it was decided; the group's committed offsets tell. A transaction to which nothing was added
   * has not begun: it is a `KAFKA_ERROR` (`INVALID_TXN_STATE`).
   */
  endTransaction(producer: TransactionalProducer, outcome: 'commit' | 'abort'): Promise<void>;
  /** Names of all topics that this principal may see, without internal ones, sorted. */
  topicNames(): Promise<string[]>;
  /**
   * Earliest or latest offset, or that of the first message of `timestampMs` or later (else the
   * end), per partition in the order asked. `latest` and the end respect `isolation`.
   */
  listOffsets(
    partitions: readonly TopicPartition[],
    at: OffsetPoint,
    isolation?: 'read_committed' | 'read_uncommitted',
  ): Promise<bigint[]>;
  /** The group's committed offsets, `undefined` where it has none, in the order asked. */
  committed(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<(bigint | undefined)[]>;
  /** Commits without a membership (a group with no members, manual assignment). */
  commit(groupId: string, offsets: readonly OffsetCommit[]): Promise<void>;
  /**
   * Joins and stays in a group until `leave` or `close`. Resolves when the group has taken this
   * member in, before the first `onAssign` is called; rejects where it cannot join at all.
   */
  joinGroup(options: GroupOptions, listener: GroupListener): Promise<GroupMember>;
  /** `max.message.bytes` of a topic. */
  maxMessageBytes(topic: string): Promise<number>;
  /** Creates topics that do not exist yet; those that do are left alone. */
  createTopics(
    topics: readonly {
      topic: string;
      partitions: number;
      replicationFactor?: number;
      config?: Readonly<Record<string, string>>;
    }[],
  ): Promise<void>;
  /** Ends all connections; requests under way reject. */
  close(): Promise<void>;
}
