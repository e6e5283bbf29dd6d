/** Those who wait for a condition of a pipeline. */
import type { Clock } from '../clock.ts';

interface Waiter {
  readonly done: () => boolean;
  readonly resolve: () => void;
}

/** Bounded by the callers: each waits for one thing at a time. */
export class Waiters {
  #waiting: readonly Waiter[] = [];

  /** Settles when `done` is true; it is asked now, and whenever `settle` is called. */
  until(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = [...this.#waiting, { done, resolve }];
    });
  }

  /** Something has changed. */
  settle(): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ done }) => !done());
    for (const waiter of waiting) if (!this.#waiting.includes(waiter)) waiter.resolve();
  }
}

/** Settles with `settled`, or after so many milliseconds. */
export async function atMost(clock: Clock, limitMs: number, settled: Promise<void>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const cancel = clock.after(limitMs, over.resolve);
  await Promise.race([settled, over.promise]);
  cancel();
}
