import type { RecordBatch } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { LeaseAllocator, MemoryBudget } from '../../src/morsel/memory.ts';
import { type BatchConsumer, BatchOutlet } from '../../src/pipeline/batch-outlet.ts';
import type { Cargo } from '../../src/pipeline/outlet.ts';
import { ARENA_BASE } from '../../src/wasm/module.ts';
import { MIB } from './fakes.ts';

const turn = () => new Promise(setImmediate);

interface Step {
  readonly rows: number;
  readonly taken: PromiseWithResolvers<void>;
}

/** An outlet whose consumer waits for the test, and what it is given. */
function setUp({ borrow = false } = {}) {
  const budget = new MemoryBudget(16 * MIB, () => undefined);
  const bytes = new Uint8Array(ARENA_BASE + 16 * MIB);
  const allocator = new LeaseAllocator(bytes.length, budget);
  const steps: Step[] = [];
  const consumer: BatchConsumer = {
    open: ({ rows }) => ({ numRows: rows }) as RecordBatch,
    take: async ({ numRows: rows }) => {
      const taken = Promise.withResolvers<void>();
      steps.push({ rows, taken });
      await taken.promise;
    },
  };
  let ready = 0;
  const outlet = new BatchOutlet(
    consumer,
    { borrow, name: 'forEach', looksOn: false },
    budget,
    () => {
      ready += 1;
    },
  );
  const settled: (MillraceError | undefined)[] = [];
  const wanted = { value: true };
  const offer = (rows: number) => {
    const lease = allocator.take(MIB)!;
    const batch =
      rows === 0
        ? undefined
        : { rows, layout: new Uint32Array(0), ...(!borrow && { buffer: new ArrayBuffer(1_000) }) };
    const worker = { bytes };
    const cargo = { lease, worker, sunk: { batch } } as unknown as Cargo;
    return outlet.accept(cargo, {
      settled: (error) => void settled.push(error),
      wanted: () => wanted.value,
    });
  };
  return { outlet, offer, steps, settled, wanted, budget, readyCalls: () => ready };
}

describe('BatchOutlet', () => {
  it('hands over one batch at a time, in order; each settles when it was taken', async () => {
    const { outlet, offer, steps, settled, readyCalls } = setUp();
    expect([offer(1), offer(2)]).toEqual([1, 1]);
    await turn();
    expect(steps.map(({ rows }) => rows)).toEqual([1]);
    expect(settled).toEqual([]);
    expect(outlet.pending).toBe(2);
    steps[0]!.taken.resolve();
    await turn();
    expect(steps.map(({ rows }) => rows)).toEqual([1, 2]);
    expect(settled).toEqual([undefined]);
    expect(outlet.messages).toBe(1);
    steps[1]!.taken.resolve();
    await outlet.flush();
    expect(outlet).toMatchObject({ messages: 3, bytes: 2_000, pending: 0 });
    expect(readyCalls()).toBe(2);
  });

  it('takes four, then waits for the consumer', async () => {
    const { outlet, offer, steps } = setUp();
    for (let i = 0; i < 3; i++) offer(1);
    expect(outlet.ready).toBe(true);
    offer(1);
    expect(outlet.ready).toBe(false);
    await turn();
    steps[0]!.taken.resolve();
    await turn();
    expect(outlet.ready).toBe(true);
  });

  it('charges a copy instead of its lease, until it was taken', async () => {
    const { offer, steps, budget } = setUp();
    offer(1);
    expect(budget.usedBytes).toBe(1_000);
    await turn();
    steps[0]!.taken.resolve();
    await turn();
    expect(budget.usedBytes).toBe(0);
  });

  it('holds the lease of a borrowed batch until it was taken', async () => {
    const { offer, steps, budget } = setUp({ borrow: true });
    offer(1);
    await turn();
    expect(budget.usedBytes).toBe(MIB);
    steps[0]!.taken.resolve();
    await turn();
    expect(budget.usedBytes).toBe(0);
  });

  it('passes over morsels of which no row is left', async () => {
    const { outlet, offer, budget, settled } = setUp();
    expect(offer(0)).toBe(0);
    expect(budget.usedBytes).toBe(0);
    await outlet.flush();
    expect(settled).toEqual([]);
  });

  it('takes nothing behind a batch that the consumer failed on', async () => {
    const { outlet, offer, steps, settled, budget } = setUp();
    offer(1);
    offer(2);
    await turn();
    const cause = new RangeError('full');
    steps[0]!.taken.reject(cause);
    await outlet.flush();
    expect(steps).toHaveLength(1);
    expect(settled[0]).toMatchObject({ code: 'CONSUMER_FAILED', cause });
    expect(settled[1]).toMatchObject({ code: 'ABORTED' });
    expect(outlet.messages).toBe(0);
    expect(budget.usedBytes).toBe(0);
  });

  it('drops what is not wanted any more when its turn comes', async () => {
    const { outlet, offer, steps, settled, wanted, budget } = setUp();
    offer(1);
    offer(2);
    await turn();
    wanted.value = false;
    steps[0]!.taken.resolve();
    await outlet.flush();
    expect(steps).toHaveLength(1);
    expect(settled).toEqual([undefined, undefined]);
    expect(outlet.messages).toBe(1);
    expect(budget.usedBytes).toBe(0);
  });

  it('gives a consumer’s own MillraceError on as it is', async () => {
    const { outlet, offer, steps, settled } = setUp();
    offer(1);
    await turn();
    const error = new MillraceError('left', { code: 'ABORTED' });
    steps[0]!.taken.reject(error);
    await outlet.flush();
    expect(settled).toEqual([error]);
  });

  it('settles what waits with ABORTED once it is closed', async () => {
    const { outlet, offer, steps, settled } = setUp();
    offer(1);
    offer(2);
    await turn();
    outlet.close();
    steps[0]!.taken.resolve();
    await outlet.flush();
    expect(settled[0]).toBeUndefined();
    expect(settled[1]).toMatchObject({ code: 'ABORTED' });
  });
});
