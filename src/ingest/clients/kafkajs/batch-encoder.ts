/** Messages that kafkajs made objects of, written into record batches again. */
import { crc32c } from '../../crc32c.ts';
import {
  BATCH_ATTRIBUTE,
  BATCH_FIELD,
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_END,
} from '../../record-batch.ts';
import { corrupt } from '../../record-set.ts';
import type { BatchContext, FetchedMessage, HeaderValue } from './own-requests.ts';

/**
 * About how large a batch may get; what is larger becomes several. Batches of compressed messages
 * may be gigantic as plain ones, and a morsel takes whole batches.
 */
const BATCH_BYTES_MAX = 1024 * 1024;
/** The longest varints, of 32 and of 64 bits. */
const VARINT_BYTES = 5;
const VARLONG_BYTES = 10;
/** A record without its key, value and headers: five varints, a varlong, the attributes. */
const RECORD_BYTES = 5 * VARINT_BYTES + VARLONG_BYTES + 1;
/** Below it in either direction a number and its zigzag are exact. */
const EXACT_MAX = 2 ** 51;

// Fields of the header that only a writer needs.
const LEADER_EPOCH_AT = 12;
const FIRST_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_EPOCH_AT = 51;
const FIRST_SEQUENCE_AT = 53;
const LOG_APPEND_TIME = 1;
const LOG_APPEND_TIME_ATTRIBUTE = 8;
const LAST_OFFSET_DELTA_MAX = 2 ** 31 - 1;
const NONE = -1;

/** Messages of one batch, and the offsets that the batch they are written into stands for. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly begin: bigint;
  /** Exclusive. */
  readonly end: bigint;
  /** At most. */
  readonly byteLength: number;
  readonly context: BatchContext;
}

/**
 * Record batches of `messages`, one behind the other, without compression.
 *
 * Offsets are kept, and so are the gaps: a batch ends where the one that kafkajs read ended, though
 * its last messages may be gone. Producers, transactions and control messages stay what they were.
 *
 * @throws MillraceError `CORRUPT_BATCH` where messages came in a format from before Kafka 0.11.
 */
export function encodeBatches(
  topic: string,
  partition: number,
  messages: readonly FetchedMessage[],
): Buffer {
  const runs: Run[] = [];
  for (let from = 0; from < messages.length; from = runs.at(-1)!.to) {
    const { batchContext, offset } = messages[from]!;
    if (batchContext === undefined) {
      const what = 'a message of a format from before Kafka 0.11; Millrace reads format 2';
      throw corrupt(topic, partition, BigInt(offset), what);
    }
    runs.push(runFrom(messages, from, batchContext));
  }
  const bytes = Buffer.allocUnsafeSlow(runs.reduce((sum, run) => sum + run.byteLength, 0));
  let at = 0;
  for (const { from, to, begin, end, context } of runs) {
    const writer = new BatchWriter(bytes.subarray(at), begin, BigInt(messages[from]!.timestamp));
    for (let i = from; i < to; i++) writer.add(messages[i]!);
    at += writer.close(end, context);
  }
  return bytes.subarray(0, at);
}

function runFrom(messages: readonly FetchedMessage[], from: number, context: BatchContext): Run {
  const { firstOffset, lastOffsetDelta } = context;
  const isSame = (i: number) => messages[i]?.batchContext?.firstOffset === firstOffset;
  let byteLength = BATCH_HEADER_BYTES;
  let to = from;
  for (; isSame(to) && byteLength < BATCH_BYTES_MAX; to++) {
    byteLength += recordBytesMax(messages[to]!);
  }
  const batchEnd = BigInt(firstOffset) + BigInt(lastOffsetDelta) + 1n;
  return {
    from,
    to,
    begin: BigInt(isSame(from - 1) ? messages[from]!.offset : firstOffset),
    end: isSame(to) ? BigInt(messages[to]!.offset) : batchEnd,
    byteLength,
    context,
  };
}

/** A batch without messages, so that a position passes offsets at which there are none. */
export function emptyBatch(begin: bigint, end: bigint): Buffer {
  const bytes = Buffer.allocUnsafeSlow(BATCH_HEADER_BYTES);
  new BatchWriter(bytes, begin, -1n).close(end, undefined);
  return bytes;
}

function recordBytesMax({ key, value, headers }: FetchedMessage): number {
  let byteLength = RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const name in headers) {
    for (const one of valuesOf(headers[name])) {
      byteLength += 2 * VARINT_BYTES + Buffer.byteLength(name) + (one?.length ?? 0);
    }
  }
  return byteLength;
}

function valuesOf(value: HeaderValue | readonly HeaderValue[] | undefined): readonly HeaderValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as HeaderValue];
}

/*
  Record => length attributes timestamp_delta offset_delta key value [headers]
    length, offset_delta => VARINT
    attributes => INT8 (0)
    timestamp_delta => VARLONG
    key, value => VARINT length, or -1 for null; then the bytes
    headers => VARINT count; for each VARINT length and name, then a value as above
*/
class BatchWriter {
  readonly #bytes: Buffer;
  readonly #base: Base;
  readonly #timestamp: Base;
  #at = BATCH_HEADER_BYTES;
  #records = 0;

  /** @param bytes where the batch is written, with room for it. */
  constructor(bytes: Buffer, baseOffset: bigint, firstTimestamp: bigint) {
    this.#bytes = bytes;
    this.#base = new Base(baseOffset);
    this.#timestamp = new Base(firstTimestamp);
  }

  add({ offset, timestamp, key, value, headers }: FetchedMessage): void {
    // How long the record is, is known behind it: its length has the longest varint's room first.
    const begin = this.#at;
    this.#at += VARINT_BYTES;
    this.#bytes[this.#at++] = 0;
    this.#varint(this.#timestamp.to(timestamp));
    this.#varint(this.#base.to(offset));
    this.#field(key);
    this.#field(value);
    this.#headers(headers);
    const from = begin + VARINT_BYTES;
    const end = this.#at;
    this.#at = begin;
    this.#varint(end - from);
    this.#bytes.copyWithin(this.#at, from, end);
    this.#at += end - from;
    this.#records++;
  }

  /** Writes the header; answers the length of the whole batch. */
  close(end: bigint, context: BatchContext | undefined): number {
    const bytes = this.#bytes.subarray(0, this.#at);
    const lastDelta = Number(end - this.#base.value - 1n);
    bytes.writeBigInt64BE(this.#base.value, BATCH_FIELD.baseOffset);
    bytes.writeInt32BE(bytes.length - BATCH_LENGTH_END, BATCH_FIELD.length);
    bytes.writeInt32BE(NONE, LEADER_EPOCH_AT);
    bytes.writeInt8(2, BATCH_FIELD.magic);
    bytes.writeInt16BE(attributesOf(context), BATCH_FIELD.attributes);
    bytes.writeInt32BE(Math.min(lastDelta, LAST_OFFSET_DELTA_MAX), BATCH_FIELD.lastOffsetDelta);
    bytes.writeBigInt64BE(this.#timestamp.value, FIRST_TIMESTAMP_AT);
    const maxTimestamp = BigInt(context?.maxTimestamp ?? this.#timestamp.value);
    bytes.writeBigInt64BE(maxTimestamp, MAX_TIMESTAMP_AT);
    bytes.writeBigInt64BE(BigInt(context?.producerId ?? NONE), BATCH_FIELD.producerId);
    bytes.writeInt16BE(context?.producerEpoch ?? NONE, PRODUCER_EPOCH_AT);
    // A reader has no use for sequences, and a batch may be a part of one.
    bytes.writeInt32BE(NONE, FIRST_SEQUENCE_AT);
    bytes.writeInt32BE(this.#records, BATCH_FIELD.recordCount);
    bytes.writeUInt32BE(crc32c(bytes.subarray(BATCH_FIELD.attributes)), BATCH_FIELD.crc);
    return bytes.length;
  }

  #headers(headers: FetchedMessage['headers']): void {
    let count = 0;
    for (const name in headers) count += valuesOf(headers[name]).length;
    this.#varint(count);
    for (const name in headers) {
      for (const one of valuesOf(headers[name])) {
        this.#varint(Buffer.byteLength(name));
        this.#at += this.#bytes.write(name, this.#at);
        this.#field(one);
      }
    }
  }

  #field(field: Buffer | null): void {
    if (field === null) {
      this.#varint(NONE);
      return;
    }
    this.#varint(field.length);
    this.#at += field.copy(this.#bytes, this.#at);
  }

  /** Zigzag, seven bits a byte, the lowest first. */
  #varint(value: number | bigint): void {
    if (typeof value === 'bigint') {
      this.#varlong(value);
      return;
    }
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
      this.#bytes[this.#at++] = (rest % 0x80) + 0x80;
    }
    this.#bytes[this.#at++] = rest;
  }

  #varlong(value: bigint): void {
    let rest = BigInt.asUintN(64, value < 0n ? -2n * value - 1n : 2n * value);
    for (; rest >= 0x80n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) + 0x80;
    this.#bytes[this.#at++] = Number(rest);
  }
}

// What numbers in decimal are counted from; a bigint is made of them only where it must be.
class Base {
  readonly value: bigint;
  readonly #exact: number;

  constructor(value: bigint) {
    this.value = value;
    const number = Number(value);
    this.#exact = Math.abs(number) < EXACT_MAX ? number : Number.NaN;
  }

  to(decimal: string): number | bigint {
    const distance = Number(decimal) - this.#exact;
    if (Math.abs(distance) < EXACT_MAX) return distance;
    return BigInt.asIntN(64, BigInt(decimal) - this.value);
  }
}

function attributesOf(context: BatchContext | undefined): number {
  if (context === undefined) return 0;
  const { timestampType, inTransaction, isControlBatch } = context;
  return (
    (timestampType === LOG_APPEND_TIME ? LOG_APPEND_TIME_ATTRIBUTE : 0) |
    (inTransaction ? BATCH_ATTRIBUTE.transactional : 0) |
    (isControlBatch ? BATCH_ATTRIBUTE.control : 0)
  );
}
