import { createHash } from 'node:crypto';
import { describe, expect, type Mock, test, vi } from 'vitest';
import { COPYING_KAFKAJS } from '../../bench/broker/copying-kafkajs.ts';
import { clientInfo, col, Stream } from '../../src/index.ts';
import type { ConnectionOptions } from '../../src/ingest/client.ts';
import { createClient } from '../../src/ingest/clients/choose.ts';
import { runPlan } from '../../src/pipeline/run-plan.ts';
import { createTopic, kafkajs, sharedBrokers, uniqueName } from './cluster.ts';
import { clientFor, libraryOf, VARIANTS, type Variant } from './conformance-harness.ts';
import { committedOffsets, range, readAll, writeMessages } from './pipeline-harness.ts';

const MESSAGES = 20_000;
const PARTITIONS = 3;
const KAFKAJS = { name: 'kafkajs', version: '2.2.4' };
const RUNS_ON: Readonly<Record<Variant, object>> = {
  platformatic: { name: '@platformatic/kafka', version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
  kafkajs: KAFKAJS,
  [COPYING_KAFKAJS]: { ...KAFKAJS, version: '2.1.0', copying: expect.stringContaining('copies') },
};
const SCHEMA = { id: 'int64', order: 'utf8', amount: 'float64', status: 'utf8' } as const;

async function orders(): Promise<string> {
  const topic = await createTopic('conf-orders', { partitions: PARTITIONS });
  const messages = range(MESSAGES).map((id) => ({
    partition: id % PARTITIONS,
    key: `order-${id}`,
    value: JSON.stringify({
      id,
      order: `order-${id}`,
      amount: id / 7,
      status: id % 4 === 0 ? 'paid' : 'open',
    }),
  }));
  await writeMessages(topic, messages, { compression: 'gzip' });
  return topic;
}

/** What is in which partition; source partitions may come to it in any order. */
async function hashOf(topic: string): Promise<{ count: number; hash: string }> {
  const messages = await readAll(topic);
  const lines = messages.map(({ partition, key, value }) => `${partition}/${key}/${value}`);
  const hash = createHash('sha1').update(lines.sort().join('\n')).digest('hex');
  return { count: messages.length, hash };
}

describe('whole pipelines', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'all clients write the same messages, %s',
    async (compression) => {
      const input = await orders();
      const brokers = sharedBrokers();
      const results: unknown[] = [];
      for (const variant of VARIANTS) {
        const client = libraryOf(variant);
        const output = await createTopic('conf-paid', { partitions: PARTITIONS });
        const groupId = uniqueName('group');
        const stream = Stream.fromKafka({
          brokers,
          client,
          topic: input,
          schema: SCHEMA,
          groupId,
          until: 'latest',
        })
          .filter(col('status').eq('paid'))
          .map({ euros: col('amount').mul(0.5) })
          .select('id', 'order', 'euros')
          .toKafka({ topic: output, key: 'order', compression });
        const run = await runPlan(stream.plan, {
          client: (options) => clientFor(variant, options),
        });
        const stats = await run.closed;
        expect(stats).toMatchObject({ messagesIn: MESSAGES, messagesOut: MESSAGES / 4 });
        expect(stats.client).toEqual(RUNS_ON[variant]);
        const ends = range(PARTITIONS).map((p) => BigInt(Math.ceil((MESSAGES - p) / PARTITIONS)));
        expect(await committedOffsets(groupId, input)).toEqual(ends);
        results.push(await hashOf(output));
      }
      expect(results[0]).toMatchObject({ count: MESSAGES / 4 });
      for (const result of results) expect(result).toEqual(results[0]);
    },
  );

  test.each(VARIANTS)('%s reads past what was aborted', async (variant) => {
    const brokers = sharedBrokers();
    const topic = await createTopic('conf-aborted');
    const transactionalId = uniqueName('tx');
    const producer = kafkajs().producer({ transactionalId, maxInFlightRequests: 1 });
    await producer.connect();
    for (const [id, outcome] of (['commit', 'abort', 'commit', 'abort'] as const).entries()) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: JSON.stringify({ id }) }] });
      await transaction[outcome]();
    }
    await producer.disconnect();
    const output = await createTopic('conf-decided');
    const stream = Stream.fromKafka({
      brokers,
      client: libraryOf(variant),
      topic,
      schema: { id: 'int64' },
      isolation: 'read_committed',
      until: 'latest',
    }).toKafka({ topic: output });
    const run = await runPlan(stream.plan, { client: (options) => clientFor(variant, options) });
    await run.closed;
    const values = (await readAll(output)).map(({ value }) => `${value}`);
    expect(values).toEqual(['{"id":0}', '{"id":2}']);
  });

  test('a source on one client, a sink on the other', async () => {
    const input = await orders();
    const output = await createTopic('conf-both');
    const brokers = sharedBrokers();
    const used: Record<string, { fetch: Mock; produce: Mock }> = {};
    const client = (options: ConnectionOptions) => {
      const made = createClient(options);
      used[options.client] = { fetch: vi.spyOn(made, 'fetch'), produce: vi.spyOn(made, 'produce') };
      return made;
    };
    const { plan } = Stream.fromKafka({
      brokers,
      client: 'kafkajs',
      topic: input,
      schema: SCHEMA,
      until: 'latest',
    }).toKafka({ brokers, client: 'platformatic', topic: output });
    const inUse = () => clientInfo().filter((info) => info.inUse);
    expect(inUse()).toEqual([]);
    const run = await runPlan(plan, { client });
    expect(inUse().map((info) => info.client)).toEqual(['platformatic', 'kafkajs']);
    const stats = await run.closed;
    expect(stats).toMatchObject({ messagesIn: MESSAGES, messagesOut: MESSAGES, client: KAFKAJS });
    const calls = ({ fetch, produce }: { fetch: Mock; produce: Mock }) =>
      [fetch, produce].map(({ mock }) => mock.calls.length > 0);
    expect(calls(used.kafkajs!)).toEqual([true, false]);
    expect(calls(used.platformatic!)).toEqual([false, true]);
    expect(inUse()).toEqual([]);
  });
});
