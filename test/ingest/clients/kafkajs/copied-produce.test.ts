import { expect, test } from 'vitest';
import type { ProduceBatch, ProduceRequest } from '../../../../src/ingest/client.ts';
import type { Cluster } from '../../../../src/ingest/clients/kafkajs/cluster.ts';
import { CopyingProducer } from '../../../../src/ingest/clients/kafkajs/copied-produce.ts';
import type { OwnRequest } from '../../../../src/ingest/clients/kafkajs/own-requests.ts';
import { WireReader, WireWriter } from '../../../../src/ingest/clients/wire.ts';
import { COMPRESSION_ID, compress } from '../../../../src/ingest/compression.ts';
import { patchProducer } from '../../../../src/ingest/crc32c.ts';
import { makeInstance, openArena } from '../../../wasm/harness.ts';
import { type BatchSpec, buildBatch } from '../../build-batch.ts';
import { readBatches } from '../../read-records.ts';
import { own } from './fetch-answer.ts';

const wasm = makeInstance({ megabytes: 48 });

function readBack(bytes: Uint8Array) {
  openArena(wasm);
  return readBatches(wasm, bytes).records;
}

interface Sent {
  readonly transactionalId: string | null;
  readonly acks: number;
  readonly batches: readonly { topic: string; partition: number; bytes: Buffer }[];
}

// Produce Request (Version 7), as in `raw-produce.ts`.
function sentIn(body: Buffer): Sent {
  const reader = new WireReader(body);
  const transactionalId = reader.string();
  const acks = reader.int16();
  reader.int32();
  const batches = reader.array(() => {
    const topic = reader.string()!;
    return reader.array(() => {
      const partition = reader.int32();
      return { topic, partition, bytes: reader.raw(reader.int32()) };
    });
  });
  return { transactionalId, acks, batches: batches.flat() };
}

// Produce Response (Version 7) => [name [index error_code base_offset time start]] throttle.
function answerTo({ batches }: Sent, errors: Readonly<Record<number, number>>): Buffer {
  const writer = new WireWriter();
  writer.array([...batches], ({ topic, partition }) => {
    writer.string(topic).array([partition], () => {
      writer.int32(partition).int16(errors[partition] ?? 0);
      writer
        .int64(100n + BigInt(partition))
        .int64(-1n)
        .int64(0n);
    });
  });
  return Buffer.from(writer.int32(0).bytes);
}

/** A producer, and what it sends; partitions of `errors` are refused, a `fault` ends requests. */
function producerWith(errors: Readonly<Record<number, number>> = {}, fault?: Error) {
  const sent: Sent[] = [];
  let destroyed = 0;
  const broker = {
    async ask({ request, response }: OwnRequest<unknown>) {
      sent.push(sentIn((await request.encode()).buffer));
      if (fault !== undefined) throw fault;
      if (request.expectResponse?.() === false) return undefined;
      return response.decode(answerTo(sent.at(-1)!, errors));
    },
    drained: async () => undefined,
    destroy: async () => void destroyed++,
  };
  const cluster = { connection: async () => broker } as unknown as Cluster;
  const producer = new CopyingProducer(cluster, own);
  const produce = (batches: readonly ProduceBatch[], changes: Partial<ProduceRequest> = {}) =>
    producer.produce({ node: 1, acks: -1, timeoutMs: 1_000, batches, ...changes });
  return { produce, sent, destroyed: () => destroyed };
}

const RECORDS: BatchSpec['records'] = [
  { key: 'k', value: 'v' },
  { key: null, value: null, timestampDelta: 5n },
  { key: '', value: '', timestampDelta: -7n },
  { key: Buffer.from([0xff]), value: 'x'.repeat(300), timestampDelta: 5n },
];

const batchOf = (partition: number, bytes: Uint8Array) => ({ topic: 't', partition, bytes });

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'keeps messages, producer, epoch and sequence, %s',
  async (compression) => {
    const { produce, sent } = producerWith();
    const bytes = buildBatch({
      baseTimestamp: 1_700_000_000_000n,
      attributes: COMPRESSION_ID[compression],
      compress: (records) => compress(compression, records),
      records: RECORDS,
    });
    patchProducer(bytes, 2n ** 40n, 7, 1_000);
    expect(await produce([batchOf(3, bytes)])).toEqual([
      { topic: 't', partition: 3, baseOffset: 103n, logAppendTimeMs: -1n },
    ]);
    const [made] = sent[0]!.batches;
    expect(readBack(made!.bytes)).toEqual(readBack(bytes));
    expect(made!.bytes.readInt16BE(21)).toBe(COMPRESSION_ID[compression]);
    expect(made!.bytes.subarray(43, 61).equals(bytes.subarray(43, 61))).toBe(true);
    expect(sent[0]).toMatchObject({ transactionalId: null, acks: -1 });
  },
);

test.each([0n, -1n, 999n, 2n ** 53n - 8n])('keeps the timestamp %s', async (baseTimestamp) => {
  const { produce, sent } = producerWith();
  const bytes = buildBatch({ baseTimestamp, records: [{}, { timestampDelta: 1n }] });
  await produce([batchOf(0, bytes)]);
  const timestamps = readBack(sent[0]!.batches[0]!.bytes).map(({ timestamp }) => timestamp);
  expect(timestamps).toEqual([baseTimestamp, baseTimestamp + 1n]);
});

test('keeps headers, by name where names take turns', async () => {
  const { produce, sent } = producerWith();
  const headers = [
    ['a', '1'],
    ['__proto__', Buffer.from([0xfe])],
    ['a', ''],
  ] as const;
  await produce([batchOf(0, buildBatch({ records: [{ headers }] }))]);
  const sorted = [headers[0], headers[2], headers[1]];
  const want = buildBatch({ records: [{ headers: sorted }] });
  expect(sent[0]!.batches[0]!.bytes.subarray(61).equals(want.subarray(61))).toBe(true);
});

test.each<readonly [string, BatchSpec]>([
  ["header 'h' without a value", { records: [{ headers: [['h', null]] }] }],
  [
    'timestamp 9007199254740993 ms',
    { baseTimestamp: 2n ** 53n, records: [{ timestampDelta: 1n }] },
  ],
])('refuses what kafkajs cannot write: a %s', async (what, spec) => {
  const { produce, sent } = producerWith();
  const refused = produce([batchOf(4, buildBatch(spec))]);
  await expect(refused).rejects.toMatchObject({
    code: 'PRODUCE_FAILED',
    context: { topic: 't', partition: 4 },
  });
  await expect(refused).rejects.toThrow(/partition 4 of topic 't': install kafkajs@2\.2\.4/);
  await expect(refused).rejects.toThrow(what.split(' ')[0]);
  expect(sent).toEqual([]);
});

test('a transaction, and acks 0', async () => {
  const { produce, sent } = producerWith();
  const bytes = buildBatch({ attributes: 16, producerId: 5n, records: [{ value: 'a' }] });
  await produce([batchOf(0, bytes)], { transactionalId: 'tx' });
  expect(sent[0]!.transactionalId).toBe('tx');
  expect(sent[0]!.batches[0]!.bytes.readInt16BE(21)).toBe(16);
  const plain = buildBatch({ records: [{ value: 'a' }] });
  expect(await produce([batchOf(0, plain)], { acks: 0 })).toEqual([
    { topic: 't', partition: 0, baseOffset: -1n, logAppendTimeMs: -1n },
  ]);
  expect(sent[1]!.acks).toBe(0);
});

test('answers for each batch, and sends those of one kind together', async () => {
  const { produce, sent } = producerWith({ 1: 3 });
  const plain = buildBatch({ records: [{ value: 'a' }] });
  const packed = buildBatch({
    attributes: COMPRESSION_ID.lz4,
    compress: (records) => compress('lz4', records),
    records: [{ value: 'b' }],
  });
  const damaged = Buffer.from(plain);
  damaged[65]! ^= 1;
  const batches = [plain, plain, damaged, packed].map((bytes, i) => batchOf(i, bytes));
  const results = await produce(batches);
  expect(results.map(({ partition, error }) => [partition, error])).toEqual([
    [0, undefined],
    [1, 'UNKNOWN_TOPIC_OR_PARTITION'],
    [2, 'CORRUPT_MESSAGE'],
    [3, undefined],
  ]);
  const partitions = sent.map((one) => one.batches.map(({ partition }) => partition));
  expect(partitions).toEqual([[0, 1], [3]]);
  expect(await produce([])).toEqual([]);
});

test('requests leave in the order of the calls, though some take longer to encode', async () => {
  const { produce, sent } = producerWith();
  const large = buildBatch({
    attributes: COMPRESSION_ID.gzip,
    compress: (records) => compress('gzip', records),
    records: Array.from({ length: 3_000 }, (_, i) => ({ value: `${i}`.repeat(20) })),
  });
  const small = buildBatch({ records: [{ value: 'a' }] });
  await Promise.all([large, small, large, small].map((bytes, i) => produce([batchOf(i, bytes)])));
  expect(sent.map(({ batches }) => batches[0]!.partition)).toEqual([0, 1, 2, 3]);
});

test('a connection on which a request failed is ended', async () => {
  const { produce, destroyed } = producerWith({}, new Error('the answer is not one'));
  const bytes = buildBatch({ records: [{ value: 'a' }] });
  await expect(produce([batchOf(0, bytes)])).rejects.toThrow('Producing to broker 1: the answer');
  expect(destroyed()).toBe(1);
});
