import { expect, test } from 'vitest';
import { MEMORY_TOPICS, MemoryClient, memoryLog } from '../../bench/broker/memory-client.ts';
import { orderPool } from '../../bench/broker/pool.ts';
import { systemClock } from '../../src/clock.ts';
import { startWorkers } from '../../src/morsel/scheduler.ts';
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

test('commits are due in the interval that the source says', async () => {
  const client = new MemoryClient(memoryLog(orderPool(1_000), 1_000, 100), [10]);
  const { plan } = Stream.fromKafka({
    topic: MEMORY_TOPICS.input,
    schema: { order_id: 'utf8' },
    until: 'latest',
    workers: 1,
    commitIntervalMs: 54_321,
  }).toKafka({ topic: MEMORY_TOPICS.output });
  const delays: number[] = [];
  const clock = {
    ...systemClock,
    after(delayMs: number, act: () => void) {
      delays.push(delayMs);
      return systemClock.after(delayMs, act);
    },
  };
  const world = { clock, workers: startWorkers, client: () => client };
  const run = await runPlan(plan, world, world);
  await run.closed;
  expect(delays).toContain(54_321);
});
