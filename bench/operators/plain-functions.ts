/** What plain loops call where JavaScript has no operator for it. */

/** Halves to even, as SQL rounds floats to integers. */
function rint(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** A double as SQL prints it: with a fraction. */
function doubleText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** A timestamp in milliseconds as SQL prints it: no zeros at its end. */
function timestampText(value: number): string {
  const text = new Date(value).toISOString().replace('T', ' ').slice(0, -1);
  return value % 1000 === 0 ? text.slice(0, -4) : text.replace(/0+$/, '');
}

/** The first millisecond of a month. */
function startOfMonth(value: number): number {
  const date = new Date(value);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

/** The same day and time of another month, or its last day. */
function addMonths(value: number, months: number): number {
  const date = new Date(value);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, last));
}

/** Kafka's hash of a key. */
function murmur2(key: string): number {
  const m = 0x5bd1e995;
  const bytes = Buffer.from(key);
  const { length } = bytes;
  let h = 0x9747b28c ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    k = Math.imul(k, m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  if (i < length) {
    for (let left = length - i - 1; left >= 0; left--) h ^= bytes[i + left]! << (8 * left);
    h = Math.imul(h, m);
  }
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}

/** Functions by the name that loops call them by. */
export const PLAIN_FUNCTIONS = {
  rint,
  doubleText,
  timestampText,
  startOfMonth,
  addMonths,
  murmur2,
} as const;
