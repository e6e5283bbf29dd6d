import { describe, expect, it } from 'vitest';
import { compress } from '../../src/ingest/compression.ts';
import { ArenaFull } from '../../src/wasm/instance.ts';
import { ARENA_BASE } from '../../src/wasm/module.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { buildBatch, buildMarker, withCrc } from './build-batch.ts';
import { readBatches } from './read-records.ts';

const wasm = makeInstance({ megabytes: 48 });
const read = (bytes: Uint8Array, input = {}) => {
  openArena(wasm);
  return readBatches(wasm, bytes, input);
};

describe('readRecords', () => {
  it('reads a golden batch byte for byte', () => {
    // Written down from the protocol guide: offset 258, two records, one with key and header.
    const golden = Buffer.from(
      '0000000000000102' + // base offset
        '0000004e' + // length
        '00000000' + // leader epoch
        '02' + // magic
        '00000000' + // CRC, below
        '0000' + // attributes
        '00000001' + // last offset delta
        '0000018bcfe56800' + // base timestamp
        '0000018bcfe56801' + // max timestamp
        'ffffffffffffffff' + // producer id
        'ffff' + // producer epoch
        'ffffffff' + // base sequence
        '00000002' + // records
        '100000000104686900' + // no key, "hi", no headers
        '26000202046b3101' + // k1, null
        '04' + // two headers
        '04683106616263' + // h1 = abc
        '04683201', // h2 = null
      'hex',
    );
    const { records, nextOffset } = read(withCrc(golden));
    const base = 1_700_000_000_000n;
    expect(records).toEqual([
      { offset: 258n, timestamp: base, key: null, value: 'hi', headersCount: 0 },
      { offset: 259n, timestamp: base + 1n, key: 'k1', value: null, headersCount: 2 },
    ]);
    expect(nextOffset).toBe(260n);
  });

  it('keeps empty keys and values apart from null ones', () => {
    const records = [
      { key: '', value: '' },
      { key: null, value: null },
    ];
    const got = read(buildBatch({ records })).records;
    expect(got.map(({ key, value }) => [key, value])).toEqual([
      ['', ''],
      [null, null],
    ]);
  });

  it('drops records before the fetch offset and keeps gaps of compaction', () => {
    const batch = buildBatch({
      baseOffset: 100n,
      lastOffsetDelta: 90,
      records: [2, 7, 8, 60].map((offsetDelta) => ({ value: `v${offsetDelta}`, offsetDelta })),
    });
    const got = read(batch, { fetchOffset: 108n });
    expect(got.records.map(({ offset, value }) => [offset, value])).toEqual([
      [108n, 'v8'],
      [160n, 'v60'],
    ]);
    expect(got).toMatchObject({ nextOffset: 191n, skippedRecords: 2 });
  });

  it('reads a batch slice by slice, each record once, whatever the slices and the gaps', () => {
    const gaps = [0, 1, 2, 7, 8, 60].map((offsetDelta) => ({
      value: `v${offsetDelta}`,
      offsetDelta,
    }));
    for (const codec of ['none', 'zstd'] as const) {
      const batch = buildBatch({
        ...{ baseOffset: 100n, lastOffsetDelta: 90, records: gaps },
        attributes: codec === 'none' ? 0 : 4,
        compress: (bytes) => compress(codec, bytes),
      });
      for (const rows of [1n, 2n, 3n, 30n, 91n, 92n]) {
        const got: string[] = [];
        for (let from = 98n; from < 191n; from += rows) {
          const { records } = read(batch, { fetchOffset: from, endOffset: from + rows });
          expect(records.length).toBeLessThanOrEqual(Number(rows));
          got.push(...records.map(({ offset, value }) => `${offset} ${value}`));
        }
        expect(got).toEqual(gaps.map(({ offsetDelta: by }) => `${100 + by} v${by}`));
      }
    }
  });

  it('finds nothing where a slice is empty, and what is damaged in the slice it is in', () => {
    const batch = buildBatch({
      baseOffset: 5n,
      records: ['a', 'b', 'c'].map((value) => ({ value })),
    });
    expect(read(batch, { fetchOffset: 6n, endOffset: 6n }).records).toEqual([]);
    expect(read(batch, { fetchOffset: 6n, endOffset: 2n }).records).toEqual([]);
    expect(read(batch, { fetchOffset: 9n, endOffset: 12n }).records).toEqual([]);
    batch.writeUInt8(0xff, batch.length - 3);
    expect(() => read(batch, { fetchOffset: 5n, endOffset: 6n })).toThrow(/CRC32C/);
    const made = withCrc(batch);
    expect(read(made, { fetchOffset: 5n, endOffset: 6n }).records).toHaveLength(1);
    expect(() => read(made, { fetchOffset: 7n, endOffset: 8n })).toThrow(/damaged/);
  });

  it('has room for slices of batches that lie over each other, as no broker sends them', () => {
    const batch = buildBatch({ baseOffset: 0n, records: [{ value: 'a' }, { value: 'b' }] });
    const { records } = read(Buffer.concat([batch, batch, batch]), { endOffset: 1n });
    expect(records.map(({ offset }) => offset)).toEqual([0n, 0n, 0n]);
  });

  it('takes the time of the append where the topic says so', () => {
    const records = [{ value: 'a', timestampDelta: 5n }];
    const times = { baseTimestamp: 1000n, maxTimestamp: 9999n, records };
    expect(read(buildBatch(times)).records[0]!.timestamp).toBe(1005n);
    expect(read(buildBatch({ ...times, attributes: 8 })).records[0]!.timestamp).toBe(9999n);
  });

  it('takes timestamps that lie far apart', () => {
    const far = [0n, -(2n ** 62n), 2n ** 62n].map((timestampDelta) => ({
      value: 'a',
      timestampDelta,
    }));
    const got = read(buildBatch({ baseTimestamp: 7n, records: far })).records;
    expect(got.map((record) => record.timestamp)).toEqual([7n, 7n - 2n ** 62n, 7n + 2n ** 62n]);
  });

  it('passes control batches, empty batches and dropped ones', () => {
    const first = buildBatch({ records: [{ value: 'a' }] });
    const dropped = buildBatch({ baseOffset: 1n, attributes: 16, records: [{ value: 'no' }] });
    const parts = [
      first,
      dropped,
      buildMarker(2n, 1n, 'abort'),
      buildBatch({ baseOffset: 3n, lastOffsetDelta: 5, records: [] }),
      buildBatch({ baseOffset: 9n, records: [{ value: 'b' }] }),
      buildBatch({ baseOffset: 10n, lastOffsetDelta: 2, records: [] }),
    ];
    const got = read(Buffer.concat(parts), { dropped: [first.length] });
    expect(got.records.map(({ offset, value }) => [offset, value])).toEqual([
      [0n, 'a'],
      [9n, 'b'],
    ]);
    expect(got).toMatchObject({ nextOffset: 13n, controlBatches: 1, droppedBatches: 1 });
  });

  it('takes no bytes at all', () => {
    expect(read(new Uint8Array(), { fetchOffset: 12n })).toMatchObject({
      records: [],
      nextOffset: 12n,
    });
  });

  it('makes only the fields that are wanted', () => {
    const want = { keys: false, headers: false, timestamps: false };
    const { address } = read(buildBatch({ records: [{ key: 'k', value: 'v' }] }), { want });
    const words = [...wasm.u32.subarray(address / 4, address / 4 + 11)];
    expect(words.map((word) => word !== 0)).toEqual(
      [1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0].map((present) => present === 1),
    );
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('decompresses %s', (codec) => {
    const attributes = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 }[codec];
    const values = Array.from({ length: 3000 }, (_, i) => `value ${i} ${'x'.repeat(i % 50)}`);
    const batch = buildBatch({
      attributes,
      compress: (bytes) => compress(codec, bytes),
      records: values.map((value) => ({ value })),
    });
    const plain = buildBatch({ baseOffset: 3000n, records: [{ value: 'behind' }] });
    const got = read(Buffer.concat([batch, plain])).records.map((record) => record.value);
    expect(got).toEqual([...values, 'behind']);
  });

  it('ends a bomb as a full lease, before it is made', () => {
    const zeros = Buffer.alloc(64 << 20);
    for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
      const attributes = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 }[codec];
      const bomb = buildBatch({
        attributes,
        compress: () => compress(codec, zeros),
        records: [{ value: 'a' }],
      });
      expect(() => read(bomb), codec).toThrow(ArenaFull);
    }
  });

  it('says that the lease is full, at every size of it', () => {
    const records = Array.from({ length: 20 }, (_, i) => ({ value: `value ${i}` }));
    const batch = buildBatch({ attributes: 4, compress: (b) => compress('zstd', b), records });
    const sizes = [];
    for (let size = 256; size < 6000; size += 16) {
      wasm.exports.arena_open(ARENA_BASE, ARENA_BASE + size);
      try {
        const { records: got } = readBatches(wasm, batch);
        expect(got).toHaveLength(20);
        sizes.push(size);
      } catch (error) {
        expect(error).toBeInstanceOf(ArenaFull);
        expect(sizes).toEqual([]);
      }
    }
    expect(sizes.length).toBeGreaterThan(0);
  });
});

describe('damaged batches', () => {
  const good = () =>
    buildBatch({
      baseOffset: 500n,
      records: [{ key: 'key', value: 'value', headers: [['h', 'x']] }, { value: 'two' }],
    });
  const changed = (write: (batch: Buffer) => void, fix = true) => {
    const batch = good();
    write(batch);
    return fix ? withCrc(batch) : batch;
  };
  it.each<[string, Buffer, RegExp]>([
    ['its bytes', changed((b) => b.writeUInt8(b[70]! ^ 1, 70), false), /CRC32C does not match/],
    ['its format', changed((b) => b.writeUInt8(1, 16)), /format \(magic\) is not 2/],
    ['its length', changed((b) => b.writeInt32BE(5000, 8)), /length does not fit/],
    ['its count', changed((b) => b.writeInt32BE(90, 57)), /too few bytes for its record count/],
    ['its offsets', changed((b) => b.writeInt32BE(0, 23)), /offsets are not a range/],
    ['its codec', changed((b) => b.writeUInt8(6, 22)), /compression codec does not exist/],
    ['a record length', changed((b) => b.writeUInt8(126, 61)), /record 0 .*|ends outside/],
    ['a long varint', changed((b) => b.fill(0xff, 61, 70)), /more bytes than its type/],
    ['a key length', changed((b) => b.writeUInt8(126, 65)), /ends outside of its record/],
    ['an offset delta', changed((b) => b.writeUInt8(4, 64)), /do not ascend/],
    ['gzip data', changed((b) => b.writeUInt8(1, 22)), /gzip data that do not decompress/],
    ['snappy data', changed((b) => b.writeUInt8(2, 22)), /snappy/],
    ['lz4 data', changed((b) => b.writeUInt8(3, 22)), /lz4 data without a frame header/],
    ['zstd data', changed((b) => b.writeUInt8(4, 22)), /zstd data that do not decompress/],
  ])('names %s', (_, batch, message) => {
    expect(() => read(batch)).toThrow(message);
    expect(() => read(batch)).toThrow(
      expect.objectContaining({
        code: 'CORRUPT_BATCH',
        context: { topic: 'orders', partition: 3, offset: 500n },
      }),
    );
  });

  it('names the second batch where the first is good', () => {
    const second = buildBatch({ baseOffset: 502n, records: [{ value: 'x' }] });
    second.writeUInt8(second[64]! ^ 255, 64);
    const act = () => read(Buffer.concat([good(), second]));
    expect(act).toThrow(/offset 502 of orders-3/);
  });
});
