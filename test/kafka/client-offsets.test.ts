import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { produceTo, recordBatch, testClient } from './client-harness.ts';
import { createTopic, kafkajs, uniqueName } from './cluster.ts';

describe('offsets', () => {
  test('earliest and latest, in the order asked', async () => {
    const client = testClient();
    const topic = await createTopic('offsets', { partitions: 3 });
    const bytes = recordBatch({ values: ['a', 'b', 'c'] });
    await produceTo(client, [
      { topic, partition: 2, bytes },
      { topic, partition: 0, bytes },
    ]);
    const admin = kafkajs().admin();
    await admin.connect();
    // kafkajs knows the leaders only of topics that it has been asked about.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
    await admin.disconnect();
    const partitions = [2, 0, 1].map((partition) => ({ topic, partition }));
    expect(await client.listOffsets(partitions, 'latest')).toEqual([3n, 3n, 0n]);
    expect(await client.listOffsets(partitions, 'earliest')).toEqual([0n, 2n, 0n]);
  });

  test('by timestamp: the first message at or after it, the end where there is none', async () => {
    const client = testClient();
    const topic = await createTopic('timestamps', { partitions: 2 });
    const produced: number[] = [];
    for (const value of ['a', 'b', 'c']) {
      const bytes = recordBatch({ values: [value, value] });
      produced.push(Number(bytes.readBigInt64BE(27)));
      await produceTo(client, [{ topic, partition: 1, bytes }]);
      // The clock ticks before the next batch is made.
      while (Date.now() <= produced.at(-1)!) await delay(1);
    }
    const partitions = [1, 0].map((partition) => ({ topic, partition }));
    const at = (timestampMs: number) => client.listOffsets(partitions, { timestampMs });
    expect(await at(produced[1]!)).toEqual([2n, 0n]);
    expect(await at(produced[1]! + 0.5)).toEqual([4n, 0n]);
    expect(await at(-5)).toEqual([0n, 0n]);
    expect(await at(produced[2]! + 1)).toEqual([6n, 0n]);
    expect(await client.listOffsets([], { timestampMs: 0 })).toEqual([]);
  });

  test('commits are read back, here and by kafkajs', async () => {
    const client = testClient();
    const topic = await createTopic('commits', { partitions: 3 });
    const groupId = uniqueName('group');
    const partitions = [1, 0, 2].map((partition) => ({ topic, partition }));
    expect(await client.committed(groupId, partitions)).toEqual([undefined, undefined, undefined]);
    await client.commit(groupId, [
      { topic, partition: 0, offset: 0n },
      { topic, partition: 1, offset: 9_007_199_254_740_993n, metadata: 'where' },
    ]);
    expect(await client.committed(groupId, partitions)).toEqual([
      9_007_199_254_740_993n,
      0n,
      undefined,
    ]);
    const admin = kafkajs().admin();
    await admin.connect();
    const [read] = await admin.fetchOffsets({ groupId, topics: [topic] });
    await admin.disconnect();
    expect(read!.partitions.find(({ partition }) => partition === 1)).toMatchObject({
      offset: '9007199254740993',
      metadata: 'where',
    });
  });
});

test('topicNames lists what there is, without internal topics', async () => {
  const client = testClient();
  const topics = [await createTopic('names-b'), await createTopic('names-a')];
  // A commit makes Kafka keep its own topic of offsets.
  await client.commit(uniqueName('group'), [{ topic: topics[0]!, partition: 0, offset: 0n }]);
  const names = await client.topicNames();
  expect(names).toEqual(expect.arrayContaining(topics));
  expect(names).toEqual([...names].sort());
  expect(names.filter((name) => name.startsWith('__'))).toEqual([]);
});

test('the client says which library runs', () => {
  const client = testClient();
  expect(client.name).toBe('@platformatic/kafka');
  expect(client.version).toMatch(/^\d+\.\d+\.\d+/);
});

describe('createTopics', () => {
  test('makes what is missing with its settings and leaves the rest', async () => {
    const client = testClient();
    const [one, two] = [uniqueName('new'), uniqueName('new')];
    const config = { 'max.message.bytes': '12345' };
    await client.createTopics([{ topic: one, partitions: 2, config }]);
    await client.createTopics([
      { topic: one, partitions: 5 },
      { topic: two, partitions: 1, replicationFactor: 1 },
    ]);
    const topics = await client.topics([two, one]);
    expect(topics.map(({ partitions }) => partitions.length)).toEqual([1, 2]);
    expect(topics[1]!.partitions.every(({ leader }) => leader >= 0)).toBe(true);
    expect(await client.maxMessageBytes(one)).toBe(12_345);
  });

  test('says what Kafka does not accept', async () => {
    const client = testClient({ retryDelayMs: 1 });
    const topic = uniqueName('refused');
    const refused = client.createTopics([{ topic, partitions: 1, replicationFactor: 99 }]);
    await expect(refused).rejects.toMatchObject({
      code: 'KAFKA_ERROR',
      context: { topic, kafkaError: 'INVALID_REPLICATION_FACTOR' },
    });
    await expect(client.maxMessageBytes(topic)).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
  });
});
