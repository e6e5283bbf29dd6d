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
  readonly #encoder: RowEncoder;
  readonly #maxBatchBytes: number;
  #queue: (Pending | Outgoing)[] = [];

  constructor(partition: number, encoder: RowEncoder, maxBatchBytes: number) {
    this.partition = partition;
    this.#encoder = encoder;
    this.#maxBatchBytes = maxBatchBytes;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** Whether it can be sent without lingering. */
  get isFull(): boolean {
    return this.bytes >= this.#maxBatchBytes;
  }

  /** Puts a message or a batch behind all others. */
  push(item: Pending | Outgoing): void {
    this.#queue.push(item);
    if ('message' in item) this.bytes += item.message.byteLength;
  }

  /** The next batch; messages are gathered into one. Those that fail settle here. */
  next(): Outgoing | undefined {
    for (;;) {
      const first = this.#queue[0];
      if (first === undefined) return undefined;
      if ('batch' in first) {
        this.#queue.shift();
        return first;
      }
      const encoded = this.#encode(this.#gather());
      if (encoded.length > 0) this.#queue = [...encoded, ...this.#queue];
    }
  }

  #gather(): Pending[] {
    let count = 0;
    let bytes = 0;
    for (const item of this.#queue) {
      if ('batch' in item) break;
      const { byteLength } = item.message;
      if (count > 0 && bytes + byteLength > this.#maxBatchBytes) break;
      bytes += byteLength;
      count += 1;
    }
    this.bytes -= bytes;
    return this.#queue.splice(0, count) as Pending[];
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
