import { describe, expect, test } from 'vitest';
import type { FetchResult, KafkaClient, RecordSet } from '../../src/ingest/client.ts';
import { batchesIn, bytesOf, fetchFrom, produceTo, recordBatch } from './client-harness.ts';
import { createTopic, kafkajs, readMessages, sharedBrokers, uniqueName } from './cluster.ts';
import { CLIENTS, clientOn, compressed, VARIANTS } from './conformance-harness.ts';
import { COMPRESSION_IDS, type CompressionName } from './pipeline-harness.ts';

const COMPRESSIONS = Object.keys(COMPRESSION_IDS) as CompressionName[];

async function valuesOf(topic: string, count: number): Promise<(string | undefined)[]> {
  const messages = await readMessages(topic, count);
  const sorted = messages.sort((a, b) => Number(a.offset - b.offset));
  return sorted.map(({ value }) => value?.toString());
}

function only(result: FetchResult): RecordSet {
  expect(result.failures).toEqual([]);
  expect(result.sets).toHaveLength(1);
  return result.sets[0]!;
}

async function produce(client: KafkaClient, topic: string, ...values: string[]): Promise<void> {
  const [result] = await produceTo(client, [
    { topic, partition: 0, bytes: recordBatch({ values }) },
  ]);
  expect(result!.error).toBe(undefined);
}

describe.each(CLIENTS)('%s: metadata', (name) => {
  test('names itself and its version', async () => {
    const client = clientOn(name);
    await client.topicNames();
    expect(client.name).toBe(name === 'kafkajs' ? 'kafkajs' : '@platformatic/kafka');
    expect(client.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('topics in the order asked, with ids, leaders and epochs', async () => {
    const client = clientOn(name);
    const [one, two] = [uniqueName('conf'), uniqueName('conf')];
    await client.createTopics([
      { topic: one, partitions: 3 },
      { topic: two, partitions: 1, config: { 'max.message.bytes': '54321' } },
    ]);
    const topics = await client.topics([two, one]);
    expect(topics.map(({ topic }) => topic)).toEqual([two, one]);
    expect(topics[1]!.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2]);
    for (const { topicId, partitions } of topics) {
      expect(topicId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-/);
      expect(partitions.every(({ leader, leaderEpoch }) => leader >= 0 && leaderEpoch >= 0)).toBe(
        true,
      );
    }
    expect(await client.maxMessageBytes(two)).toBe(54_321);
    const names = await client.topicNames();
    expect(names).toEqual(expect.arrayContaining([one, two]));
    expect(names).toEqual([...names].sort());
    expect(names.filter((topic) => topic.startsWith('__'))).toEqual([]);
  });

  test('what is not there, and what Kafka does not accept, are clear errors', async () => {
    const client = clientOn(name, { retryDelayMs: 1 });
    const topic = uniqueName('missing');
    await expect(client.topics([topic])).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
      message: `Topic '${topic}' does not exist; create it first or correct the name.`,
    });
    await expect(client.maxMessageBytes(topic)).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    const refused = client.createTopics([{ topic, partitions: 1, replicationFactor: 99 }]);
    await expect(refused).rejects.toMatchObject({
      code: 'KAFKA_ERROR',
      context: { topic, kafkaError: 'INVALID_REPLICATION_FACTOR' },
    });
  });

  test('no broker there, one of several dead, and a closed client', async () => {
    const dead = clientOn(name, { brokers: '127.0.0.1:1', retries: 0 });
    await expect(dead.topics(['t'])).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    const client = clientOn(name, { brokers: ['127.0.0.1:1', ...sharedBrokers()] });
    expect(await client.topicNames()).toBeInstanceOf(Array);
    await client.close();
    await expect(client.topics(['t'])).rejects.toMatchObject({ code: 'ABORTED' });
  });

  test('closing ends a fetch that waits', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-close');
    const position = { topic, partition: 0, offset: 0n };
    const waiting = fetchFrom(client, [position], { maxWaitMs: 20_000 });
    const outcome = expect(waiting).rejects.toMatchObject({
      code: expect.stringMatching(/^(BROKER_UNREACHABLE|ABORTED)$/),
    });
    await client.topics([topic], { refresh: true });
    const started = performance.now();
    await client.close();
    await outcome;
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe.each(VARIANTS)('%s: fetch', (name) => {
  test('sees batches byte for byte, from the middle, and an empty end', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-bytes', { partitions: 2 });
    const sent = recordBatch({ values: ['a', null, ''] });
    for (let i = 0; i < 3; i++) await produceTo(client, [{ topic, partition: 0, bytes: sent }]);
    const set = only(await fetchFrom(client, [{ topic, partition: 0, offset: 4n }]));
    expect(set).toMatchObject({ fetchOffset: 4n, highWatermark: 9n, lastStableOffset: 9n });
    // The batch that holds the offset comes whole.
    expect(batchesIn(set)).toEqual([3n, 6n].map((baseOffset) => ({ baseOffset, records: 3 })));
    expect(bytesOf(set).subarray(16, sent.length).equals(sent.subarray(16))).toBe(true);
    const end = only(await fetchFrom(client, [{ topic, partition: 0, offset: 9n }]));
    expect(end).toMatchObject({ byteLength: 0, chunks: [] });
    const empty = only(await fetchFrom(client, [{ topic, partition: 1, offset: 0n }]));
    expect(empty).toMatchObject({ byteLength: 0, chunks: [], highWatermark: 0n });
  });

  test('limits are soft: a large batch comes whole and alone', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-large', { config: { 'max.message.bytes': '6000000' } });
    const large = recordBatch({ values: ['z'.repeat(5_000_000)] });
    await produceTo(client, [{ topic, partition: 0, bytes: large }]);
    await produce(client, topic, 'after');
    const limits = { maxBytes: 1, partitionMaxBytes: 1 };
    const first = only(await fetchFrom(client, [{ topic, partition: 0, offset: 0n }], limits));
    expect(bytesOf(first).subarray(16).equals(large.subarray(16))).toBe(true);
    const rest = only(await fetchFrom(client, [{ topic, partition: 0, offset: 1n }], limits));
    expect(batchesIn(rest)).toEqual([{ baseOffset: 1n, records: 1 }]);
  });

  test('failures of single partitions are values', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-failures');
    await produce(client, topic, 'a');
    const { sets, failures } = await fetchFrom(client, [
      { topic, partition: 0, offset: 0n },
      { topic, partition: 7, offset: 0n },
    ]);
    expect(sets.map(({ partition }) => partition)).toEqual([0]);
    expect(failures).toEqual([{ topic, partition: 7, error: 'UNKNOWN_TOPIC_OR_PARTITION' }]);
    const beyond = await fetchFrom(client, [{ topic, partition: 0, offset: 99n }]);
    expect(beyond.failures).toEqual([{ topic, partition: 0, error: 'OFFSET_OUT_OF_RANGE' }]);
  });

  test('a waiting fetch does not hold up a produce, which answers it', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-wait');
    const position = { topic, partition: 0, offset: 0n };
    const waiting = fetchFrom(client, [position], { maxWaitMs: 20_000 });
    await produce(client, topic, 'now');
    expect(batchesIn(only(await waiting))).toEqual([{ baseOffset: 0n, records: 1 }]);
  });

  test('names aborted transactions, and holds back what is not decided', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-transactions');
    const transactionalId = uniqueName('tx');
    const producer = kafkajs().producer({ transactionalId, maxInFlightRequests: 1 });
    await producer.connect();
    const aborted = await producer.transaction();
    await aborted.send({ topic, messages: [{ value: 'no' }] });
    await aborted.abort();
    const open = await producer.transaction();
    await open.send({ topic, messages: [{ value: 'later' }] });
    const committed = { isolation: 'read_committed' } as const;
    const position = { topic, partition: 0, offset: 0n };
    const set = only(await fetchFrom(client, [position], committed));
    expect(set.abortedTransactions).toEqual([{ producerId: expect.any(BigInt), firstOffset: 0n }]);
    // The aborted message and its marker; the open transaction's message is held back.
    expect(batchesIn(set).map(({ baseOffset }) => baseOffset)).toEqual([0n, 1n]);
    expect([set.lastStableOffset, set.highWatermark]).toEqual([2n, 3n]);
    const latest = (isolation: 'read_committed' | 'read_uncommitted') =>
      client.listOffsets([position], 'latest', isolation);
    expect([await latest('read_committed'), await latest('read_uncommitted')]).toEqual([
      [2n],
      [3n],
    ]);
    await open.commit();
    await producer.disconnect();
  });
});

describe.each(VARIANTS)('%s: produce', (name) => {
  test.each([-1, 1, 0] as const)('acks %i', async (acks) => {
    const client = clientOn(name);
    const topic = await createTopic('conf-acks');
    const bytes = recordBatch({ values: ['one', null, '', 'vier'] });
    const results = await produceTo(client, [{ topic, partition: 0, bytes }], { acks });
    const baseOffset = acks === 0 ? -1n : 0n;
    expect(results).toEqual([{ topic, partition: 0, baseOffset, logAppendTimeMs: -1n }]);
    expect(await valuesOf(topic, 4)).toEqual(['one', undefined, '', 'vier']);
  });

  test.each(COMPRESSIONS)('%s', async (compression) => {
    const client = clientOn(name);
    const topic = await createTopic('conf-compression');
    const bytes = compressed(recordBatch({ values: ['x'.repeat(500), 'y'] }), compression);
    const [result] = await produceTo(client, [{ topic, partition: 0, bytes }]);
    expect(result!.error).toBe(undefined);
    expect(await valuesOf(topic, 2)).toEqual(['x'.repeat(500), 'y']);
    const set = only(await fetchFrom(client, [{ topic, partition: 0, offset: 0n }]));
    // What was copied comes without compression; the pipelines look into it.
    const isSame = client.copying === undefined || compression === 'none';
    expect(bytesOf(set).subarray(16).equals(bytes.subarray(16))).toBe(isSame);
    expect(batchesIn(set)).toEqual([{ baseOffset: 0n, records: 2 }]);
  });

  test('several partitions out of shared memory, which is free afterwards', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-shared', { partitions: 3 });
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
    const batches = [2, 0, 1].map((partition, i) => {
      const bytes = recordBatch({ values: [`${partition}`.repeat(20_000)] });
      const view = new Uint8Array(memory.buffer, 3 + i * 65_536, bytes.length);
      view.set(bytes);
      return { topic, partition, bytes: view };
    });
    const results = await produceTo(client, batches);
    new Uint8Array(memory.buffer).fill(0);
    expect(results.map(({ partition, error }) => [partition, error])).toEqual([
      [2, undefined],
      [0, undefined],
      [1, undefined],
    ]);
    const values = (await valuesOf(topic, 3)).sort();
    expect(values).toEqual(['0', '1', '2'].map((digit) => digit.repeat(20_000)));
  });

  test('sequences: in order, stored once, a gap refused', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-sequences');
    const identity = await client.initProducerId();
    const batch = (baseSequence: number) => [
      { topic, partition: 0, bytes: recordBatch({ ...identity, values: ['v'], baseSequence }) },
    ];
    await client.topics([topic]);
    const sent = Array.from({ length: 20 }, (_, i) => produceTo(client, batch(i)));
    const offsets = (await Promise.all(sent)).map(([result]) => result!.baseOffset);
    expect(offsets).toEqual(sent.map((_, i) => BigInt(i)));
    const [again] = await produceTo(client, batch(19));
    expect(again).toMatchObject({ baseOffset: 19n });
    expect(again!.error).toBe(undefined);
    const [gap] = await produceTo(client, batch(40));
    expect(gap!.error).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
  });

  test('refusals of single partitions are values, with what the broker said', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-refused', { config: { 'max.message.bytes': '1000' } });
    const other = await createTopic('conf-taken');
    const large = recordBatch({ values: ['x'.repeat(2_000)] });
    const results = await produceTo(client, [
      { topic, partition: 0, bytes: large },
      { topic, partition: 9, bytes: recordBatch({ values: ['a'] }) },
      { topic: other, partition: 0, bytes: large },
    ]);
    expect(results.map(({ error }) => error)).toEqual([
      'MESSAGE_TOO_LARGE',
      'UNKNOWN_TOPIC_OR_PARTITION',
      undefined,
    ]);
    const damaged = Buffer.from(large);
    damaged[100]! ^= 1;
    const [corrupt] = await produceTo(client, [{ topic: other, partition: 0, bytes: damaged }]);
    expect(corrupt!.error).toBe('CORRUPT_MESSAGE');
  });
});

describe.each(CLIENTS)('%s: offsets', (name) => {
  test('earliest, latest and by time', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-offsets', { partitions: 2 });
    await produce(client, topic, 'a', 'b');
    const partitions = [1, 0].map((partition) => ({ topic, partition }));
    expect(await client.listOffsets(partitions, 'earliest')).toEqual([0n, 0n]);
    expect(await client.listOffsets(partitions, 'latest')).toEqual([0n, 2n]);
    expect(await client.listOffsets(partitions, { timestampMs: 0 })).toEqual([0n, 0n]);
    const future = { timestampMs: Date.now() + 3_600_000 };
    expect(await client.listOffsets(partitions, future)).toEqual([0n, 2n]);
  });

  test('commits are read back by either client', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-commits', { partitions: 3 });
    const groupId = uniqueName('group');
    const partitions = [1, 0, 2].map((partition) => ({ topic, partition }));
    expect(await client.committed(groupId, partitions)).toEqual([undefined, undefined, undefined]);
    const large = 9_007_199_254_740_993n;
    await client.commit(groupId, [
      { topic, partition: 0, offset: 0n },
      { topic, partition: 1, offset: large, metadata: 'where' },
    ]);
    for (const reader of CLIENTS) {
      expect(await clientOn(reader).committed(groupId, partitions)).toEqual([large, 0n, undefined]);
    }
  });
});
