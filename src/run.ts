/** A running plan: its handle, its figures, and what it is given beside the plan. */
import type { RecordBatch } from 'apache-arrow';
import type { ConnectionOptions, KafkaClient } from './ingest/client.ts';

/** `running`, then `draining` after `stop()`, then `closed`, or `failed` with an error. */
export type RunState = 'running' | 'draining' | 'closed' | 'failed';

/** Figures of one run since it began. Counters only grow. */
export interface RunStats {
  readonly state: RunState;
  /** Messages read (rows, from a source of batches), rejects among them. */
  readonly messagesIn: number;
  /** Messages that the broker acknowledged, or rows that the consumer took. */
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
  /** Messages between what was read and the latest offsets known, all partitions together. */
  readonly lag: number;
  /** Bytes of leases that are out now, and the most that ever were at once. */
  readonly inFlightBytes: number;
  readonly peakInFlightBytes: number;
  /** Wall-clock time since the run began, until now or until it closed, ms. */
  readonly elapsedMs: number;
}

/** A plan that runs. */
export interface Run {
  /**
   * Stops reading, lets what was read come out, commits it, and closes. Resolves when all is
   * closed, also where the run has failed: it never rejects, `closed` has the error. Calling it
   * again waits for the same end. Called inside the function that takes the batches, it resolves
   * as soon as the stopping has begun, for the end waits for that very call; so would awaiting
   * `closed` there, which never comes back.
   */
  stop(): Promise<void>;
  /** The figures now; cheap. */
  stats(): RunStats;
  /** Settles once all is over: with the last figures, or with the error that ended the run. */
  readonly closed: Promise<RunStats>;
  /**
   * Calls `listener` about once a second and once at the end; returns what takes it away again.
   * What it throws fails the run with `CONSUMER_FAILED`; at the end, when nothing can fail any
   * more, it is a warning of the process.
   */
  on(event: 'progress', listener: (stats: RunStats) => void): () => void;
}

/** What a run is given beside its plan: what cannot be data. */
export interface PipelineIo {
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
  /** Makes the client; default the `@platformatic/kafka` one. For tests and simulations. */
  readonly client?: (options: ConnectionOptions) => KafkaClient;
  /** Aborting it is `stop()`. */
  readonly signal?: AbortSignal;
  /** As `run.on('progress', …)`, from the start. */
  readonly onProgress?: (stats: RunStats) => void;
}
