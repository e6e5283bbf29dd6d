/** Dates, times, durations and timestamps of messages as JSON text, in ISO 8601. */
import type { TimestampType } from '../arrow/schema.ts';
import { unfit } from './unfit-value.ts';

const DAY_MS = 86_400_000;
const SECOND_US = 1_000_000n;
const MINUTE_US = 60n * SECOND_US;
const HOUR_US = 60n * MINUTE_US;
const DAY_US = 24n * HOUR_US;
const MAX_INT64 = 2n ** 63n - 1n;

const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$/;
const DURATION = /^-?P(?=\w)(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d{1,6})?S)?)?$/;
const DATE_TIME =
  /^(\d{4}-\d\d-\d\d)[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?$/;

/** Writes a `date`: a text, a midnight in UTC as a `Date` or as milliseconds. */
export function isoDateWriter(path: string): (value: unknown) => string {
  return (value) => {
    if (typeof value === 'string' && isDay(value)) return `"${value}"`;
    const ms = value instanceof Date ? value.getTime() : value;
    const text = typeof ms === 'number' && ms % DAY_MS === 0 ? isoText(ms) : undefined;
    if (text !== undefined) return `"${text.slice(0, 10)}"`;
    const wanted = "a date as text, such as '2024-05-01', or its midnight in UTC";
    throw unfit(path, value, `${wanted} as a Date or milliseconds`);
  };
}

/** Writes a `time`: microseconds since midnight as a bigint, or a text. */
export function timeWriter(path: string): (value: unknown) => string {
  return (value) => {
    if (typeof value === 'string' && TIME.test(value)) return `"${value}"`;
    if (typeof value === 'bigint' && value >= 0n && value < DAY_US) {
      const hours = twoDigits(value / HOUR_US);
      const minutes = twoDigits((value % HOUR_US) / MINUTE_US);
      return `"${hours}:${minutes}:${seconds(value % MINUTE_US, 2)}"`;
    }
    const wanted = "a time of day as text, such as '14:30:00.5'";
    throw unfit(path, value, `${wanted}, or as microseconds since midnight, a bigint`);
  };
}

/** Writes a `duration`: microseconds as a bigint, or a text. */
export function durationWriter(path: string): (value: unknown) => string {
  return (value) => {
    if (typeof value === 'string' && DURATION.test(value)) return `"${value}"`;
    if (typeof value === 'bigint' && value <= MAX_INT64 && value >= -MAX_INT64 - 1n) {
      const length = value < 0n ? -value : value;
      return `"${value < 0n ? '-' : ''}PT${seconds(length, 1)}S"`;
    }
    const wanted = "a duration as ISO 8601 text, such as 'PT1H30M'";
    throw unfit(path, value, `${wanted}, or as microseconds, a bigint`);
  };
}

/**
 * Writes a `timestamp`: a `Date`, milliseconds, a text, or, exactly, a bigint in the column's unit.
 */
export function timestampWriter(
  { unit, zone }: TimestampType,
  path: string,
): (value: unknown) => string {
  const unitsPerSecond = { s: 1n, ms: 1_000n, us: 1_000_000n, ns: 1_000_000_000n }[unit];
  const digits = { s: 0, ms: 3, us: 6, ns: 9 }[unit];
  const suffix = zone === null ? '' : 'Z';
  return (value) => {
    const text =
      typeof value === 'string'
        ? isoInput(value, zone, digits)
        : pointText(value, unitsPerSecond, digits, suffix);
    if (text !== undefined) return `"${text}"`;
    const form = `'2024-05-01T12:00:00${suffix}'`;
    const offset = zone === null ? ', without an offset' : '';
    const wanted = `a point in time as text, such as ${form}${offset}, as a Date`;
    throw unfit(path, value, `${wanted}, as milliseconds, or as a bigint in the unit ${unit}`);
  };
}

function isoInput(text: string, zone: string | null, digits: number): string | undefined {
  if (isDay(text)) return text;
  const [, day, fraction = '', offset] = DATE_TIME.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return undefined;
  if (zone === null && offset !== undefined) return undefined;
  // What the unit does not tell is not dropped without a word.
  return fraction.replace(/0+$/, '').length > digits ? undefined : text;
}

/** A `Date`, milliseconds or units as ISO text. */
function pointText(
  value: unknown,
  unitsPerSecond: bigint,
  digits: number,
  suffix: string,
): string | undefined {
  const units = typeof value === 'bigint' ? value : unitsOf(value, unitsPerSecond);
  if (units === undefined) return undefined;
  const rest = ((units % unitsPerSecond) + unitsPerSecond) % unitsPerSecond;
  const text = isoText(Number((units - rest) / unitsPerSecond) * 1_000);
  if (text === undefined) return undefined;
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(digits, '0')}`;
  return `${text.slice(0, 19)}${fraction}${suffix}`;
}

// A fraction of a millisecond is what a double has left for it: it is rounded to the unit.
function unitsOf(value: unknown, unitsPerSecond: bigint): bigint | undefined {
  const ms = value instanceof Date ? value.getTime() : value;
  if (typeof ms !== 'number' || !Number.isFinite(ms)) return undefined;
  const whole = Math.floor(ms);
  const fraction = Math.round(((ms - whole) * Number(unitsPerSecond)) / 1_000);
  const units = BigInt(whole) * unitsPerSecond;
  // Of seconds only whole ones: else 1.5 s would be another second without a word.
  return units % 1_000n === 0n ? units / 1_000n + BigInt(fraction) : undefined;
}

/** Years of four digits; others have no text that is read back. */
function isoText(ms: number): string | undefined {
  if (!(Math.abs(ms) <= 8.64e15)) return undefined;
  const text = new Date(ms).toISOString();
  return text.length === 24 ? text : undefined;
}

function isDay(text: string): boolean {
  if (!DATE.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // Date.parse takes the 30th of February for the 1st of March.
  return !Number.isNaN(ms) && isoText(ms)?.slice(0, 10) === text;
}

/** `micros` below a minute, or any number of them, as seconds: `05.25`. */
function seconds(micros: bigint, width: number): string {
  const whole = String(micros / SECOND_US).padStart(width, '0');
  const rest = micros % SECOND_US;
  return rest === 0n ? whole : `${whole}.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
}

function twoDigits(value: bigint): string {
  return String(value).padStart(2, '0');
}
