/** Time as a dependency, so that everything that waits can be simulated. */

/** Where the time comes from. */
export interface Clock {
  /** Milliseconds on a clock that never goes back; only differences mean something. */
  nowMs(): number;
  /** Calls `callback` once, `delayMs` from now; the returned function takes it back. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's monotonic clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Settles `delayMs` from now, or at once when `signal` is aborted; never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
