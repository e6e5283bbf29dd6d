/** Where a pipeline's morsels come from. */
import type { MillraceError } from '../errors.ts';
import type { OffsetCommit, TopicPartition } from '../ingest/client.ts';
import type { MorselLoad } from '../morsel/dispatcher.ts';

/** A morsel that has no worker yet. */
export interface Morsel extends TopicPartition {
  readonly load: MorselLoad;
  /** Records, by the batches' headers; rows, from a source of batches. */
  readonly records: number;
  /** The offset behind the last record. */
  readonly nextOffset: bigint;
}

/** A partition that is ours from now on. */
export interface OpenedPartition extends TopicPartition {
  /** The first offset that will be read. */
  readonly position: bigint;
}

/** What a feed tells its pipeline. */
export interface FeedListener {
  onAssign(partitions: readonly OpenedPartition[]): void;
  /** Awaited: finish and commit what is in flight for them. */
  onRevoke(partitions: readonly TopicPartition[]): Promise<void>;
  onLost(partitions: readonly TopicPartition[]): void;
  /** A partition's offset was lost, and reading goes on at `offsetReset`: something was skipped. */
  onReset(partition: TopicPartition): void;
  /** There may be a morsel, or the end is reached. */
  onData(): void;
  onError(error: MillraceError): void;
}

/** A source, as the pipeline sees it. */
export interface Feed {
  start(listener: FeedListener): Promise<void>;
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
