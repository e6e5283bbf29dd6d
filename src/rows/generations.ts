/** Who waits for what: a flush waits for all that was sent before it, and for nothing after. */

/** What was sent between two flushes. */
export interface Generation {
  pending: number;
  closed: boolean;
  readonly settled: PromiseWithResolvers<void>;
}

/** Counts what is under way. */
export class Generations {
  #current = newGeneration();
  readonly #older = new Set<Generation>();

  /**
   * Something is sent; give the answer to `leave` when it has settled.
   *
   * @param generation one that something has entered and not left yet; default the current one.
   */
  enter(count = 1, generation = this.#current): Generation {
    generation.pending += count;
    return generation;
  }

  /** Something of a generation has settled. */
  leave(generation: Generation, count = 1): void {
    generation.pending -= count;
    if (generation.closed && generation.pending === 0) this.#finish(generation);
  }

  /** Resolves when all that was sent so far has settled. */
  async settled(): Promise<void> {
    const generation = this.#current;
    this.#current = newGeneration();
    generation.closed = true;
    this.#older.add(generation);
    const all = [...this.#older].map((older) => older.settled.promise);
    if (generation.pending === 0) this.#finish(generation);
    await Promise.all(all);
  }

  #finish(generation: Generation): void {
    this.#older.delete(generation);
    generation.settled.resolve();
  }
}

function newGeneration(): Generation {
  return { pending: 0, closed: false, settled: Promise.withResolvers<void>() };
}
