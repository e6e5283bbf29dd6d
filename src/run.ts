/** A running plan: its handle, its figures, and what it is given beside the plan. */
import type { RecordBatch } from 'apache-arrow';
import type { ConnectionOptions, KafkaClient, TopicPartition } from './ingest/client.ts';

/** `running`, then `draining` after `stop()`, then `closed`, or `failed` with an error. */
export type RunState = 'running' | 'draining' | 'closed' | 'failed';

/** Figures of one sink of a run. */
export interface SinkStats {
  /** The topic, or `forEach`, or `tap`. */
  readonly name: string;
  /** Messages that the broker acknowledged, or rows that the function took. */
  readonly messagesOut: number;
  readonly bytesOut: number;
}

/** Figures of one run since it began. Counters only grow. */
export interface RunStats {
  readonly state: RunState;
  /** Messages read (rows, from a source of batches), rejects among them. */
  readonly messagesIn: number;
  /**
   * Messages that the broker acknowledged, or rows that the consumer took; of all sinks together,
   * but for what functions of `tap` saw.
   */
  readonly messagesOut: number;
  /** Encoded bytes fetched; bytes of the batches, from a source of batches. */
  readonly bytesIn: number;
  /** Encoded bytes produced; bytes of the batches handed over. */
  readonly bytesOut: number;
  /** Morsels whose results are out. */
  readonly morsels: number;
  /** Messages that did not decode. */
  readonly rejects: number;
  /**
   * How often the next offset of a partition was not in its log any more (retention, or an unclean
   * election) and reading went on at the plan's `offsetReset`: what lay between was not read.
   */
  readonly offsetResets: number;
  /** Rows that became null because a user function with `onError: 'null'` failed on them. */
  readonly functionErrors: number;
  /** Messages between what was read and the latest offsets known, all partitions together. */
  readonly lag: number;
  /** Bytes of leases that are out now, and the most that ever were at once. */
  readonly inFlightBytes: number;
  readonly peakInFlightBytes: number;
  /** The client library that reads, or else the one that writes; absent: no Kafka in the plan. */
  readonly client?: {
    readonly name: string;
    readonly version: string;
    /** Why each message is copied as an object, where it is. */
    readonly copying?: string;
  };
  /** Each sink, in the order of the plan. */
  readonly sinks: readonly SinkStats[];
  /** Wall-clock time since the run began, until now or until it closed, ms. */
  readonly elapsedMs: number;
}

/** Where `seek` goes: `offset` is the next one to read. */
export interface SeekPosition extends TopicPartition {
  readonly offset: bigint | 'earliest' | 'latest';
}

/** What `commit` commits: `offset` is the next one to read, that of the last message plus one. */
export interface CommitPosition extends TopicPartition {
  readonly offset: bigint;
}

/**
 * A plan that runs.
 *
 * `pause`, `resume`, `seek`, `commit` and `assignment` are of Kafka sources alone; partitions that
 * are not this run's, now, are an `INVALID_OPTION` that names them. On a run that has ended `seek`
 * and `commit` are `ABORTED`, `pause` and `resume` do nothing.
 */
export interface Run {
  /**
   * Stops reading, lets what was read come out, commits it, and closes. Resolves when all is
   * closed, also where the run has failed: it never rejects, `closed` has the error. Calling it
   * again waits for the same end. Called inside the function that takes the batches, it resolves
   * as soon as the stopping has begun, for the end waits for that very call; so would awaiting
   * `closed` there, which never comes back.
   */
  stop(): Promise<void>;
  /** The partitions that are this run's now, ordered by topic and number. */
  assignment(): readonly TopicPartition[];
  /**
   * Stops reading these partitions: what workers have of them comes out, what was only fetched is
   * dropped and fetched again later. Others go on, and a group membership lives. A partition that
   * is taken away forgets that it was paused. Without `partitions`: all, also those that come
   * later, until `resume()`.
   */
  pause(partitions?: readonly TopicPartition[]): void;
  /** Goes on where they were paused. Default all. */
  resume(partitions?: readonly TopicPartition[]): void;
  /**
   * Goes on elsewhere. Once it has settled nothing that was read before comes out any more: what
   * workers have of these partitions is dropped; what was given to a topic by then is acknowledged
   * first; a batch that the consumer has in hands is its own, and not committed. The new position
   * is what is committed next. An offset that is not in the log goes on at `offsetReset`, and
   * counts in `offsetResets`.
   */
  seek(positions: readonly SeekPosition[]): Promise<void>;
  /**
   * Commits to the plan's group, whatever `autoCommit` says; rejects where the offsets were not
   * committed (`GROUP_FENCED`: the group went on without us), and the run goes on.
   *
   * Default: everything that is out, which is what the sink's topic has acknowledged, or the
   * batches that the consumer has taken; called inside the function that takes batches, the batch
   * at hand among them. With `offsets`: those, up to what is out and, where batches are handed
   * over, to the end of the batch at hand; beyond that is an `INVALID_OPTION`.
   */
  commit(offsets?: readonly CommitPosition[]): Promise<void>;
  /** The figures now; cheap. */
  stats(): RunStats;
  /**
   * Settles once all is over: with the last figures, or with the error that ended the run. A run
   * that fails while nobody awaits this, or `stop()`, is an unhandled rejection.
   */
  readonly closed: Promise<RunStats>;
  /**
   * Calls `listener` about once a second and once at the end; returns what takes it away again.
   * What it throws fails the run with `CONSUMER_FAILED`; at the end, when nothing can fail any
   * more, it is a warning of the process.
   */
  on(event: 'progress', listener: (stats: RunStats) => void): () => void;
}

/** Is told where a seek goes: with the offsets that `earliest` and `latest` stand for. */
export type OnMoved = (positions: readonly CommitPosition[]) => void;

/** A run, for what stands between it and its caller. Every run of Kafka's topics is one. */
export interface MovableRun extends Run {
  /**
   * Settles when it was first said which partitions are this run's, if only that none is. Until
   * then `assignment()` is empty. A run that ends before never settles it: `closed` does.
   */
  readonly dealt: Promise<void>;
  /**
   * As in `Run`.
   *
   * @param onMoved called at the turn between the two positions: every batch that was handed out
   *   before the call is of the old one, every later batch of the new one. Settling takes longer,
   *   and batches come in between.
   */
  seek(positions: readonly SeekPosition[], onMoved?: OnMoved): Promise<void>;
}

/**
 * Is told which partitions come or go, and awaited. What it throws fails the run with
 * `CONSUMER_FAILED`. It may call everything of the run; its `stop()` does not wait in here.
 */
export type PartitionHook = (
  partitions: readonly TopicPartition[],
  run: Run,
) => void | Promise<void>;

/** The caller's functions around changes of the partitions. */
export interface PartitionHooks {
  /** Partitions are new, and not read yet: the place to `seek` or `pause` them. */
  readonly onAssign?: PartitionHook;
  /**
   * Partitions are about to go, at the end of a run, too. What a topic is sent, or a consumer was
   * handed, of them is out and, with `autoCommit`, committed; they are still ours for a last
   * `run.commit()`.
   */
  readonly onRevoke?: PartitionHook;
  /** Partitions are gone already: somebody else may read them, nothing can be committed. */
  readonly onLost?: PartitionHook;
}

/** What one source or sink is given beside its plan. */
export interface EndIo {
  readonly hooks?: PartitionHooks;
  readonly batches?: PipelineIo['batches'];
  readonly onBatch?: PipelineIo['onBatch'];
}

/** What a plan's sources and sinks are given, by the objects that they are; asked once a run. */
export type PlanEnds = ReadonlyMap<object, () => EndIo>;

/**
 * What a run is given beside its plan: what cannot be data. `hooks`, `batches` and `onBatch` are of
 * the plan's first source and sink; those of others are in `ends`.
 */
export interface PipelineIo {
  /** By the source or sink of the plan that they are of. */
  readonly ends?: ReadonlyMap<object, EndIo>;
  /** Functions around changes of the partitions. */
  readonly hooks?: PartitionHooks;
  /** The batches of a plan whose source is `batches`. Closed (`return`) when the run ends early. */
  readonly batches?: AsyncIterable<RecordBatch> | Iterable<RecordBatch>;
  /**
   * Takes the batches of a plan whose sink is `batches`, one at a time: the next one comes when the
   * promise has resolved, and only then may offsets of the batch be committed. A borrowed batch is
   * valid until then. A rejection with `ABORTED` says that the consumer has left: this batch and
   * all behind it stay uncommitted, what was taken before is committed, `closed` resolves. Any
   * other rejection fails the run.
   */
  readonly onBatch?: (batch: RecordBatch) => void | Promise<void>;
  /** Makes the client; default: as the option `client` says. For tests and simulations. */
  readonly client?: (options: ConnectionOptions) => KafkaClient;
  /** Aborting it is `stop()`. */
  readonly signal?: AbortSignal;
  /** As `run.on('progress', …)`, from the start. */
  readonly onProgress?: (stats: RunStats) => void;
}
