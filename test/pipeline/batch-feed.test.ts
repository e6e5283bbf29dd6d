import { type RecordBatch, tableFromArrays } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { fromArrowSchema } from '../../src/arrow/from-arrow-schema.ts';
import { MillraceError } from '../../src/errors.ts';
import { BatchFeed } from '../../src/pipeline/batch-feed.ts';
import type { FeedListener, Morsel } from '../../src/pipeline/feed.ts';

// Larger than any length or address that lies beside the values.
const FIRST = 1_000_000_000;

const turn = () => new Promise(setImmediate);

function batchOf(rows: number): RecordBatch {
  return tableFromArrays({ n: Int32Array.from({ length: rows }, (_, i) => FIRST + i) }).batches[0]!;
}

const SCHEMA = fromArrowSchema(batchOf(1).schema);

function listening() {
  const errors: MillraceError[] = [];
  const assigned: unknown[] = [];
  const listener: FeedListener = {
    onAssign: async (partitions) => void assigned.push(...partitions),
    onRevoke: async () => undefined,
    onLost: async () => undefined,
    onReset: () => undefined,
    onRead: async () => undefined,
    onData: () => undefined,
    onError: (error) => void errors.push(error),
  };
  return { listener, errors, assigned };
}

async function drain(feed: BatchFeed): Promise<Morsel[]> {
  const morsels: Morsel[] = [];
  for (let idle = 0; idle < 5; ) {
    const morsel = feed.next();
    if (morsel === undefined) {
      idle += 1;
      await turn();
    } else morsels.push(morsel);
  }
  return morsels;
}

describe('BatchFeed', () => {
  it('gives every batch as morsels, in order, and is then exhausted', async () => {
    const feed = new BatchFeed([batchOf(3), batchOf(0), batchOf(5)], SCHEMA);
    const { listener, assigned } = listening();
    await feed.start(listener);
    expect(assigned).toHaveLength(1);
    expect(feed.exhausted).toBe(false);
    const morsels = await drain(feed);
    expect(morsels.map(({ records, nextOffset }) => [records, nextOffset])).toEqual([
      [3, 3n],
      [5, 8n],
    ]);
    expect(morsels.map(({ load }) => load.name)).toEqual([
      'rows 0 to 2 of the batches',
      'rows 3 to 7 of the batches',
    ]);
    expect(feed.exhausted).toBe(true);
  });

  it('cuts a large batch, and writes each cut’s own rows', async () => {
    const feed = new BatchFeed([batchOf(150_000)], SCHEMA);
    await feed.start(listening().listener);
    const morsels = await drain(feed);
    expect(morsels.map(({ records }) => records)).toEqual([65_536, 65_536, 18_928]);
    let first = FIRST;
    for (const { load, records } of morsels) {
      const bytes = new Uint8Array(load.inputBytes + 64);
      const input = load.write(bytes, 0);
      if (input.kind !== 'columns') throw new Error('a batch is columns');
      expect(input.rows).toBe(records);
      const words = new Int32Array(bytes.buffer);
      expect(words.indexOf(first + records - 1)).toBeGreaterThanOrEqual(0);
      expect(words.indexOf(first + records)).toBe(-1);
      first += records;
    }
  });

  it('asks for a batch only when the one before was handed out', async () => {
    let asked = 0;
    function* batches() {
      for (; asked < 10; ) {
        asked += 1;
        yield batchOf(1);
      }
    }
    const feed = new BatchFeed(batches(), SCHEMA);
    await feed.start(listening().listener);
    await turn();
    expect(asked).toBe(1);
    feed.next();
    await turn();
    expect(asked).toBe(2);
  });

  it('closes an iterator that was not read to its end', async () => {
    let closed = false;
    async function* batches() {
      try {
        for (;;) yield batchOf(1);
      } finally {
        closed = true;
      }
    }
    const feed = new BatchFeed(batches(), SCHEMA);
    await feed.start(listening().listener);
    await turn();
    await feed.stop();
    expect(closed).toBe(true);
    expect(feed.exhausted).toBe(true);
    expect(feed.next()).toBeUndefined();
  });

  it('tells of an iterator that fails, and of a batch that does not fit', async () => {
    function* failing() {
      yield batchOf(1);
      throw new RangeError('torn');
    }
    const torn = listening();
    const feed = new BatchFeed(failing(), SCHEMA);
    await feed.start(torn.listener);
    await drain(feed);
    expect(torn.errors).toHaveLength(1);
    expect(torn.errors[0]).toBeInstanceOf(MillraceError);
    expect(torn.errors[0]).toMatchObject({
      code: 'CONSUMER_FAILED',
      message: 'the iterable of batches that the stream reads failed: torn',
      cause: new RangeError('torn'),
    });
    const other = tableFromArrays({ m: ['x'] }).batches[0]!;
    const odd = listening();
    const misfit = new BatchFeed([other], SCHEMA);
    await misfit.start(odd.listener);
    await turn();
    expect(misfit.next()).toBeUndefined();
    expect(odd.errors).toHaveLength(1);
  });
});
