/** A run that hands out batches, as something to iterate over. */
import type { RecordBatch } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import type { Run } from '../run.ts';

/**
 * Starts a run and yields its batches, one at a time. A batch counts as taken when the next one is
 * asked for: only then are its offsets committed, and only until then is a borrowed batch valid.
 * Leaving the loop stops the run; the batch at hand, which may not have been worked on, and those
 * behind it stay uncommitted and come again in the next run.
 *
 * @throws MillraceError whatever ended the run.
 */
export async function* iterateRun<B extends RecordBatch>(
  start: (onBatch: (batch: RecordBatch) => Promise<void>) => Promise<Run>,
): AsyncGenerator<B, void, undefined> {
  const handoff = new Handoff();
  const run = await start((batch) => handoff.offer(batch));
  run.closed.then(
    () => handoff.end(),
    (error: unknown) => handoff.end(MillraceError.from(error)),
  );
  let finished = false;
  try {
    for (;;) {
      const batch = await handoff.take();
      if (batch === undefined) break;
      yield batch as B;
    }
    finished = true;
  } finally {
    if (!finished) await leave(run, handoff);
  }
}

async function leave(run: Run, handoff: Handoff): Promise<void> {
  handoff.leave();
  try {
    await run.stop();
    await run.closed;
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'ABORTED') throw error;
  }
}

/** A place for one batch, between the run that offers and the loop that takes. */
class Handoff {
  #offered: { readonly batch: RecordBatch; readonly taken: PromiseWithResolvers<void> } | undefined;
  #given: PromiseWithResolvers<void> | undefined;
  #ended = false;
  #error: MillraceError | undefined;
  #left = false;
  #wake: (() => void) | undefined;

  /** Resolves when the consumer asks for the batch behind this one. */
  async offer(batch: RecordBatch): Promise<void> {
    if (this.#left) throw consumerLeft();
    const taken = Promise.withResolvers<void>();
    this.#offered = { batch, taken };
    this.#wakeUp();
    await taken.promise;
  }

  /** Gives the last batch back and waits for the next; `undefined` at the end. */
  async take(): Promise<RecordBatch | undefined> {
    this.#given?.resolve();
    this.#given = undefined;
    while (this.#offered === undefined) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const { batch, taken } = this.#offered;
    this.#offered = undefined;
    this.#given = taken;
    return batch;
  }

  /** No batch comes any more. */
  end(error?: MillraceError): void {
    this.#ended = true;
    this.#error = error;
    this.#wakeUp();
  }

  /** No batch is taken any more. */
  leave(): void {
    this.#left = true;
    this.#given?.reject(consumerLeft());
    this.#offered?.taken.reject(consumerLeft());
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

function consumerLeft(): MillraceError {
  return new MillraceError('the consumer left the loop over the batches', { code: 'ABORTED' });
}
