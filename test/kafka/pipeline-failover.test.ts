/** A pipeline on three brokers, some of which die. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Run, Stream } from '../../src/index.ts';
import { EmbeddedKafka } from '../../src/testing/index.ts';
import { leaderOf, testClient } from './client-harness.ts';
import { createTopic, kafkajs, uniqueName } from './cluster.ts';
import { endOffsets, eventually, range, readAll } from './pipeline-harness.ts';

/** A cluster of `KAFKA_BROKERS` is not ours to kill. */
const external = process.env.KAFKA_BROKERS !== undefined;
const PARTITIONS = 6;
const REPLICATED = { replicationFactor: 3, config: { 'min.insync.replicas': '2' } };

describe.skipIf(external)('three brokers', () => {
  let kafka: EmbeddedKafka;
  beforeAll(async () => {
    kafka = await EmbeddedKafka.start({ brokers: 3, heapMiB: 256 });
  });
  afterAll(() => kafka.stop());

  const sum = (offsets: readonly bigint[]) => Number(offsets.reduce((a, b) => a + b, 0n));

  async function topics() {
    const { brokers } = kafka;
    const [topic, output] = [uniqueName('in'), uniqueName('out')];
    await testClient({ brokers }).createTopics([
      { topic, partitions: PARTITIONS, ...REPLICATED },
      { topic: output, partitions: 3, ...REPLICATED },
    ]);
    return { topic, output };
  }

  /** Writes until `signal`; a request that dies with its broker is sent again. */
  async function write(topic: string, signal: AbortSignal): Promise<void> {
    const producer = kafkajs(kafka.brokers).producer({ retry: { retries: 50 } });
    await producer.connect();
    for (let id = 0; !signal.aborted; id += 100) {
      const messages = range(100).map((i) => ({ value: `{"id":${id + i}}` }));
      await producer.send({ topic, acks: -1, messages });
    }
    await producer.disconnect();
  }

  const copy = (task: { topic: string; output: string }, groupId?: string) =>
    Stream.fromKafka({
      brokers: kafka.brokers,
      topic: task.topic,
      schema: { id: 'int64' },
      batch: { maxRows: 1_000 },
      ...(groupId === undefined ? {} : { groupId }),
    })
      .select('_partition', '_offset')
      .toKafka({ topic: task.output, compression: 'zstd' });

  const advances = async (run: Run, by = 2_000) => {
    const { messagesOut } = run.stats();
    await eventually(() => run.stats().messagesOut > messagesOut + by);
  };

  test('leaders die and come back in mid-run: every message is written exactly once', async () => {
    const task = await topics();
    const client = testClient({ brokers: kafka.brokers });
    const stopping = new AbortController();
    const writing = write(task.topic, stopping.signal);
    const run = await copy(task, uniqueName('failover')).run();
    await advances(run);
    const first = (await leaderOf(client, task.output, 0)) - 1;
    await kafka.kill(first);
    await advances(run);
    await kafka.restart(first);
    await advances(run);
    const second = (await leaderOf(client, task.topic, 3)) - 1;
    await kafka.kill(second);
    await advances(run);
    stopping.abort();
    await writing;
    const total = sum(await endOffsets(task.topic, kafka.brokers));
    await eventually(() => run.stats().messagesOut >= total);
    await run.stop();
    const copies = await readAll(task.output, kafka.brokers);
    const places = copies.map(({ value }) => String(value));
    expect(new Set(places).size).toBe(total);
    expect(places.length).toBe(total);
    expect(run.stats().messagesOut).toBe(total);
    // In the order of their source partition, in whichever partition they are.
    const last = new Map<string, number>();
    for (const { partition, value } of copies) {
      const { _partition, _offset } = JSON.parse(String(value)) as Record<string, number>;
      const lane = `${_partition} in ${partition}`;
      expect(_offset).toBeGreaterThan(last.get(lane) ?? -1);
      last.set(lane, _offset!);
    }
  });
});

describe.skipIf(external)('one broker', () => {
  test('gone for good: one error, in bounded time', async () => {
    await using kafka = await EmbeddedKafka.start({ heapMiB: 256 });
    const { brokers } = kafka;
    const topic = await createTopic('in', { brokers });
    const output = await createTopic('out', { brokers });
    const run = await Stream.fromKafka({
      ...{ brokers, topic, groupId: 'gone', schema: { id: 'int64' } },
      ...{ retries: 7, retryDelayMs: 50, requestTimeoutMs: 2_000, connectTimeoutMs: 1_000 },
      group: { sessionTimeoutMs: 6_000, heartbeatIntervalMs: 500 },
    })
      .toKafka({ topic: output })
      .run();
    const producer = kafkajs(brokers).producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: '{"id":1}' }] });
    await producer.disconnect();
    await eventually(() => run.stats().messagesOut === 1);
    const failed = expect(run.closed).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    await kafka.kill(0);
    await failed;
    expect(run.stats().state).toBe('failed');
  });
});
