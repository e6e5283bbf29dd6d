/** How large the record batches are that arrive, as they lie in the broker's log. */
import { tableFromArrays } from 'apache-arrow';
import { expect, test } from 'vitest';
import {
  configFrom,
  createPublisher,
  KafkaSink,
  Stream,
  toRowSinkOptions,
  toSinkOptions,
} from '../../src/index.ts';
import { batchesIn, bytesOf, fetchFrom, testClient } from './client-harness.ts';
import { createTopic, sharedBrokers } from './cluster.ts';
import { COMPRESSION_IDS, range, readAll } from './pipeline-harness.ts';

const ROWS = 20_000;
const ids = range(ROWS);
const table = tableFromArrays({ id: Int32Array.from(ids) });
const [rows] = table.batches;

/** Bytes, records, compression and producer of each batch of a partition's log. */
async function batchesOf(topic: string, partition = 0) {
  const client = testClient();
  const { sets } = await fetchFrom(client, [{ topic, partition, offset: 0n }]);
  const set = sets.find((one) => one.partition === partition)!;
  const bytes = bytesOf(set);
  let at = 0;
  return batchesIn(set).map(({ records }) => {
    const byteLength = 12 + bytes.readInt32BE(at + 8);
    const codec = bytes.readInt16BE(at + 21) & 7;
    const isIdempotent = bytes.readBigInt64BE(at + 43) >= 0n;
    at += byteLength;
    return { byteLength, records, codec, isIdempotent };
  });
}

async function writtenBy(config: Readonly<Record<string, unknown>>, compression = 'none' as const) {
  const topic = await createTopic('batch-size');
  const options = configFrom({ bootstrap_servers: sharedBrokers(), ...config });
  const sink = toSinkOptions(options, { topic, compression });
  await (await Stream.fromBatches([rows!]).toKafka(sink).run()).closed;
  const copies = await readAll(topic);
  expect(copies.map(({ value }) => JSON.parse(String(value)).id)).toEqual(ids);
  return batchesOf(topic);
}

test('batch.size bounds the batches of a stream, which are full', async () => {
  const whole = await writtenBy({});
  expect(whole).toHaveLength(1);
  const batches = await writtenBy({ 'batch.size': 16_384 });
  expect(Math.max(...batches.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(16_384);
  const full = batches.slice(0, -1).map(({ byteLength }) => byteLength);
  expect(Math.min(...full)).toBeGreaterThan(16_300);
});

test('batch.num.messages bounds the messages in them', async () => {
  const batches = await writtenBy({ 'batch.num.messages': 3_000 });
  expect(batches.map(({ records }) => records)).toEqual([...range(6).map(() => 3_000), 2_000]);
});

test('the batches of rows are as large, however they come', async () => {
  const topic = await createTopic('batch-size-rows');
  const options = { brokers: sharedBrokers(), topic, batchBytes: 16_384, lingerMs: 1_000 };
  await using sink = new KafkaSink<{ id: number }>(options);
  await sink.sendBatch(rows!);
  const columns = await batchesOf(topic);
  expect(Math.max(...columns.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(16_384);
  expect(columns.length).toBeGreaterThan(20);
  await sink.sendBatch(ids.map((id) => ({ id })));
  const all = (await batchesOf(topic)).slice(columns.length);
  expect(Math.max(...all.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(16_384);
  expect(all.reduce((sum, { records }) => sum + records, 0)).toBe(ROWS);
});

/** Settings for throughput as other projects write them. */
const THROUGHPUT = {
  '64 KiB, 10 ms, gzip, 64 MiB, five requests': {
    acks: '1',
    'batch.size': 65_536,
    'linger.ms': 10,
    'compression.type': 'gzip',
    'buffer.memory': 67_108_864,
    'max.in.flight.requests.per.connection': 5,
  },
  '16 KiB, 5 ms, snappy, 32 MiB': {
    acks: '1',
    'batch.size': 16_384,
    'linger.ms': 5,
    'compression.type': 'snappy',
    'buffer.memory': 33_554_432,
    retries: 3,
    'retry.backoff.ms': 100,
  },
} as const;

test.each(Object.entries(THROUGHPUT))(
  'settings for throughput stand above the preset: %s',
  async (_, settings) => {
    const config = { preset: 'throughput', ...settings };
    const topic = await createTopic('throughput');
    const brokers = sharedBrokers();
    expect(toRowSinkOptions(configFrom(config), { topic })).toMatchObject({
      acks: 1,
      lingerMs: settings['linger.ms'],
      maxBufferBytes: settings['buffer.memory'],
    });
    await using publisher = createPublisher<{ id: number; data: string }>('throughput', {
      brokers,
      destination: `kafka://topic/${topic}`,
      config,
    });
    await publisher.start();
    const data = 'x'.repeat(100);
    await Promise.all(range(5_000).map((id) => publisher.publish({ id, data })));
    const batches = await batchesOf(topic);
    const all = batches.reduce((sum, { records }) => sum + records, 0);
    expect(all).toBe(5_000);
    const name = settings['compression.type'];
    expect(new Set(batches.map(({ codec }) => codec))).toEqual(new Set([COMPRESSION_IDS[name]]));
    // With acks 1 nobody is asked to store a batch once.
    expect(batches.some(({ isIdempotent }) => isIdempotent)).toBe(false);
    // A message has 120 to 130 bytes: no batch has more of them than fit, and most are full.
    const size = settings['batch.size'];
    expect(Math.max(...batches.map(({ records }) => records))).toBeLessThanOrEqual(size / 120);
    expect(batches.length).toBeLessThan(((5_000 * 130) / size) * 1.5 + 2);
  },
);
