import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { Dispatcher, type MorselLoad } from '../../src/morsel/dispatcher.ts';
import { LeaseAllocator, MemoryBudget } from '../../src/morsel/memory.ts';
import type { MorselDone, MorselResult, MorselTask } from '../../src/morsel/morsel.ts';
import type { MorselWorker } from '../../src/morsel/scheduler.ts';
import { ARENA_BASE } from '../../src/wasm/module.ts';

const MIB = 1024 * 1024;
const MEMORY_BYTES = ARENA_BASE + 8 * MIB;

function done(arenaUsedBytes: number): MorselDone {
  const timings = { decodeMs: 0, operateMs: 0, encodeMs: 0 };
  return { kind: 'done', rowsIn: 1, sunk: [], arenaUsedBytes, timings };
}

/** A worker that answers as the test says. */
class FakeWorker implements MorselWorker {
  readonly bytes = new Uint8Array(MEMORY_BYTES);
  readonly allocator: LeaseAllocator;
  queued = 0;
  readonly tasks: MorselTask[] = [];
  readonly #answer: (task: MorselTask, attempt: number) => MorselResult | Promise<MorselResult>;

  constructor(
    budget: MemoryBudget,
    answer: (task: MorselTask, attempt: number) => MorselResult | Promise<MorselResult>,
  ) {
    this.allocator = new LeaseAllocator(MEMORY_BYTES, budget);
    this.#answer = answer;
  }

  async run(task: MorselTask): Promise<MorselResult> {
    this.tasks.push(task);
    return this.#answer(task, this.tasks.length);
  }
}

const roomOf = ({ arenaBegin, arenaEnd }: MorselTask) => arenaEnd - arenaBegin;

/** Where the input was written: `load` says so in the rows. */
function addressOf({ input }: MorselTask): number {
  if (input.kind !== 'columns') throw new Error('these morsels are columns');
  return input.rows;
}

/** A morsel of so many bytes, each of them `mark`. */
function load(inputBytes: number, mark = 7): MorselLoad {
  return {
    inputBytes,
    name: 'orders-3 from offset 17',
    write: (bytes, address) => {
      bytes.fill(mark, address, address + inputBytes);
      return { kind: 'columns', columns: [], firstRow: 0n, rows: address };
    },
  };
}

function setUp(
  answer: (task: MorselTask, attempt: number) => MorselResult | Promise<MorselResult>,
  limitBytes = 6 * MIB,
) {
  const budget = new MemoryBudget(limitBytes, () => dispatcher.memoryFreed());
  const worker = new FakeWorker(budget, answer);
  const dispatcher = new Dispatcher([worker]);
  return { budget, worker, dispatcher };
}

describe('Dispatcher', () => {
  it('writes the input before the room, and hands the lease to the caller', async () => {
    const { budget, worker, dispatcher } = setUp((task) => {
      expect(worker.bytes[addressOf(task) - 1]).toBe(0);
      expect(worker.bytes.subarray(addressOf(task), addressOf(task) + 1_000)).toEqual(
        new Uint8Array(1_000).fill(7),
      );
      expect(task.arenaBegin).toBeGreaterThanOrEqual(addressOf(task) + 1_000);
      return done(0);
    });
    const { lease } = await dispatcher.dispatch(worker, load(1_000))!;
    expect(lease.address % 64).toBe(0);
    expect(budget.usedBytes).toBe(lease.byteLength);
    lease.release();
    expect(budget.usedBytes).toBe(0);
  });

  it('runs a morsel again with twice the room, and gives the next one that at once', async () => {
    const need = 2 * MIB;
    const { budget, worker, dispatcher } = setUp((task) =>
      roomOf(task) < need ? { kind: 'full' } : done(need),
    );
    const first = await dispatcher.dispatch(worker, load(100_000))!;
    expect(worker.tasks.length).toBeGreaterThan(1);
    expect(budget.usedBytes).toBe(first.lease.byteLength);
    first.lease.release();
    const before = worker.tasks.length;
    const second = await dispatcher.dispatch(worker, load(100_000))!;
    expect(worker.tasks.length).toBe(before + 1);
    second.lease.release();
    expect(budget.usedBytes).toBe(0);
  });

  it('says which morsel is larger than a worker’s memory', async () => {
    const { budget, worker, dispatcher } = setUp(() => ({ kind: 'full' }), 100 * MIB);
    await expect(dispatcher.dispatch(worker, load(1_000))).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: expect.stringContaining('orders-3 from offset 17'),
    });
    expect(roomOf(worker.tasks.at(-1)!)).toBeGreaterThan(7 * MIB);
    expect(budget.usedBytes).toBe(0);
  });

  it('says what was computed where the memory did not do', async () => {
    const { dispatcher, worker } = setUp(() => ({ kind: 'full', expression: 'repeat(s, n)' }));
    await expect(dispatcher.dispatch(worker, load(1_000))).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: expect.stringMatching(/bytes that its worker has for it, at repeat\(s, n\); raise/),
      context: { expression: 'repeat(s, n)' },
    });
  });

  it('does a morsel again whose thread ended, with its input written anew', async () => {
    const { budget, worker, dispatcher } = setUp((task, attempt) => {
      expect(worker.bytes[addressOf(task)]).toBe(9);
      worker.bytes.fill(0);
      if (attempt === 1) throw new Error('gone');
      return done(0);
    });
    const { lease } = await dispatcher.dispatch(worker, load(1_000, 9))!;
    expect(worker.tasks).toHaveLength(2);
    lease.release();
    expect(budget.usedBytes).toBe(0);
  });

  it('gives up on a morsel that ended two threads', async () => {
    const cause = new Error('gone');
    const { budget, worker, dispatcher } = setUp(() => {
      throw cause;
    });
    await expect(dispatcher.dispatch(worker, load(1_000))).rejects.toMatchObject({
      ...{ code: 'WORKER_DIED', retry: 'never', cause },
      message: expect.stringContaining('orders-3 from offset 17'),
    });
    expect(worker.tasks).toHaveLength(2);
    expect(budget.usedBytes).toBe(0);
  });

  it('never gives up on a morsel that waited behind those that ended threads', async () => {
    const context = { bystander: true };
    const { worker, dispatcher } = setUp((_, attempt) => {
      if (attempt < 5) throw new MillraceError('gone', { code: 'WORKER_DIED', context });
      return done(0);
    });
    const { lease } = await dispatcher.dispatch(worker, load(1_000))!;
    expect(worker.tasks).toHaveLength(5);
    lease.release();
  });

  it('does not try a call again that took too long, and says where', async () => {
    const { budget, worker, dispatcher } = setUp(() => {
      const context = { udf: 0, function: 'f', skippable: false };
      throw new MillraceError('f() took longer', { code: 'UDF_TIMEOUT', context });
    });
    const place = { topic: 'orders', partition: 3, offset: 17n, nextOffset: 20n };
    await expect(dispatcher.dispatch(worker, { ...load(1_000), place })).rejects.toMatchObject({
      code: 'UDF_TIMEOUT',
      message: 'orders-3 from offset 17: f() took longer',
      context: { ...place, function: 'f' },
    });
    expect(worker.tasks).toHaveLength(1);
    expect(budget.usedBytes).toBe(0);
  });

  it('leaves out calls that ended threads or took too long, where they may be null', async () => {
    const dead = (udf: number, code: 'UDF_TIMEOUT' | 'WORKER_DIED') =>
      new MillraceError('gone', { code, context: { udf, skippable: true } });
    const { worker, dispatcher } = setUp((_, attempt) => {
      if (attempt === 1) throw dead(2, 'UDF_TIMEOUT');
      if (attempt <= 3) throw dead(0, 'WORKER_DIED');
      return done(0);
    });
    const { lease } = await dispatcher.dispatch(worker, load(1_000))!;
    const skipped = worker.tasks.map((task) => task.skippedUdfs);
    expect(skipped).toEqual([undefined, [2], [2], [2, 0]]);
    lease.release();
  });

  it('has functions given copies where they may have written to a morsel', async () => {
    const { worker, dispatcher } = setUp((_, attempt) => {
      if (attempt === 3) return done(0);
      return attempt === 2 ? { kind: 'again', copies: true } : { kind: 'again' };
    });
    const { lease } = await dispatcher.dispatch(worker, load(1_000))!;
    const copies = worker.tasks.map(({ copiesForUdfs }) => copiesForUdfs);
    expect(copies).toEqual([undefined, undefined, true]);
    lease.release();
  });

  it('passes on what the worker says of a morsel, as an error of ours', async () => {
    const context = { offset: 3n };
    const error = new MillraceError('bad', { code: 'BAD_MESSAGE', context }).toPlain();
    const { budget, worker, dispatcher } = setUp(() => ({ kind: 'failed', error }));
    await expect(dispatcher.dispatch(worker, load(1_000))).rejects.toMatchObject({
      code: 'BAD_MESSAGE',
      context: { offset: 3n },
    });
    expect(budget.usedBytes).toBe(0);
  });

  it('starts nothing where there is no memory; what grows waits for it, and is first', async () => {
    let need = 0;
    const { worker, dispatcher } = setUp((task) =>
      roomOf(task) < need ? { kind: 'full' } : done(0),
    );
    const first = await dispatcher.dispatch(worker, load(700_000))!;
    need = 3 * MIB;
    const growing = dispatcher.dispatch(worker, load(10_000))!;
    expect(dispatcher.dispatch(worker, load(700_000))).toBeUndefined();
    while (dispatcher.growing === 0) await new Promise(setImmediate);
    first.lease.release();
    expect(dispatcher.growing).toBe(0);
    const { lease } = await growing;
    expect(lease.byteLength).toBeGreaterThan(need);
    lease.release();
  });

  it('opens the worker with the least to do, until all are full', () => {
    const budget = new MemoryBudget(MIB, () => undefined);
    const workers = [2, 1, 0].map((queued) => {
      const worker = new FakeWorker(budget, () => done(0));
      worker.queued = queued;
      return worker;
    });
    const dispatcher = new Dispatcher(workers);
    expect(dispatcher.openWorker()).toBe(workers[2]);
    workers[2]!.queued = 2;
    expect(dispatcher.openWorker()).toBe(workers[1]);
    workers[1]!.queued = 2;
    expect(dispatcher.openWorker()).toBeUndefined();
  });
});
