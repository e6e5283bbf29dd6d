import { describe, expect, test } from 'vitest';
import type { RecordSet } from '../../src/ingest/client.ts';
import { PartitionBuffer } from '../../src/ingest/partition-buffer.ts';
import { cutRecordSet } from '../../src/ingest/record-set.ts';
import { makeBatch } from '../sim/wire.ts';

const LIMITS = { maxRows: 4, maxBytes: 1_000_000 };

/** A set of batches of two messages each, from `base` on, and how often it was released. */
function makeSet(base: number, batches: number): { set: RecordSet; released: () => number } {
  let released = 0;
  const chunks = Array.from({ length: batches }, (_, i) => {
    const offset = base + 2 * i;
    return makeBatch(offset, [
      { partition: 0, offset },
      { partition: 0, offset: offset + 1 },
    ]);
  });
  const set: RecordSet = {
    topic: 't',
    partition: 0,
    fetchOffset: BigInt(base),
    chunks,
    byteLength: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    highWatermark: 100n,
    lastStableOffset: 100n,
    logStartOffset: 0n,
    abortedTransactions: [],
    release: () => {
      released += 1;
    },
  };
  return { set, released: () => released };
}

describe('PartitionBuffer', () => {
  test('gives a set back when the last of its runs is done with, and not before', () => {
    const buffer = new PartitionBuffer('t', 0, 0n, undefined);
    const { set, released } = makeSet(0, 5);
    buffer.add(set, cutRecordSet(set, LIMITS), 0);
    const morsels = [buffer.take(LIMITS)!, buffer.take(LIMITS)!, buffer.take(LIMITS)!];
    expect(morsels.map((morsel) => morsel.records)).toEqual([4, 4, 2]);
    morsels[2]!.release();
    morsels[0]!.release();
    expect(released()).toBe(0);
    morsels[1]!.release();
    expect(released()).toBe(1);
  });

  test('copies runs of several sets one behind the other', () => {
    const buffer = new PartitionBuffer('t', 0, 0n, undefined);
    const [first, second] = [makeSet(0, 1), makeSet(2, 1)];
    for (const { set } of [first, second]) buffer.add(set, cutRecordSet(set, LIMITS), 0);
    const morsel = buffer.take(LIMITS)!;
    expect(morsel).toMatchObject({ fetchOffset: 0n, nextOffset: 4n, records: 4 });
    const target = new Uint8Array(morsel.byteLength + 10);
    morsel.copy(target, 10);
    const wanted = Buffer.concat([...first.set.chunks, ...second.set.chunks]);
    expect(Buffer.from(target.subarray(10)).equals(wanted)).toBe(true);
    morsel.release();
    expect([first.released(), second.released()]).toEqual([1, 1]);
  });

  test('reads no further than its end, and knows when it is there', () => {
    const buffer = new PartitionBuffer('t', 0, 0n, 4n);
    const { set } = makeSet(0, 5);
    buffer.add(set, cutRecordSet(set, { ...LIMITS, maxRows: 2 }), 0);
    expect(buffer.fetchedToEnd).toBe(true);
    expect(buffer.exhausted).toBe(false);
    expect(buffer.take(LIMITS)!.nextOffset).toBe(4n);
    expect(buffer.exhausted).toBe(true);
    expect(buffer.take(LIMITS)).toBeUndefined();
  });

  describe('a batch of more records than a morsel may have', () => {
    /** A batch of so many messages, and one of one behind it. */
    const large = (base: number, messages: number) => {
      const chunks = [
        makeBatch(
          base,
          Array.from({ length: messages }, (_, i) => message(base + i)),
        ),
        makeBatch(base + messages, [message(base + messages)]),
      ];
      const byteLength = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const { set, released } = makeSet(base, 0);
      return { set: { ...set, chunks, byteLength }, released, first: chunks[0]!.length };
    };
    const message = (offset: number) => ({ partition: 0, offset });

    test('is taken in slices, each with its own next offset and all of its bytes', () => {
      const buffer = new PartitionBuffer('t', 0, 0n, undefined);
      const { set, released, first } = large(0, 9);
      const added = buffer.add(set, cutRecordSet(set, LIMITS), 0);
      const slices = [buffer.take(LIMITS)!, buffer.take(LIMITS)!];
      expect(slices).toMatchObject([
        { fetchOffset: 0n, nextOffset: 4n, endOffset: 4n, records: 4, freedBytes: 0 },
        { fetchOffset: 4n, nextOffset: 8n, endOffset: 8n, records: 4, freedBytes: 0 },
      ]);
      for (const slice of slices) {
        expect(slice.byteLength).toBe(first);
        const target = new Uint8Array(first);
        slice.copy(target, 0);
        expect(Buffer.from(target).equals(set.chunks[0]!)).toBe(true);
      }
      expect([buffer.bufferedBytes, buffer.bufferedRecords]).toEqual([added, 2]);
      // With what follows, as much as there is room for.
      const last = buffer.take(LIMITS)!;
      expect(last).toMatchObject({ fetchOffset: 8n, nextOffset: 10n, records: 2 });
      expect(last.endOffset).toBeUndefined();
      expect(last.freedBytes).toBe(added);
      expect([buffer.bufferedBytes, buffer.bufferedRecords]).toEqual([0, 0]);
      for (const morsel of [last, slices[1]!]) morsel.release();
      expect(released()).toBe(0);
      slices[0]!.release();
      expect(released()).toBe(1);
    });

    test('begins where reading begins, and can be dropped in its middle', () => {
      const buffer = new PartitionBuffer('t', 0, 3n, undefined);
      const { set, released } = large(0, 9);
      const added = buffer.add(set, cutRecordSet(set, LIMITS), 0);
      const slice = buffer.take(LIMITS)!;
      expect(slice).toMatchObject({ fetchOffset: 3n, nextOffset: 7n });
      expect(buffer.rewind()).toBe(added);
      expect(buffer.position).toBe(7n);
      expect(released()).toBe(0);
      slice.release();
      expect(released()).toBe(1);
      const again = large(0, 9).set;
      buffer.add(again, cutRecordSet(again, LIMITS), 0);
      expect(buffer.take(LIMITS)).toMatchObject({ fetchOffset: 7n, nextOffset: 9n });
    });

    test('gives no slice twice where reading goes back behind it', () => {
      const buffer = new PartitionBuffer('t', 0, 0n, undefined);
      const { set } = large(0, 9);
      buffer.add(set, cutRecordSet(set, LIMITS), 0);
      buffer.take(LIMITS);
      buffer.seek(1n);
      expect(buffer.take(LIMITS)).toMatchObject({ fetchOffset: 4n, nextOffset: 8n });
    });

    test('has slices without records where compaction left gaps, never too many', () => {
      const buffer = new PartitionBuffer('t', 0, 0n, undefined);
      const { set } = large(0, 6);
      // Six records of twenty offsets, and the batch behind them where it belongs.
      new DataView(set.chunks[0]!.buffer).setInt32(23, 19);
      new DataView(set.chunks[1]!.buffer).setBigInt64(0, 20n);
      buffer.add(set, cutRecordSet(set, LIMITS), 0);
      const ends: [bigint, number][] = [];
      for (let next = buffer.take(LIMITS); next !== undefined; next = buffer.take(LIMITS)) {
        ends.push([next.nextOffset, next.records]);
      }
      expect(ends).toEqual([
        [4n, 0],
        [8n, 0],
        [12n, 0],
        [16n, 2],
        [20n, 4],
        [21n, 1],
      ]);
      expect(buffer.bufferedRecords).toBe(0);
    });
  });

  test('goes on at another offset behind what is buffered', () => {
    const buffer = new PartitionBuffer('t', 0, 0n, undefined);
    const { set } = makeSet(0, 1);
    buffer.add(set, cutRecordSet(set, LIMITS), 0);
    buffer.seek(50n);
    expect(buffer.take(LIMITS)).toMatchObject({ fetchOffset: 0n, nextOffset: 2n });
    const later = makeSet(50, 1).set;
    buffer.add(later, cutRecordSet(later, LIMITS), 0);
    expect(buffer.take(LIMITS)).toMatchObject({ nextOffset: 52n });
  });
});
