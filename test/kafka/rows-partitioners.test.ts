import { tableFromArrays } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { col, KafkaSink, type Partitioner, Stream } from '../../src/index.ts';
import { createTopic, kafkajs, sharedBrokers } from './cluster.ts';
import { readAll, sharedKafka, writeMessages } from './pipeline-harness.ts';

const brokers = sharedBrokers();
const ROWS = 20_000;
const table = tableFromArrays({
  id: Int32Array.from({ length: ROWS }, (_, i) => i),
  shard: Int32Array.from({ length: ROWS }, (_, i) => (i * 7) % 5),
  customer: Array.from({ length: ROWS }, (_, i) => `${i % 100}`),
});

/** The partition of each id, from what an independent client reads. */
async function partitions(topic: string): Promise<Map<number, number>> {
  const messages = await readAll(topic);
  return new Map(
    messages.map(({ value, partition }) => [
      (JSON.parse(String(value)) as { id: number }).id,
      partition,
    ]),
  );
}

/** Where Java's producer, with its default partitioner, puts the keys `0` to `99`. */
async function javaPartitions(): Promise<Map<string, number>> {
  const topic = await createTopic('java', { partitions: 5 });
  const kafka = await sharedKafka();
  const { code, stdout, stderr } = await kafka.runTool(
    'org.apache.kafka.tools.VerifiableProducer',
    [
      ...['--bootstrap-server', kafka.bootstrapServers, '--topic', topic],
      ...['--max-messages', '100', '--repeating-keys', '100'],
    ],
  );
  if (code !== 0) throw new Error(`the producer ended with ${code}: ${stderr}`);
  const sent = stdout.split('\n').filter((line) => line.includes('producer_send_success'));
  return new Map(
    sent.map((line) => {
      const { key, partition } = JSON.parse(line) as { key: string; partition: number };
      return [key, partition];
    }),
  );
}

test('a stream deals by key, column, number and stickily; Java agrees on the keys', async () => {
  const write = async (partitioner: Partitioner, key?: string) => {
    const topic = await createTopic('deal', { partitions: 5 });
    const run = await Stream.fromBatches(table, { workers: 1 })
      .toKafka({ brokers, topic, partitioner, ...(key === undefined ? {} : { key }) })
      .run();
    await run.closed;
    const found = await partitions(topic);
    expect(found.size).toBe(ROWS);
    return found;
  };
  const java = await javaPartitions();
  expect(java.size).toBe(100);
  for (const found of [
    await write('murmur2', 'customer'),
    await write('sticky', 'customer'),
    await write({ column: 'customer' }),
  ]) {
    for (const [id, partition] of found) expect(partition).toBe(java.get(`${id % 100}`));
  }
  const numbered = await write({ partitionColumn: 'shard' });
  for (const [id, partition] of numbered) expect(partition).toBe((id * 7) % 5);
  const sticky = await write('sticky');
  let changes = 0;
  for (let id = 1; id < ROWS; id++) if (sticky.get(id) !== sticky.get(id - 1)) changes += 1;
  expect(changes).toBe(Math.floor((ROWS - 1) / 8_192));
});

test('a number that is no partition fails the run', async () => {
  const topic = await createTopic('deal', { partitions: 2 });
  const run = await Stream.fromBatches(table, { workers: 1 })
    .map({ shard: col('id').add(1) })
    .toKafka({ brokers, topic, partitioner: { partitionColumn: 'shard' } })
    .run();
  await expect(run.closed).rejects.toMatchObject({ code: 'EVALUATION_FAILED' });
});

test('_partition keeps the partition of the message that was read', async () => {
  const topic = await createTopic('from', { partitions: 3 });
  const output = await createTopic('to', { partitions: 3 });
  const ids = Array.from({ length: 300 }, (_, id) => ({ value: `{"id":${id}}` }));
  await writeMessages(topic, ids);
  const run = await Stream.fromKafka({ brokers, topic, schema: { id: 'int32' }, until: 'latest' })
    .toKafka({ topic: output, partitioner: { partitionColumn: '_partition' } })
    .run();
  await run.closed;
  expect(await partitions(output)).toEqual(await partitions(topic));
});

test('a sink of rows deals by functions of a row and of a batch', async () => {
  const topic = await createTopic('deal', { partitions: 5 });
  const [batch] = table.slice(0, 1_000).batches;
  await using byRow = new KafkaSink<{ id: number }>({
    ...{ brokers, topic },
    partitioner: { row: ({ id }, count) => (id * 3) % count },
  });
  await byRow.sendBatch(Array.from({ length: 500 }, (_, id) => ({ id })));
  await byRow.sendBatch(batch!.slice(500, 1_000));
  const found = await partitions(topic);
  expect(found.size).toBe(1_000);
  for (const [id, partition] of found) expect(partition).toBe((id * 3) % 5);

  const other = await createTopic('deal', { partitions: 5 });
  await using byBatch = new KafkaSink({
    ...{ brokers, topic: other },
    partitioner: {
      batch: ({ numRows }, count) => Int32Array.from({ length: numRows }, (_, i) => i % count),
    },
  });
  const deliveries = await byBatch.sendBatch(batch!);
  expect(deliveries.map(({ partition }) => partition)).toEqual(
    Array.from({ length: 1_000 }, (_, i) => i % 5),
  );
  await expect(byBatch.send({ id: 1 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

describe('a sink of rows, by row and by batch', () => {
  const ROW_COUNT = 1_000;
  const [batch] = table.slice(0, ROW_COUNT).batches;
  const rows = Array.from({ length: ROW_COUNT }, (_, id) => ({
    ...{ id, shard: (id * 7) % 5, customer: `${id % 100}` },
  }));
  const write = async (partitioner: Partitioner, key?: string) => {
    const found: Map<number, number>[] = [];
    for (const values of [rows, batch!]) {
      const topic = await createTopic('deal', { partitions: 5 });
      await using sink = new KafkaSink<(typeof rows)[number]>({
        ...{ brokers, topic, partitioner, ...(key === undefined ? {} : { key }) },
      });
      const deliveries = await sink.sendBatch(values);
      const stored = await partitions(topic);
      expect(stored.size).toBe(ROW_COUNT);
      expect(deliveries.map(({ partition }, id) => [id, partition])).toEqual(
        [...stored].toSorted(([a], [b]) => a - b),
      );
      found.push(stored);
    }
    return found;
  };
  const changes = (found: Map<number, number>) =>
    rows.slice(1).filter(({ id }) => found.get(id) !== found.get(id - 1)).length;

  test('murmur2, sticky and a column put keys where Java does', async () => {
    const java = await javaPartitions();
    const all = [
      ...(await write('murmur2', 'customer')),
      ...(await write('sticky', 'customer')),
      ...(await write({ column: 'customer' })),
    ];
    expect(all.length).toBe(6);
    for (const found of all) {
      for (const [id, partition] of found) expect(partition).toBe(java.get(`${id % 100}`));
    }
  });

  test('a number in a column, turns, and sticking to one', async () => {
    for (const found of await write({ partitionColumn: 'shard' })) {
      for (const [id, partition] of found) expect(partition).toBe((id * 7) % 5);
    }
    const evenly = [200, 200, 200, 200, 200];
    for (const found of [
      ...(await write('round-robin', 'customer')),
      ...(await write('murmur2')),
    ]) {
      const counts = evenly.map((_, i) => [...found.values()].filter((p) => p === i).length);
      expect(counts).toEqual(evenly);
      expect(changes(found)).toBe(ROW_COUNT - 1);
    }
    for (const found of await write('sticky')) expect(changes(found)).toBe(0);
  });
});

test('batches of a stream go by a function of a whole batch, through a sink of rows', async () => {
  const topic = await createTopic('deal', { partitions: 5 });
  await using sink = new KafkaSink({
    ...{ brokers, topic },
    partitioner: {
      batch: (batch, count) => {
        const ids = batch.getChild('id')!;
        return Int32Array.from({ length: batch.numRows }, (_, i) => (ids.get(i) >> 3) % count);
      },
    },
  });
  const input = await createTopic('from', { partitions: 2 });
  await writeMessages(
    input,
    Array.from({ length: 500 }, (_, id) => ({ value: `{"id":${id}}` })),
  );
  const stream = Stream.fromKafka({
    ...{ brokers, topic: input, schema: { id: 'int32' }, until: 'latest' },
  }).filter(col('id').gt(99));
  const run = await stream
    .forEach(async (batch) => {
      await sink.sendBatch(batch);
    })
    .run();
  await run.closed;
  const found = await partitions(topic);
  expect(found.size).toBe(400);
  for (const [id, partition] of found) expect(partition).toBe((id >> 3) % 5);
});

test.each<[object, RegExp]>([
  [{ batch: () => new Int32Array(1) }, /sink.sendBatch\(batch\)/],
  [{ row: () => 1 }, /partitionColumn.*new KafkaSink/],
])('a function does not go to the workers: %o', (partitioner, text) => {
  const stream = Stream.fromBatches(table);
  expect(() => stream.toKafka({ topic: 'a', partitioner: partitioner as Partitioner })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(text) }),
  );
});

test.each(['platformatic', 'kafkajs'] as const)(
  'an open sink learns of partitions that the topic gets, %s',
  async (client) => {
    const topic = await createTopic('growing');
    await using sink = new KafkaSink({ brokers, topic, client });
    expect(await sink.send({ id: 0 })).toMatchObject({ partition: 0 });
    const admin = kafkajs().admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await admin.disconnect();
    // Where the broker that is asked has not heard of them yet, the next message asks again.
    const sent = async () => await sink.send({ id: 1 }, { partition: 2 }).catch(() => undefined);
    await expect.poll(sent, { timeout: 20_000, interval: 500 }).toMatchObject({ partition: 2 });
    const messages = await readAll(topic);
    expect(messages.map(({ partition }) => partition).sort()).toEqual([0, 2]);
  },
);
