/** Orders that carry the moment they were scheduled for, in place of their user. */

import type { Row } from '../compare/json-parse.ts';
import { parseRows } from '../compare/json-parse.ts';
import { type Messages, type Workload, workload } from '../data/workload.ts';
import { LARGE_AMOUNT } from '../rivals/order-job.ts';

const ORDERS: Workload = workload('order');
const FIELD = Buffer.from('"user_id":');
/** A time has 16 digits, of which the first is 1: JSON knows no leading zeros. */
const DIGITS = 16;
const ZERO_US = 1e15;

/** Microseconds by a clock that never goes back and that all processes of a machine share. */
export function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return ZERO_US + seconds * 1e6 + nanoseconds / 1e3;
}

/** A pool of orders, each with room for its time. */
export class PacedOrders {
  readonly #messages: Messages;
  /** Where the digits of each begin, from the beginning of its message. */
  readonly #digitsAt: Int32Array;
  readonly #kept: Uint8Array;

  constructor(count: number) {
    const plain = ORDERS.messages(count);
    const rows = parseRows(plain, 0, count) as (Row & { amount: number })[];
    const placeholder = '0'.repeat(DIGITS);
    const texts = rows.map((row) => {
      const text = JSON.stringify(row);
      return Buffer.from(text.replace(/"user_id":\d+/, `"user_id":${placeholder}`));
    });
    const offsets = new Int32Array(count + 1);
    for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i]! + text.length;
    this.#messages = { bytes: Buffer.concat(texts), offsets };
    this.#digitsAt = Int32Array.from(texts, (text) => text.indexOf(FIELD) + FIELD.length);
    this.#kept = Uint8Array.from(rows, ({ amount }) => (amount > LARGE_AMOUNT ? 1 : 0));
  }

  /** Messages in the pool. */
  get count(): number {
    return this.#kept.length;
  }

  /** Bytes of a message, on average. */
  get bytesPerMessage(): number {
    return this.#messages.bytes.length / this.count;
  }

  /** Whether the main job's filter `most` keeps message `i` of an endless repetition. */
  isKept(i: number): boolean {
    return this.#kept[i % this.count] === 1;
  }

  /**
   * Stamps messages `[from, to)` of an endless repetition, which must not reach over its seam.
   *
   * @returns the pool itself, in which they are the messages from `from % count` on.
   */
  stamp(from: number, to: number, scheduledUs: (i: number) => number): Messages {
    const { bytes, offsets } = this.#messages;
    for (let i = from; i < to; i++) {
      const at = i % this.count;
      const digits = offsets[at]! + this.#digitsAt[at]!;
      let rest = Math.round(scheduledUs(i));
      for (let digit = digits + DIGITS - 1; digit >= digits; digit--) {
        bytes[digit] = 0x30 + (rest % 10);
        rest = Math.floor(rest / 10);
      }
    }
    return this.#messages;
  }
}

/** The times in encoded, uncompressed messages, in order, wherever in `bytes` they are. */
export function* scheduledTimes(bytes: Buffer): Generator<number> {
  for (let at = bytes.indexOf(FIELD); at >= 0; at = bytes.indexOf(FIELD, at + DIGITS)) {
    at += FIELD.length;
    yield Number(bytes.toString('latin1', at, at + DIGITS));
  }
}
