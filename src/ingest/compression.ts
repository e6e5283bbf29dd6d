/**
 * Compression of record batches, both ways, in bounded memory.
 *
 * How large the records will be is known, or bounded, before they are made: from the block headers
 * of snappy and LZ4, from zstd's frame header where it has the size, else by a limit that zlib
 * holds itself to. A batch that would pass the room that is left ends as `ArenaFull`.
 */
// Whole: an old Node, which check-node.ts refuses, has no zstd to import by name.
import zlib, { type ZstdOptions } from 'node:zlib';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { compressSync, uncompressSync } from 'snappy';
import type { Compression } from '../plan.ts';
import { ArenaFull } from '../wasm/instance.ts';
import { BadCompression } from './bad-compression.ts';
import { lz4SizeMax } from './lz4-size.ts';

/** `Compression` by its number in a batch's attributes. */
export const COMPRESSION_ID = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

// Before the first chunk of what Kafka's Java client writes as snappy: snappy-java's stream format,
// "xerial". Two int32, version and least compatible version, follow the magic.
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;
const XERIAL_BLOCK_BYTES = 32 * 1024;

// Snappy's best copy is 64 bytes in 3: a header that claims more lies.
const SNAPPY_RATIO_MAX = 22;
// How much zlib allocates at a time.
const EXPECTED_RATIO = 5;
const CHUNK_BYTES_MIN = 16 * 1024;
const CHUNK_BYTES_MAX = 1024 * 1024;
// What tiny inputs may give beyond the ratio.
const RATIO_SLACK_BYTES = 64;

/**
 * The decompressed bytes of `input`, at most `limit` of them, in memory of their own.
 *
 * @param input may be a view on shared memory.
 * @throws ArenaFull where they would be more than `limit`.
 * @throws BadCompression where `input` is damaged.
 */
export function decompress(compression: Compression, input: Uint8Array, limit: number): Uint8Array {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  if (compression === 'none') return bounded(bytes, limit);
  if (limit <= 0) throw full(limit);
  try {
    if (compression === 'gzip') return zlib.gunzipSync(bytes, bounds(bytes, limit));
    if (compression === 'zstd') return decompressZstd(bytes, limit);
    if (compression === 'lz4') return decompressLz4(bytes, limit);
    return decompressSnappy(bytes, limit);
  } catch (error) {
    if (error instanceof ArenaFull || error instanceof BadCompression) throw error;
    if (isTooLarge(error)) throw full(limit);
    const reason = error instanceof Error ? error.message : String(error);
    throw new BadCompression(`${compression} data that do not decompress (${reason})`);
  }
}

/**
 * Compresses the records of a batch as Kafka's clients do, all at the library's default level:
 * gzip; snappy in xerial blocks; an LZ4 frame of independent blocks; zstd with its content size.
 *
 * @param input may be a view on shared memory; it is read only.
 */
export function compress(compression: Compression, input: Uint8Array): Uint8Array {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  if (compression === 'gzip') return zlib.gzipSync(bytes);
  if (compression === 'lz4') return compressFrameSync(bytes);
  if (compression === 'snappy') return compressSnappy(bytes);
  if (compression === 'zstd') return compressZstd(bytes);
  return bytes;
}

function full(limit: number): ArenaFull {
  return new ArenaFull(`a batch decompresses to more than the ${limit} bytes that are left`);
}

function bounded<T extends Uint8Array>(bytes: T, limit: number): T {
  if (bytes.length > limit) throw full(limit);
  return bytes;
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

// zlib works in chunks of 16 KiB where it is not told how much to expect, and takes two to three
// times as long.
function bounds(bytes: Buffer, limit: number, size = bytes.length * EXPECTED_RATIO) {
  const chunkSize = Math.min(Math.max(size, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX);
  return { maxOutputLength: limit, chunkSize };
}

function decompressZstd(bytes: Buffer, limit: number): Uint8Array {
  const size = zstdContentSize(bytes);
  if (size !== undefined && size > limit) throw full(limit);
  return zlib.zstdDecompressSync(bytes, bounds(bytes, limit, size));
}

// RFC 8878, 3.1.1.1: magic, descriptor, window (unless single segment), dictionary id, content
// size.
function zstdContentSize(bytes: Buffer): number | undefined {
  if (bytes.length < 18) return undefined;
  const descriptor = bytes[4]!;
  const singleSegment = (descriptor & 0x20) !== 0;
  const at = 5 + (singleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  const kind = descriptor >> 6;
  if (kind === 0) return singleSegment ? bytes[at]! : undefined;
  if (kind === 1) return bytes.readUInt16LE(at) + 256;
  if (kind === 2) return bytes.readUInt32LE(at);
  return Number(bytes.readBigUInt64LE(at));
}

function compressZstd(bytes: Buffer): Uint8Array {
  // The size in the frame header lets readers allocate once; @types/node does not know the option.
  const options: ZstdOptions & { pledgedSrcSize: number } = { pledgedSrcSize: bytes.length };
  return zlib.zstdCompressSync(bytes, options);
}

function decompressLz4(bytes: Buffer, limit: number): Uint8Array {
  if (lz4SizeMax(bytes, limit) > limit) throw full(limit);
  return bounded(decompressFrameSync(bytes), limit);
}

function decompressSnappy(bytes: Buffer, limit: number): Uint8Array {
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
    return uncompressBlock(bytes, limit);
  }
  const parts: Uint8Array[] = [];
  let left = limit;
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
    const length = bytes.length - at < 4 ? -1 : bytes.readInt32BE(at);
    if (length < 0 || length > bytes.length - at - 4) {
      throw new BadCompression('snappy blocks that end outside of the batch');
    }
    const part = uncompressBlock(bytes.subarray(at + 4, at + 4 + length), left);
    parts.push(part);
    left -= part.length;
    at += 4 + length;
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

// A raw snappy block: its decompressed length as a varint, then the data.
function uncompressBlock(block: Buffer, limit: number): Uint8Array {
  let size = 0;
  for (let i = 0, scale = 1; ; i++, scale *= 128) {
    const byte = i < 5 ? block[i] : undefined;
    if (byte === undefined) throw new BadCompression('a snappy block without a length');
    size += (byte & 127) * scale;
    if (byte < 128) break;
  }
  if (size > block.length * SNAPPY_RATIO_MAX + RATIO_SLACK_BYTES) {
    throw new BadCompression(`a snappy block of ${block.length} bytes that claims ${size}`);
  }
  if (size > limit) throw full(limit);
  return bounded(uncompressSync(block, { asBuffer: true }) as Buffer, limit);
}

function compressSnappy(bytes: Buffer): Uint8Array {
  const header = Buffer.alloc(XERIAL_HEADER_BYTES);
  XERIAL_MAGIC.copy(header);
  header.writeInt32BE(1, 8);
  header.writeInt32BE(1, 12);
  const parts: Buffer[] = [header];
  for (let at = 0; at < bytes.length; at += XERIAL_BLOCK_BYTES) {
    const block = compressSync(bytes.subarray(at, at + XERIAL_BLOCK_BYTES));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}
