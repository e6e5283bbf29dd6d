/** Other clients' record batch code, to compare ours with. */
import { createRequire } from 'node:module';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Reader, readRecordsBatches } from '@platformatic/kafka';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { compressSync, uncompressSync } from 'snappy';

/** The codecs by their number in a batch's attributes. */
export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** A record as both clients give it, bytes as latin1. */
export interface ForeignRecord {
  readonly offset: bigint;
  readonly timestamp: bigint;
  readonly key: string | null;
  readonly value: string | null;
}

interface KafkajsEncoder {
  readonly buffer: Buffer;
}
interface KafkajsRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

const load = createRequire(import.meta.url);
const kafkajs = (path: string) => load(`kafkajs/src/protocol/${path}`) as unknown;

const Decoder = kafkajs('decoder.js') as new (buffer: Buffer) => object;
const decodeBatch = kafkajs('recordBatch/v0/decoder.js') as (
  decoder: object,
) => Promise<{ records: KafkajsRecord[] }>;
const { RecordBatch } = kafkajs('recordBatch/v0/index.js') as {
  RecordBatch(options: object): Promise<KafkajsEncoder>;
};
const Record = kafkajs('recordBatch/record/v0/index.js') as (options: object) => KafkajsEncoder;
const { Codecs } = kafkajs('message/compression/index.js') as {
  Codecs: { [id: number]: () => object };
};

type Convert = (bytes: Buffer) => Uint8Array;
const codec = (compress: Convert, decompress: Convert) => () => ({
  compress: async ({ buffer }: KafkajsEncoder) => Buffer.from(compress(buffer)),
  decompress: async (buffer: Buffer) => Buffer.from(decompress(buffer)),
});
// As kafkajs-snappy, kafkajs-lz4 and kafkajs-zstd plug in: snappy raw out, raw or xerial in.
Codecs[2] = codec((bytes) => compressSync(bytes), readSnappy);
Codecs[3] = codec((bytes) => compressFrameSync(bytes), decompressFrameSync);
Codecs[4] = codec(
  (bytes) => zstdCompressSync(bytes),
  (bytes) => zstdDecompressSync(bytes),
);

function readSnappy(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 1, 7) !== 'SNAPPY') return uncompressSync(bytes) as Buffer;
  const parts: Buffer[] = [];
  for (let at = 16; at < bytes.length; at += 4 + bytes.readInt32BE(at)) {
    const block = bytes.subarray(at + 4, at + 4 + bytes.readInt32BE(at));
    parts.push(uncompressSync(block) as Buffer);
  }
  return Buffer.concat(parts);
}

const latin1 = (bytes: Buffer | null) => (bytes === null ? null : bytes.toString('latin1'));

/** What kafkajs reads in one batch. */
export async function readByKafkajs(bytes: Uint8Array): Promise<ForeignRecord[]> {
  const { records } = await decodeBatch(new Decoder(Buffer.from(bytes)));
  return records.map(({ offset, timestamp, key, value }) => ({
    offset: BigInt(offset),
    timestamp: BigInt(timestamp),
    key: latin1(key),
    value: latin1(value),
  }));
}

/** One batch as kafkajs writes it. */
export async function writeByKafkajs(
  compression: number,
  firstTimestamp: number,
  records: readonly { key: Buffer | null; value: Buffer | null; headers: object }[],
): Promise<Buffer> {
  const encoder = await RecordBatch({
    compression,
    firstTimestamp,
    maxTimestamp: firstTimestamp + records.length - 1,
    lastOffsetDelta: records.length - 1,
    records: records.map((record, i) => Record({ ...record, offsetDelta: i, timestampDelta: i })),
  });
  return encoder.buffer;
}

/** What @platformatic/kafka reads in one batch. */
export function readByPlatformatic(bytes: Uint8Array): ForeignRecord[] {
  const [batch] = readRecordsBatches(Reader.from(Buffer.from(bytes)));
  if (batch === undefined) throw new Error('@platformatic/kafka saw no batch');
  return batch.records.map(({ offsetDelta, timestampDelta, key, value }) => ({
    offset: batch.firstOffset + BigInt(offsetDelta),
    timestamp: batch.firstTimestamp + timestampDelta,
    key: latin1(key),
    value: latin1(value),
  }));
}
