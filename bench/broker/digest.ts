/** What engines are held to: the same rows, in whatever order each of them came to write them. */
import { hash } from 'node:crypto';

const MODULUS = 2 ** 48;
const HEX_DIGITS = 12;

/** A digest of rows that does not depend on their order, and does depend on how often each came. */
export class RowDigest {
  #count = 0;
  #sum = 0;

  /** Takes a row as canonical text. */
  add(row: string): void {
    this.#count += 1;
    this.#sum = (this.#sum + Number.parseInt(hash('sha1', row).slice(0, HEX_DIGITS), 16)) % MODULUS;
  }

  /** Rows taken. */
  get count(): number {
    return this.#count;
  }

  /** Number of rows and sum of their hashes: `<count>-<12 hex digits>`. */
  toString(): string {
    return `${this.#count}-${this.#sum.toString(16).padStart(HEX_DIGITS, '0')}`;
  }
}
