/**
 * Seeded schedules of inline functions: workers that are slow, die, or want more memory, and a
 * pipeline that is the real one. A partition's batches come to each function in order, once each,
 * one after the other, and nothing ever waits for itself.
 */
import { expect, test } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { Dispatcher } from '../../src/morsel/dispatcher.ts';
import {
  InlineCalls,
  type InlineProduct,
  InlineTurns,
  type MorselInline,
} from '../../src/morsel/inline-calls.ts';
import { InlineOrders } from '../../src/morsel/inline-order.ts';
import { LeaseAllocator, MemoryBudget } from '../../src/morsel/memory.ts';
import type { MorselResult, MorselTask } from '../../src/morsel/morsel.ts';
import type { MorselWorker } from '../../src/morsel/scheduler.ts';
import type { CompiledInline } from '../../src/operators/inline/run-inline.ts';
import type { Feed, FeedListener, Morsel } from '../../src/pipeline/feed.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { ARENA_BASE } from '../../src/wasm/module.ts';
import { FakeOutlet, MIB, TOPIC } from '../pipeline/fakes.ts';
import { Chance, VirtualClock } from './virtual-clock.ts';

const SCHEDULES = Number(process.env.MILLRACE_SCHEDULES ?? 40);
const PARTITIONS = 3;
const MORSELS = 40;
const WORKERS = 3;
/** Numbers of the steps; between them a worker computes. */
const STEPS = [1, 2] as const;
const MEMORY_BYTES = ARENA_BASE + 24 * MIB;
const memories = Array.from({ length: WORKERS }, () => new Uint8Array(MEMORY_BYTES));
const EMPTY = { layout: new Uint32Array(0), buffer: new ArrayBuffer(0) };
const compiled = STEPS.map(
  (number): CompiledInline => ({
    ...{ kind: 'inline', what: 'filter', number, name: `f${number}`, keeps: [] },
    ...{ hands: { fields: [] }, returns: { fields: [] } },
  }),
);

/** A thread: one task after the other, in the order in which they came. */
class SimThread implements MorselWorker {
  readonly bytes: Uint8Array;
  readonly allocator: LeaseAllocator;
  readonly #calls: InlineCalls;
  readonly #world: World;
  queued = 0;
  #tasks = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(bytes: Uint8Array, budget: MemoryBudget, world: World) {
    this.bytes = bytes;
    this.allocator = new LeaseAllocator(MEMORY_BYTES, budget);
    this.#calls = new InlineCalls(compiled, bytes);
    this.#world = world;
  }

  get waits(): boolean {
    return this.#calls.waits;
  }

  async run(task: MorselTask, inline?: MorselInline): Promise<MorselResult> {
    this.#tasks += 1;
    const number = this.#tasks;
    this.queued += 1;
    this.#calls.begin(number, inline!);
    const result = this.#tail.then(() => this.#work(number, task));
    this.#tail = result.catch(() => undefined);
    return result.finally(() => {
      this.queued -= 1;
      this.#calls.end(number);
    });
  }

  async #work(task: number, { input, arenaBegin, arenaEnd }: MorselTask): Promise<MorselResult> {
    if (input.kind !== 'columns') throw new Error('the feed gives columns');
    const index = input.rows;
    const world = this.#world;
    const need = world.needs.get(index) ?? 0;
    for (const number of STEPS) {
      await world.pause();
      // Found out before a function, between two, or behind both.
      if (arenaEnd - arenaBegin < need && world.chance.happens(0.4)) return { kind: 'full' };
      if (world.chance.happens(0.1)) continue; // No row is left.
      const batch = { ...EMPTY, rows: index + 1 };
      const asked = this.#calls.ask(task, { kind: 'call', number, batch });
      if (world.dies(index)) {
        asked.catch(() => undefined);
        await world.pause();
        throw new MillraceError('died', { code: 'WORKER_DIED' });
      }
      const answer = await asked.catch((error) => error as MillraceError);
      if (answer instanceof MillraceError) return { kind: 'failed', error: answer.toPlain() };
      if (answer.kind === 'again') return answer;
      expect(answer).toEqual({ kind: 'mask', mask: new Uint8Array(index + 1).fill(number) });
    }
    if (arenaEnd - arenaBegin < need) return { kind: 'full' };
    const timings = { decodeMs: 0, operateMs: 0, encodeMs: 0 };
    return { kind: 'done', rowsIn: 1, sunk: [], arenaUsedBytes: need, timings };
  }
}

/** What a schedule decides. */
class World {
  readonly clock = new VirtualClock();
  readonly chance: Chance;
  /** Bytes of arena that a morsel wants. */
  readonly needs = new Map<number, number>();
  readonly #died = new Set<number>();

  constructor(seed: number) {
    this.chance = new Chance(seed);
    for (let index = 0; index < MORSELS; index++) {
      if (this.chance.happens(0.3)) this.needs.set(index, this.chance.between(1, 3) * MIB);
    }
  }

  pause(): Promise<void> {
    return new Promise((resolve) => this.clock.after(this.chance.between(0, 20), resolve));
  }

  /** Each morsel ends one thread at most: a second time ends the run. */
  dies(index: number): boolean {
    if (this.#died.has(index) || !this.chance.happens(0.05)) return false;
    this.#died.add(index);
    return true;
  }
}

/** Morsels of several partitions, one behind the other. */
class LanesFeed implements Feed {
  readonly lag = 0;
  readonly partitionOf: readonly number[];
  #next = 0;
  #stopped = false;

  constructor({ chance }: World) {
    this.partitionOf = Array.from({ length: MORSELS }, () => chance.between(0, PARTITIONS - 1));
  }

  get exhausted(): boolean {
    return this.#next === MORSELS;
  }

  async start(listener: FeedListener): Promise<void> {
    const own = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    await listener.onAssign(own.map((partition) => ({ topic: TOPIC, partition, position: 0n })));
  }

  next(): Morsel | undefined {
    if (this.exhausted || this.#stopped) return undefined;
    const index = this.#next;
    this.#next += 1;
    return {
      ...{ topic: TOPIC, partition: this.partitionOf[index]!, records: 1 },
      ...{ firstOffset: BigInt(index), nextOffset: BigInt(index + 1) },
      load: {
        inputBytes: 1_000,
        name: `morsel ${index}`,
        write: () => ({ kind: 'columns', columns: [], firstRow: 0n, rows: index }),
      },
    };
  }

  dueMs(): undefined {
    return undefined;
  }

  async commit(): Promise<void> {}

  async stop(): Promise<void> {
    this.#stopped = true;
  }

  async close(): Promise<void> {}
}

/** Runs a schedule; answers the morsels that each function of each partition was called for. */
async function schedule(seed: number, { poison = -1, replays = true } = {}) {
  const world = new World(seed);
  const feed = new LanesFeed(world);
  const calls = new Map<string, number[]>();
  const busy = new Set<string>();
  const call = async (step: number, { numRows }: { numRows: number }) => {
    const index = numRows - 1;
    const key = `${feed.partitionOf[index]}/${step}`;
    if (replays) expect(busy.has(key), `seed ${seed}: ${key} overlaps`).toBe(false);
    busy.add(key);
    calls.set(key, [...(calls.get(key) ?? []), index]);
    await world.pause();
    busy.delete(key);
    if (index === poison) throw new Error('poison');
    return new Uint8Array(numRows).fill(step);
  };
  const onWait = () => pipeline.pump();
  const orders = new InlineOrders<InlineProduct>({ replays, onWait });
  const budget = new MemoryBudget(5 * MIB, () => {
    dispatcher.memoryFreed();
    pipeline.pump();
  });
  const workers = memories.map((bytes) => new SimThread(bytes, budget, world));
  const dispatcher = new Dispatcher(workers, () => pipeline.pump());
  const pipeline: Pipeline = new Pipeline({
    ...{ clock: world.clock, budget, dispatcher, outlet: new FakeOutlet(), limits: [] },
    inputs: [{ feed, commitIntervalMs: 1_000, ends: [] }],
    inline: new InlineTurns(call, orders),
    dispose: async () => undefined,
  });
  await pipeline.start();
  let error: unknown;
  let over = false;
  pipeline.closed
    .catch((reason) => {
      error = reason;
    })
    .finally(() => {
      over = true;
    });
  await world.clock.run(
    () => over,
    60_000,
    () => `seed ${seed}: ${JSON.stringify(pipeline.stats())}`,
  );
  return { calls, error, stats: pipeline.stats(), partitionOf: feed.partitionOf };
}

const ascending = (indexes: readonly number[]) => [...new Set(indexes)].sort((a, b) => a - b);

test('batches of a partition come to a function in order, and once', async () => {
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const { calls, error, stats } = await schedule(seed);
    expect(error, `seed ${seed}`).toBeUndefined();
    expect(stats).toMatchObject({ state: 'closed', messagesIn: MORSELS });
    for (const [key, indexes] of calls) {
      expect(indexes, `seed ${seed}: ${key}`).toEqual(ascending(indexes));
    }
  }
}, 120_000);

test('calls that cannot stand for a second time are made again, and nothing hangs', async () => {
  let twice = 0;
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const { calls, error, stats } = await schedule(seed, { replays: false });
    expect(error, `seed ${seed}`).toBeUndefined();
    expect(stats).toMatchObject({ state: 'closed', messagesIn: MORSELS });
    const firsts = [...calls.values()].map((indexes) => [...new Set(indexes)]);
    for (const indexes of firsts) expect(indexes).toEqual(ascending(indexes));
    twice += [...calls.values()].flat().length - firsts.flat().length;
  }
  expect(twice).toBeGreaterThan(0);
}, 120_000);

test('behind a batch on which a function fails none of its partition is shown', async () => {
  let failures = 0;
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const poison = seed % MORSELS;
    const { calls, error, partitionOf } = await schedule(seed, { poison });
    const seen = [...calls.values()].flat().includes(poison);
    if (!seen) continue;
    failures += 1;
    expect(error, `seed ${seed}`).toMatchObject({ code: 'CONSUMER_FAILED' });
    for (const step of STEPS) {
      const indexes = calls.get(`${partitionOf[poison]}/${step}`) ?? [];
      if (indexes.includes(poison)) expect(indexes.at(-1), `seed ${seed}`).toBe(poison);
    }
  }
  expect(failures).toBeGreaterThan(SCHEDULES / 2);
}, 120_000);
