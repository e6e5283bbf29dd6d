import { crc32c } from '@platformatic/kafka';
import { onTestFinished } from 'vitest';
import type {
  FetchPosition,
  FetchRequest,
  FetchResult,
  KafkaClient,
  ProduceBatch,
  ProduceRequest,
  ProduceResult,
  RecordSet,
} from '../../src/ingest/client.ts';
import { createPlatformaticClient } from '../../src/ingest/clients/platformatic.ts';
import {
  type ConnectionInput,
  resolveConnectionOptions,
} from '../../src/ingest/connection-options.ts';
import { sharedBrokers } from './cluster.ts';

/** Bytes of a record batch before its records, in version 2. */
const HEADER_BYTES = 61;

/** A client of the shared broker, closed at the end of the test. */
export function testClient(input: ConnectionInput = {}): KafkaClient {
  const options = resolveConnectionOptions({ brokers: sharedBrokers(), ...input });
  const client = createPlatformaticClient(options);
  onTestFinished(() => client.close());
  return client;
}

/** Node id of a partition's leader. */
export async function leaderOf(client: KafkaClient, topic: string, partition = 0): Promise<number> {
  const [info] = await client.topics([topic], { refresh: true });
  return info!.partitions[partition]!.leader;
}

/** A fetch from the leader of the first position. */
export async function fetchFrom(
  client: KafkaClient,
  positions: readonly FetchPosition[],
  limits: Partial<FetchRequest> = {},
): Promise<FetchResult> {
  const node = await leaderOf(client, positions[0]!.topic, positions[0]!.partition);
  return client.fetch({
    node,
    positions,
    maxBytes: 50_000_000,
    partitionMaxBytes: 10_000_000,
    minBytes: 1,
    maxWaitMs: 200,
    isolation: 'read_uncommitted',
    ...limits,
  });
}

/** A produce to the leader of the first batch, acks -1 unless said. */
export async function produceTo(
  client: KafkaClient,
  batches: readonly ProduceBatch[],
  settings: Partial<ProduceRequest> = {},
): Promise<ProduceResult[]> {
  const node = await leaderOf(client, batches[0]!.topic, batches[0]!.partition);
  return client.produce({ node, acks: -1, timeoutMs: 5_000, batches, ...settings });
}

/** The bytes of a record set in one buffer. */
export function bytesOf(set: RecordSet): Buffer {
  return Buffer.concat(set.chunks);
}

/** Base offset and number of records of each whole batch in a record set. */
export function batchesIn(set: RecordSet): { baseOffset: bigint; records: number }[] {
  const bytes = bytesOf(set);
  const batches: { baseOffset: bigint; records: number }[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + 12 + bytes.readInt32BE(at + 8);
    if (end > bytes.length) break;
    const crc = bytes.readUInt32BE(at + 17);
    if (crc32c(bytes.subarray(at + 21, end)) >>> 0 !== crc) throw new Error('wrong CRC');
    batches.push({ baseOffset: bytes.readBigInt64BE(at), records: bytes.readInt32BE(at + 57) });
    at = end;
  }
  return batches;
}

/** What a hand-built batch is made of. */
export interface BatchParts {
  readonly values: readonly (string | null)[];
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
}

/** A record batch v2 without compression, keys `k0`, `k1`, ... */
export function recordBatch(parts: BatchParts): Buffer {
  const { values, producerId = -1n, producerEpoch = -1, baseSequence = -1 } = parts;
  const records = Buffer.concat(values.map(record));
  const batch = Buffer.alloc(HEADER_BYTES + records.length);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt8(2, 16);
  batch.writeInt32BE(values.length - 1, 23);
  const now = BigInt(Date.now());
  batch.writeBigInt64BE(now, 27);
  batch.writeBigInt64BE(now, 35);
  batch.writeBigInt64BE(producerId, 43);
  batch.writeInt16BE(producerEpoch, 51);
  batch.writeInt32BE(baseSequence, 53);
  batch.writeInt32BE(values.length, 57);
  records.copy(batch, HEADER_BYTES);
  batch.writeUInt32BE(crc32c(batch.subarray(21)) >>> 0, 17);
  return batch;
}

/** length attributes timestampDelta offsetDelta key value headers, lengths as zigzag varints. */
function record(value: string | null, index: number): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, 0]),
    varint(index),
    bytes(`k${index}`),
    value === null ? varint(-1) : bytes(value),
    varint(0),
  ]);
  return Buffer.concat([varint(body.length), body]);
}

function bytes(text: string): Buffer {
  const encoded = Buffer.from(text);
  return Buffer.concat([varint(encoded.length), encoded]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; rest > 0x7f; rest >>>= 7) out.push((rest & 0x7f) | 0x80);
  out.push(rest);
  return Buffer.from(out);
}
