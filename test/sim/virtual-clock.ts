/** Time and chance of a simulation: nothing happens but what a seed says. */
import type { Clock } from '../../src/clock.ts';

/** Numbers that look random and come again for the same seed (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x100000000;
  }

  /** A whole number from `from` to `to`, both inclusive. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** True in `share` of the cases. */
  happens(share: number): boolean {
    return this.next() < share;
  }
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly act: () => void;
}

/** A clock whose time passes only when `run` takes the next event. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #order = 0;
  #events: Event[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const event = { atMs: this.#nowMs + Math.max(delayMs, 0), order: this.#order++, act: callback };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  }

  /** Takes events until `done`, or throws behind `limitMs` of simulated time. */
  async run(done: () => boolean, limitMs: number, state: () => string): Promise<void> {
    for (;;) {
      // Everything that promises lead to happens before the next event.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (done()) return;
      let next: Event | undefined;
      for (const event of this.#events) {
        const sooner =
          next === undefined ||
          event.atMs < next.atMs ||
          (event.atMs === next.atMs && event.order < next.order);
        if (sooner) next = event;
      }
      if (next === undefined) throw new Error(`nothing will ever happen again: ${state()}`);
      if (next.atMs > limitMs) throw new Error(`not done after ${limitMs} ms: ${state()}`);
      this.#events = this.#events.filter((event) => event !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.act();
    }
  }
}
