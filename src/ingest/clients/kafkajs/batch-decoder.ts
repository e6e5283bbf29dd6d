/** Encoded record batches, read into the messages that kafkajs takes. */
import { MillraceError } from '../../../errors.ts';
import type { ProduceBatch } from '../../client.ts';
import { decompress } from '../../compression.ts';
import { crc32c } from '../../crc32c.ts';
import {
  BATCH_ATTRIBUTE,
  BATCH_FIELD,
  BATCH_HEADER_BYTES,
  COMPRESSION_NAMES,
} from '../../record-batch.ts';
import { KAFKAJS_VERSION } from './internals.ts';
import { DECOMPRESSED_MAX_BYTES } from './own-codecs.ts';
import type { ProducedMessage } from './own-requests.ts';

// Fields of the header that only this reader needs.
const FIRST_TIMESTAMP_AT = 27;
const PRODUCER_EPOCH_AT = 51;
const FIRST_SEQUENCE_AT = 53;

/** A batch as kafkajs takes it. */
export interface DecodedBatch {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  /** Its number in the batch's attributes. */
  readonly compression: number;
  /** Keys and values are views of the batch, or of its decompressed records. */
  readonly messages: readonly ProducedMessage[];
}

const WAY_OUT = `install kafkajs@${KAFKAJS_VERSION}, or choose client 'platformatic'.`;

/**
 * Reads a batch; `undefined` where its CRC does not match its bytes.
 *
 * kafkajs has the headers of a message by name: values of one name keep their order, names that
 * take turns do not.
 *
 * @throws MillraceError `PRODUCE_FAILED` for what kafkajs cannot write: a header without a value,
 *   a timestamp that is not exact as a number.
 */
export function decodeBatch({ topic, partition, bytes }: ProduceBatch): DecodedBatch | undefined {
  const batch = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (batch.readUInt32BE(BATCH_FIELD.crc) !== crc32c(batch.subarray(BATCH_FIELD.attributes))) {
    return undefined;
  }
  const compression = batch.readInt16BE(BATCH_FIELD.attributes) & BATCH_ATTRIBUTE.compression;
  const records = decompress(
    COMPRESSION_NAMES[compression] ?? 'none',
    batch.subarray(BATCH_HEADER_BYTES),
    DECOMPRESSED_MAX_BYTES,
  );
  const reader = new RecordReader(records, batch.readBigInt64BE(FIRST_TIMESTAMP_AT), (what) => {
    const message = `kafkajs cannot write ${what} to partition ${partition} of topic '${topic}': `;
    return new MillraceError(`${message}${WAY_OUT}`, {
      code: 'PRODUCE_FAILED',
      context: { topic, partition },
    });
  });
  const messages: ProducedMessage[] = [];
  const count = batch.readInt32BE(BATCH_FIELD.recordCount);
  for (let i = 0; i < count; i++) messages.push(reader.record());
  return {
    producerId: batch.readBigInt64BE(BATCH_FIELD.producerId),
    producerEpoch: batch.readInt16BE(PRODUCER_EPOCH_AT),
    firstSequence: batch.readInt32BE(FIRST_SEQUENCE_AT),
    compression,
    messages,
  };
}

// The layout of a record stands in `batch-encoder.ts`. What is read here was written by us, and its
// CRC was right: a view behind the end would still be an error of `Buffer`.
class RecordReader {
  readonly #bytes: Buffer;
  readonly #firstTimestamp: number;
  readonly #fail: (what: string) => MillraceError;
  #at = 0;
  #lastDelta = 0;
  #lastTimestamp: string;

  constructor(records: Uint8Array, firstTimestamp: bigint, fail: (what: string) => MillraceError) {
    this.#bytes = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
    this.#firstTimestamp = Number(firstTimestamp);
    this.#lastTimestamp = `${firstTimestamp}`;
    this.#fail = fail;
  }

  record(): ProducedMessage {
    this.#varint();
    this.#at++;
    const timestamp = this.#timestamp();
    this.#varint();
    const key = this.#field();
    const value = this.#field();
    return { timestamp, key, value, headers: this.#headers() };
  }

  // kafkajs counts deltas from decimals as numbers, and takes the number 0 for none at all.
  #timestamp(): string {
    const delta = this.#varint();
    if (delta === this.#lastDelta) return this.#checked(this.#lastTimestamp);
    this.#lastDelta = delta;
    this.#lastTimestamp = `${this.#firstTimestamp + delta}`;
    return this.#checked(this.#lastTimestamp);
  }

  #checked(timestamp: string): string {
    if (Number.isSafeInteger(Number(timestamp))) return timestamp;
    throw this.#fail(`a message of the timestamp ${timestamp} ms`);
  }

  #headers(): ProducedMessage['headers'] {
    const count = this.#varint();
    if (count === 0) return {};
    const headers = Object.create(null) as Record<string, Buffer | Buffer[]>;
    for (let i = 0; i < count; i++) {
      const name = this.#field()?.toString() ?? '';
      const value = this.#field();
      if (value === null) throw this.#fail(`a message with the header '${name}' without a value`);
      const before = headers[name];
      if (before === undefined) headers[name] = value;
      else headers[name] = Array.isArray(before) ? [...before, value] : [before, value];
    }
    return headers;
  }

  #field(): Buffer | null {
    const length = this.#varint();
    if (length < 0) return null;
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes.readUInt8(this.#at++);
      value += (byte % 0x80) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
  }
}
