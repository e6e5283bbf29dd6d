/** The small, the large and the many; and topics that are not plain logs. */
import { tableFromArrays } from 'apache-arrow';
import { expect, test } from 'vitest';
import { col, Stream } from '../../src/index.ts';
import { testClient } from './client-harness.ts';
import { createTopic, kafkajs, sharedBrokers, uniqueName } from './cluster.ts';
import {
  committedOffsets,
  endOffsets,
  range,
  readAll,
  readByJava,
  readUntil,
  writeMessages,
} from './pipeline-harness.ts';

const MAX_8_MB = { config: { 'max.message.bytes': '8000000' } };
const ID = { id: 'int64' } as const;

const reading = (topic: string) => ({
  brokers: sharedBrokers(),
  topic,
  until: 'latest' as const,
});

test('a message of 5 MB goes through, in and out', async () => {
  const topic = await createTopic('large', MAX_8_MB);
  const output = await createTopic('large-copy', MAX_8_MB);
  const pad = 'Zoë'.repeat(1_250_000);
  const values = ['{"id":1,"pad":"x"}', JSON.stringify({ id: 2, pad }), '{"id":3,"pad":""}'];
  expect(Buffer.byteLength(values[1]!)).toBeGreaterThan(5_000_000);
  await writeMessages(
    topic,
    values.map((value) => ({ value })),
    { perRequest: 1 },
  );
  const stream = Stream.fromKafka({ ...reading(topic), schema: { ...ID, pad: 'utf8' } });
  await (await stream.toKafka({ topic: output }).run()).closed;
  const copies = await readAll(output);
  expect(copies.map(({ value }) => String(value) === values[Number(value!.length > 100)])).toEqual([
    true,
    true,
    false,
  ]);
  expect(String(copies[2]!.value)).toBe(values[2]);
});

test('an output message larger than the topic takes stops the run, and is named', async () => {
  const topic = await createTopic('large', MAX_8_MB);
  const output = await createTopic('small');
  const groupId = uniqueName('too-large');
  const values = ['{"id":1,"pad":"x"}', JSON.stringify({ id: 2, pad: 'y'.repeat(2_000_000) })];
  await writeMessages(
    topic,
    values.map((value) => ({ value })),
    { perRequest: 1 },
  );
  const stream = Stream.fromKafka({
    ...{ ...reading(topic), groupId, schema: { ...ID, pad: 'utf8' } },
  });
  const run = await stream.toKafka({ topic: output }).run();
  await expect(run.closed).rejects.toMatchObject({
    code: 'MESSAGE_TOO_LARGE',
    context: { topic, partition: 0, offset: 1n },
    message: expect.stringMatching(/max.message.bytes|maxBatchBytes/),
  });
  expect((await readAll(output)).map(({ value }) => String(value))).toEqual([values[0]]);
  expect(await committedOffsets(groupId, topic)).toEqual([1n]);
});

test('a million distinct keys over fifty partitions and back', async () => {
  const count = 1_000_000;
  const topic = await createTopic('keys', { partitions: 50 });
  const output = await createTopic('keys-copy', { partitions: 3 });
  const rows = 50_000;
  const keyed = range(count / rows).map((part) => {
    const ids = range(rows).map((i) => part * rows + i);
    const id = BigInt64Array.from(ids, BigInt);
    return tableFromArrays({ id, key: ids.map((i) => `key-${i}`) }).batches[0]!;
  });
  const brokers = sharedBrokers();
  const sink = { brokers, key: 'key', keyInValue: false, compression: 'lz4' } as const;
  const filled = await Stream.fromBatches(keyed)
    .toKafka({ topic, ...sink })
    .run();
  expect(await filled.closed).toMatchObject({ messagesIn: count, messagesOut: count });
  const spread = (await endOffsets(topic)).map(Number);
  expect(spread).toHaveLength(50);
  for (const part of spread) expect(Math.abs(part - count / 50)).toBeLessThan(1_000);
  const run = await Stream.fromKafka({ ...reading(topic), schema: ID })
    .toKafka({ topic: output, key: '_key', compression: 'zstd' })
    .run();
  expect(await run.closed).toMatchObject({ messagesIn: count, messagesOut: count, lag: 0 });
  const seen = new Uint8Array(count);
  let wrong = 0;
  for (const { key, value } of await readAll(output)) {
    const { id } = JSON.parse(String(value)) as { id: number };
    if (String(key) !== `key-${id}`) wrong += 1;
    seen[id]! += 1;
  }
  expect(wrong).toBe(0);
  expect(seen.every((times) => times === 1)).toBe(true);
});

test('messages of aborted transactions are not read, those of committed ones are', async () => {
  const topic = await createTopic('transactions', { partitions: 2 });
  const producer = kafkajs().producer({
    ...{ transactionalId: uniqueName('tx'), idempotent: true, maxInFlightRequests: 1 },
  });
  await producer.connect();
  for (const [index, end] of ['commit', 'abort', 'commit', 'abort', 'abort', 'commit'].entries()) {
    const transaction = await producer.transaction();
    for (const part of [0, 1]) {
      const messages = range(100).map((i) => ({ value: `{"id":${index * 1_000 + part + i * 2}}` }));
      await transaction.send({ topic, messages });
    }
    await (end === 'commit' ? transaction.commit() : transaction.abort());
  }
  const open = await producer.transaction();
  await open.send({ topic, messages: [{ value: '{"id":-1}' }, { value: '{"id":-2}' }] });
  const ids = async (isolation: 'read_committed' | 'read_uncommitted') => {
    const stream = Stream.fromKafka({ ...reading(topic), isolation, schema: ID });
    const table = await stream.filter(col('id').ne(-99)).collect();
    return [...table.getChild('id')!].map(Number).sort((a, b) => a - b);
  };
  const of = (indexes: number[]) => indexes.flatMap((i) => range(200).map((n) => i * 1_000 + n));
  expect(await ids('read_committed')).toEqual(of([0, 2, 5]));
  expect(await ids('read_uncommitted')).toEqual([-2, -1, ...of([0, 1, 2, 3, 4, 5])]);
  await open.abort();
  expect(await ids('read_committed')).toEqual(of([0, 2, 5]));
  // Through to a topic, with the markers and the aborted ones as gaps in the offsets.
  const output = await createTopic('committed');
  const groupId = uniqueName('committed');
  const stream = Stream.fromKafka({ ...reading(topic), groupId, schema: ID });
  await (await stream.toKafka({ topic: output }).run()).closed;
  expect((await readAll(output)).length).toBe(600);
  expect(await committedOffsets(groupId, topic)).toEqual(await endOffsets(topic));
  await producer.disconnect();
});

test('a topic with append times shows and passes on those', async () => {
  const config = { 'message.timestamp.type': 'LogAppendTime' };
  const topic = await createTopic('append', { config });
  const output = await createTopic('append-copy');
  const messages = range(10).map((id) => ({ value: `{"id":${id}}`, timestamp: '1000' }));
  await writeMessages(topic, messages, { compression: 'gzip', perRequest: 5 });
  const stream = Stream.fromKafka({ ...reading(topic), schema: ID });
  const table = await stream.select('id', '_timestamp').collect();
  const times = (await readByJava(topic, 10)).map(({ timestampMs }) => timestampMs);
  expect(Math.min(...times)).toBeGreaterThan(Date.now() - 600_000);
  expect([...table.getChild('_timestamp')!]).toEqual(times);
  await (await stream.toKafka({ topic: output }).run()).closed;
  expect((await readAll(output)).map(({ timestampMs }) => timestampMs)).toEqual(times);
});

test('goes on at the first message that is left where its offset is gone', async () => {
  const topic = await createTopic('trimmed');
  const groupId = uniqueName('trimmed');
  await writeMessages(
    topic,
    range(100).map((id) => ({ value: `{"id":${id}}` })),
  );
  const admin = kafkajs().admin();
  await admin.connect();
  // It deletes only from topics that it has looked at.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '60' }] });
  await admin.disconnect();
  await testClient().commit(groupId, [{ topic, partition: 0, offset: 10n }]);
  const table = await Stream.fromKafka({ ...reading(topic), groupId, schema: ID }).collect();
  expect([...table.getChild('id')!].map(Number)).toEqual(range(100).slice(60));
  expect(await committedOffsets(groupId, topic)).toEqual([100n]);
});

test('several topics of several partitions are read as one', async () => {
  const topics = await Promise.all([1, 2, 5].map((n) => createTopic('one-of', { partitions: n })));
  for (const [i, topic] of topics.entries()) {
    await writeMessages(
      topic,
      range(300).map((n) => ({ value: `{"id":${i * 1_000 + n}}` })),
      { perRequest: 50 },
    );
  }
  const output = await createTopic('all', { partitions: 2 });
  const brokers = sharedBrokers();
  const run = await Stream.fromKafka({ brokers, topics, schema: ID })
    .toKafka({ topic: output })
    .run();
  const copies = await readUntil(output, (messages) => messages.length >= 900);
  await run.stop();
  const ids = copies.map(({ value }) => (JSON.parse(String(value)) as { id: number }).id);
  expect(ids.sort((a, b) => a - b)).toEqual(
    [0, 1, 2].flatMap((i) => range(300).map((n) => i * 1_000 + n)),
  );
});
