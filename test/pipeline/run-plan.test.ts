import { expect, test } from 'vitest';
import { MEMORY_TOPICS, MemoryClient, memoryLog } from '../../bench/broker/memory-client.ts';
import { orderPool } from '../../bench/broker/pool.ts';
import { runPlan } from '../../src/pipeline/run-plan.ts';
import { Stream } from '../../src/stream.ts';

test('the figures name the library that runs, also where that turned out late', async () => {
  const client = new MemoryClient(memoryLog(orderPool(1_000), 1_000, 100), [10]);
  const name = { get: () => (client.produced > 0 ? 'the other one' : 'not known yet') };
  Object.defineProperty(client, 'name', name);
  const { plan } = Stream.fromKafka({
    topic: MEMORY_TOPICS.input,
    schema: { order_id: 'utf8' },
    until: 'latest',
    workers: 1,
  }).toKafka({ topic: MEMORY_TOPICS.output });
  const run = await runPlan(plan, { client: () => client });
  const figures = await run.closed;
  expect(figures.messagesOut).toBe(1_000);
  expect(figures.client).toEqual({ name: 'the other one', version: client.version });
});
