/** Seeded random values: the same seed gives the same messages on every machine. */

/** A source of random values; xorshift32, good enough for data and fast. */
export class Random {
  #state: number;

  /** @param seed any number; only its lowest 32 bits count. */
  constructor(seed: number) {
    // Spreads small seeds over all bits; the state must not be zero.
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
    for (let i = 0; i < 8; i++) this.bits();
  }

  /** 32 random bits, unsigned. */
  bits(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** From 0, inclusive, to 1, exclusive. */
  unit(): number {
    return this.bits() / 0x1_0000_0000;
  }

  /** An integer from `least` to `most`, both inclusive; spans beyond 2^32 are coarse. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.unit() * (most - least + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!;
  }

  /** So many lower-case hex digits. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += (0x1_0000_0000 + this.bits()).toString(16).slice(1);
    return text.slice(0, digits);
  }

  /** A UUID in form; its version bits are random, too. */
  uuid(): string {
    const hex = this.hex(32);
    const at = (from: number, to: number) => hex.slice(from, to);
    return `${at(0, 8)}-${at(8, 12)}-${at(12, 16)}-${at(16, 20)}-${at(20, 32)}`;
  }

  /** An ISO-8601 timestamp with milliseconds, in a month of 2026. */
  timestamp(): string {
    const month = 30 * 24 * 60 * 60 * 1000;
    return new Date(Date.UTC(2026, 0, 10) + this.integer(0, month)).toISOString();
  }

  /** So many words with spaces between them. */
  words(count: number): string {
    let text = this.pick(WORDS);
    for (let i = 1; i < count; i++) text += ` ${this.pick(WORDS)}`;
    return text;
  }

  /** The items in random order, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }
}

const WORDS = [
  ...['lorem', 'ipsum', 'dolor', 'sit', 'amet', 'consectetur', 'adipiscing', 'elit', 'sed', 'do'],
  ...['eiusmod', 'tempor', 'incididunt', 'ut', 'labore'],
];
