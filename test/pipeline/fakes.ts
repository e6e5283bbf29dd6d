/** A pipeline's parts without broker, threads or time: the test plays them. */
import type { MillraceError } from '../../src/errors.ts';
import type { OffsetCommit } from '../../src/ingest/client.ts';
import type { Dispatched } from '../../src/morsel/dispatcher.ts';
import { Dispatcher } from '../../src/morsel/dispatcher.ts';
import { LeaseAllocator, MemoryBudget } from '../../src/morsel/memory.ts';
import type { MorselDone, MorselResult, MorselTask } from '../../src/morsel/morsel.ts';
import type { MorselWorker } from '../../src/morsel/scheduler.ts';
import type { Feed, FeedControl, FeedListener, Morsel } from '../../src/pipeline/feed.ts';
import type { Outlet, Parcel } from '../../src/pipeline/outlet.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import type { PartitionHooks } from '../../src/run.ts';
import { ARENA_BASE } from '../../src/wasm/module.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';

export const MIB = 1024 * 1024;
export const TOPIC = 'orders';

/** What a worker answers for a morsel, known by its index in the feed. */
export type Answer = (
  index: number,
  roomBytes: number,
) => Partial<MorselDone> | MorselResult | Promise<Partial<MorselDone> | MorselResult>;

/** A worker that answers as the test says. */
export class FakeWorker implements MorselWorker {
  readonly bytes: Uint8Array;
  readonly allocator: LeaseAllocator;
  queued = 0;
  readonly #answer: Answer;

  constructor(memoryBytes: number, budget: MemoryBudget, answer: Answer) {
    this.bytes = new Uint8Array(memoryBytes);
    this.allocator = new LeaseAllocator(memoryBytes, budget);
    this.#answer = answer;
  }

  async run({ input, arenaBegin, arenaEnd }: MorselTask): Promise<MorselResult> {
    if (input.kind !== 'columns') throw new Error('the fake feed gives columns');
    this.queued += 1;
    try {
      const answer = await this.#answer(input.rows, arenaEnd - arenaBegin);
      if ('kind' in answer && answer.kind !== 'done') return answer as MorselResult;
      const timings = { decodeMs: 0, operateMs: 0, encodeMs: 0 };
      const plain = { kind: 'done', rowsIn: 1, sunk: [] } as const;
      return { ...plain, arenaUsedBytes: arenaEnd - arenaBegin, timings, ...answer };
    } finally {
      this.queued -= 1;
    }
  }
}

/** Gives one morsel after the other, one record each by default, all of one partition. */
export class FakeFeed implements Feed {
  readonly lag = 0;
  readonly commits: OffsetCommit[] = [];
  readonly calls: string[] = [];
  listener!: FeedListener;
  /** What can be done with its partition; by default nothing. */
  control?: FeedControl;
  available: number;
  readonly #inputBytes: number;
  readonly #records: number;
  readonly #ends: boolean;
  #next = 0;
  startError: unknown;
  commitError: unknown;

  constructor(
    morsels: number,
    options: { inputBytes?: number; records?: number; ends?: boolean } = {},
  ) {
    this.available = morsels;
    this.#records = options.records ?? 1;
    this.#inputBytes = options.inputBytes ?? 1_000;
    this.#ends = options.ends ?? true;
  }

  get exhausted(): boolean {
    return this.#ends && this.#next === this.available;
  }

  async start(listener: FeedListener): Promise<void> {
    this.calls.push('start');
    this.listener = listener;
    if (this.startError !== undefined) throw this.startError;
    await listener.onAssign([{ topic: TOPIC, partition: 0, position: 0n }]);
  }

  /** With `partial`, what there is fills no morsel: only an idle pipeline gets it. */
  partial = false;

  next(idle: boolean): Morsel | undefined {
    if (this.#next === this.available || (this.partial && !idle)) return undefined;
    const index = this.#next;
    this.#next += 1;
    const inputBytes = this.#inputBytes;
    const write = () => ({ kind: 'columns', columns: [], firstRow: 0n, rows: index }) as const;
    const records = this.#records;
    return {
      ...{ topic: TOPIC, partition: 0, records },
      ...{ firstOffset: BigInt(index * records), nextOffset: BigInt((index + 1) * records) },
      load: { inputBytes, name: `${TOPIC}-0 from offset ${index}`, write },
    };
  }

  dueMs(): undefined {
    return undefined;
  }

  async commit(offsets: readonly OffsetCommit[]): Promise<void> {
    if (this.commitError !== undefined) throw this.commitError;
    this.commits.push(...offsets);
  }

  async stop(): Promise<void> {
    this.calls.push('stop');
    this.available = this.#next;
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }
}

/** Keeps what it is given until the test settles it; `takes` morsels settle at once. */
export class FakeOutlet implements Outlet {
  handsOver = false;
  ready = true;
  relaxed = true;
  messages = 0;
  bytes = 0;
  readonly accepted: {
    dispatched: Dispatched;
    settled: (error?: Error) => void;
    /** What an outlet asks before it hands something over. */
    wanted: () => boolean;
  }[] = [];
  readonly #atOnce: boolean;
  #closed = false;
  #idle: (() => void)[] = [];
  pending = 0;
  readonly sinks = [];

  constructor({ atOnce = true }: { atOnce?: boolean } = {}) {
    this.#atOnce = atOnce;
  }

  accept(dispatched: Dispatched, { settled, wanted }: Parcel): number {
    this.pending += 1;
    const settle = (error?: Error) => {
      this.pending -= 1;
      dispatched.lease.release();
      if (error === undefined) this.messages += 1;
      settled(error as MillraceError | undefined);
      if (this.pending === 0) for (const resolve of this.#idle.splice(0)) resolve();
    };
    this.accepted.push({ dispatched, settled: settle, wanted });
    if (this.#atOnce && !this.#closed) queueMicrotask(() => settle());
    return 1;
  }

  async flush(): Promise<void> {
    if (this.pending > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  close(): void {
    this.#closed = true;
  }
}

/** Lets `forMs` of simulated time pass. */
export async function pass(clock: VirtualClock, forMs: number): Promise<void> {
  let over = false;
  clock.after(forMs, () => {
    over = true;
  });
  await clock.run(
    () => over,
    Number.POSITIVE_INFINITY,
    () => '',
  );
}

/** A pipeline of fakes. */
export function fakePipeline(options: {
  readonly feed: FakeFeed;
  /** All feeds, where there are several. */
  readonly feeds?: readonly FakeFeed[];
  readonly outlet?: FakeOutlet;
  readonly answer?: Answer;
  readonly workers?: number;
  readonly budgetBytes?: number;
  readonly memoryBytes?: number;
  readonly limit?: number;
  readonly autoCommit?: boolean;
  readonly commitIntervalMs?: number;
  readonly hooks?: PartitionHooks;
}) {
  const { feed, outlet = new FakeOutlet(), answer = () => ({}), workers: count = 1 } = options;
  const { budgetBytes = 64 * MIB, memoryBytes = ARENA_BASE + 64 * MIB } = options;
  const { limit, feeds = [feed] } = options;
  const clock = new VirtualClock();
  const ends = [
    {
      sink: 0,
      output: { fields: [] },
      needs: [],
      limits: limit === undefined ? [] : [0],
      looksOn: false,
    },
  ];
  const budget = new MemoryBudget(budgetBytes, () => {
    dispatcher.memoryFreed();
    pipeline.pump();
  });
  const workers = Array.from({ length: count }, () => new FakeWorker(memoryBytes, budget, answer));
  const dispatcher = new Dispatcher(workers, () => pipeline.pump());
  const disposed = { times: 0 };
  const pipeline: Pipeline = new Pipeline({
    ...{ clock, budget, dispatcher, outlet },
    limits: limit === undefined ? [] : [limit],
    inputs: feeds.map((one) => ({
      feed: one,
      commitIntervalMs: options.commitIntervalMs ?? 100,
      ...{ autoCommit: options.autoCommit ?? true, hooks: options.hooks ?? {}, ends },
    })),
    dispose: async () => {
      disposed.times += 1;
    },
  });
  return { pipeline, clock, budget, feed, outlet, disposed };
}
