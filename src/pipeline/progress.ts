/** Tells a run's listeners its figures, and survives what they throw. */
import type { Clock } from '../clock.ts';
import { MillraceError } from '../errors.ts';
import type { RunStats } from '../run.ts';

type Listener = (stats: RunStats) => void;

/** The listeners of one run. */
export class Progress {
  readonly #listeners = new Set<Listener>();

  /** Returns what takes the listener away again. */
  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Calls every listener; `onError` learns of each that throws, as `CONSUMER_FAILED`. */
  tell(stats: RunStats, onError: (error: MillraceError) => void): void {
    for (const listener of this.#listeners) {
      try {
        listener(stats);
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        onError(
          new MillraceError(`a progress listener failed: ${message}`, {
            code: 'CONSUMER_FAILED',
            cause,
          }),
        );
      }
    }
  }
}

/** Acts again and again, `intervalMs` after each time; returns what ends it. */
export function every(clock: Clock, intervalMs: number, act: () => void): () => void {
  let cancel = () => {};
  const again = () => {
    cancel = clock.after(intervalMs, () => {
      again();
      act();
    });
  };
  again();
  return () => cancel();
}
