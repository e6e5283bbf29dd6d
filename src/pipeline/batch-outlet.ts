/** Arrow record batches to the caller, one at a time. */
import type { RecordBatch } from 'apache-arrow';
import type { PortableBatch } from '../arrow/batch-export.ts';
import { MillraceError } from '../errors.ts';
import type { MemoryBudget } from '../morsel/memory.ts';
import type { Cargo, Parcel, SinkOutlet } from './outlet.ts';

/** What the outlet calls. */
export interface BatchConsumer {
  /** Builds the batch that the caller sees. */
  open(portable: PortableBatch, memory: ArrayBufferLike): RecordBatch;
  /** Takes it; the next comes when this has resolved. */
  take(batch: RecordBatch): void | Promise<void>;
}

/** What a sink of batches is. */
export interface BatchOutletOptions {
  /** Whether batches are views on worker memory. */
  readonly borrow: boolean;
  /** What it is, in figures and errors: `forEach`, `tap`. */
  readonly name: string;
  readonly looksOn: boolean;
}

interface Waiting {
  readonly cargo: Cargo;
  readonly portable: PortableBatch;
  readonly bytes: number;
  readonly parcel: Parcel;
}

/** Batches that wait for the consumer while workers go on. */
const MAX_WAITING = 4;

/** Hands batches over in order. Copied batches are charged to the budget until they are taken. */
export class BatchOutlet implements SinkOutlet {
  readonly handsOver = true;
  readonly name: string;
  readonly looksOn: boolean;
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

  constructor(
    consumer: BatchConsumer,
    { borrow, name, looksOn }: BatchOutletOptions,
    budget: MemoryBudget,
    onReady: () => void,
  ) {
    this.#consumer = consumer;
    this.#borrow = borrow;
    this.name = name;
    this.looksOn = looksOn;
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

  accept(cargo: Cargo, parcel: Parcel): number {
    const { sunk, lease } = cargo;
    const portable = sunk.batch;
    if (portable === undefined) {
      lease.release();
      return 0;
    }
    const bytes = portable.buffer?.byteLength ?? lease.byteLength;
    if (!this.#borrow) {
      // In this order: what is given back may be let out again at once.
      this.#budget.charge(bytes);
      lease.release();
    }
    this.#waiting.push({ cargo, portable, bytes, parcel });
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
      if (this.#borrow) next.cargo.lease.release();
      else this.#budget.refund(next.bytes);
      next.parcel.settled(error);
      this.#onReady();
    }
    this.#handing = false;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  async #hand({ portable, bytes, cargo, parcel }: Waiting): Promise<MillraceError | undefined> {
    if (this.#closed) {
      return new MillraceError('the run ended before the batch was taken', { code: 'ABORTED' });
    }
    if (!parcel.wanted()) return undefined;
    try {
      await this.#consumer.take(this.#consumer.open(portable, cargo.worker.bytes.buffer));
    } catch (error) {
      // Whatever comes behind this batch must not be taken either.
      this.#closed = true;
      return error instanceof MillraceError ? error : this.#failed(error);
    }
    this.messages += portable.rows;
    this.bytes += bytes;
    return undefined;
  }

  #failed(error: unknown): MillraceError {
    const message = error instanceof Error ? error.message : String(error);
    const what = this.looksOn ? `the function of ${this.name}()` : 'the batch consumer';
    return new MillraceError(`${what} failed: ${message}`, {
      code: 'CONSUMER_FAILED',
      cause: error,
    });
  }
}
