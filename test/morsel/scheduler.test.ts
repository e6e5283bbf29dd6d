import type { Worker } from 'node:worker_threads';
import { tableFromArrays } from 'apache-arrow';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { planImport, writeBatch } from '../../src/arrow/batch-import.ts';
import type { Schema } from '../../src/arrow/schema.ts';
import { MemoryBudget } from '../../src/morsel/memory.ts';
import type { EngineSpec, MorselTask } from '../../src/morsel/morsel.ts';
import { type MorselWorkers, startWorkers } from '../../src/morsel/scheduler.ts';
import { compileTree } from '../../src/operators/compile.ts';
import { LimitNumbers } from '../../src/operators/compile-step.ts';

const MIB = 1024 * 1024;
const SCHEMA: Schema = { fields: [{ name: 'n', type: { kind: 'int32' }, nullable: true }] };
const SPEC: EngineSpec = {
  inputs: [
    {
      source: { kind: 'batches', json: [] },
      root: compileTree([{ steps: [], sink: 0 }], SCHEMA, [], new LimitNumbers()).root,
    },
  ],
  sinks: [{ kind: 'batches', schema: SCHEMA, borrow: false }],
  limits: [],
};

let started: MorselWorkers | undefined;
afterEach(() => started?.close());

function start(count = 1) {
  const budget = new MemoryBudget(64 * MIB, () => undefined);
  started = startWorkers(SPEC, count, budget);
  return started.workers;
}

/** Three rows, written into a lease of the worker. */
function taskFor(worker: ReturnType<typeof start>[number]): MorselTask {
  const batch = tableFromArrays({ n: Int32Array.of(1, 2, 3) }).batches[0]!;
  const plan = planImport(batch, SCHEMA);
  const { address, byteLength } = worker.allocator.take(MIB)!;
  const columns = [...writeBatch(plan, worker.bytes, address)];
  const arenaBegin = address + 64 * Math.ceil(plan.byteLength / 64);
  const input = { kind: 'columns', columns, firstRow: 0n, rows: 3 } as const;
  return { input, arenaBegin, arenaEnd: address + byteLength };
}

/** The worker threads that are started until the test ends, each given to `act`. */
function watch(act: (worker: Worker) => void = () => undefined): Worker[] {
  const seen: Worker[] = [];
  const note = (worker: Worker) => {
    seen.push(worker);
    act(worker);
  };
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  return seen;
}

describe('startWorkers', () => {
  it('runs morsels on threads of their own, one memory each', async () => {
    const threads = watch();
    const workers = start(2);
    const results = await Promise.all(workers.map((worker) => worker.run(taskFor(worker))));
    expect(threads).toHaveLength(2);
    for (const result of results) {
      expect(result).toMatchObject({
        kind: 'done',
        rowsIn: 3,
        sunk: [{ rows: 3, batch: { rows: 3 } }],
      });
    }
    expect(workers[0]!.bytes.buffer).not.toBe(workers[1]!.bytes.buffer);
    expect(workers.map(({ queued }) => queued)).toEqual([0, 0]);
  });

  it('counts what is under way', async () => {
    const [worker] = start();
    const task = taskFor(worker!);
    const running = [worker!.run(task), worker!.run(task)];
    expect(worker!.queued).toBe(2);
    await Promise.all(running);
    expect(worker!.queued).toBe(0);
  });

  it('rejects the morsel whose thread ended; the next call runs on a new thread', async () => {
    const threads = watch();
    const [worker] = start();
    const task = taskFor(worker!);
    await worker!.run(task);
    const running = worker!.run(task);
    const ended = threads[0]!.terminate();
    await expect(running).rejects.toMatchObject({ code: 'WORKER_DIED', retry: 'backoff' });
    await ended;
    expect(await worker!.run(task)).toMatchObject({ kind: 'done', sunk: [{ rows: 3 }] });
    expect(threads).toHaveLength(2);
  });

  it('rejects what waits for a thread that ends before it has begun', async () => {
    let deaths = 0;
    watch((thread) => {
      deaths += 1;
      if (deaths === 1) void thread.terminate();
    });
    const [worker] = start();
    const task = taskFor(worker!);
    await expect(worker!.run(task)).rejects.toMatchObject({ code: 'WORKER_DIED' });
    expect(await worker!.run(task)).toMatchObject({ kind: 'done', sunk: [{ rows: 3 }] });
  });

  it('rejects what is under way when it is closed', async () => {
    const [worker] = start();
    const running = expect(worker!.run(taskFor(worker!))).rejects.toMatchObject({
      code: 'WORKER_DIED',
    });
    await started!.close();
    await running;
  });
});
