import type { RecordBatch } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import type { MillraceError } from '../../src/errors.ts';
import type { KafkaSink, SinkBatch } from '../../src/ingest/sink.ts';
import type { Dispatched } from '../../src/morsel/dispatcher.ts';
import { LeaseAllocator, MemoryBudget } from '../../src/morsel/memory.ts';
import type { Sunk } from '../../src/morsel/morsel.ts';
import { BatchOutlet } from '../../src/pipeline/batch-outlet.ts';
import { Outlets } from '../../src/pipeline/outlets.ts';
import { TopicOutlet } from '../../src/pipeline/topic-outlet.ts';
import { ARENA_BASE, PADDING } from '../../src/wasm/module.ts';
import { MIB } from './fakes.ts';

const turn = () => new Promise(setImmediate);

/** Two topics, a function of copied batches, one of borrowed ones, one that looks on. */
function setUp() {
  const budget = new MemoryBudget(64 * MIB, () => undefined);
  const bytes = new Uint8Array(ARENA_BASE + 64 * MIB);
  const allocator = new LeaseAllocator(bytes.length, budget);
  const topic = (name: string) => {
    const pushed: SinkBatch[] = [];
    const sink = {
      ...{ bytes: 0, pending: 0, partitions: 1 },
      push: (batch: SinkBatch) => void pushed.push(batch),
      flush: async () => undefined,
      close: () => undefined,
    };
    return { pushed, outlet: new TopicOutlet(sink as unknown as KafkaSink, name) };
  };
  const taken: PromiseWithResolvers<void>[] = [];
  const batches = (borrow: boolean, looksOn: boolean) => {
    const consumer = {
      open: ({ rows }: { rows: number }) => ({ numRows: rows }) as RecordBatch,
      take: () => {
        const one = Promise.withResolvers<void>();
        taken.push(one);
        return one.promise;
      },
    };
    const name = looksOn ? 'tap' : 'forEach';
    return new BatchOutlet(consumer, { borrow, looksOn, name }, budget, () => undefined);
  };
  const [first, second] = [topic('first'), topic('second')];
  const sinks = [first.outlet, second.outlet, batches(false, false), batches(true, false)];
  const outlets = new Outlets([...sinks, batches(false, true)]);
  const settled: (MillraceError | undefined)[] = [];
  const accept = (parts: (address: number) => readonly Sunk[]) => {
    const lease = allocator.take(MIB)!;
    const sunk = parts(lease.address);
    const dispatched = { lease, worker: { bytes }, done: { sunk } } as unknown as Dispatched;
    const count = outlets.accept(dispatched, {
      settled: (error) => void settled.push(error),
      wanted: () => true,
    });
    return { count, lease };
  };
  return { outlets, accept, budget, first, second, taken, settled };
}

const output = (address: number, byteLength: number) => ({
  ...{ partition: 0, address, byteLength, records: 10 },
});
const batch = (copied: boolean) => ({
  ...{ rows: 5, layout: new Uint32Array(0) },
  ...(copied && { buffer: new ArrayBuffer(100) }),
});

describe('Outlets', () => {
  it('holds the outputs of all topics until the last is acknowledged, and nothing else', () => {
    const { accept, budget, first, second, settled, outlets } = setUp();
    const { count } = accept((address) => [
      { sink: 0, rows: 10, outputs: [output(address + 640_000, 1_000)] },
      {
        ...{ sink: 1, rows: 20 },
        outputs: [output(address + 641_024, 500), output(address + 641_600, 500)],
      },
    ]);
    expect(count).toBe(3);
    expect(budget.usedBytes).toBeGreaterThanOrEqual(2_100);
    expect(budget.usedBytes).toBeLessThanOrEqual(2_100 + PADDING + 128);
    second.pushed[1]!.settled();
    first.pushed[0]!.settled();
    expect(budget.usedBytes).toBeGreaterThan(0);
    second.pushed[0]!.settled();
    expect(budget.usedBytes).toBe(0);
    expect(settled).toEqual([undefined, undefined, undefined]);
    expect(outlets.messages).toBe(30);
    expect(outlets.sinks.map(({ name, messagesOut }) => [name, messagesOut])).toEqual([
      ['first', 10],
      ['second', 20],
      ['forEach', 0],
      ['forEach', 0],
      ['tap', 0],
    ]);
  });

  it('keeps all of a lease for a borrowed batch, and does not count what looks on', async () => {
    const { accept, budget, first, taken, settled, outlets } = setUp();
    const { count, lease } = accept((address) => [
      { sink: 0, rows: 10, outputs: [output(address + 640_000, 1_000)] },
      { sink: 2, rows: 5, outputs: [], batch: batch(true) },
      { sink: 3, rows: 5, outputs: [], batch: batch(false) },
      { sink: 4, rows: 5, outputs: [], batch: batch(true) },
    ]);
    expect(count).toBe(4);
    expect(lease.byteLength).toBe(MIB);
    expect(budget.usedBytes).toBe(MIB + 200);
    await turn();
    expect(taken).toHaveLength(3);
    for (const one of taken) one.resolve();
    await turn();
    expect(budget.usedBytes).toBe(MIB);
    first.pushed[0]!.settled();
    expect(budget.usedBytes).toBe(0);
    expect(settled).toHaveLength(4);
    expect(outlets).toMatchObject({ messages: 20, pending: 0, handsOver: false });
  });

  it('gives a lease without output back, and that of copied batches at once', async () => {
    const { accept, budget, taken } = setUp();
    expect(accept(() => []).count).toBe(0);
    expect(budget.usedBytes).toBe(0);
    accept(() => [{ sink: 2, rows: 5, outputs: [], batch: batch(true) }]);
    expect(budget.usedBytes).toBe(100);
    await turn();
    taken[0]!.resolve();
    await turn();
    expect(budget.usedBytes).toBe(0);
  });

  it('is ready when all are', async () => {
    const { accept, outlets } = setUp();
    expect(outlets.ready && outlets.relaxed).toBe(true);
    for (let i = 0; i < 4; i++) {
      accept(() => [{ sink: 4, rows: 5, outputs: [], batch: batch(true) }]);
    }
    expect(outlets.ready || outlets.relaxed).toBe(false);
    expect(outlets.pending).toBe(4);
  });

  it('hands over where its only sink does', () => {
    const budget = new MemoryBudget(MIB, () => undefined);
    const consumer = { open: () => ({}) as RecordBatch, take: () => undefined };
    const options = { borrow: false, looksOn: false, name: 'forEach' };
    const one = () => new BatchOutlet(consumer, options, budget, () => undefined);
    expect(new Outlets([one()]).handsOver).toBe(true);
    expect(new Outlets([one(), one()]).handsOver).toBe(false);
  });
});
