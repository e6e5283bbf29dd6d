/** What inference reads of topics whose leaders change, and of partitions with gaps. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { availableClients, inferSchema } from '../../src/index.ts';
import type { KafkaClient } from '../../src/ingest/client.ts';
import { sampleTopics } from '../../src/ingest/infer/sample-topics.ts';
import { SchemaObserver } from '../../src/ingest/infer/schema-observer.ts';
import { readKafkaSource } from '../../src/stream/source-options.ts';
import { EmbeddedKafka } from '../../src/testing/index.ts';
import { leaderOf, testClient } from './client-harness.ts';
import { createTopic, sharedBrokers, uniqueName } from './cluster.ts';
import { eventually, range, writeMessages } from './pipeline-harness.ts';
import { TransactionalWriter } from './transactional-writer.ts';

/** A cluster of `KAFKA_BROKERS` is not ours to kill. */
const external = process.env.KAFKA_BROKERS !== undefined;
const COUNT = 30_000;
// More than is buffered at once, so that there is more than one fetch of it.
const PADDING = 'x'.repeat(1_000);

describe.skipIf(external)('three brokers', () => {
  let kafka: EmbeddedKafka;
  beforeAll(async () => {
    const config = { 'log.cleaner.backoff.ms': 200 };
    kafka = await EmbeddedKafka.start({ brokers: 3, heapMiB: 256, config });
  });
  afterAll(() => kafka.stop());

  const topicOf = (prefix: string, config: Record<string, string> = {}) =>
    createTopic(prefix, {
      brokers: kafka.brokers,
      replicationFactor: 3,
      config: { 'min.insync.replicas': '2', ...config },
    });

  test.each([
    ['when it has named its offsets', 'listOffsets'],
    ['when it has sent a part', 'fetch'],
  ] as const)(
    'a leader that dies %s is followed by another: each message counts once',
    async (_, after) => {
      const topic = await topicOf('infer-leader');
      const { brokers } = kafka;
      const messages = range(COUNT).map((id) => ({ value: JSON.stringify({ id, PADDING }) }));
      await writeMessages(topic, messages, { brokers, perRequest: 500 });
      const client = testClient({ brokers });
      const leader = (await leaderOf(client, topic)) - 1;
      const dying = new DyingLeader(client, after, () => kafka.kill(leader));
      const plan = readKafkaSource({ brokers, topic, codec: 'bytes' }, 'inferSchema').source;
      const observer = new SchemaObserver();
      const sample = { messages: COUNT - 1_000, from: 'latest' } as const;
      await sampleTopics(plan, dying.client, systemClock, observer, sample);
      expect(dying.fetches).toBeGreaterThan(1);
      expect(observer).toMatchObject({ observed: COUNT - 1_000, tombstones: 0, rejected: 0 });
      expect(await leaderOf(client, topic)).not.toBe(leader + 1);
      await kafka.restart(leader);
      await client.close();
    },
  );

  test('a compacted partition is read further back, until there are enough', async () => {
    const compaction = {
      ...{ 'cleanup.policy': 'compact', 'segment.ms': '100', 'min.cleanable.dirty.ratio': '0.001' },
      ...{ 'max.compaction.lag.ms': '100', 'min.compaction.lag.ms': '0' },
    };
    const topic = await topicOf('infer-compacted', compaction);
    const { brokers } = kafka;
    const rewritten = range(400).map((id) => ({ key: 'same', value: `{"id":"old ${id}"}` }));
    await writeMessages(
      topic,
      range(20).map((id) => ({ key: `k${id}`, value: `{"id":${id}}` })),
      {
        brokers,
      },
    );
    await writeMessages(topic, rewritten, { brokers, perRequest: 50 });
    const inferred = (messages: number, from: 'latest' | 'earliest') =>
      inferSchema({ brokers, topic }, { messages, from });
    // Each write rolls the segment, and what is closed is compacted.
    await eventually(async () => {
      await writeMessages(topic, [{ key: 'same', value: '{"id":true}' }], { brokers });
      return (await inferred(10_000, 'earliest')).sampled < 60;
    });
    const { sampled, schema } = await inferred(15, 'latest');
    expect(sampled).toBe(15);
    expect(`${schema.fields[0]!.name}`).toBe('id');
  }, 60_000);
});

/** A client whose `kill` is called when a method has answered for the first time. */
class DyingLeader {
  readonly client: KafkaClient;
  fetches = 0;

  constructor(client: KafkaClient, method: 'listOffsets' | 'fetch', kill: () => Promise<void>) {
    let killed: Promise<void> | undefined;
    const wrapped =
      (name: string | symbol, call: (...args: unknown[]) => unknown) =>
      async (...args: unknown[]) => {
        if (name === 'fetch') this.fetches += 1;
        const answer = await call(...args);
        if (name === method) killed ??= kill();
        await killed;
        return answer;
      };
    this.client = new Proxy(client, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function') return value;
        const call = value.bind(target) as (...args: unknown[]) => unknown;
        return name === 'fetch' || name === method ? wrapped(name, call) : call;
      },
    });
  }
}

describe.each(availableClients())('inferSchema with %s', (client) => {
  const source = (topic: string) => ({ brokers: sharedBrokers(), topic, client });
  const nullable = (inferred: Awaited<ReturnType<typeof inferSchema>>) =>
    inferred.toLiteral().includes("id: 'int64?'");

  test('looks at tombstones, messages that are no JSON, and empty partitions', async () => {
    const topic = await createTopic('infer-mixed', { partitions: 3 });
    await writeMessages(topic, [
      { key: 'a', partition: 1, value: '{"id":1}' },
      { key: 'a', partition: 1, value: null },
      { key: 'b', partition: 1, value: 'Hello' },
      { key: 'b', partition: 1, value: '[1]' },
      { key: 'c', partition: 1, value: '' },
    ]);
    const inferred = await inferSchema(source(topic));
    expect(nullable(inferred)).toBe(true);
    expect(inferred).toMatchObject({ sampled: 2, rejected: 3 });
    expect(inferred.rejects[0]).toMatchObject({ message: `${topic}-1 at offset 2` });
  });

  test('finds nothing in tombstones, aborted messages, or an empty topic', async () => {
    const empty = await createTopic('infer-empty');
    const tombstones = await createTopic('infer-tombstones');
    await writeMessages(tombstones, [{ key: 'a', value: null }]);
    const abortedOnly = await createTopic('infer-aborted');
    const writer = await TransactionalWriter.init(testClient(), uniqueName('writer'));
    await writer.addAndWrite(abortedOnly, 0, '{"id":1}');
    await writer.end('abort');
    for (const [topic, why] of [
      [empty, `the topic ${empty} has no message`],
      [tombstones, `the topic ${tombstones} has nothing but messages without a value`],
      [abortedOnly, `the topic ${abortedOnly} has no message`],
    ] as const) {
      await expect(inferSchema(source(topic))).rejects.toMatchObject({
        code: 'INFERENCE_FAILED',
        message: expect.stringContaining(why),
      });
    }
    const uncommitted = { ...source(abortedOnly), isolation: 'read_uncommitted' } as const;
    expect((await inferSchema(uncommitted)).sampled).toBe(1);
  });

  test('does not see what a transaction has yet to commit', async () => {
    const topic = await createTopic('infer-open');
    await writeMessages(topic, [{ value: '{"id":1}' }]);
    const writer = await TransactionalWriter.init(testClient(), uniqueName('writer'));
    await writer.addAndWrite(topic, 0, '{"id":"open"}');
    await writeMessages(topic, [{ value: '{"id":"behind"}' }]);
    const inferred = await inferSchema(source(topic), { messages: 10 });
    expect(inferred.sampled).toBe(1);
    expect(inferred.toLiteral()).toContain("id: 'int64'");
    await writer.end('commit');
    await eventually(async () => (await inferSchema(source(topic))).sampled === 3);
  });

  test('fails for a topic that is not there', async () => {
    await expect(inferSchema(source('infer-missing'))).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
      context: { topic: 'infer-missing' },
    });
  });
});
