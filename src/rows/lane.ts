/** What waits for one partition: messages one by one, and batches that are encoded already. */
import { MillraceError } from '../errors.ts';
import type { StoredBatch } from '../ingest/sink.ts';
import { ArenaFull } from '../wasm/instance.ts';
import type { EncodedBatch, RowEncoder } from './encoder.ts';
import type { Message } from './message.ts';

/** A message on its way. */
export interface Pending {
  readonly message: Message;
  /** Called once. `index` counts the messages of the batch that it was stored with. */
  settle(error: MillraceError | undefined, stored: StoredBatch | undefined, index: number): void;
}

/** A batch on its way. */
export interface Outgoing {
  readonly batch: EncodedBatch;
  /** Called once. */
  settle(error: MillraceError | undefined, stored: StoredBatch | undefined): void;
}

/** One partition's queue. What goes in first comes out first. */
export class Lane {
  readonly partition: number;
  /** A batch is under way. */
  busy = false;
  /** A timer says when what waits has lingered long enough. */
  lingers = false;
  /** What waits has lingered long enough. */
  due = false;
  /** Bytes of the messages that wait. */
  bytes = 0;
  /** The messages that wait. */
  messages = 0;
  readonly #encoder: RowEncoder;
  /** What one batch takes. */
  readonly #maxBytes: number;
  readonly #maxMessages: number;
  /** In front of the queue: batches of messages that were in it. */
  #encoded: Outgoing[] = [];
  #queue: (Pending | Outgoing)[] = [];
  /** What is before it has left the queue. */
  #head = 0;

  constructor(partition: number, encoder: RowEncoder) {
    const { maxBatchBytes, batchBytes = maxBatchBytes, batchMessages } = encoder.bounds;
    this.partition = partition;
    this.#encoder = encoder;
    this.#maxBytes = Math.min(batchBytes, maxBatchBytes);
    this.#maxMessages = batchMessages ?? Number.POSITIVE_INFINITY;
  }

  get isEmpty(): boolean {
    return this.#encoded.length === 0 && this.#head === this.#queue.length;
  }

  /** Whether it can be sent without lingering. */
  get isFull(): boolean {
    return this.bytes >= this.#maxBytes || this.messages >= this.#maxMessages;
  }

  /** Puts a message or a batch behind all others. */
  push(item: Pending | Outgoing): void {
    this.#queue.push(item);
    if (!('message' in item)) return;
    this.bytes += item.message.byteLength;
    this.messages += 1;
  }

  /** The next batch; messages are gathered into one. Those that fail settle here. */
  next(): Outgoing | undefined {
    for (;;) {
      const encoded = this.#encoded.shift();
      if (encoded !== undefined) return encoded;
      const first = this.#queue[this.#head];
      if (first === undefined) return undefined;
      if ('batch' in first) {
        this.#leave(1);
        return first;
      }
      this.#encoded = this.#encode(this.#gather());
    }
  }

  #gather(): Pending[] {
    let count = 0;
    let bytes = 0;
    while (count < this.#maxMessages) {
      const item = this.#queue[this.#head + count];
      if (item === undefined || 'batch' in item) break;
      const { byteLength } = item.message;
      if (count > 0 && bytes + byteLength > this.#maxBytes) break;
      bytes += byteLength;
      count += 1;
    }
    this.bytes -= bytes;
    this.messages -= count;
    return this.#leave(count) as Pending[];
  }

  // What has left is cut off when it is half of the queue: small batches of a long queue would
  // else move all that is behind them each time.
  #leave(count: number): (Pending | Outgoing)[] {
    const left = this.#queue.slice(this.#head, this.#head + count);
    this.#head += count;
    if (this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return left;
  }

  #encode(pending: readonly Pending[]): Outgoing[] {
    if (pending.length === 0) return [];
    try {
      const messages = pending.map(({ message }) => message);
      return this.#encoder.messages(messages, this.partition).map((batch) => ({
        batch,
        settle: (error, stored) => {
          for (const [index, row] of batch.rows.entries()) {
            pending[row]!.settle(error, stored, index);
          }
        },
      }));
    } catch (error) {
      return this.#encodeRest(pending, error);
    }
  }

  // One message that is too large does not take its neighbours along.
  #encodeRest(pending: readonly Pending[], error: unknown): Outgoing[] {
    if (error instanceof ArenaFull && pending.length > 1) {
      const half = pending.length >> 1;
      return [...this.#encode(pending.slice(0, half)), ...this.#encode(pending.slice(half))];
    }
    const problem = error instanceof ArenaFull ? tooLarge(pending[0]!) : MillraceError.from(error);
    const row = problem.code === 'MESSAGE_TOO_LARGE' ? Number(problem.context.row) : -1;
    for (const [i, { settle }] of pending.entries()) {
      if (row < 0 || i === row) settle(problem, undefined, 0);
    }
    return row < 0 ? [] : this.#encode(pending.filter((_, i) => i !== row));
  }
}

function tooLarge({ message }: Pending): MillraceError {
  const { byteLength } = message;
  return new MillraceError(`a message of ${byteLength} bytes does not fit into the memory`, {
    code: 'MESSAGE_TOO_LARGE',
    context: { row: 0, byteLength },
  });
}
