import { expect, test } from 'vitest';
import {
  batchesIn,
  bytesOf,
  fetchFrom,
  produceTo,
  recordBatch,
  testClient,
} from './client-harness.ts';
import { createTopic, kafkajs, uniqueName } from './cluster.ts';

const PID_BYTES = 43;

test('sees the batches byte for byte, as they were produced', async () => {
  const client = testClient();
  const topic = await createTopic('fetch-bytes');
  const sent = ['a', 'b'].map((value) => recordBatch({ values: [value, null, ''] }));
  for (const bytes of sent) await produceTo(client, [{ topic, partition: 0, bytes }]);
  const { sets } = await fetchFrom(client, [{ topic, partition: 0, offset: 0n }]);
  const got = bytesOf(sets[0]!);
  expect(sets[0]).toMatchObject({ topic, partition: 0, fetchOffset: 0n, highWatermark: 6n });
  expect(sets[0]!.byteLength).toBe(got.length);
  // The broker sets the base offset and the leader epoch, nothing else.
  let at = 0;
  for (const bytes of sent) {
    const batch = got.subarray(at, at + bytes.length);
    expect(batch.subarray(8, 12).equals(bytes.subarray(8, 12))).toBe(true);
    expect(batch.subarray(16).equals(bytes.subarray(16))).toBe(true);
    at += bytes.length;
  }
  expect(at).toBe(got.length);
});

test('reads what kafkajs wrote: several partitions, from the middle, of many chunks', async () => {
  const client = testClient();
  const topic = await createTopic('fetch-kafkajs', { partitions: 3 });
  const producer = kafkajs().producer();
  await producer.connect();
  const value = Buffer.alloc(180, 'x');
  for (let batch = 0; batch < 4; batch++) {
    const messages = Array.from({ length: 3_000 }, (_, i) => ({ partition: i % 3, value }));
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
  const { sets, failures } = await fetchFrom(client, [
    { topic, partition: 0, offset: 0n },
    { topic, partition: 1, offset: 1_500n },
    { topic, partition: 2, offset: 4_000n },
  ]);
  expect(failures).toEqual([]);
  const found = new Map(sets.map((set) => [set.partition, batchesIn(set)]));
  const offsets = (partition: number) => found.get(partition)!.map((batch) => batch.baseOffset);
  expect(offsets(0)).toEqual([0n, 1_000n, 2_000n, 3_000n]);
  // The batch that holds the offset comes whole.
  expect(offsets(1)).toEqual([1_000n, 2_000n, 3_000n]);
  expect(offsets(2)).toEqual([]);
  expect(sets.find((set) => set.partition === 0)!.chunks.length).toBeGreaterThan(1);
  // Chunks of the first answer stay as they are while later answers come in.
  const before = sets.map(bytesOf);
  for (let i = 0; i < 5; i++) await fetchFrom(client, [{ topic, partition: 1, offset: 0n }]);
  expect(sets.map(bytesOf).every((bytes, i) => bytes.equals(before[i]!))).toBe(true);
});

test('limits are soft, and an empty partition answers after maxWaitMs', async () => {
  const client = testClient();
  const topic = await createTopic('fetch-limits', { partitions: 2 });
  for (let i = 0; i < 3; i++) {
    const bytes = recordBatch({ values: ['y'.repeat(500)] });
    await produceTo(client, [{ topic, partition: 0, bytes }]);
  }
  const position = { topic, partition: 0, offset: 0n };
  const { sets } = await fetchFrom(client, [position], { maxBytes: 1, partitionMaxBytes: 1 });
  expect(batchesIn(sets[0]!)).toEqual([{ baseOffset: 0n, records: 1 }]);
  const empty = await fetchFrom(client, [{ topic, partition: 1, offset: 0n }], { maxWaitMs: 20 });
  expect(empty.sets[0]).toMatchObject({ byteLength: 0, chunks: [], highWatermark: 0n });
});

test('a message of 5 MB comes whole, and one of 0 bytes after it', async () => {
  const client = testClient();
  const topic = await createTopic('fetch-large', { config: { 'max.message.bytes': '6000000' } });
  const large = recordBatch({ values: ['z'.repeat(5_000_000)] });
  await produceTo(client, [{ topic, partition: 0, bytes: large }]);
  await produceTo(client, [{ topic, partition: 0, bytes: recordBatch({ values: [''] }) }]);
  const limits = { maxBytes: 65_536, partitionMaxBytes: 65_536 };
  const first = await fetchFrom(client, [{ topic, partition: 0, offset: 0n }], limits);
  expect(bytesOf(first.sets[0]!).subarray(16).equals(large.subarray(16))).toBe(true);
  const second = await fetchFrom(client, [{ topic, partition: 0, offset: 1n }], limits);
  expect(batchesIn(second.sets[0]!)).toEqual([{ baseOffset: 1n, records: 1 }]);
});

test('50 partitions in one produce and one fetch', async () => {
  const client = testClient();
  const topic = await createTopic('fetch-fifty', { partitions: 50 });
  const partitions = Array.from({ length: 50 }, (_, partition) => partition);
  const results = await produceTo(
    client,
    partitions.map((partition) => {
      const values = Array.from({ length: partition + 1 }, (_, i) => `${partition}/${i}`);
      return { topic, partition, bytes: recordBatch({ values }) };
    }),
  );
  expect(results.map(({ partition }) => partition)).toEqual(partitions);
  expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
  const positions = partitions.map((partition) => ({ topic, partition, offset: 0n }));
  const { sets, failures } = await fetchFrom(client, positions);
  expect(failures).toEqual([]);
  const counts = new Map(sets.map((set) => [set.partition, batchesIn(set)[0]?.records]));
  expect(partitions.map((partition) => counts.get(partition))).toEqual(
    partitions.map((partition) => partition + 1),
  );
});

test('a waiting fetch is answered by the next produce, and does not hold it up', async () => {
  const client = testClient();
  const topic = await createTopic('fetch-wait');
  const started = performance.now();
  const waiting = fetchFrom(client, [{ topic, partition: 0, offset: 0n }], { maxWaitMs: 20_000 });
  await produceTo(client, [{ topic, partition: 0, bytes: recordBatch({ values: ['now'] }) }]);
  const { sets } = await waiting;
  expect(batchesIn(sets[0]!)).toEqual([{ baseOffset: 0n, records: 1 }]);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('failures of single partitions are values', async () => {
  const client = testClient();
  const topic = await createTopic('fetch-failures');
  await produceTo(client, [{ topic, partition: 0, bytes: recordBatch({ values: ['a'] }) }]);
  const { sets, failures } = await fetchFrom(client, [{ topic, partition: 0, offset: 99n }]);
  expect(sets).toEqual([]);
  expect(failures).toEqual([{ topic, partition: 0, error: 'OFFSET_OUT_OF_RANGE' }]);
  const beyond = await fetchFrom(client, [
    { topic, partition: 0, offset: 0n },
    { topic, partition: 7, offset: 0n },
  ]);
  expect(beyond.sets.map((set) => set.partition)).toEqual([0]);
  expect(beyond.failures).toEqual([{ topic, partition: 7, error: 'UNKNOWN_TOPIC_OR_PARTITION' }]);
});

test('a topic that does not exist, and a fetch of nothing, are clear errors', async () => {
  const client = testClient({ retryDelayMs: 1 });
  const topic = uniqueName('missing');
  await expect(client.topics([topic])).rejects.toMatchObject({
    code: 'UNKNOWN_TOPIC',
    message: `Topic '${topic}' does not exist; create it first or correct the name.`,
  });
  await expect(
    client.fetch({
      node: 1,
      positions: [],
      maxBytes: 1,
      partitionMaxBytes: 1,
      minBytes: 1,
      maxWaitMs: 1,
      isolation: 'read_committed',
    }),
  ).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('names the aborted transactions, and holds back what is not decided', async () => {
  const client = testClient();
  const topic = await createTopic('fetch-aborted');
  const producer = kafkajs().producer({
    transactionalId: uniqueName('tx'),
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  const aborted = await producer.transaction();
  await aborted.send({ topic, messages: [{ value: 'never' }, { value: 'either' }] });
  await aborted.abort();
  const open = await producer.transaction();
  await open.send({ topic, messages: [{ value: 'not yet' }] });
  const position = { topic, partition: 0, offset: 0n };
  const committed = await fetchFrom(client, [position], { isolation: 'read_committed' });
  const set = committed.sets[0]!;
  const producerId = bytesOf(set).readBigInt64BE(PID_BYTES);
  expect(set.abortedTransactions).toEqual([{ producerId, firstOffset: 0n }]);
  // Two records and the abort marker; the open transaction is behind the last stable offset.
  expect(set).toMatchObject({ lastStableOffset: 3n, highWatermark: 4n });
  expect(batchesIn(set).map((batch) => batch.baseOffset)).toEqual([0n, 2n]);
  const uncommitted = await fetchFrom(client, [position]);
  expect(uncommitted.sets[0]!.abortedTransactions).toEqual([]);
  expect(batchesIn(uncommitted.sets[0]!).map((batch) => batch.baseOffset)).toEqual([0n, 2n, 3n]);
  const partition = [{ topic, partition: 0 }];
  expect(await client.listOffsets(partition, 'latest', 'read_committed')).toEqual([3n]);
  expect(await client.listOffsets(partition, 'latest', 'read_uncommitted')).toEqual([4n]);
  await open.commit();
  await producer.disconnect();
});
