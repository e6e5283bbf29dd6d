import { expect, test } from 'vitest';
import { MillraceError } from '../../../../src/errors.ts';
import type { GroupCluster } from '../../../../src/ingest/clients/group/group-cluster.ts';
import {
  lookUntil,
  TopicSubscription,
} from '../../../../src/ingest/clients/group/topic-subscription.ts';

/** A cluster with these topics; more can be pushed. */
function clusterOf(names: string[]): GroupCluster {
  return {
    options: { retries: 0, retryDelayMs: 1 },
    signal: new AbortController().signal,
    async topics(asked) {
      const missing = asked.find((topic) => !names.includes(topic));
      if (missing === undefined) return [];
      throw new MillraceError(missing, { code: 'UNKNOWN_TOPIC' });
    },
    topicNames: async () => names,
  };
}

test('matches whole names, and keeps those that are named', async () => {
  const names = ['orders', 'orders-eu', 'old-orders', 'zoo'];
  const pattern = /orders|orders-../gy;
  const subscription = await TopicSubscription.read(clusterOf(names), { topics: ['zoo'], pattern });
  expect(subscription.names).toEqual(['orders', 'orders-eu', 'zoo']);
  expect(await subscription.refresh()).toBe(false);
  names.push('orders-us');
  names.splice(0, 1);
  expect(await subscription.refresh()).toBe(true);
  expect(subscription.names).toEqual(['orders-eu', 'orders-us', 'zoo']);
});

test('respects the flags of the pattern', async () => {
  const cluster = clusterOf(['Orders', 'orders']);
  const subscription = await TopicSubscription.read(cluster, { topics: [], pattern: /ORDERS/i });
  expect(subscription.names).toEqual(['Orders', 'orders']);
});

test('without a pattern nothing is looked up, and a missing topic is an error', async () => {
  const cluster = clusterOf(['a']);
  const subscription = await TopicSubscription.read(cluster, { topics: ['a', 'a'] });
  expect(subscription.names).toEqual(['a']);
  expect(await subscription.refresh()).toBe(false);
  const missing = TopicSubscription.read(cluster, { topics: ['b'] });
  await expect(missing).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
});

test('lookUntil bears with failures, and ends where it is stopped', async () => {
  const answers = [new Error('away'), false, true];
  const look = async () => {
    const answer = answers.shift()!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  await lookUntil(look, 1, new AbortController().signal);
  expect(answers).toEqual([]);
  const stopping = new AbortController();
  const stopped = lookUntil(async () => false, 1, stopping.signal);
  stopping.abort();
  await stopped;
});
