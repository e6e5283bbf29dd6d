/** Notices from the main thread that a user function takes too long. */
import type { UdfProgram } from '../operators/udf/node.ts';
import type { Beacon, BeaconState } from './beacon.ts';

/** The longest that the module of a function may take to load, ms. */
export const LOAD_TIMEOUT_MS = 30_000;
/** How often it is looked, ms: a share of the shortest limit, within these bounds. */
const LOOK_SHARE = 1 / 8;
const LOOK_MIN_MS = 5;
const LOOK_MAX_MS = 250;

/** A call that took too long. */
export interface Overdue {
  /** Number of the task that the call belongs to. */
  readonly task: number;
  readonly udf: number;
  readonly loading: boolean;
  readonly limitMs: number;
}

/**
 * Watches one thread's beacon. The time of a call counts from when it is first seen, by this
 * thread's clock, and in steps: where this thread or the whole process stood still meanwhile, that
 * is not held against the call.
 */
export class UdfWatch {
  readonly #beacon: Beacon;
  readonly #limits: readonly number[];
  readonly #onOverdue: (overdue: Overdue) => void;
  readonly #lookMs: number;
  #timer: NodeJS.Timeout | undefined;
  #seen: BeaconState | undefined;
  #seenMs = 0;
  #lookedMs = 0;

  constructor(
    beacon: Beacon,
    programs: readonly UdfProgram[],
    onOverdue: (overdue: Overdue) => void,
  ) {
    this.#beacon = beacon;
    this.#limits = programs.map(({ udf }) => udf.timeoutMs);
    this.#onOverdue = onOverdue;
    const shortest = Math.min(...this.#limits) * LOOK_SHARE;
    this.#lookMs = Math.min(Math.max(shortest, LOOK_MIN_MS), LOOK_MAX_MS);
  }

  /** Watches from now on; the timer keeps no process alive. */
  start(): void {
    if (this.#timer !== undefined || this.#limits.length === 0) return;
    this.#lookedMs = performance.now();
    this.#timer = setInterval(() => this.#look(), this.#lookMs).unref();
  }

  /** Nothing is under way. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#seen = undefined;
  }

  #look(): void {
    const now = performance.now();
    const passedMs = Math.min(now - this.#lookedMs, this.#lookMs * 2);
    this.#lookedMs = now;
    const state = this.#beacon.read();
    const { call, task, calls } = state;
    const same = this.#seen?.calls === calls && this.#seen.task === task;
    this.#seen = call === undefined ? undefined : state;
    if (call === undefined) return;
    this.#seenMs = same ? this.#seenMs + passedMs : 0;
    const limitMs = call.loading ? LOAD_TIMEOUT_MS : this.#limits[call.udf]!;
    if (this.#seenMs < limitMs) return;
    this.#seen = undefined;
    this.#onOverdue({ task, ...call, limitMs });
  }
}
