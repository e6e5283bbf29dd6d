/**
 * The worker threads, and which of them gets the next morsel. Bytes are copied into a worker's own
 * memory before a morsel is dispatched, so each thread is a pool of its own.
 */
import { udfsOf } from '../operators/udf/programs.ts';
import { ARENA_BASE, createMemory, loadModule } from '../wasm/module.ts';
import type { MorselInline } from './inline-calls.ts';
import type { LeaseAllocator, MemoryBudget } from './memory.ts';
import { type EngineSpec, type MorselResult, type MorselTask, stepsOfSpec } from './morsel.ts';
import { ThreadWorker } from './thread-worker.ts';

const MEBIBYTE = 1024 * 1024;
const MIN_ARENA_BYTES = 256 * MEBIBYTE;
const MAX_MEMORY_BYTES = 2048 * MEBIBYTE - 65_536;

/** One worker as the dispatcher sees it. */
export interface MorselWorker {
  /** The worker's whole memory, seen from the main thread. */
  readonly bytes: Uint8Array<ArrayBufferLike>;
  readonly allocator: LeaseAllocator;
  /** Morsels dispatched and not answered. */
  readonly queued: number;
  /** Whether it sleeps until morsels before the one it is at have passed an inline function. */
  readonly waits?: boolean;
  /**
   * Runs one morsel, behind those that are queued; results point into its lease.
   *
   * @param inline calls the plan's inline functions; absent: it has none.
   *
   * Rejects with `WORKER_DIED` where the thread ended meanwhile, with `UDF_TIMEOUT` where it was
   * ended because a user function took too long (`DeathContext` says more); the next call runs on a
   * new one.
   */
  run(task: MorselTask, inline?: MorselInline): Promise<MorselResult>;
}

/** The workers of one run. */
export interface MorselWorkers {
  readonly workers: readonly MorselWorker[];
  /**
   * Settles when the threads can begin; rejects where they never will, since a user function cannot
   * be loaded. Absent: they can.
   */
  ready?(): Promise<void>;
  /** Ends the threads; morsels under way reject. */
  close(): Promise<void>;
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
  const close = async () => {
    await Promise.all(workers.map((worker) => worker.close()));
  };
  if (udfsOf({ steps: stepsOfSpec(spec) }).length === 0) return { workers, close };
  const ready = async () => {
    await Promise.all(workers.map((worker) => worker.prepare()));
  };
  return { workers, ready, close };
}
