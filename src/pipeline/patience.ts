/** How long a run that was aborted waits for functions of the caller's that have no time limit. */
import type { Clock } from '../clock.ts';
import { MillraceError } from '../errors.ts';

/** How long a function may still take when the run was aborted, ms; it may be at its last batch. */
export const ABORT_PATIENCE_MS = 10_000;

/** The functions' calls of one run. */
export class Patience {
  readonly #clock: Clock;
  readonly #underWay = new Set<() => void>();
  #aborted = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on no call is waited for longer. */
  abort(): void {
    this.#aborted = true;
    for (const begin of this.#underWay) begin();
  }

  /**
   * Settles as `call` does, and what it gives later is dropped.
   *
   * @throws MillraceError `ABORTED` where it takes longer than {@link ABORT_PATIENCE_MS} once the
   *   run was aborted.
   */
  async with(call: Promise<void>): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    let cancel = () => {};
    const begin = () => {
      cancel();
      cancel = this.#clock.after(ABORT_PATIENCE_MS, () => reject(tooLong()));
    };
    this.#underWay.add(begin);
    if (this.#aborted) begin();
    try {
      await Promise.race([call, promise]);
    } finally {
      cancel();
      this.#underWay.delete(begin);
    }
  }
}

function tooLong(): MillraceError {
  const message = `it had not resolved ${ABORT_PATIENCE_MS / 1_000} s after the run was aborted`;
  return new MillraceError(message, { code: 'ABORTED' });
}
