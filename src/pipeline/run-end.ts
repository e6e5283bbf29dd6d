/** How a run tells its owner that it is over. */
import type { MillraceError } from '../errors.ts';
import type { RunStats } from '../run.ts';

/**
 * Holds the promise `closed` of a run. Nobody but the owner may handle it: where he does not, a
 * failure is an unhandled rejection, which ends the process unless he says otherwise.
 */
export class RunEnd {
  /** Resolves with the last figures, or rejects with what ended the run. */
  readonly closed: Promise<RunStats>;
  /** Settles when the owner could hear of a failure: nothing may `settle` before. */
  readonly heard: Promise<void>;
  readonly #begun = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<RunStats>();

  constructor() {
    this.closed = this.#closed.promise;
    this.heard = this.#begun.promise;
  }

  /** The owner has the run, or learns in another way that it did not begin. */
  begun(): void {
    this.#begun.resolve();
  }

  /** The run is over; with `failure`, where that ended it. */
  settle(stats: RunStats, failure?: MillraceError): void {
    if (failure === undefined) this.#closed.resolve(stats);
    else this.#closed.reject(failure);
  }
}
