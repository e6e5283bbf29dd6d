/** Arrow record batches to the caller, one at a time. */
import type { RecordBatch } from 'apache-arrow';
import type { PortableBatch } from '../arrow/batch-export.ts';
import { MillraceError } from '../errors.ts';
import type { Dispatched } from '../morsel/dispatcher.ts';
import type { MemoryBudget } from '../morsel/memory.ts';
import type { Outlet, Parcel } from './outlet.ts';

/** What the outlet calls. */
export interface BatchConsumer {
  /** Builds the batch that the caller sees. */
  open(portable: PortableBatch, memory: ArrayBufferLike): RecordBatch;
  /** Takes it; the next comes when this has resolved. */
  take(batch: RecordBatch): void | Promise<void>;
}

interface Waiting {
  readonly dispatched: Dispatched;
  readonly portable: PortableBatch;
  readonly bytes: number;
  readonly parcel: Parcel;
}

/** Batches that wait for the consumer while workers go on. */
const MAX_WAITING = 4;

/** Hands batches over in order. Copied batches are charged to the budget until they are taken. */
export class BatchOutlet implements Outlet {
  readonly handsOver = true;
  messages = 0;
  bytes = 0;
  readonly #consumer: BatchConsumer;
  readonly #borrow: boolean;
  readonly #budget: MemoryBudget;
  readonly #onReady: () => void;
  readonly #waiting: Waiting[] = [];
  #handing = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(consumer: BatchConsumer, borrow: boolean, budget: MemoryBudget, onReady: () => void) {
    this.#consumer = consumer;
    this.#borrow = borrow;
    this.#budget = budget;
    this.#onReady = onReady;
  }

  get ready(): boolean {
    return this.#waiting.length < MAX_WAITING;
  }

  get relaxed(): boolean {
    return this.#waiting.length <= 1;
  }

  get pending(): number {
    return this.#waiting.length;
  }

  accept(dispatched: Dispatched, parcel: Parcel): number {
    const portable = dispatched.done.batch;
    if (portable === undefined) {
      dispatched.lease.release();
      return 0;
    }
    const bytes = portable.buffer?.byteLength ?? dispatched.lease.byteLength;
    if (!this.#borrow) {
      // In this order: what is given back may be let out again at once.
      this.#budget.charge(bytes);
      dispatched.lease.release();
    }
    this.#waiting.push({ dispatched, portable, bytes, parcel });
    if (!this.#handing) {
      this.#handing = true;
      queueMicrotask(() => void this.#handOver());
    }
    return 1;
  }

  async flush(): Promise<void> {
    if (this.#waiting.length === 0 && !this.#handing) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  close(): void {
    this.#closed = true;
  }

  async #handOver(): Promise<void> {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const error = await this.#hand(next);
      this.#waiting.shift();
      if (this.#borrow) next.dispatched.lease.release();
      else this.#budget.refund(next.bytes);
      next.parcel.settled(error);
      this.#onReady();
    }
    this.#handing = false;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  async #hand({
    portable,
    bytes,
    dispatched,
    parcel,
  }: Waiting): Promise<MillraceError | undefined> {
    if (this.#closed) {
      return new MillraceError('the run ended before the batch was taken', { code: 'ABORTED' });
    }
    if (!parcel.wanted()) return undefined;
    try {
      await this.#consumer.take(this.#consumer.open(portable, dispatched.worker.bytes.buffer));
    } catch (error) {
      // Whatever comes behind this batch must not be taken either.
      this.#closed = true;
      return error instanceof MillraceError ? error : consumerFailed(error);
    }
    this.messages += portable.rows;
    this.bytes += bytes;
    return undefined;
  }
}

function consumerFailed(error: unknown): MillraceError {
  const message = error instanceof Error ? error.message : String(error);
  return new MillraceError(`the batch consumer failed: ${message}`, {
    code: 'CONSUMER_FAILED',
    cause: error,
  });
}
