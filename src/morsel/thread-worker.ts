/** One worker thread on its own memory; a thread that ends is replaced by another on the same. */
import { once } from 'node:events';
import { Piscina } from 'piscina';
import { MillraceError } from '../errors.ts';
import type { UdfProgram } from '../operators/udf/node.ts';
import { udfsOf } from '../operators/udf/programs.ts';
import { Beacon, type BeaconState } from './beacon.ts';
import { InlineCalls, type MorselInline } from './inline-calls.ts';
import { isInlineQuestion } from './inline-messages.ts';
import { LeaseAllocator, type MemoryBudget } from './memory.ts';
import { type MorselResult, type MorselTask, stepsOfSpec } from './morsel.ts';
import type { MorselWorker } from './scheduler.ts';
import { overdue, threadDied } from './thread-failure.ts';
import { type Overdue, UdfWatch } from './udf-watch.ts';
import type { Prepared, WorkerData, WorkerTask } from './worker.ts';

/** Morsels that a worker may have at once: one at work, one behind it so that it never waits. */
export const MAX_QUEUED_PER_WORKER = 2;
/** Heap of a thread that runs functions of the caller's, MiB: a leak ends the thread alone. */
export const UDF_HEAP_MIB = 512;
/** How long a thread that was told to end may take, ms; code outside of JavaScript may not end. */
const END_MS = 10_000;
const NOTHING: BeaconState = { task: 0, calls: 0 };

interface UnderWay {
  readonly controller: AbortController;
  /** Set where the task took too long; its error waits until the thread has ended. */
  overdue?: { readonly call: Overdue; readonly ended: Promise<unknown> };
}

/** A worker that is a thread. */
export class ThreadWorker implements MorselWorker {
  readonly bytes: Uint8Array<ArrayBufferLike>;
  readonly allocator: LeaseAllocator;
  queued = 0;
  readonly #pool: Piscina<WorkerTask, MorselResult | Prepared>;
  readonly #udfs: readonly UdfProgram[];
  readonly #beacon: Beacon;
  readonly #watch: UdfWatch;
  readonly #inline: InlineCalls;
  readonly #underWay = new Map<number, UnderWay>();
  #tasks = 0;
  // What the last thread that ended said.
  #lastWords = NOTHING;

  constructor(data: Omit<WorkerData, 'beacon'>, budget: MemoryBudget) {
    const { buffer } = data.memory;
    this.bytes = new Uint8Array(buffer);
    this.allocator = new LeaseAllocator(buffer.byteLength, budget);
    this.#udfs = udfsOf({ steps: stepsOfSpec(data.spec) });
    const beacon = Beacon.memory();
    this.#beacon = new Beacon(beacon);
    this.#watch = new UdfWatch(this.#beacon, this.#udfs, (call) => this.#endOverdue(call));
    this.#pool = newPool({ ...data, beacon }, this.#udfs.length > 0);
    // Each task's own rejection tells; without a listener the event would end the process.
    this.#pool.on('error', () => undefined);
    this.#watchThreads();
    const steps = stepsOfSpec(data.spec).filter((step) => step.kind === 'inline');
    this.#inline = new InlineCalls(steps, this.bytes);
    this.#pool.on('message', (message) => {
      if (isInlineQuestion(message)) void this.#inline.answer(message);
    });
  }

  get waits(): boolean {
    return this.#inline.waits;
  }

  // A thread that ends before it takes tasks has none that could be rejected: the pool would keep
  // those that wait for it for ever.
  #watchThreads(): void {
    let ready = false;
    this.#pool.on('workerCreate', () => {
      ready = true;
    });
    this.#pool.on('workerDestroy', () => {
      this.#lastWords = this.#beacon.read();
      // Or the next thread would seem to be at what this one was.
      this.#beacon.clear();
      if (!ready) for (const { controller } of this.#underWay.values()) controller.abort();
      ready = false;
    });
  }

  async run(morsel: MorselTask, inline?: MorselInline): Promise<MorselResult> {
    this.queued += 1;
    try {
      return (await this.#send({ kind: 'morsel', morsel }, inline)) as MorselResult;
    } finally {
      this.queued -= 1;
    }
  }

  /**
   * Settles when the thread has what it needs; rejects where it never will, as where a module of a
   * user function cannot be loaded.
   */
  async prepare(): Promise<void> {
    const prepared = (await this.#send({ kind: 'prepare' })) as Prepared;
    if (prepared.kind === 'failed') throw MillraceError.fromPlain(prepared.error);
  }

  async #send(
    work: DistributiveOmit<WorkerTask, 'number'>,
    inline?: MorselInline,
  ): Promise<MorselResult | Prepared> {
    this.#tasks = (this.#tasks % MAX_NUMBER) + 1;
    const number = this.#tasks;
    const task: UnderWay = { controller: new AbortController() };
    this.#underWay.set(number, task);
    if (inline !== undefined) this.#inline.begin(number, inline);
    this.#watch.start();
    try {
      const { signal } = task.controller;
      return await this.#pool.run({ ...work, number } as WorkerTask, { signal });
    } catch (error) {
      throw await this.#failure(number, task, error);
    } finally {
      this.#underWay.delete(number);
      this.#inline.end(number);
      if (this.#underWay.size === 0) this.#watch.stop();
    }
  }

  async #failure(number: number, task: UnderWay, error: unknown): Promise<MillraceError> {
    const lastWords = this.#lastWords;
    if (task.overdue === undefined) return threadDied(number, lastWords, this.#udfs, error);
    // Until then the thread may write to what it was given.
    await task.overdue.ended;
    return overdue(task.overdue.call, this.#udfs);
  }

  #endOverdue(call: Overdue): void {
    const task = this.#underWay.get(call.task);
    const [thread] = this.#pool.threads;
    if (task === undefined || thread === undefined) return;
    const ended = Promise.race([once(thread, 'exit'), delay(END_MS)]);
    task.overdue = { call, ended };
    task.controller.abort();
  }

  close(): Promise<void> {
    this.#watch.stop();
    return this.#pool.destroy();
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Numbers of tasks begin again behind this; the beacon has 32 bits for them. */
const MAX_NUMBER = 2 ** 31 - 1;

function newPool(data: WorkerData, hasUdfs: boolean): Piscina<WorkerTask, MorselResult | Prepared> {
  // Node runs the sources in the repository and the compiled files in the package.
  const entry = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  return new Piscina({
    filename: new URL(entry, import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: MAX_QUEUED_PER_WORKER,
    recordTiming: false,
    workerData: data,
    ...(hasUdfs ? { resourceLimits: { maxOldGenerationSizeMb: UDF_HEAP_MIB } } : {}),
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
