/** What crosses between the main thread and a worker: plain, cloneable data, once per morsel. */
import type { PortableBatch } from '../arrow/batch-export.ts';
import type { Schema } from '../arrow/schema.ts';
import type { PlainError } from '../errors.ts';
import type { BatchBounds, OutputBatch } from '../ingest/batch-writer.ts';
import type { CodecName } from '../ingest/codecs/codec-name.ts';
import type { CompiledSteps } from '../operators/compile.ts';
import type { Compression, Partitioner } from '../plan.ts';

/** Where a worker's columns come from. */
export type EngineSource =
  | {
      readonly kind: 'kafka';
      readonly codec: CodecName;
      readonly schema: Schema;
      /** Columns of the message that something reads. */
      readonly columns: readonly string[];
      /** Metadata columns that something reads. */
      readonly metadata: readonly string[];
      readonly validate: 'projected' | 'full';
      readonly unknown: 'ignore' | 'error';
    }
  | { readonly kind: 'batches' };

/** Where a worker's rows go. */
export type EngineSink =
  | ({
      readonly kind: 'kafka';
      readonly codec: CodecName;
      /** The columns of the value, in order. */
      readonly schema: Schema;
      /** Column whose bytes are the message key. */
      readonly key?: string;
      /** Column of the message headers. */
      readonly headers?: string;
      /** Partitions of the output topic. */
      readonly partitions: number;
      readonly partitioner: Partitioner;
      readonly compression: Compression;
      readonly tombstones: boolean;
    } & BatchBounds)
  | { readonly kind: 'batches'; readonly schema: Schema; readonly borrow: boolean };

/** What a worker is set up with, once. */
export interface EngineSpec {
  readonly source: EngineSource;
  readonly steps: CompiledSteps;
  readonly sink: EngineSink;
}

/** Encoded records of one partition, in the lease. */
export interface RecordsInput {
  readonly kind: 'records';
  readonly topic: string;
  readonly partition: number;
  /** Address of the first batch. */
  readonly address: number;
  readonly byteLength: number;
  /** Records before this offset are dropped. */
  readonly fetchOffset: bigint;
  /** Where, from `address` on, batches begin that belong to aborted transactions. */
  readonly dropped: readonly number[];
}

/** Columns in the lease. */
export interface ColumnsInput {
  readonly kind: 'columns';
  /** Name and address of each `Column`. */
  readonly columns: readonly (readonly [string, number])[];
  readonly rows: number;
  /** Number of the first row among all rows of the source. */
  readonly firstRow: bigint;
}

/** One morsel to work on. */
export interface MorselTask {
  readonly input: RecordsInput | ColumnsInput;
  /** The part of the lease that the worker may fill: `[begin, end)`. */
  readonly arenaBegin: number;
  readonly arenaEnd: number;
  /** How many rows the plan's limit step may still let pass. */
  readonly limit?: number;
  /** Calls of user functions that are not made: their rows are null; by number, see `udfsOf`. */
  readonly skippedUdfs?: readonly number[];
}

/** Time that one morsel took in its worker, milliseconds. */
export interface MorselTimings {
  readonly decodeMs: number;
  readonly operateMs: number;
  readonly encodeMs: number;
}

/** Why a morsel was cut short. */
export interface MorselFailure {
  /** What is wrong with the row at which it was cut. */
  readonly error: PlainError;
  /** Offset of that row's message: all before it is in the result; -1 for rows of batches. */
  readonly nextOffset: bigint;
  /** Messages of the morsel that do not decode. */
  readonly rejects: number;
}

/** A morsel that is done, or done up to a row that cannot be. */
export interface MorselDone {
  readonly kind: 'done';
  /** Records of the morsel, rows after the steps. */
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** Record batches for the sink, in the lease, in order per output partition. */
  readonly outputs: readonly OutputBatch[];
  /** The rows for a sink of batches; absent where no row is left. */
  readonly batch?: PortableBatch;
  /** Bytes of the arena that were used: how large the next lease should be. */
  readonly arenaUsedBytes: number;
  /** Under a limit step: rows that passed it, and the offset behind the last of them. */
  readonly limited?: { readonly passed: number; readonly nextOffset: bigint };
  /** The first row that does not decode or evaluate: only rows before it came out. */
  readonly failure?: MorselFailure;
  /** Rows that became null because a user function failed on them; absent where there are none. */
  readonly functionErrors?: number;
  readonly timings: MorselTimings;
}

/** The lease was too small; nothing happened. */
export interface MorselFull {
  readonly kind: 'full';
}

/** No part of the morsel can be done; the error names the batch. */
export interface MorselFailed {
  readonly kind: 'failed';
  readonly error: PlainError;
}

/** What a worker answers. */
export type MorselResult = MorselDone | MorselFull | MorselFailed;
