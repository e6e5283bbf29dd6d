/**
 * Damaged record batches: an error that names the batch, or (where the CRC does not cover the byte,
 * or was made right again) a valid result. Never a trap, a hang or another error.
 */
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { compress } from '../../src/ingest/compression.ts';
import { cutRecordSet } from '../../src/ingest/record-set.ts';
import { ArenaFull } from '../../src/wasm/instance.ts';
import { buildBatch, withCrc } from '../ingest/build-batch.ts';
import { type PlainRecord, readBatches } from '../ingest/read-records.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';

const wasm = makeInstance({ megabytes: 24 });
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

const records = [
  { key: 'key', value: 'value one', headers: [['h', 'x'] as const] },
  { key: null, value: null, timestampDelta: 300n },
  { key: '', value: 'v'.repeat(70), offsetDelta: 5 },
];
const batchOf = (codec: (typeof CODECS)[number]) =>
  buildBatch({
    baseOffset: 77n,
    baseTimestamp: 1_700_000_000_000n,
    attributes: CODECS.indexOf(codec),
    compress: (bytes) => compress(codec, bytes),
    records,
  });

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The records, or the code of the error that is allowed. */
function attempt(bytes: Uint8Array): PlainRecord[] | string {
  openArena(wasm);
  try {
    return readBatches(wasm, bytes).records;
  } catch (error) {
    if (error instanceof ArenaFull) return 'ArenaFull';
    if (!(error instanceof MillraceError)) throw error;
    expect(error.context).toMatchObject({ topic: 'orders', partition: 3 });
    return error.code;
  }
}

const intact = (codec: (typeof CODECS)[number]) => attempt(batchOf(codec)) as PlainRecord[];

describe.each(CODECS)('%s', (codec) => {
  it('every truncation is an error, and no cut at all', () => {
    const batch = batchOf(codec);
    for (let length = 1; length < batch.length; length++) {
      const bytes = batch.subarray(0, length);
      expect(attempt(bytes), `${length} bytes`).toBe('CORRUPT_BATCH');
      const set = { topic: 'orders', partition: 3, fetchOffset: 77n, chunks: [bytes] };
      const offsets = { highWatermark: 0n, lastStableOffset: 0n, logStartOffset: 0n };
      const whole = { ...set, ...offsets, byteLength: length, abortedTransactions: [] };
      expect(cutRecordSet(whole, { maxRows: 10, maxBytes: 1000 })).toEqual([]);
    }
  });

  it('every flipped bit is an error, or outside of the CRC', () => {
    const batch = batchOf(codec);
    const expected = intact(codec).map(({ offset, ...rest }) => rest);
    for (let bit = 0; bit < batch.length * 8; bit++) {
      const byte = bit >> 3;
      const damaged = Buffer.from(batch);
      damaged.writeUInt8(damaged[byte]! ^ (1 << (bit & 7)), byte);
      const got = attempt(damaged);
      // The base offset and the leader epoch are the broker's: the CRC leaves them out.
      if (byte >= 8 && (byte < 12 || byte >= 16)) expect(got, `bit ${bit}`).toBe('CORRUPT_BATCH');
      if (typeof got !== 'string') {
        expect(got.map(({ offset, ...rest }) => rest)).toEqual(expected);
      }
    }
  });

  it('every byte of every value, the CRC made right, is an error or a result', () => {
    const batch = batchOf(codec);
    const seen = new Set<string>();
    for (let byte = 16; byte < batch.length; byte++) {
      for (const value of [0, 1, 2, 0x7e, 0x7f, 0x80, 0xfe, 0xff, batch[byte]! ^ 1]) {
        const damaged = Buffer.from(batch);
        damaged.writeUInt8(value, byte);
        const got = attempt(withCrc(damaged));
        if (typeof got === 'string') seen.add(got);
        else expect(got.length).toBeLessThanOrEqual(damaged.readInt32BE(57));
      }
    }
    expect(seen).toContain('CORRUPT_BATCH');
  });
});

describe('random damage with a right CRC', () => {
  it('is an error or records inside of the input', () => {
    const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
    console.log(`seed ${seed}`);
    const next = random(seed);
    const original = batchOf('none');
    let results = 0;
    for (let round = 0; round < 20_000; round++) {
      let damaged: Buffer = Buffer.from(original);
      for (let changes = 1 + next(6); changes > 0; changes--) {
        const at = 57 + next(damaged.length - 57);
        if (next(4) === 0) {
          // Bytes go in or out: every length behind them is wrong.
          const middle = Buffer.from(Array.from({ length: next(12) }, () => next(256)));
          const parts = [damaged.subarray(0, at), middle, damaged.subarray(at + next(12))];
          damaged = Buffer.concat(parts);
        } else {
          damaged.writeUInt8(next(256), at);
        }
      }
      if (damaged.length < 61) continue;
      damaged.writeInt32BE(damaged.length - 12, 8);
      if (next(3) === 0) damaged.writeInt32BE(next(8), 57);
      damaged.writeInt32BE(1000, 23);
      const got = attempt(withCrc(damaged));
      if (typeof got === 'string') {
        expect(['CORRUPT_BATCH', 'ArenaFull'], `seed ${seed}, round ${round}`).toContain(got);
        continue;
      }
      results++;
      const bytes = got.reduce((sum, r) => sum + (r.value?.length ?? 0) + (r.key?.length ?? 0), 0);
      expect(bytes).toBeLessThan(damaged.length);
    }
    expect(results).toBeGreaterThan(0);
  });
});
