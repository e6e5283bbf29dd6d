import { expect, test } from 'vitest';
import { MEMORY_TOPICS, MemoryClient, memoryLog } from '../../bench/broker/memory-client.ts';
import { orderPool } from '../../bench/broker/pool.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import type { OffsetCommit } from '../../src/ingest/client.ts';
import { startWorkers } from '../../src/morsel/scheduler.ts';
import { ABORT_PATIENCE_MS, Patience } from '../../src/pipeline/patience.ts';
import { runPlan } from '../../src/pipeline/run-plan.ts';
import { Stream } from '../../src/stream.ts';

/** Timers that go off when the test says so. */
class Timers implements Clock {
  readonly armed = new Set<() => void>();

  nowMs(): number {
    return 0;
  }

  after(delayMs: number, callback: () => void): () => void {
    expect(delayMs).toBe(ABORT_PATIENCE_MS);
    this.armed.add(callback);
    return () => this.armed.delete(callback);
  }

  goOff(): void {
    for (const callback of this.armed) callback();
  }
}

const never = new Promise<void>(() => undefined);

test('a call is waited for without a limit until the run is aborted', async () => {
  const clock = new Timers();
  const patience = new Patience(clock);
  const first = patience.with(never);
  expect(clock.armed.size).toBe(0);
  patience.abort();
  const second = patience.with(never);
  expect(clock.armed.size).toBe(2);
  clock.goOff();
  const error = { code: 'ABORTED', message: 'it had not resolved 10 s after the run was aborted' };
  await expect(first).rejects.toMatchObject(error);
  await expect(second).rejects.toMatchObject(error);
  expect(clock.armed.size).toBe(0);
});

test('one that settles in time settles as it does, and leaves no timer', async () => {
  const clock = new Timers();
  const patience = new Patience(clock);
  await patience.with(Promise.resolve());
  patience.abort();
  await patience.with(Promise.resolve());
  await expect(patience.with(Promise.reject(new Error('oh')))).rejects.toThrow('oh');
  expect(clock.armed.size).toBe(0);
});

test('an inline function that never resolves holds up no run that was aborted', async () => {
  const client = new MemoryClient(memoryLog(orderPool(1_000), 1_000, 100), [10]);
  const commits: bigint[] = [];
  const commit = async (_: string, offsets: readonly OffsetCommit[]) => {
    commits.push(...offsets.map(({ offset }) => offset));
  };
  Object.assign(client, { commit });
  const aborting = new AbortController();
  const stuck = Promise.withResolvers<void>();
  const late = Promise.withResolvers<never>();
  let calls = 0;
  const { plan } = Stream.fromKafka({
    ...{ groupId: 'g', workers: 1, batch: { maxRows: 100 } },
    schema: { order_id: 'utf8' },
    partitions: [{ topic: MEMORY_TOPICS.input, partition: 0 }],
  })
    .map((batch) => {
      calls += 1;
      if (calls === 1) return batch;
      stuck.resolve();
      return late.promise;
    })
    .toKafka({ topic: MEMORY_TOPICS.output });
  const clock: Clock = {
    nowMs: () => systemClock.nowMs(),
    after: (ms, act) => systemClock.after(ms === ABORT_PATIENCE_MS ? 20 : ms, act),
  };
  const io = { client: () => client, signal: aborting.signal };
  const run = await runPlan(plan, io, { clock, workers: startWorkers });
  await stuck.promise;
  aborting.abort();
  await expect(run.closed).rejects.toMatchObject({
    code: 'CONSUMER_FAILED',
    message: expect.stringContaining('it had not resolved 10 s after the run was aborted'),
  });
  expect(calls).toBe(2);
  expect(client.produced).toBe(100);
  expect(commits).toEqual([100n]);
});
