/** What crosses between the main thread and a worker: plain, cloneable data, once per morsel. */
import type { PortableBatch } from '../arrow/batch-export.ts';
import type { Field, Schema } from '../arrow/schema.ts';
import type { PlainError } from '../errors.ts';
import type { BatchBounds, OutputBatch } from '../ingest/batch-writer.ts';
import type { CodecName } from '../ingest/codecs/codec-name.ts';
import { type CompiledBranch, stepsOf } from '../operators/compile.ts';
import type { CompiledStep } from '../operators/compile-step.ts';
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
  | {
      readonly kind: 'batches';
      /** Columns with JSON texts that nobody has looked at. */
      readonly json: readonly Field[];
    };

/** Where a worker's rows go. */
export type EngineSink =
  | ({
      readonly kind: 'kafka';
      readonly codec: CodecName;
      /** The columns of the value, in order. */
      readonly schema: Schema;
      /** Whether values are those of the messages that came, byte for byte. */
      readonly copiesValues: boolean;
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

/** One source of a run, and all ways of its rows. */
export interface EngineInput {
  readonly source: EngineSource;
  readonly root: CompiledBranch;
}

/** What a worker is set up with, once. */
export interface EngineSpec {
  readonly inputs: readonly EngineInput[];
  /** Ends of the inputs' branches name them by their place. */
  readonly sinks: readonly EngineSink[];
  /** Rows that each limit lets pass in the whole run, by its number. */
  readonly limits: readonly number[];
}

/** The steps of all inputs, each once, in an order that every thread finds alike. */
export function stepsOfSpec({ inputs }: EngineSpec): readonly CompiledStep[] {
  return inputs.flatMap(({ root }) => stepsOf(root));
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
  /** Records from this offset on are dropped; absent: none are. */
  readonly endOffset?: bigint;
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
  /** Which of the spec's inputs it is of; default the first. */
  readonly source?: number;
  readonly input: RecordsInput | ColumnsInput;
  /** The part of the lease that the worker may fill: `[begin, end)`. */
  readonly arenaBegin: number;
  readonly arenaEnd: number;
  /** How many rows each limit may still let pass, by its number; default: all of its own. */
  readonly left?: readonly number[];
  /** Calls of user functions that are not made: their rows are null; by number, see `udfsOf`. */
  readonly skippedUdfs?: readonly number[];
  /** Whether user functions of vectors are given copies, isolated or not. Default false. */
  readonly copiesForUdfs?: boolean;
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

/** What a morsel has for one sink. */
export interface Sunk {
  /** Number of the sink. */
  readonly sink: number;
  readonly rows: number;
  /** Record batches for a topic, in the lease, in order per output partition. */
  readonly outputs: readonly OutputBatch[];
  /** The rows for a sink of batches. */
  readonly batch?: PortableBatch;
}

/** A morsel that is done, or done up to a row that cannot be. */
export interface MorselDone {
  readonly kind: 'done';
  /** Records of the morsel. */
  readonly rowsIn: number;
  /** What came out at each end where any row is left; a sink of several ends has several. */
  readonly sunk: readonly Sunk[];
  /** Bytes of the arena that were used: how large the next lease should be. */
  readonly arenaUsedBytes: number;
  /** Rows that passed each limit, by its number; absent where the plan has none. */
  readonly passed?: readonly number[];
  /**
   * Where every end, but those that only look on, is behind a limit that lets nothing more pass:
   * the offset behind the last message that one of them got rows of; -1 for none, or rows of
   * batches.
   */
  readonly endOffset?: bigint;
  /** The first row that does not decode or evaluate: only rows before it came out. */
  readonly failure?: MorselFailure;
  /** Rows that became null because a user function failed on them; absent where there are none. */
  readonly functionErrors?: number;
  readonly timings: MorselTimings;
}

/** The lease was too small; nothing happened. */
export interface MorselFull {
  readonly kind: 'full';
  /** The call that was being computed, where it was one. */
  readonly expression?: string;
}

/** The morsel gave way, or wants its input written anew: it is to run again; nothing happened. */
export interface MorselAgain {
  readonly kind: 'again';
  /** Whether user functions are to be given copies then: they may have written to columns. */
  readonly copies?: boolean;
}

/** No part of the morsel can be done; the error names the batch. */
export interface MorselFailed {
  readonly kind: 'failed';
  readonly error: PlainError;
}

/** What a worker answers. */
export type MorselResult = MorselDone | MorselFull | MorselAgain | MorselFailed;
