/** One run of one engine, as plain data: engines run in processes of their own. */
import type { MillraceConfig } from '../../src/config/config.ts';
import type { Acknowledgements } from './acknowledgements.ts';

/** The programs that are compared. */
export type EngineName = 'millrace' | 'kafkajs' | 'platformatic';

/** What an engine does in a run. */
export type Task = 'ingest' | 'produce' | 'main-job';

/** Which orders the main job keeps: those that are paid, 1 in 4, or those above 1,000, 9 in 10. */
export type FilterName = 'paid' | 'most';

/** How an engine cuts its work; engines differ in how batches matter, so several are tried. */
export interface BatchSetting {
  /** Messages of a morsel, or of one call of a rival's producer, at most. */
  readonly rows: number;
  /** Bytes that are asked of one partition in a fetch, and of a morsel, at most. */
  readonly partitionBytes: number;
}

/** The work of one run. */
export interface EngineJob {
  readonly engine: EngineName;
  /** Millrace only: the library that it stands on; default `auto`. */
  readonly client?: 'platformatic' | 'kafkajs';
  /** Millrace only: in the place of kafkajs, the version of it that copies each message. */
  readonly copies?: boolean;
  readonly task: Task;
  readonly brokers: readonly string[];
  /** Topic that is read; unused by `produce`. */
  readonly input: string;
  /** Topic that is written; unused by `ingest`. */
  readonly output: string;
  /** Messages on the input topic, or to be produced. */
  readonly messages: number;
  readonly filter: FilterName;
  /** What `ingest` makes of messages; Millrace always makes Arrow columns. */
  readonly into: 'objects' | 'arrow';
  readonly acks: -1 | 1;
  readonly batch: BatchSetting;
  /** Goes on until it is told to stop, and tells how far it is. Millrace's main job only. */
  readonly forever: boolean;
  /** `ingest` digests every row, for comparison: not a run to be timed. */
  readonly digest: boolean;
  /**
   * Millrace only: a configuration in the place of its defaults; `acks` and `batch` are not looked
   * at then.
   */
  readonly config?: MillraceConfig;
  /** Notes when each batch that is written was acknowledged. Millrace's main job only. */
  readonly acknowledgements?: boolean;
}

/** What an engine did. */
export interface EngineRun {
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Where `digest` was asked for. */
  readonly digest?: string;
  /** Where they were asked for. */
  readonly acknowledgements?: Acknowledgements;
}

/** What became of a run. */
export interface EngineOutcome extends EngineRun {
  /** From the call that starts the clients until all is acknowledged and committed. */
  readonly seconds: number;
  /** CPU time of the engine's whole process in that time, user and system. */
  readonly cpuSeconds: number;
  /** The most resident memory that the process ever had, MiB. */
  readonly rssPeakMiB: number;
}

/** How far a run is; sent by jobs that go on forever. */
export interface EngineProgress {
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly rssMiB: number;
}

/** What an engine's process says. */
export type EngineMessage =
  | { readonly kind: 'progress'; readonly progress: EngineProgress }
  | { readonly kind: 'done'; readonly outcome: EngineOutcome }
  | { readonly kind: 'failed'; readonly error: string };

/** What an engine's process is told. */
export type EngineCommand =
  | { readonly kind: 'run'; readonly job: EngineJob }
  | { readonly kind: 'stop' };

/** What a run is given beside its job. */
export interface EngineContext {
  /** Starts the clock anew: what was before was preparation of the input. */
  begin(): void;
  /** Aborted when a job that goes on forever shall end. */
  readonly signal: AbortSignal;
  onProgress(progress: EngineProgress): void;
}

/** A program that can do the tasks. */
export interface Engine {
  ingest(job: EngineJob, context: EngineContext): Promise<EngineRun>;
  produce(job: EngineJob, context: EngineContext): Promise<EngineRun>;
  mainJob(job: EngineJob, context: EngineContext): Promise<EngineRun>;
}
