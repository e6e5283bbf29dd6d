/** Keeps a member alive, and hears from the answers when the group moves on. */

import { isFencingError, isPassing, kafkaErrorOf } from './errors.ts';
import { pause } from './retry.ts';

/** What a heartbeat needs of its session, and how often. */
export interface HeartbeatOptions {
  readonly intervalMs: number;
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
  /** Resolves when the group rebalances: this member should give its partitions back and rejoin. */
  readonly rebalance: Promise<void>;
  /** Resolves when the group has gone on without this member; the beating has ended then. */
  readonly lost: Promise<void>;
  readonly #options: HeartbeatOptions;
  readonly #stop = new AbortController();
  readonly #announce: () => void;
  readonly #lose: () => void;
  #running: Promise<void> = Promise.resolve();
  #isLost = false;

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

  start(): void {
    this.#running = this.#beat();
  }

  /** Ends the beating; resolves when none is on its way any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #beat(): Promise<void> {
    const { intervalMs, sessionTimeoutMs, send } = this.#options;
    const { signal } = this.#stop;
    let answeredAt = performance.now();
    while (!signal.aborted) {
      try {
        await pause(intervalMs, signal);
        await send();
        answeredAt = performance.now();
      } catch (error) {
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
        this.#isLost = true;
        return this.#lose();
      }
    }
  }
}
