/** A plan: what runs, as frozen data that crosses threads. `stream.ts` builds it. */
import type { Schema } from './arrow/schema.ts';
import type { AssignorName, ConnectionOptions, TopicPartition } from './ingest/client.ts';
import type { CodecName } from './ingest/codecs/codec-name.ts';
import type { Step } from './operators/step.ts';

/** Compression of record batches. */
export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/**
 * Which partition a message goes to. `murmur2`: by its key, as Kafka's Java client; without a key
 * they take turns. `round-robin`: they take turns, keys or not. `sticky`: by its key; without one
 * thousands go to one partition before the next has its turn. `column`: as murmur2, by the bytes of
 * that column of text or bytes. `partitionColumn`: that column of integers has the number.
 */
export type Partitioner =
  | 'murmur2'
  | 'round-robin'
  | 'sticky'
  | { readonly column: string }
  | { readonly partitionColumn: string };

/** The offset of one partition that is read first. */
export interface StartOffset extends TopicPartition {
  readonly offset: bigint;
}

/**
 * Where partitions begin when a run gets them for the first time. `timestampMs` counts from the
 * Unix epoch. A partition that `offsets` does not name begins at `offsetReset`.
 */
export type StartFrom =
  | 'committed'
  | 'earliest'
  | 'latest'
  | { readonly timestampMs: number }
  | { readonly offsets: readonly StartOffset[] };

/** How the members of a group share partitions, and how it watches them. */
export interface GroupPlan {
  /** `classic`, or `consumer` (KIP-848); default `classic`. */
  readonly protocol: 'classic' | 'consumer';
  /** The best first; default `cooperative-sticky` alone. Of no effect in protocol `consumer`. */
  readonly assignors: readonly AssignorName[];
  /** `group.instance.id`: static membership. */
  readonly instanceId?: string;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly rebalanceTimeoutMs: number;
}

/** Reads topics. */
export interface KafkaSourcePlan {
  readonly kind: 'kafka';
  readonly connection: ConnectionOptions;
  /** Topics by name; empty only where there is a `pattern`, or where `partitions` says which. */
  readonly topics: readonly string[];
  /** Topics whose whole name matches are read, too; new ones are picked up. */
  readonly pattern?: RegExp;
  /** Exactly these are read, by this run alone: no group shares them out. */
  readonly partitions?: readonly TopicPartition[];
  /**
   * The group that owns the offsets; absent: read every partition, commit nothing. With
   * `partitions` offsets are committed to it, but nobody joins it.
   */
  readonly groupId?: string;
  /** Where partitions begin; default `committed`. */
  readonly startFrom: StartFrom;
  /** Where a partition without a committed offset starts; default `earliest`. */
  readonly offsetReset: 'earliest' | 'latest';
  /** `latest`: end at the offsets that were the latest when the run started. Default `forever`. */
  readonly until: 'latest' | 'forever';
  readonly isolation: 'read_committed' | 'read_uncommitted';
  readonly codec: CodecName;
  /** The columns of the messages, metadata columns not among them. */
  readonly schema: Schema;
  readonly validate: 'projected' | 'full';
  readonly unknown: 'ignore' | 'error';
  readonly batch: BatchLimits;
  readonly fetch: FetchLimits;
  readonly group: GroupPlan;
  /** Whether offsets are committed as they become durable; else only `run.commit()` does. */
  readonly autoCommit: boolean;
  readonly commitIntervalMs: number;
}

/** When a morsel closes. */
export interface BatchLimits {
  /** Most messages of a morsel, also where one record batch has more; default 65,536. */
  readonly maxRows: number;
  /** Default 4 MiB of encoded records. */
  readonly maxBytes: number;
  /** The longest that a record waits for a morsel to fill, ms; default 50. */
  readonly maxWaitMs: number;
}

/** What one fetch asks for. */
export interface FetchLimits {
  /** Default 1 byte. */
  readonly minBytes: number;
  /** Default 16 MiB. */
  readonly maxBytes: number;
  /** Default 500 ms. */
  readonly maxWaitMs: number;
}

/** Reads Arrow record batches that the caller holds; they are given to the run beside the plan. */
export interface BatchesSourcePlan {
  readonly kind: 'batches';
  readonly schema: Schema;
}

/** Writes one topic. */
export interface KafkaSinkPlan {
  readonly kind: 'kafka';
  readonly connection: ConnectionOptions;
  readonly topic: string;
  readonly codec: CodecName;
  /** Column whose text or bytes are the message key; absent: no key. */
  readonly key?: string;
  /** Whether the key column is written into the value, too; default true. */
  readonly keyInValue: boolean;
  /** Column of the message headers; it is not written into the value. Absent: no headers. */
  readonly headers?: string;
  readonly partitioner: Partitioner;
  readonly compression: Compression;
  readonly acks: -1 | 0 | 1;
  readonly idempotent: boolean;
  /** Whether a row whose value columns are all null becomes a tombstone (null value). */
  readonly tombstones: boolean;
  /** How long a batch may wait for others to the same broker, ms; default 0. */
  readonly lingerMs: number;
  /** Bytes of one record batch, at most the topic's `max.message.bytes`; default that. */
  readonly maxBatchBytes?: number;
  /** Bytes before which a record batch of several messages ends; default `maxBatchBytes`. */
  readonly batchBytes?: number;
  /** The most messages of one record batch; default: no bound. */
  readonly batchMessages?: number;
  readonly requestTimeoutMs: number;
  /** How often a batch is sent again at most; absent: `deliveryTimeoutMs` alone bounds that. */
  readonly retries?: number;
  /** How long a batch is tried, from its first attempt on, ms; default 120,000. */
  readonly deliveryTimeoutMs: number;
}

/** Hands batches to the caller. */
export interface BatchesSinkPlan {
  readonly kind: 'batches';
  /** Whether batches are views on worker memory, valid until the consumer asks for the next. */
  readonly borrow: boolean;
  /** Whether it only looks on: `tap`. A plan whose other ways have ended has ended. */
  readonly looksOn?: boolean;
}

/** How a plan runs. */
export interface RunSettings {
  /** Worker threads; default one less than the cores, at least 1. */
  readonly workers: number;
  /** Bytes of leases that may be out at once, all workers together; default 64 MiB. */
  readonly maxInFlightBytes: number;
}

/** One way of rows: from a source through steps to a sink. */
export interface PlanPath {
  readonly source: KafkaSourcePlan | BatchesSourcePlan;
  readonly steps: readonly Step[];
  readonly sink: KafkaSinkPlan | BatchesSinkPlan;
}

/** What runs: one way, or several in one run. */
export interface Plan extends PlanPath {
  readonly settings: RunSettings;
  /**
   * Further ways. A source, a step, a sink that is the same object as another's is the same one: it
   * is read, done, written once. (`structuredClone` keeps that.)
   */
  readonly others?: readonly PlanPath[];
}

/** All ways of a plan, the first one first. */
export function pathsOf({ source, steps, sink, others = [] }: Plan): readonly PlanPath[] {
  return [{ source, steps, sink }, ...others];
}

/** The sources of a plan, each once. */
export function sourcesOf(plan: Plan): readonly PlanPath['source'][] {
  return [...new Set(pathsOf(plan).map(({ source }) => source))];
}

/** The sinks of a plan, each once. */
export function sinksOf(plan: Plan): readonly PlanPath['sink'][] {
  return [...new Set(pathsOf(plan).map(({ sink }) => sink))];
}
