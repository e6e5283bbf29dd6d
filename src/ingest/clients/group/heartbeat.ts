/** Keeps a member alive, and hears from the answers when the group moves on. */

import { isFencingError, isPassing, kafkaErrorOf } from '../kafka-errors.ts';
import { pause } from '../retry.ts';

/** What a heartbeat needs of its session, and how often. */
export interface HeartbeatOptions {
  /** The pause after each answer, ms; asked for each time. */
  readonly intervalMs: () => number;
  /** After so long without an answer the group has given this member up, ms. */
  readonly sessionTimeoutMs: number;
  /** Sends one; rejects with Kafka's refusal. */
  readonly send: () => Promise<void>;
}

/**
 * Beats from `start` to `stop`, also while a rebalance is announced: a member that drains its work
 * must not be taken for dead.
 */
export class Heartbeat {
  /** Resolves when a classic group rebalances: this member should rejoin. */
  readonly rebalance: Promise<void>;
  /** Resolves when the group has gone on without this member; the beating has ended then. */
  readonly lost: Promise<void>;
  readonly #options: HeartbeatOptions;
  readonly #stop = new AbortController();
  readonly #announce: () => void;
  readonly #lose: () => void;
  #running: Promise<void> = Promise.resolve();
  #isLost = false;
  #lostBy: string | undefined;
  #pausing = new AbortController();
  /** Somebody asked for a beat since the last one went out. */
  #isHurried = false;
  /** Who waits for the answer to the next one. */
  #waiting: (() => void)[] = [];

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    const rebalance = Promise.withResolvers<void>();
    const lost = Promise.withResolvers<void>();
    this.rebalance = rebalance.promise;
    this.lost = lost.promise;
    this.#announce = rebalance.resolve;
    this.#lose = lost.resolve;
  }

  /** Whether {@link lost} has resolved. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Kafka's name of the refusal that ended it; undefined: none came. */
  get lostBy(): string | undefined {
    return this.#lostBy;
  }

  start(): void {
    this.#running = this.#beat();
  }

  /** Sends one without waiting for its time; resolves when it was answered, or none will be. */
  async beatNow(): Promise<void> {
    if (this.#isLost || this.#stop.signal.aborted) return;
    const answered = new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isHurried = true;
    this.#pausing.abort();
    await answered;
  }

  /** Ends the beating; resolves when none is on its way any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #beat(): Promise<void> {
    try {
      await this.#beatUntilLost();
    } finally {
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }

  async #beatUntilLost(): Promise<void> {
    const { sessionTimeoutMs, send } = this.#options;
    const { signal } = this.#stop;
    let answeredAt = performance.now();
    while (!signal.aborted) {
      const asked = await this.#untilDue();
      if (signal.aborted) return;
      try {
        await send();
        answeredAt = performance.now();
        for (const resolve of asked) resolve();
      } catch (error) {
        this.#waiting.push(...asked);
        if (signal.aborted) return;
        const name = kafkaErrorOf(error);
        if (name === 'REBALANCE_IN_PROGRESS') {
          answeredAt = performance.now();
          this.#announce();
          continue;
        }
        // A lost connection or a coordinator that moves passes, until the session would be over.
        const expired = performance.now() - answeredAt > sessionTimeoutMs;
        if (!isFencingError(name) && !expired && isPassing(error)) continue;
        this.#lostBy = name;
        this.#isLost = true;
        return this.#lose();
      }
    }
  }

  // The pause, cut short where somebody asks for a beat; answers who did. After a failure the
  // pause is held all the same: those who asked then wait for the next one.
  async #untilDue(): Promise<(() => void)[]> {
    this.#pausing = new AbortController();
    const due = AbortSignal.any([this.#stop.signal, this.#pausing.signal]);
    try {
      if (!this.#isHurried) await pause(this.#options.intervalMs(), due);
    } catch (error) {
      if (!due.aborted) throw error;
    }
    this.#isHurried = false;
    return this.#waiting.splice(0);
  }
}
