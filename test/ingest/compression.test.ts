import { gzipSync, zstdCompressSync } from 'node:zlib';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { describe, expect, it } from 'vitest';
import { BadCompression } from '../../src/ingest/bad-compression.ts';
import { compress, decompress } from '../../src/ingest/compression.ts';
import { ArenaFull } from '../../src/wasm/instance.ts';

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const text = Buffer.from('order 123 for customer 456; '.repeat(10_000));

describe.each(CODECS)('%s', (codec) => {
  it.each([0, 1, 100, 32_768, 32_769, text.length])('gives back %i bytes', (length) => {
    const input = text.subarray(0, length);
    const shared = new Uint8Array(new SharedArrayBuffer(length));
    shared.set(input);
    const packed = Buffer.from(compress(codec, shared));
    expect(Buffer.from(decompress(codec, packed, Math.max(1, length))).equals(input)).toBe(true);
  });

  it('stops at the limit, and takes it when it is enough', () => {
    const packed = compress(codec, text);
    for (const limit of [0, 1, 1000, text.length - 1]) {
      expect(() => decompress(codec, packed, limit), `limit ${limit}`).toThrow(ArenaFull);
    }
    expect(decompress(codec, packed, text.length).length).toBe(text.length);
  });
});

describe('what other writers make', () => {
  it('is read: raw snappy, LZ4 with checksums, streamed zstd, gzip in members', () => {
    const cases = [
      ['snappy', compressSync(text)],
      ['lz4', compressFrameSync(text, { contentChecksum: true, blockChecksums: true })],
      ['zstd', zstdCompressSync(text)],
      ['gzip', Buffer.concat([gzipSync(text.subarray(0, 99)), gzipSync(text.subarray(99))])],
    ] as const;
    for (const [codec, packed] of cases) {
      expect(Buffer.from(decompress(codec, packed, text.length * 20)).equals(text)).toBe(true);
    }
  });
});

describe('lies', () => {
  it.each<[string, (typeof CODECS)[number], () => Uint8Array, RegExp]>([
    [
      'a snappy length that no data could give',
      'snappy',
      () => Uint8Array.of(0xff, 0xff, 0xff, 0x7f, 0),
      /claims/,
    ],
    ['a snappy block without end', 'snappy', () => Uint8Array.of(0xff, 0xff), /without a length/],
    [
      'a xerial block behind the end',
      'snappy',
      () => Buffer.from('82534e4150505900000000010000000100000fff00', 'hex'),
      /end outside/,
    ],
    ['an LZ4 frame that is cut', 'lz4', () => compress('lz4', text).subarray(0, -6), /end outside/],
    [
      'a second LZ4 frame',
      'lz4',
      () => Buffer.concat([compress('lz4', text), compress('lz4', text)]),
      /go on behind/,
    ],
    ['no LZ4 at all', 'lz4', () => text, /without a frame header/],
    ['gzip that is cut', 'gzip', () => gzipSync(text).subarray(0, 50), /do not decompress/],
    ['zstd of nothing', 'zstd', () => new Uint8Array(20), /do not decompress/],
  ])('%s', (_, codec, bytes, message) => {
    const act = () => decompress(codec, bytes(), 1 << 20);
    expect(act).toThrow(BadCompression);
    expect(act).toThrow(message);
  });
});
