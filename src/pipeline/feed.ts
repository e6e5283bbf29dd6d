/** Where a pipeline's morsels come from. */
import type { MillraceError } from '../errors.ts';
import type { OffsetCommit, OffsetPoint, TopicPartition } from '../ingest/client.ts';
import type { MorselLoad } from '../morsel/dispatcher.ts';

/** A morsel that has no worker yet. */
export interface Morsel extends TopicPartition {
  readonly load: MorselLoad;
  /** Records, by the batches' headers; rows, from a source of batches. */
  readonly records: number;
  /** Bytes that it is the last to read; default: those of its load. */
  readonly ownBytes?: number;
  /** The offset that it begins at. */
  readonly firstOffset: bigint;
  /** The offset behind the last record. */
  readonly nextOffset: bigint;
}

/** A partition that is ours from now on. */
export interface OpenedPartition extends TopicPartition {
  /** The first offset that will be read. */
  readonly position: bigint;
  /** Whether it is to be committed, where that happens by itself; default false. */
  readonly due?: boolean;
}

/** What a feed tells its pipeline; promises are awaited. */
export interface FeedListener {
  /** They are read once this has settled. */
  onAssign(partitions: readonly OpenedPartition[]): Promise<void>;
  /** Finish and commit what is in flight for them. */
  onRevoke(partitions: readonly TopicPartition[]): Promise<void>;
  onLost(partitions: readonly TopicPartition[]): Promise<void>;
  /** Offset `from` is not in the log, and reading goes on at `to`, by the plan's `offsetReset`. */
  onReset(partition: TopicPartition, from: bigint, to: bigint): void;
  /**
   * All there is was handed out, and more may come from others of a group: settles when it is out
   * and, where that happens by itself, committed.
   */
  onRead(): Promise<void>;
  /** There may be a morsel, or the end is reached. */
  onData(): void;
  onError(error: MillraceError): void;
}

/** What can be done with the partitions of a feed while it runs. */
export interface FeedControl {
  /** Whether there is a group that offsets are committed to. */
  readonly commits: boolean;
  /** How far partitions were read, where all there is was handed out; else none. */
  readonly reached: readonly OpenedPartition[];
  /** Hands nothing more of them out, and keeps their place; default all, now and later. */
  pause(partitions?: readonly TopicPartition[]): void;
  resume(partitions?: readonly TopicPartition[]): void;
  /** Goes on at another offset; nothing that was read before is handed out any more. */
  seek(partition: TopicPartition, offset: bigint): void;
  /** The offsets of a point in the logs, in the order asked. */
  offsets(partitions: readonly TopicPartition[], at: OffsetPoint): Promise<bigint[]>;
}

/** A source, as the pipeline sees it. */
export interface Feed {
  start(listener: FeedListener): Promise<void>;
  /** Absent: what it reads has no partitions. */
  readonly control?: FeedControl;
  /**
   * The next morsel. With `idle` whatever there is; else only what fills a morsel or has waited
   * long enough.
   */
  next(idle: boolean): Morsel | undefined;
  /** Milliseconds until something will have waited long enough; `undefined`: nothing waits. */
  dueMs(): number | undefined;
  /** Whether all there is to read was handed out. */
  readonly exhausted: boolean;
  /** Messages behind the end of the log. */
  readonly lag: number;
  commit(offsets: readonly OffsetCommit[]): Promise<void>;
  /** Reads no further; what was read and not handed out is dropped. */
  stop(): Promise<void>;
  /** Gives back what is held outside; call after the last commit. */
  close(): Promise<void>;
}
