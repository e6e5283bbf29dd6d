/**
 * Record batches for filling topics, encoded without any of Millrace's own code.
 *
 * A batch (magic 2), big-endian: baseOffset i64, length i32 (of what follows), leaderEpoch i32,
 * magic i8, crc u32 (CRC32C of what follows it), attributes i16, lastOffsetDelta i32,
 * firstTimestamp i64, maxTimestamp i64, producerId i64, producerEpoch i16, baseSequence i32,
 * count i32, records. A record: length, attributes i8, timestampDelta, offsetDelta, key length (-1:
 * none), value length, value, number of headers; lengths, deltas and counts are zigzag varints.
 */
import { crc32c } from '@platformatic/kafka';
import type { Messages } from '../data/workload.ts';

const HEADER_BYTES = 61;
const LENGTH_AT = 8;
const CRC_AT = 17;
const CRC_BEGIN = 21;
/** The most that a record takes beside its value. */
const RECORD_OVERHEAD_BYTES = 32;

/**
 * A batch of messages `[from, to)`, without keys, compression and producer.
 *
 * @param into is used, from its beginning, where it has room.
 */
export function encodeRecordBatch(
  { bytes, offsets }: Messages,
  from: number,
  to: number,
  timestampMs = Date.now(),
  into?: Buffer,
): Buffer {
  const count = to - from;
  const values = offsets[to]! - offsets[from]!;
  const room = HEADER_BYTES + values + count * RECORD_OVERHEAD_BYTES;
  const batch = into && into.length >= room ? into : Buffer.allocUnsafe(room);
  let at = HEADER_BYTES;
  for (let i = from; i < to; i++) {
    at = writeRecord(batch, at, i - from, bytes.subarray(offsets[i]!, offsets[i + 1]!));
  }
  batch.fill(0, 0, HEADER_BYTES);
  batch.writeInt32BE(at - LENGTH_AT - 4, LENGTH_AT);
  batch[16] = 2;
  batch.writeInt32BE(count - 1, 23);
  batch.writeBigInt64BE(BigInt(timestampMs), 27);
  batch.writeBigInt64BE(BigInt(timestampMs), 35);
  batch.fill(0xff, 43, 57);
  batch.writeInt32BE(count, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(CRC_BEGIN, at)) >>> 0, CRC_AT);
  return batch.subarray(0, at);
}

function writeRecord(batch: Buffer, at: number, index: number, value: Uint8Array): number {
  // Attributes, timestamp delta, key length and headers take a byte each.
  const length = 4 + varintBytes(index) + varintBytes(value.length) + value.length;
  let to = writeVarint(batch, at, length);
  batch[to++] = 0;
  batch[to++] = 0;
  to = writeVarint(batch, to, index);
  batch[to++] = 1;
  to = writeVarint(batch, to, value.length);
  batch.set(value, to);
  to += value.length;
  batch[to++] = 0;
  return to;
}

/** Of a value that is not negative. */
function writeVarint(batch: Buffer, at: number, value: number): number {
  let to = at;
  let rest = value * 2;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) batch[to++] = (rest % 128) + 128;
  batch[to++] = rest;
  return to;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value * 2; rest > 0x7f; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}
