import { setImmediate } from 'node:timers/promises';
import { tableFromArrays } from 'apache-arrow';
import { expect, test } from 'vitest';
import { type Run, Stream } from '../../src/index.ts';
import { ConsumerCalls } from '../../src/pipeline/consumer-calls.ts';

test('knows what is inside a call, behind its promises too, and what was left behind', async () => {
  const calls = new ConsumerCalls();
  const gate = Promise.withResolvers<void>();
  let left: Promise<boolean> | undefined;
  expect(calls.inside).toBe(false);
  const call = calls.make(async () => {
    expect(calls.inside).toBe(true);
    expect(new ConsumerCalls().inside).toBe(false);
    left = gate.promise.then(() => calls.inside);
    await setImmediate();
    expect(calls.inside).toBe(true);
  });
  expect(calls.inside).toBe(false);
  await call;
  gate.resolve();
  expect(await left).toBe(false);
});

test('a consumer that throws is over, too', async () => {
  const calls = new ConsumerCalls();
  const thrown = calls.make(() => {
    throw new RangeError('no');
  });
  await expect(thrown).rejects.toThrow('no');
  expect(calls.inside).toBe(false);
});

test('a consumer that awaits stop() goes on, and what it took ends the run', async () => {
  const table = tableFromArrays({ n: Int32Array.of(1, 2, 3) });
  const taken: number[] = [];
  const running = Promise.withResolvers<Run>();
  const stream = Stream.fromBatches(table, { workers: 1 });
  const runnable = stream.forEach(async (batch) => {
    const run = await running.promise;
    await setImmediate();
    await run.stop();
    expect(run.stats().state).toBe('draining');
    taken.push(batch.numRows);
  });
  running.resolve(await runnable.run());
  const run = await running.promise;
  expect(await run.closed).toMatchObject({ state: 'closed', messagesOut: 3 });
  expect(taken).toEqual([3]);
});
