/** How large an LZ4 frame becomes, read from it before it is decompressed. */
import { BadCompression } from './bad-compression.ts';

const MAGIC = 0x184d2204;
const FLAG = { dictionary: 1, contentChecksum: 4, contentSize: 8, blockChecksums: 16 } as const;
const STORED = 0x8000_0000;
// Lengths grow by 255 a byte, so no more comes out of a byte.
const RATIO_MAX = 255;
const MATCH_BYTES_MIN = 4;

/**
 * An upper bound of the decompressed size of one whole LZ4 frame; where the blocks alone would
 * allow more than `limit`, the exact size, from the lengths of their sequences.
 *
 * Frame format 1.6.1: uint32 magic, flags, block descriptor, content size (8, where flagged),
 * dictionary id (4, where flagged), header checksum (1); then blocks: uint32 length (highest bit:
 * stored as it is), bytes, checksum (4, where flagged); a length of 0 ends them, content checksum
 * (4, where flagged).
 *
 * @throws BadCompression where the bytes are no such frame, or more than one.
 */
export function lz4SizeMax(bytes: Buffer, limit: number): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== MAGIC) {
    throw new BadCompression('lz4 data without a frame header');
  }
  const bound = sumBlocks(bytes, (begin, end, most) => Math.min(most, (end - begin) * RATIO_MAX));
  return bound <= limit ? bound : sumBlocks(bytes, (begin, end) => blockSize(bytes, begin, end));
}

function sumBlocks(
  bytes: Buffer,
  sizeOf: (begin: number, end: number, most: number) => number,
): number {
  const flags = bytes[4]!;
  const most = 1 << (8 + 2 * ((bytes[5]! >> 4) & 7));
  let at =
    7 + ((flags & FLAG.contentSize) !== 0 ? 8 : 0) + ((flags & FLAG.dictionary) !== 0 ? 4 : 0);
  let total = 0;
  while (at + 4 <= bytes.length) {
    const word = bytes.readUInt32LE(at);
    const begin = at + 4;
    const end = begin + (word & ~STORED);
    if (word === 0) {
      // What another frame would hold is not in the total, and Kafka writes one.
      if (begin + ((flags & FLAG.contentChecksum) !== 0 ? 4 : 0) === bytes.length) return total;
      throw new BadCompression('lz4 data that go on behind their frame');
    }
    if (end > bytes.length) break;
    total += word >= STORED ? end - begin : sizeOf(begin, end, most);
    at = end + ((flags & FLAG.blockChecksums) !== 0 ? 4 : 0);
  }
  throw new BadCompression('lz4 blocks that end outside of the batch');
}

// A sequence: token (literal length, match length: 15 goes on in bytes, 255 each goes on further),
// literals, uint16 offset. The last one has literals only.
function blockSize(bytes: Buffer, begin: number, end: number): number {
  let total = 0;
  for (let at = begin; at < end; ) {
    const token = bytes[at++]!;
    let length = token >> 4;
    if (length === 15) {
      for (let byte = 255; byte === 255 && at < end; length += byte) byte = bytes[at++]!;
    }
    total += length;
    at += length + 2;
    if (at >= end) break;
    length = token & 15;
    if (length === 15) {
      for (let byte = 255; byte === 255 && at < end; length += byte) byte = bytes[at++]!;
    }
    total += length + MATCH_BYTES_MIN;
  }
  return total;
}
