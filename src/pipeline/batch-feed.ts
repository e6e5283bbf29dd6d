/** Morsels from Arrow record batches that the caller holds. */
import type { RecordBatch } from 'apache-arrow';
import { type ImportPlan, planImport, writeBatch } from '../arrow/batch-import.ts';
import type { Schema } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import type { Feed, FeedListener, Morsel } from './feed.ts';

/** The name that stands for the caller's batches in errors and in the ledger. */
const TOPIC = 'batches';
/** Rows of a morsel; larger batches are cut. */
const MAX_ROWS = 65_536;
/** Bytes of a morsel, unless one row alone has more. */
const MAX_BYTES = 16 * 1024 * 1024;

type BatchIterator = AsyncIterator<RecordBatch> | Iterator<RecordBatch>;

/** Reads the batches one by one, as they are needed. Nothing is committed. */
export class BatchFeed implements Feed {
  readonly lag = 0;
  readonly #iterator: BatchIterator;
  readonly #schema: Schema;
  #listener: FeedListener | undefined;
  #batch: RecordBatch | undefined;
  #row = 0;
  #offset = 0n;
  #pulling = false;
  #done = false;

  constructor(batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>, schema: Schema) {
    this.#iterator =
      Symbol.asyncIterator in batches
        ? batches[Symbol.asyncIterator]()
        : batches[Symbol.iterator]();
    this.#schema = schema;
  }

  async start(listener: FeedListener): Promise<void> {
    this.#listener = listener;
    await listener.onAssign([{ topic: TOPIC, partition: 0, position: 0n }]);
    void this.#pull();
  }

  get exhausted(): boolean {
    return this.#done && this.#batch === undefined;
  }

  next(): Morsel | undefined {
    const batch = this.#batch;
    if (batch === undefined) return undefined;
    const row = this.#row;
    const plan = this.#plan(batch, row);
    if (plan === undefined) return undefined;
    this.#row += plan.rows;
    if (this.#row >= batch.numRows) {
      this.#batch = undefined;
      void this.#pull();
    }
    const { rows, byteLength } = plan;
    const firstOffset = this.#offset;
    this.#offset += BigInt(rows);
    return {
      topic: TOPIC,
      partition: 0,
      records: rows,
      firstOffset,
      nextOffset: this.#offset,
      load: {
        inputBytes: byteLength,
        name: `rows ${firstOffset} to ${this.#offset - 1n} of the batches`,
        advice: 'give the stream smaller batches, of fewer rows',
        write: (bytes, address) => {
          const columns = writeBatch(plan, bytes, address);
          return { kind: 'columns', columns: [...columns], rows, firstRow: firstOffset };
        },
      },
    };
  }

  dueMs(): undefined {
    return undefined;
  }

  async commit(): Promise<void> {}

  async stop(): Promise<void> {
    if (this.#done) return;
    this.#done = true;
    this.#batch = undefined;
    await this.#iterator.return?.();
  }

  async close(): Promise<void> {}

  // A batch that does not fit fails the run, which then stops this feed.
  #plan(batch: RecordBatch, row: number): ImportPlan | undefined {
    try {
      return this.#planSlice(batch, row);
    } catch (error) {
      this.#batch = undefined;
      this.#listener?.onError(MillraceError.from(error));
      return undefined;
    }
  }

  #planSlice(batch: RecordBatch, row: number): ImportPlan {
    let rows = Math.min(MAX_ROWS, batch.numRows - row);
    for (;;) {
      const slice = row === 0 && rows === batch.numRows ? batch : batch.slice(row, row + rows);
      const plan = planImport(slice, this.#schema);
      if (plan.byteLength <= MAX_BYTES || rows === 1) return plan;
      rows = Math.ceil(rows / 2);
    }
  }

  async #pull(): Promise<void> {
    if (this.#pulling || this.#done) return;
    this.#pulling = true;
    try {
      let next = await this.#iterator.next();
      while (!next.done && next.value.numRows === 0) next = await this.#iterator.next();
      if (next.done) this.#done = true;
      else if (!this.#done) {
        this.#batch = next.value;
        this.#row = 0;
      }
    } catch (error) {
      this.#done = true;
      this.#listener?.onError(failedIterable(error));
    } finally {
      this.#pulling = false;
    }
    this.#listener?.onData();
  }
}

/** What the caller's iterable threw; an error of ours, as from Arrow IPC, says enough by itself. */
function failedIterable(error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  const { message } = MillraceError.from(error);
  return new MillraceError(`the iterable of batches that the stream reads failed: ${message}`, {
    code: 'CONSUMER_FAILED',
    cause: error,
  });
}
