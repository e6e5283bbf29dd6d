/** Times, durations and timestamps of Arrow vectors in the units of our types. */
import { TimeUnit as ArrowUnit, type Data, type DateUnit, Type } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { bitAt } from './bitmap.ts';
import type { TimeUnit } from './schema.ts';

const PER_SECOND: Readonly<Record<TimeUnit, bigint>> = {
  s: 1n,
  ms: 1_000n,
  us: 1_000_000n,
  ns: 1_000_000_000n,
};
const UNITS: Readonly<Record<ArrowUnit, TimeUnit>> = {
  [ArrowUnit.SECOND]: 's',
  [ArrowUnit.MILLISECOND]: 'ms',
  [ArrowUnit.MICROSECOND]: 'us',
  [ArrowUnit.NANOSECOND]: 'ns',
};

/** What becomes of a value that a coarser unit does not tell: it is refused, or rounded. */
export type Rounding = 'exactly' | 'towards the past';

/**
 * The values of a time, duration, timestamp or date vector in `unit`; the vector's own where they
 * have it already.
 *
 * @param values those of the vector's rows.
 * @throws MillraceError `INVALID_SCHEMA` where an int64 in `unit` does not hold a value that is not
 *   null.
 */
export function inUnit(
  data: Data,
  values: BigInt64Array | Int32Array,
  unit: TimeUnit,
  path: string,
  rounding: Rounding,
): BigInt64Array {
  const from = PER_SECOND[unitOf(data)];
  const to = PER_SECOND[unit];
  // Times of seconds and milliseconds are int32.
  const whole = values instanceof Int32Array ? BigInt64Array.from(values, BigInt) : values;
  if (from === to) return whole;
  if (from < to) return multiplied(data, whole, to / from, unit, path);
  return divided(data, whole, from / to, unit, path, rounding);
}

function unitOf({ type }: Data): TimeUnit {
  const { unit } = type as unknown as { readonly unit: ArrowUnit | DateUnit };
  return type.typeId === Type.Date ? 'ms' : UNITS[unit as ArrowUnit];
}

const MAX_INT64 = 2n ** 63n - 1n;

function multiplied(
  data: Data,
  values: BigInt64Array,
  factor: bigint,
  unit: TimeUnit,
  path: string,
): BigInt64Array {
  const most = MAX_INT64 / factor;
  const out = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value <= most && value >= -most) out[i] = value * factor;
    // What lies under a null is anything.
    else if (!isNull(data, i)) {
      const why = `is outside of what an int64 of the unit ${unit} can tell`;
      throw misfit(value, data, path, why, 'leave such rows out');
    }
  }
  return out;
}

function divided(
  data: Data,
  values: BigInt64Array,
  divisor: bigint,
  unit: TimeUnit,
  path: string,
  rounding: Rounding,
): BigInt64Array {
  const out = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const rest = value % divisor;
    // Towards the past, not towards zero, so that order is kept across the epoch.
    out[i] = (rest < 0n ? value - rest - divisor : value - rest) / divisor;
    if (rest !== 0n && rounding === 'exactly' && !isNull(data, i)) {
      throw misfit(
        value,
        data,
        path,
        `is not whole in the unit ${unit}`,
        'round such values first',
      );
    }
  }
  return out;
}

const DAY_US = 86_400_000_000;
const WORD = 2 ** 32;

/**
 * Refuses what is no time of day.
 *
 * @param micros the values of `data` in microseconds.
 * @throws MillraceError `INVALID_SCHEMA`.
 */
export function checkTimes(data: Data, micros: BigInt64Array, path: string): void {
  // An int64 array makes an object of each value that is read: two words make a number.
  const words = new Int32Array(micros.buffer, micros.byteOffset, micros.length * 2);
  for (let i = 0; i < micros.length; i++) {
    const value = words[2 * i + 1]! * WORD + (words[2 * i]! >>> 0);
    if ((value >= 0 && value < DAY_US) || isNull(data, i)) continue;
    const why = 'is not within a day, in microseconds';
    throw misfit(micros[i]!, data, path, why, 'a duration may be as long as it likes');
  }
}

function isNull(data: Data, row: number): boolean {
  return data.nullCount > 0 && !bitAt(data.nullBitmap, data.offset + row);
}

function misfit(
  value: bigint,
  { type }: Data,
  path: string,
  why: string,
  wayOut: string,
): MillraceError {
  return new MillraceError(`column '${path}' has the ${type} ${value}, which ${why}; ${wayOut}`, {
    code: 'INVALID_SCHEMA',
    context: { column: path, value },
  });
}
