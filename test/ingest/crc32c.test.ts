import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { combineCrc32c, crc32c, patchProducer } from '../../src/ingest/crc32c.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { buildBatch } from './build-batch.ts';

// RFC 3720, B.4.
const VECTORS: readonly (readonly [string, Uint8Array, number])[] = [
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 ascending', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['the check string', Buffer.from('123456789'), 0xe3069283],
];

describe('crc32c', () => {
  it.each(VECTORS)('has the published value of %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('is the same in WASM at every length where the way of computing changes', () => {
    const wasm = makeInstance();
    const borders = [0, 16, 290, 1024, 1024 + 8192, 5275, 65_536, 65_536 + 32_768, 1_000_000];
    for (const border of borders) {
      for (const length of [
        border - 17,
        border - 1,
        border,
        border + 1,
        border + 15,
        border + 16,
      ]) {
        if (length < 0) continue;
        openArena(wasm);
        const address = wasm.arenaAlloc(length + 8) + (length % 8);
        const bytes = randomBytes(length);
        wasm.u8.set(bytes, address);
        const actual = wasm.exports.crc32c(address, length) >>> 0;
        expect({ length, crc: actual }).toEqual({ length, crc: crc32c(bytes) });
      }
    }
  });

  it('is combined from the CRCs of two parts', () => {
    for (const [a, b] of [
      [0, 5],
      [40, 1],
      [61, 1000],
      [1, 70_000],
    ] as const) {
      const bytes = randomBytes(a + b);
      const crcs = [crc32c(bytes.subarray(0, a)), crc32c(bytes.subarray(a))] as const;
      expect(combineCrc32c(crcs[0], crcs[1], b)).toBe(crc32c(bytes));
    }
  });
});

describe('patchProducer', () => {
  it('writes the producer and leaves a right CRC, whatever was there before', () => {
    const batch = buildBatch({ records: [{ value: 'a'.repeat(5000) }, { value: null }] });
    for (const sequence of [0, 7, 2 ** 31 - 1]) {
      patchProducer(batch, 0x1234_5678_9abcn, 3, sequence);
      expect(batch.readBigInt64BE(43)).toBe(0x1234_5678_9abcn);
      expect(batch.readInt16BE(51)).toBe(3);
      expect(batch.readInt32BE(53)).toBe(sequence);
      expect(batch.readUInt32BE(17)).toBe(crc32c(batch.subarray(21)));
    }
  });

  it('makes a batch part of a transaction, and never takes that back', () => {
    const batch = buildBatch({ records: [{ value: 'a'.repeat(5000) }], attributes: 0x0b });
    for (const transactional of [false, true, true, false]) {
      patchProducer(batch, 5n, 0, 1, transactional);
      expect(batch.readUInt32BE(17)).toBe(crc32c(batch.subarray(21)));
    }
    expect(batch.readInt16BE(21)).toBe(0x1b);
  });

  it('works on a batch inside of a larger buffer', () => {
    const batch = buildBatch({ records: [{ value: 'x' }] });
    const larger = Buffer.concat([Buffer.from('before'), batch, Buffer.from('behind')]);
    patchProducer(larger.subarray(6, 6 + batch.length), 9n, 1, 2);
    const patched = larger.subarray(6, 6 + batch.length);
    expect(patched.readUInt32BE(17)).toBe(crc32c(patched.subarray(21)));
    expect(larger.toString('latin1', 0, 6) + larger.toString('latin1', 6 + batch.length)).toBe(
      'beforebehind',
    );
  });
});
