import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { col, Stream } from '../../src/index.ts';
import { createTopic, sharedBrokers, uniqueName } from './cluster.ts';
import { CLIENTS } from './conformance-harness.ts';
import { committedOffsets, range, readAll, writeMessages } from './pipeline-harness.ts';

const MESSAGES = 20_000;
const PARTITIONS = 3;
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
    'both clients write the same messages, %s',
    async (compression) => {
      const input = await orders();
      const brokers = sharedBrokers();
      const results: unknown[] = [];
      for (const client of CLIENTS) {
        const output = await createTopic('conf-paid', { partitions: PARTITIONS });
        const groupId = uniqueName('group');
        const run = await Stream.fromKafka({
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
          .toKafka({ topic: output, key: 'order', compression })
          .run();
        const stats = await run.closed;
        expect(stats).toMatchObject({ messagesIn: MESSAGES, messagesOut: MESSAGES / 4 });
        const ends = range(PARTITIONS).map((p) => BigInt(Math.ceil((MESSAGES - p) / PARTITIONS)));
        expect(await committedOffsets(groupId, input)).toEqual(ends);
        results.push(await hashOf(output));
      }
      expect(results[0]).toMatchObject({ count: MESSAGES / 4 });
      expect(results[1]).toEqual(results[0]);
    },
  );

  test('a source on one client, a sink on the other', async () => {
    const input = await orders();
    const output = await createTopic('conf-both');
    const brokers = sharedBrokers();
    const run = await Stream.fromKafka({
      brokers,
      client: 'kafkajs',
      topic: input,
      schema: SCHEMA,
      until: 'latest',
    })
      .toKafka({ brokers, client: 'platformatic', topic: output })
      .run();
    expect(await run.closed).toMatchObject({ messagesIn: MESSAGES, messagesOut: MESSAGES });
  });
});
