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
