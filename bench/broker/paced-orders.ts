/** Orders that carry the moment they were scheduled for, in place of their user. */

import type { Row } from '../compare/json-parse.ts';
import { parseRows } from '../compare/json-parse.ts';
import { type Messages, type Workload, workload } from '../data/workload.ts';
import { LARGE_AMOUNT } from '../rivals/order-job.ts';

const ORDERS: Workload = workload('order');
const FIELD = Buffer.from('"user_id":');
/** Microseconds since 1970 have 16 digits, from 2001 until 2286. */
const DIGITS = 16;

/** Microseconds since 1970, by a clock that never goes back. */
export function nowUs(): number {
  return (performance.timeOrigin + performance.now()) * 1e3;
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

  /** Messages `[from, to)` of an endless repetition, at most the pool, each with its time. */
  stamped(from: number, to: number, scheduledUs: (i: number) => number): Messages {
    const { bytes, offsets } = this.#messages;
    const values: Uint8Array[] = [];
    const ends = new Int32Array(to - from + 1);
    for (let i = from; i < to; i++) {
      const at = i % this.count;
      const value = bytes.slice(offsets[at]!, offsets[at + 1]!);
      let rest = Math.round(scheduledUs(i));
      for (let digit = this.#digitsAt[at]! + DIGITS - 1; digit >= this.#digitsAt[at]!; digit--) {
        value[digit] = 0x30 + (rest % 10);
        rest = Math.floor(rest / 10);
      }
      values.push(value);
      ends[i - from + 1] = ends[i - from]! + value.length;
    }
    return { bytes: Buffer.concat(values), offsets: ends };
  }
}

/** The times in encoded, uncompressed messages, in order, wherever in `bytes` they are. */
export function* scheduledTimes(bytes: Buffer): Generator<number> {
  for (let at = bytes.indexOf(FIELD); at >= 0; at = bytes.indexOf(FIELD, at + DIGITS)) {
    at += FIELD.length;
    yield Number(bytes.toString('latin1', at, at + DIGITS));
  }
}
