import { describe, expect, it } from 'vitest';
import type { AbortedTransaction, RecordSet } from '../../src/ingest/client.ts';
import { copyCut, cutRecordSet } from '../../src/ingest/record-set.ts';
import { buildBatch, buildMarker } from './build-batch.ts';

const WIDE = { maxRows: 1000, maxBytes: 1 << 20 };
const TRANSACTIONAL = 16;

function recordSet(
  bytes: Buffer,
  chunkBytes = bytes.length,
  abortedTransactions: readonly AbortedTransaction[] = [],
): RecordSet {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    chunks.push(bytes.subarray(at, at + chunkBytes));
  }
  return {
    topic: 'orders',
    partition: 2,
    fetchOffset: 0n,
    chunks,
    byteLength: bytes.length,
    highWatermark: 0n,
    lastStableOffset: 0n,
    logStartOffset: 0n,
    abortedTransactions,
  };
}

const three = (baseOffset: bigint, more = {}) =>
  buildBatch({ baseOffset, records: [{ value: 'a' }, { value: 'b' }, { value: 'c' }], ...more });

describe('cutRecordSet', () => {
  const batches = [three(0n), three(3n), three(10n, { attributes: 1 }), three(20n)];
  const bytes = Buffer.concat(batches);

  it('cuts at whole batches by rows and by bytes', () => {
    const one = batches[0]!.length;
    const cuts = cutRecordSet(recordSet(bytes), { maxRows: 6, maxBytes: 1 << 20 });
    expect(cuts).toEqual([
      {
        begin: 0,
        end: 2 * one,
        baseOffset: 0n,
        nextOffset: 6n,
        records: 6,
        batches: 2,
        compressed: false,
        dropped: [],
      },
      {
        begin: 2 * one,
        end: 4 * one,
        baseOffset: 10n,
        nextOffset: 23n,
        records: 6,
        batches: 2,
        compressed: true,
        dropped: [],
      },
    ]);
    const byBytes = cutRecordSet(recordSet(bytes), { maxRows: 1000, maxBytes: one * 3 });
    expect(byBytes.map((cut) => cut.batches)).toEqual([3, 1]);
  });

  it('takes a batch that is larger than the limits alone', () => {
    const cuts = cutRecordSet(recordSet(bytes), { maxRows: 1, maxBytes: 10 });
    expect(cuts.map((cut) => cut.records)).toEqual([3, 3, 3, 3]);
  });

  it('gives the same cuts and bytes however the socket cut the bytes', () => {
    const expected = cutRecordSet(recordSet(bytes), WIDE);
    for (let size = 1; size <= bytes.length; size++) {
      const set = recordSet(bytes, size);
      expect(cutRecordSet(set, WIDE)).toEqual(expected);
      const target = new Uint8Array(new SharedArrayBuffer(bytes.length + 8));
      copyCut(set, expected[0]!, target, 5);
      expect(Buffer.from(target.slice(5, 5 + bytes.length))).toEqual(bytes);
    }
  });

  it('copies a cut from the middle', () => {
    const cuts = cutRecordSet(recordSet(bytes, 50), { maxRows: 3, maxBytes: 1 << 20 });
    const target = new Uint8Array(batches[1]!.length + 2).fill(7);
    copyCut(recordSet(bytes, 50), cuts[1]!, target, 1);
    expect(Buffer.from(target)).toEqual(Buffer.from([7, ...batches[1]!, 7]));
  });

  it('leaves out what is not whole at the end', () => {
    const first = batches[0]!.length;
    for (let length = 0; length < first * 2; length++) {
      const cuts = cutRecordSet(recordSet(bytes.subarray(0, length)), WIDE);
      expect(cuts.map((cut) => cut.end)).toEqual(length < first ? [] : [first]);
    }
  });

  it('counts the offsets of control batches and of empty ones', () => {
    const empty = buildBatch({ baseOffset: 6n, lastOffsetDelta: 4, records: [] });
    const set = recordSet(Buffer.concat([buildMarker(5n, 1n, 'commit'), empty]));
    const [cut] = cutRecordSet(set, WIDE);
    expect(cut).toMatchObject({ baseOffset: 5n, nextOffset: 11n, records: 0, batches: 2 });
  });
});

describe('aborted transactions', () => {
  const by = (baseOffset: bigint, producerId: bigint) =>
    three(baseOffset, { producerId, attributes: TRANSACTIONAL });
  const parts = [
    by(0n, 7n), // before the transaction that was aborted
    buildMarker(3n, 7n, 'commit'),
    by(4n, 7n), // aborted
    by(7n, 8n), // another producer
    three(10n), // no transaction
    by(13n, 7n), // aborted
    buildMarker(16n, 7n, 'abort'),
    by(17n, 7n), // the next transaction
  ];
  const bytes = Buffer.concat(parts);
  const position = (index: number) => Buffer.concat(parts.slice(0, index)).length;

  it('drops the batches from the first offset to the abort marker', () => {
    const set = recordSet(bytes, 33, [{ producerId: 7n, firstOffset: 4n }]);
    const [cut] = cutRecordSet(set, WIDE);
    expect(cut).toMatchObject({ dropped: [position(2), position(5)], records: 12, batches: 8 });
  });

  it('drops to the end where the marker is in a later response', () => {
    const set = recordSet(bytes.subarray(0, position(6)), 1000, [
      { producerId: 7n, firstOffset: 4n },
    ]);
    expect(cutRecordSet(set, WIDE)[0]!.dropped).toEqual([position(2), position(5)]);
  });

  it('drops what began before the response', () => {
    const set = recordSet(bytes.subarray(position(5)), 1000, [{ producerId: 7n, firstOffset: 4n }]);
    expect(cutRecordSet(set, WIDE)[0]!).toMatchObject({ dropped: [0], records: 3 });
  });

  it('counts positions from the begin of each cut', () => {
    const set = recordSet(bytes, 1000, [{ producerId: 7n, firstOffset: 4n }]);
    const cuts = cutRecordSet(set, { maxRows: 3, maxBytes: 1 << 20 });
    const dropped = cuts.flatMap((cut) => cut.dropped.map((at) => at + cut.begin));
    expect(dropped).toEqual([position(2), position(5)]);
  });

  it('drops nothing where none is named', () => {
    expect(cutRecordSet(recordSet(bytes), WIDE)[0]!).toMatchObject({ dropped: [], records: 18 });
  });
});

describe('headers that cannot be', () => {
  const mutate = (write: (batch: Buffer) => void) => {
    const batch = three(40n);
    write(batch);
    return recordSet(batch);
  };
  it.each([
    ['a negative length', (b: Buffer) => b.writeInt32BE(-1, 8), /length of -1/],
    ['a length below a header', (b: Buffer) => b.writeInt32BE(48, 8), /length of 48/],
    ['format 1', (b: Buffer) => b.writeInt8(1, 16), /format 1, from before Kafka 0.11/],
    ['format 9', (b: Buffer) => b.writeInt8(9, 16), /format \(magic\) 9/],
    ['a negative last offset', (b: Buffer) => b.writeInt32BE(-2, 23), /last offset delta of -2/],
    ['a negative count', (b: Buffer) => b.writeInt32BE(-1, 57), /-1 records/],
    ['too many records', (b: Buffer) => b.writeInt32BE(4, 57), /4 records in 3 offsets/],
  ])('names %s', (_, write, message) => {
    const act = () => cutRecordSet(mutate(write), WIDE);
    expect(act).toThrow(message);
    expect(act).toThrow(
      expect.objectContaining({
        code: 'CORRUPT_BATCH',
        context: { topic: 'orders', partition: 2, offset: 40n },
      }),
    );
  });
});
