/**
 * Who may use which bytes of a worker's memory: leases, given out and taken back by the main
 * thread, and the budget that bounds them over all workers.
 */
import { MillraceError } from '../errors.ts';
import { ARENA_BASE, PADDING } from '../wasm/module.ts';

const ALIGNMENT = 64;

const alignUp = (value: number) => Math.ceil(value / ALIGNMENT) * ALIGNMENT;

/**
 * A stretch of a worker's memory, held until `release` has been called as often as it has
 * holders. It begins with one holder.
 */
export interface Lease {
  /** First byte, 64-byte aligned. */
  readonly address: number;
  /** Bytes; shrinks by `keep`. */
  readonly byteLength: number;
  /** Gives back everything but `[begin, end)`, which must lie inside; nothing may read it then. */
  keep(begin: number, end: number): void;
  /** One more reader. */
  retain(holders: number): void;
  /** One reader less; the last one gives the bytes back. */
  release(): void;
}

/** How many bytes of leases are out, and how many may be; shared by all workers of a run. */
export class MemoryBudget {
  readonly limitBytes: number;
  #usedBytes = 0;
  #peakBytes = 0;
  readonly #onRelease: () => void;

  /** @param onRelease called after bytes were given back. */
  constructor(limitBytes: number, onRelease: () => void) {
    this.limitBytes = limitBytes;
    this.#onRelease = onRelease;
  }

  /** Bytes charged now. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** The most that was ever charged at once. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** Whether `bytes` more fit. An empty budget takes anything: an oversized message runs alone. */
  fits(bytes: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + bytes <= this.limitBytes;
  }

  /** Charges without asking; see {@link fits}. */
  charge(bytes: number): void {
    this.#usedBytes += bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#usedBytes);
  }

  /** Gives bytes back and wakes whoever waits for them. */
  refund(bytes: number): void {
    this.#usedBytes -= bytes;
    if (bytes > 0) this.#onRelease();
  }
}

interface Hole {
  begin: number;
  end: number;
}

/**
 * Gives out one worker's memory, lowest address first, so that the pages ever touched are those of
 * the largest set of leases that were out at once. Bounded by the memory itself.
 */
export class LeaseAllocator {
  readonly #holes: Hole[];
  readonly #budget: MemoryBudget;
  /** Bytes of the largest lease that an empty memory can give. */
  readonly capacityBytes: number;

  constructor(memoryBytes: number, budget: MemoryBudget) {
    const end = memoryBytes - PADDING * 16;
    this.capacityBytes = Math.floor((end - ARENA_BASE) / ALIGNMENT) * ALIGNMENT;
    this.#holes = [{ begin: ARENA_BASE, end: ARENA_BASE + this.capacityBytes }];
    this.#budget = budget;
  }

  /** Bytes of the largest lease that the memory has room for now, whatever the budget says. */
  get largestBytes(): number {
    return this.#holes.reduce((most, hole) => Math.max(most, hole.end - hole.begin), 0);
  }

  /** A lease of at least `bytes`, or `undefined` where budget or memory have no room now. */
  take(bytes: number): Lease | undefined {
    return this.#budget.fits(alignUp(bytes)) ? this.takeAnyway(bytes) : undefined;
  }

  /** As {@link take}, whatever the budget says; for what holds everything else up. */
  takeAnyway(bytes: number): Lease | undefined {
    const byteLength = alignUp(bytes);
    const index = this.#holes.findIndex((hole) => hole.end - hole.begin >= byteLength);
    const hole = this.#holes[index];
    if (hole === undefined) return undefined;
    const address = hole.begin;
    hole.begin += byteLength;
    if (hole.begin === hole.end) this.#holes.splice(index, 1);
    this.#budget.charge(byteLength);
    return this.#lease(address, address + byteLength);
  }

  #lease(first: number, last: number): Lease {
    let begin = first;
    let end = last;
    let holders = 1;
    const check = (right: boolean) => {
      if (right) return;
      throw new MillraceError('a lease was used after it was given back', { code: 'INTERNAL' });
    };
    const giveBack = (from: number, to: number) => {
      this.#free(from, to);
      this.#budget.refund(to - from);
    };
    return {
      get address() {
        return begin;
      },
      get byteLength() {
        return end - begin;
      },
      keep: (from, to) => {
        check(holders > 0 && from >= begin && to <= end && from <= to);
        const newBegin = Math.floor(from / ALIGNMENT) * ALIGNMENT;
        const newEnd = Math.min(alignUp(to), end);
        const [oldBegin, oldEnd] = [begin, end];
        begin = newBegin;
        end = newEnd;
        if (oldBegin < newBegin) giveBack(oldBegin, newBegin);
        if (newEnd < oldEnd) giveBack(newEnd, oldEnd);
      },
      retain: (more) => {
        check(holders > 0);
        holders += more;
      },
      release: () => {
        check(holders > 0);
        holders -= 1;
        if (holders === 0 && begin < end) giveBack(begin, end);
      },
    };
  }

  // Holes are kept in order of address and never touch each other.
  #free(begin: number, end: number): void {
    const holes = this.#holes;
    let index = holes.findIndex((hole) => hole.begin >= end);
    if (index === -1) index = holes.length;
    const before = holes[index - 1];
    const after = holes[index];
    const joinsBefore = before !== undefined && before.end === begin;
    const joinsAfter = after !== undefined && after.begin === end;
    if (joinsBefore && joinsAfter) {
      before.end = after.end;
      holes.splice(index, 1);
    } else if (joinsBefore) {
      before.end = end;
    } else if (joinsAfter) {
      after.begin = begin;
    } else {
      holes.splice(index, 0, { begin, end });
    }
  }
}
