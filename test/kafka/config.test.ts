import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  configFrom,
  KafkaSink,
  KafkaSource,
  loadConfig,
  Stream,
  toRowSinkOptions,
  toSinkOptions,
  toSourceOptions,
} from '../../src/index.ts';
import { createTopic, kafkajs, readMessages, sharedBrokers, uniqueName } from './cluster.ts';

const COUNT = 200;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-config-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function write(topic: string): Promise<void> {
  const producer = kafkajs().producer();
  await producer.connect();
  const messages = Array.from({ length: COUNT }, (_, id) => ({ value: JSON.stringify({ id }) }));
  // Batches of 20 at most, which are not cut.
  for (let i = 0; i < COUNT; i += 20) {
    await producer.send({ topic, messages: messages.slice(i, i + 20) });
  }
  await producer.disconnect();
}

test('a properties file and the environment run a pipeline and commit its offsets', async () => {
  const input = await createTopic('config-in', { partitions: 2 });
  const output = await createTopic('config-out');
  const group = uniqueName('config-group');
  await write(input);
  await writeFile(
    join(folder, 'millrace.properties'),
    `kafka.bootstrap.servers = nowhere.invalid:9092
kafka.consumer.topics = ${input}
kafka.consumer.group.id = ${group}
kafka.consumer.max.poll.records = 50
kafka.consumer.session.timeout.ms = 10000
kafka.consumer.fetch.max.wait.ms = 100
kafka.producer.topic = ${output}
kafka.producer.acks = all
kafka.producer.compression.type = gzip
kafka.producer.linger.ms = 5
millrace.source.until = latest
`,
  );
  const env = { KAFKA_BOOTSTRAP_SERVERS: sharedBrokers().join() };
  const config = await loadConfig({ cwd: folder, env });
  const run = await Stream.fromKafka(toSourceOptions(config, { schema: { id: 'int64' } }))
    .toKafka(toSinkOptions(config))
    .run();
  const stats = await run.closed;
  expect(stats).toMatchObject({ messagesIn: COUNT, messagesOut: COUNT });
  // Morsels of 50 rows at most.
  expect(stats.morsels).toBeGreaterThanOrEqual(COUNT / 50);
  const ids = (await readMessages(output, COUNT)).map(({ value }) => JSON.parse(String(value)).id);
  expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, id) => id));
  const admin = kafkajs().admin();
  await admin.connect();
  const [committed] = await admin.fetchOffsets({ groupId: group, topics: [input] });
  await admin.disconnect();
  const total = committed!.partitions.reduce((sum, { offset }) => sum + Number(offset), 0);
  expect(total).toBe(COUNT);
});

test.each(['throughput', 'lowLatency', 'durable'] as const)(
  'the preset %s runs, and loses nothing',
  async (preset) => {
    const input = await createTopic('preset-in');
    const output = await createTopic('preset-out');
    await write(input);
    const connection = { brokers: sharedBrokers() };
    const config = await loadConfig({ file: false, env: false, config: { preset, connection } });
    const source = toSourceOptions(config, { topic: input, until: 'latest', codec: 'string' });
    const run = await Stream.fromKafka({ ...source, codec: 'string' })
      .toKafka(toSinkOptions(config, { topic: output, codec: 'string' }))
      .run();
    expect(await run.closed).toMatchObject({ messagesIn: COUNT, messagesOut: COUNT });
    const written = { ...connection, topic: output, until: 'latest', codec: 'string' } as const;
    expect((await Stream.fromKafka(written).collect()).numRows).toBe(COUNT);
  },
);

test('a worker reads, and has a producer, by one configuration', async () => {
  const topic = await createTopic('worker-in', { partitions: 2 });
  const output = await createTopic('processed', { partitions: 2 });
  await write(topic);
  const config = configFrom({
    broker_type: 'kafka',
    bootstrap_servers: sharedBrokers().join(),
    group_id: uniqueName('worker'),
    topics: [topic],
    auto_offset_reset: 'earliest',
    enable_auto_commit: false,
    producer_config: { acks: 'all', retries: 3 },
  });
  const source = new KafkaSource<{ id: number }>(toSourceOptions(config, { until: 'latest' }));
  const producer = new KafkaSink<{ id: number; status: string }>(
    toRowSinkOptions(config, { topic: output }),
  );
  const reports: Promise<unknown>[] = [];
  for await (const { id } of source.messages()) {
    reports.push(producer.send({ id, status: 'processed' }, { key: `order-${id}` }));
  }
  // Closing flushes: what is on its way is stored before it resolves.
  await producer.close();
  expect(await Promise.all(reports)).toHaveLength(COUNT);
  await source.commit();
  await source.stop();
  const written = await readMessages(output, COUNT);
  for (const { key, value } of written) {
    const { id, status } = JSON.parse(String(value));
    expect([String(key), status]).toEqual([`order-${id}`, 'processed']);
  }
  expect(new Set(written.map(({ key }) => String(key))).size).toBe(COUNT);
});
