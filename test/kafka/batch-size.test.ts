/** How large the record batches are that arrive, as they lie in the broker's log. */
import { tableFromArrays } from 'apache-arrow';
import { expect, test } from 'vitest';
import { configFrom, KafkaSink, Stream, toSinkOptions } from '../../src/index.ts';
import { batchesIn, bytesOf, fetchFrom, testClient } from './client-harness.ts';
import { createTopic, sharedBrokers } from './cluster.ts';
import { range, readAll } from './pipeline-harness.ts';

const ROWS = 20_000;
const ids = range(ROWS);
const table = tableFromArrays({ id: Int32Array.from(ids) });
const [rows] = table.batches;

/** Bytes and records of each batch of a partition's log. */
async function batchesOf(topic: string, partition = 0) {
  const client = testClient();
  const { sets } = await fetchFrom(client, [{ topic, partition, offset: 0n }]);
  const set = sets.find((one) => one.partition === partition)!;
  const bytes = bytesOf(set);
  let at = 0;
  return batchesIn(set).map(({ records }) => {
    const byteLength = 12 + bytes.readInt32BE(at + 8);
    at += byteLength;
    return { byteLength, records };
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
