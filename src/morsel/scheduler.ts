/**
 * The worker threads, and which of them gets the next morsel. Bytes are copied into a worker's own
 * memory before a morsel is dispatched, so each thread is a pool of its own.
 */
import { Piscina } from 'piscina';
import { MillraceError } from '../errors.ts';
import { ARENA_BASE, createMemory, loadModule } from '../wasm/module.ts';
import { LeaseAllocator, type MemoryBudget } from './memory.ts';
import type { EngineSpec, MorselResult, MorselTask } from './morsel.ts';
import type { WorkerData } from './worker.ts';

const MEBIBYTE = 1024 * 1024;
const MIN_ARENA_BYTES = 256 * MEBIBYTE;
const MAX_MEMORY_BYTES = 2048 * MEBIBYTE - 65_536;

/** Morsels that a worker may have at once: one at work, one behind it so that it never waits. */
export const MAX_QUEUED_PER_WORKER = 2;

/** One worker as the dispatcher sees it. */
export interface MorselWorker {
  /** The worker's whole memory, seen from the main thread. */
  readonly bytes: Uint8Array<ArrayBufferLike>;
  readonly allocator: LeaseAllocator;
  /** Morsels dispatched and not answered. */
  readonly queued: number;
  /**
   * Runs one morsel; results point into its lease.
   *
   * Rejects with `WORKER_DIED` where the thread ended meanwhile; the next call runs on a new one.
   */
  run(task: MorselTask): Promise<MorselResult>;
}

/** The workers of one run. */
export interface MorselWorkers {
  readonly workers: readonly MorselWorker[];
  /** Ends the threads; morsels under way reject. */
  close(): Promise<void>;
}

class ThreadWorker implements MorselWorker {
  readonly bytes: Uint8Array<ArrayBufferLike>;
  readonly allocator: LeaseAllocator;
  queued = 0;
  readonly #pool: Piscina<MorselTask, MorselResult>;
  readonly #underWay = new Set<AbortController>();

  constructor(data: WorkerData, budget: MemoryBudget) {
    const { buffer } = data.memory;
    this.bytes = new Uint8Array(buffer);
    this.allocator = new LeaseAllocator(buffer.byteLength, budget);
    // Node runs the sources in the repository and the compiled files in the package.
    const entry = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
    this.#pool = new Piscina({
      filename: new URL(entry, import.meta.url).href,
      minThreads: 1,
      maxThreads: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      concurrentTasksPerWorker: MAX_QUEUED_PER_WORKER,
      recordTiming: false,
      workerData: data,
    });
    // Each task's own rejection tells; without a listener the event would end the process.
    this.#pool.on('error', () => undefined);
    this.#watchStart();
  }

  // A thread that ends before it takes tasks has none that could be rejected: the pool would keep
  // those that wait for it for ever.
  #watchStart(): void {
    let ready = false;
    this.#pool.on('workerCreate', () => {
      ready = true;
    });
    this.#pool.on('workerDestroy', () => {
      if (!ready) for (const task of this.#underWay) task.abort();
      ready = false;
    });
  }

  async run(task: MorselTask): Promise<MorselResult> {
    this.queued += 1;
    const controller = new AbortController();
    this.#underWay.add(controller);
    try {
      return await this.#pool.run(task, { signal: controller.signal });
    } catch (error) {
      throw new MillraceError('a worker thread ended while it worked on a morsel', {
        code: 'WORKER_DIED',
        cause: error,
      });
    } finally {
      this.#underWay.delete(controller);
      this.queued -= 1;
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

/**
 * Starts worker threads, each with an engine for `spec` and a memory that can hold twice what the
 * budget lets out (pages that nothing touches take no room).
 */
export function startWorkers(spec: EngineSpec, count: number, budget: MemoryBudget): MorselWorkers {
  const module = loadModule();
  const arenaBytes = Math.max(MIN_ARENA_BYTES, 2 * budget.limitBytes);
  const memoryBytes = Math.min(ARENA_BASE + arenaBytes, MAX_MEMORY_BYTES);
  const workers = Array.from(
    { length: count },
    () => new ThreadWorker({ module, memory: createMemory(memoryBytes), spec }, budget),
  );
  return {
    workers,
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
