/**
 * Puts morsels back into order: workers finish them in any order, but what they made leaves in the
 * order of the source partition. No I/O, no time.
 */

interface Slot<T> {
  done: boolean;
  value: T | undefined;
}

/**
 * The order of one source partition. `enter` in the order of the offsets; `finish` in any order;
 * what `finish` returns comes in the order of `enter`. Bounded by the caller, who bounds what is
 * in flight.
 */
export class PartitionOrder<T> {
  readonly #slots: Slot<T>[] = [];
  #first = 0;

  /** Morsels that entered and have not left. */
  get waiting(): number {
    return this.#slots.length;
  }

  /** A place at the end of the line; the ticket is given to `finish`. */
  enter(): number {
    this.#slots.push({ done: false, value: undefined });
    return this.#first + this.#slots.length - 1;
  }

  /** Everything that may leave now that the morsel with this ticket is done, in order. */
  finish(ticket: number, value: T): T[] {
    const slot = this.#slots[ticket - this.#first];
    if (slot === undefined || slot.done) throw new RangeError(`ticket ${ticket} is not waiting`);
    slot.done = true;
    slot.value = value;
    let ready = 0;
    while (this.#slots[ready]?.done) ready += 1;
    this.#first += ready;
    return this.#slots.splice(0, ready).map((left) => left.value as T);
  }
}
