import { expect, test } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import type { KafkaClient } from '../../src/ingest/client.ts';
import { matchesWhole, Subscription } from '../../src/ingest/subscription.ts';
import type { KafkaSourcePlan } from '../../src/plan.ts';

const CLIENT = {
  topicNames: async () => ['orders', 'orders-de', 'orders-fr', 'payments'],
  topics: async (names: readonly string[]) =>
    names.map((topic) => ({
      topic,
      topicId: topic,
      partitions: [0, 1].map((partition) => ({ topic, partition, leader: 1, leaderEpoch: 0 })),
    })),
} as unknown as KafkaClient;

const subscription = (plan: Partial<KafkaSourcePlan>) =>
  new Subscription({ topics: [], ...plan } as unknown as KafkaSourcePlan, CLIENT);

test.each([
  [/orders-.*/, 'orders-de', true],
  [/orders/, 'orders-de', false],
  [/orders|orders-de/, 'orders-de', true],
  [/ORDERS-../i, 'orders-de', true],
  [/de/, 'orders-de', false],
])('%s, %s: %s', (pattern, topic, matches) => {
  expect(matchesWhole(pattern, topic)).toBe(matches);
});

test('reads the topics that are named and those that match, each once', async () => {
  const both = subscription({ topics: ['payments', 'orders-fr'], pattern: /orders-.*/ });
  expect(await both.names()).toEqual(['payments', 'orders-fr', 'orders-de']);
  expect(await subscription({ pattern: /nothing/ }).partitions()).toEqual([]);
});

test('does without a topic that goes between the list of all and the question for it', async () => {
  const lists = [['orders-de', 'orders-fr'], ['orders-fr']];
  const topicNames = async () => (lists.length > 1 ? lists.shift()! : lists[0]!);
  const topics = async (names: readonly string[]) => {
    if (!names.includes('orders-de')) return CLIENT.topics(names);
    throw new MillraceError('orders-de does not exist', { code: 'UNKNOWN_TOPIC' });
  };
  const client = { topicNames, topics } as unknown as KafkaClient;
  const of = (plan: object) => new Subscription(plan as KafkaSourcePlan, client).partitions();
  const found = await of({ topics: [], pattern: /orders-.*/ });
  expect(new Set(found.map(({ topic }) => topic))).toEqual(new Set(['orders-fr']));
  const named = of({ topics: ['orders-de'], pattern: /orders-.*/ });
  await expect(named).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
});

test('reads exactly the partitions that are named', async () => {
  const partitions = [{ topic: 'orders', partition: 1 }];
  const found = await subscription({ topics: ['orders'], partitions }).partitions();
  expect(found).toMatchObject(partitions);
  const missing = subscription({
    topics: ['orders'],
    partitions: [{ topic: 'orders', partition: 2 }],
  });
  await expect(missing.partitions()).rejects.toMatchObject({
    code: 'UNKNOWN_TOPIC',
    message: 'the topic "orders" has no partition 2; it has partitions 0 to 1: mend partitions',
  });
});
