/** Between a run that hands out batches and a loop that takes messages. */
import type { RecordBatch } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import type { TopicPartition } from '../ingest/client.ts';
import { partitionKey } from '../ingest/partition-key.ts';
import type { BatchRows } from './batch-rows.ts';

/** A batch in the reader's hands. */
interface Held {
  readonly rows: BatchRows;
  /** The row that the consumer has; -1: none any more. */
  row: number;
  /** Rows that it is done with. */
  done: number;
  /** Its partition is not ours any more: its rows are still handed out, and not committed. */
  gone: boolean;
  readonly taken: PromiseWithResolvers<void>;
}

/** A position to commit: the next offset to read. */
export interface NextOffset extends TopicPartition {
  readonly offset: bigint;
}

/** Hands out the rows of batches. A row is done with when the next one is asked for. */
export class RowReader {
  /** Awaited before a batch is given back whose rows are done with: what they led to settles. */
  beforeRelease: (() => Promise<void>) | undefined;
  /** How often something was dropped: a commit from before it tells nothing of what came since. */
  drops = 0;
  /** Whether the current row is somebody else's still: a commit leaves it out. */
  passing = false;
  readonly #open: (batch: RecordBatch) => BatchRows;
  /** Behind the last row that was handed out, or where a seek went since, by partition. */
  readonly #next = new Map<string, NextOffset>();
  /** Behind the last row that was handed out of partitions before they were lost. */
  readonly #lost = new Map<string, bigint>();
  #held: Held | undefined;
  #offered: Held | undefined;
  #ended = false;
  #left = false;
  #runOver = false;
  #error: MillraceError | undefined;
  #failure: MillraceError | undefined;
  #told = false;
  #wake: (() => void)[] = [];

  constructor(open: (batch: RecordBatch) => BatchRows) {
    this.#open = open;
  }

  /** The batch that the current row is of. */
  get rows(): BatchRows {
    return this.#held!.rows;
  }

  /** The current row. */
  get row(): number {
    return this.#held!.row;
  }

  /** Takes a batch from the run; settles when all its rows are done with. */
  async offer(batch: RecordBatch): Promise<void> {
    if (this.#left) throw consumerLeft();
    const taken = Promise.withResolvers<void>();
    this.#offered = { rows: this.#open(batch), row: 0, done: 0, gone: false, taken };
    this.#wakeUp();
    await taken.promise;
  }

  /** Goes to the next row of the batch at hand; false where there is none: `wait` for another. */
  advance(): boolean {
    const held = this.#held;
    if (held === undefined || this.#failure !== undefined) return false;
    held.done = held.row + 1;
    if (this.#ended || held.done >= held.rows.length) return false;
    held.row += 1;
    return true;
  }

  /**
   * Gives back the batch whose rows are done with, and goes to the first row of another. Answers
   * false at the end, or where none came in time.
   *
   * @throws MillraceError what the run failed with, or `fail` was told.
   */
  async wait(timeoutMs?: number): Promise<boolean> {
    if (this.#ended) return false;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#held !== undefined) {
      await this.beforeRelease?.();
      this.#release();
    }
    const deadline = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
    while (this.#offered === undefined) {
      if (this.#ended) return false;
      if (this.#error !== undefined) {
        this.#told = true;
        throw this.#error;
      }
      if (this.#runOver) return false;
      const leftMs = deadline === undefined ? undefined : deadline - performance.now();
      if (leftMs !== undefined && leftMs <= 0) return false;
      await this.#sleep(leftMs);
    }
    if (this.#ended) return false;
    this.#held = this.#offered;
    this.#offered = undefined;
    return true;
  }

  /** What was handed out, as positions to commit; `current`: the current row with it. */
  positions({ current }: { current: boolean }): NextOffset[] {
    const next = new Map(this.#next);
    const held = this.#held?.gone ? undefined : this.#held;
    const isWith = current && !this.passing;
    const behind = held === undefined ? 0 : isWith ? held.row + 1 : held.done;
    if (held !== undefined && behind > 0)
      next.set(partitionKey(held.rows), positionOf(held.rows, behind));
    return [...next.values()];
  }

  /**
   * Behind the rows of the batch at hand that are done with, and have nothing that must settle
   * first; `undefined` where there are none.
   */
  get partDone(): NextOffset | undefined {
    const held = this.#held;
    if (held === undefined || held.gone || this.beforeRelease !== undefined) return undefined;
    return held.done === 0 ? undefined : positionOf(held.rows, held.done);
  }

  /** Forgets what is at hand of these partitions, and how far they were read. */
  drop(partitions: readonly TopicPartition[]): void {
    this.drops += 1;
    const keys = new Set(partitions.map(partitionKey));
    for (const key of keys) this.#next.delete(key);
    if (this.#held !== undefined && keys.has(partitionKey(this.#held.rows))) {
      this.#held.taken.resolve();
      this.#held = undefined;
    }
    if (this.#offered !== undefined && keys.has(partitionKey(this.#offered.rows))) {
      this.#offered.taken.resolve();
      this.#offered = undefined;
    }
  }

  /** These partitions go on at these positions: what is at hand of them is dropped. */
  move(positions: readonly NextOffset[]): void {
    this.drop(positions);
    for (const { topic, partition, offset } of positions) {
      this.#next.set(partitionKey({ topic, partition }), { topic, partition, offset });
    }
  }

  /** These partitions were lost: what is at hand of them is dropped, for others read it, too. */
  lose(partitions: readonly TopicPartition[]): void {
    const keys = new Set(partitions.map(partitionKey));
    for (const position of this.positions({ current: true })) {
      if (keys.has(partitionKey(position))) this.#lost.set(partitionKey(position), position.offset);
    }
    this.drop(partitions);
  }

  /** Whether this message was handed out before its partition was lost, if that ever was. */
  wasLost(message: NextOffset): boolean {
    const behind = this.#lost.get(partitionKey(message));
    return behind !== undefined && message.offset < behind;
  }

  /** These partitions are not ours any more: when they return, they were read by others. */
  forget(partitions: readonly TopicPartition[]): void {
    const keys = new Set(partitions.map(partitionKey));
    for (const key of keys) this.#next.delete(key);
    for (const held of [this.#held, this.#offered]) {
      if (held !== undefined && keys.has(partitionKey(held.rows))) held.gone = true;
    }
  }

  /**
   * The current row is done with, where it is before this position: it was committed.
   *
   * @param drops as it was when the commit was sent.
   */
  noteCommitted({ topic, partition, offset }: NextOffset, drops = this.drops): void {
    const held = this.#held;
    if (drops !== this.drops) return;
    if (held === undefined || held.row < 0) return;
    if (held.rows.topic !== topic || held.rows.partition !== partition) return;
    if (held.rows.offset(held.row) < offset) held.done = held.row + 1;
  }

  /** Nothing of the batch at hand is done with: what its rows led to has failed. */
  abandon(): void {
    if (this.#held === undefined) return;
    this.#held.row = -1;
    this.#held.done = 0;
  }

  /** A row cannot be dealt with: it is not done with, and nothing is handed out behind it. */
  fail(rows: BatchRows, row: number, failure: MillraceError): void {
    this.#failure = failure;
    // What was dropped meanwhile is none of ours any more.
    if (this.#held?.rows !== rows) return;
    this.#held.row = row - 1;
    this.#held.done = Math.min(this.#held.done, row);
  }

  /** The run is over: the rows at hand are still handed out, then comes its error or the end. */
  runEnded(error?: MillraceError): void {
    this.#runOver = true;
    this.#error = error;
    this.#wakeUp();
  }

  /** What the run failed with, as long as nobody who waited for a row was told. */
  get untold(): MillraceError | undefined {
    return this.#told ? undefined : this.#error;
  }

  /** No row is handed out any more. */
  end(): void {
    this.#ended = true;
    this.#wakeUp();
  }

  /**
   * No batch is taken any more. What is at hand the run does not commit; it stays among the
   * positions, for a last commit while the partitions go.
   */
  leave(): void {
    this.end();
    this.#left = true;
    this.#held?.taken.reject(consumerLeft());
    this.#offered?.taken.reject(consumerLeft());
    this.#offered = undefined;
  }

  #release(): void {
    const held = this.#held;
    if (held === undefined) return;
    if (!held.gone) this.#next.set(partitionKey(held.rows), positionOf(held.rows, held.done));
    held.taken.resolve();
    this.#held = undefined;
  }

  async #sleep(forMs: number | undefined): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#wake.push(woken.resolve);
    const timer = forMs === undefined ? undefined : setTimeout(woken.resolve, timerMs(forMs));
    await woken.promise;
    clearTimeout(timer);
    this.#wake = this.#wake.filter((wake) => wake !== woken.resolve);
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}

/** What a timer takes of a time: the longest that Node has, about 24 days; longer is at once. */
export function timerMs(ms: number): number {
  return Math.min(ms, 0x7fffffff);
}

function positionOf(rows: BatchRows, behind: number): NextOffset {
  const { topic, partition } = rows;
  return { topic, partition, offset: rows.offset(behind - 1) + 1n };
}

function consumerLeft(): MillraceError {
  return new MillraceError('the source was closed before the batch was taken', { code: 'ABORTED' });
}
