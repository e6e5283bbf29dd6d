import { CompressionTypes } from 'kafkajs';
import { expect, test } from 'vitest';
import { coalesce, col, Stream } from '../../src/index.ts';
import { rowsOf } from '../arrow/batches.ts';
import { createTopic, kafkajs, readMessages, sharedBrokers, uniqueName } from './cluster.ts';
import { committedOffsets } from './pipeline-harness.ts';

const SCHEMA = { id: 'int64', amount: 'float64?', country: 'utf8' } as const;

async function write(topic: string, count: number, from = 0): Promise<void> {
  const producer = kafkajs().producer();
  await producer.connect();
  const messages = Array.from({ length: count }, (_, i) => ({
    key: `k${from + i}`,
    value: JSON.stringify({
      id: from + i,
      amount: (from + i) % 5 === 0 ? null : (from + i) / 4,
      country: i % 2 === 0 ? 'DE' : 'FR',
      ignored: [1, { a: 'b' }],
    }),
    headers: { trace: `t${from + i}` },
  }));
  await producer.send({ topic, messages });
  await producer.disconnect();
}

const source = (topic: string, groupId?: string) => ({
  brokers: sharedBrokers(),
  topic,
  until: 'latest' as const,
  schema: SCHEMA,
  ...(groupId === undefined ? {} : { groupId }),
});

test('a topic is collected as a table, metadata columns where they are asked for', async () => {
  const topic = await createTopic('collect');
  await write(topic, 100);
  const table = await Stream.fromKafka(source(topic))
    .filter(coalesce(col('amount'), 0).ge(20))
    .select('id', 'country', '_offset', '_partition', '_topic', '_key', '_headers')
    .collect();
  const rows = rowsOf(table) as { id: bigint; _key: Uint8Array }[];
  expect(rows).toHaveLength(16);
  expect(rows[0]).toMatchObject({ id: 81n, country: 'FR', _offset: 81n, _partition: 0 });
  expect(rows[0]).toMatchObject({ _topic: topic });
  expect(Buffer.from(rows[0]!._key).toString()).toBe('k81');
  const [header] = (rows[0] as unknown as { _headers: { key: string; value: Uint8Array }[] })
    ._headers;
  expect(header!.key).toBe('trace');
  expect(Buffer.from(header!.value).toString()).toBe('t81');
});

test('rows go through a pipeline to another topic, with their keys', async () => {
  const input = await createTopic('in', { partitions: 3 });
  const output = await createTopic('out', { partitions: 2 });
  await write(input, 500);
  const run = await Stream.fromKafka(source(input, uniqueName('group')))
    .filter(col('amount').gt(50))
    .map({ euros: col('amount').mul(2) })
    .select('id', 'euros', 'country')
    .toKafka({ topic: output, key: 'country', keyInValue: false, compression: 'gzip' })
    .run();
  const stats = await run.closed;
  const expected = Array.from({ length: 500 }, (_, id) => id)
    .filter((id) => id % 5 !== 0 && id / 4 > 50)
    .map((id) => ({ id, euros: id / 2, key: id % 2 === 0 ? 'DE' : 'FR' }));
  expect(stats).toMatchObject({ messagesIn: 500, messagesOut: expected.length, state: 'closed' });
  const read = (await readMessages(output, expected.length)).map(({ key, value }) => ({
    ...(JSON.parse(String(value)) as { id: number; euros: number }),
    key: String(key),
  }));
  expect(read.sort((a, b) => a.id - b.id)).toEqual(expected);
});

test('leaving the loop commits what was taken, and the rest comes again', async () => {
  const topic = await createTopic('leave');
  await write(topic, 100);
  const group = uniqueName('group');
  const stream = Stream.fromKafka({ ...source(topic, group), batch: { maxRows: 10 } });
  const first: bigint[] = [];
  for await (const batch of stream.select('id').batches()) {
    const ids = rowsOf(batch) as { id: bigint }[];
    if (first.length > 0) break;
    first.push(...ids.map(({ id }) => id));
  }
  expect(first[0]).toBe(0n);
  const rest: bigint[] = [];
  for await (const batch of stream.select('id').batches()) {
    rest.push(...(rowsOf(batch) as { id: bigint }[]).map(({ id }) => id));
  }
  const all = [...first, ...rest];
  expect(all).toEqual(Array.from({ length: 100 }, (_, i) => BigInt(i)));
});

test('maxRows is the most of a batch, also where one record batch has more', async () => {
  const topic = await createTopic('slices');
  const producer = kafkajs().producer();
  await producer.connect();
  const values = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({ value: JSON.stringify({ id: from + i }) }));
  await producer.send({ topic, messages: values(0, 500), compression: CompressionTypes.GZIP });
  await producer.send({ topic, messages: values(500, 505) });
  await producer.disconnect();
  const base = { brokers: sharedBrokers(), topic, until: 'latest', codec: 'json' } as const;
  const groupId = uniqueName('group');
  const stream = (maxRows: number) =>
    Stream.fromKafka({ ...base, groupId, schema: { id: 'int64' }, batch: { maxRows } });
  const ids: number[] = [];
  // What the first loop has taken is committed, in the middle of the record batch.
  for await (const batch of stream(10).batches()) {
    expect(batch.numRows).toBeLessThanOrEqual(10);
    ids.push(...(rowsOf(batch) as { id: bigint }[]).map(({ id }) => Number(id)));
    if (ids.length >= 30) break;
  }
  const taken = ids.length - 10;
  expect(await committedOffsets(groupId, topic)).toEqual([BigInt(taken)]);
  ids.length = taken;
  const run = stream(7).forEach((batch) => {
    expect(batch.numRows).toBeLessThanOrEqual(7);
    ids.push(...(rowsOf(batch) as { id: bigint }[]).map(({ id }) => Number(id)));
  });
  const stats = await (await run.run()).closed;
  expect(ids).toEqual(Array.from({ length: 505 }, (_, i) => i));
  expect(stats.messagesIn).toBe(505 - taken);
  expect(await committedOffsets(groupId, topic)).toEqual([505n]);
});

test('string and bytes values come through as they are, null as a tombstone', async () => {
  const input = await createTopic('raw-in');
  const output = await createTopic('raw-out');
  const producer = kafkajs().producer();
  await producer.connect();
  const values = [Buffer.from('größe'), null, Buffer.alloc(0)];
  await producer.send({ topic: input, messages: values.map((value) => ({ value })) });
  await producer.disconnect();
  const base = { brokers: sharedBrokers(), topic: input, until: 'latest' } as const;
  const table = await Stream.fromKafka({ ...base, codec: 'string' }).collect();
  expect(rowsOf(table)).toEqual([{ value: 'größe' }, { value: null }, { value: '' }]);
  const run = await Stream.fromKafka({ ...base, codec: 'bytes' })
    .toKafka({ topic: output, codec: 'bytes' })
    .run();
  await run.closed;
  const read = await readMessages(output, values.length);
  expect(read.map(({ value }) => value)).toEqual(values);
});

test('a topic that is not there is named, and so is a poison message', async () => {
  const missing = uniqueName('missing');
  await expect(Stream.fromKafka(source(missing)).collect()).rejects.toMatchObject({
    code: 'UNKNOWN_TOPIC',
    message: expect.stringContaining(missing),
  });
  const topic = await createTopic('poison');
  await write(topic, 3);
  const producer = kafkajs().producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: '{"id": "three"}' }] });
  await producer.disconnect();
  await expect(Stream.fromKafka(source(topic)).collect()).rejects.toMatchObject({
    code: 'BAD_MESSAGE',
    context: expect.objectContaining({ topic, partition: 0, offset: 3n }),
  });
});
