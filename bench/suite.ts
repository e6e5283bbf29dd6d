/** What a benchmark suite is; `bench/<name>.ts` exports one as `suite`. */

/** How a suite is run. */
export interface SuiteOptions {
  /** A small size that tests run, so that suites cannot rot; its figures mean nothing. */
  readonly small: boolean;
  /** Messages of our own engine, where a suite's size is not to be its default. */
  readonly messages?: number;
  /** `operators`, `types`: the cases whose name has this text. Default: all. */
  readonly cases?: string;
  /** `main-job` only: its memory over many messages, instead of its speed. */
  readonly soak?: boolean;
  /** Takes each figure as soon as it is there. */
  report(measurement: Measurement): void;
}

/** How programs are called in figures; what one of them is run with is in the case or settings. */
export type EngineLabel =
  | 'millrace'
  | 'JSON.parse'
  | 'JSON.parse+arrow'
  | 'JSON.stringify'
  | 'plain loop'
  | 'arquero'
  | 'duckdb'
  | 'duckdb, stored'
  | 'kafkajs'
  | 'platformatic'
  | 'millrace, preset throughput'
  | 'millrace, preset lowLatency'
  | 'millrace, udf of vectors'
  | 'millrace, udf of rows'
  | 'millrace, pure udf of rows'
  | 'millrace, pure udf of a dictionary'
  | 'millrace, map on the main thread'
  | 'millrace, filter on the main thread'
  | 'millrace, batches of 16 KiB'
  | 'millrace on platformatic'
  | 'millrace on kafkajs'
  | 'millrace on kafkajs 2.1.0, which copies';

/** What one engine did in one case: a line of the output. */
export interface Measurement {
  readonly suite: string;
  readonly case: string;
  readonly engine: EngineLabel;
  readonly messages: number;
  readonly bytesPerMessage: number;
  /** Median over the repeats. */
  readonly seconds: number;
  readonly messagesPerSecond: number;
  /** CPU time of the engine's whole process, user and system, a million messages. */
  readonly cpuSecondsPerMillion: number;
  /** Equal for every engine of a case: they did the same. */
  readonly resultHash: string;
  /** Whatever the figure hangs on: Node and CPU always; acks, compression, batch sizes, … */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

/** A set of cases with their engines. */
export interface Suite {
  readonly name: string;
  /** One line for `--help`. */
  readonly description: string;
  run(options: SuiteOptions): Promise<void>;
}

/** Every suite that there is, in the order of `all`. */
export const SUITES = [
  'decode',
  'encode',
  'types',
  'operators',
  'ingest',
  'produce',
  'main-job',
  'morsel',
  'udf',
  'latency',
  'clients',
  'presets',
] as const;

/** The name of a suite. */
export type SuiteName = (typeof SUITES)[number];
