/** Texts and instants as values of dates, times, timestamps and durations, for constants. */
import type { ScalarDataType, TimeUnit } from '../arrow/schema.ts';

const MICROS_PER_SECOND = 1_000_000n;
const NANOS_PER_SECOND = 1_000_000_000n;
const SECONDS_PER_DAY = 86_400n;
const INT64_END = 1n << 63n;
const NANOS_PER_UNIT: Readonly<Record<TimeUnit, bigint>> = {
  s: NANOS_PER_SECOND,
  ms: 1_000_000n,
  us: 1_000n,
  ns: 1n,
};

const INSTANT =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?$/;
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?$/;
const DURATION =
  /^([+-])?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,6}))?S)?)?$/;

/**
 * A text, or microseconds since the epoch, as a value of `type`: days of a date (a number), else
 * the integer that a column of it holds. Undefined where it is none: another form, a part below the
 * type's unit, or outside of the type's range.
 */
export function parseTemporal(
  value: string | bigint,
  type: ScalarDataType,
): number | bigint | undefined {
  if (typeof value === 'bigint') return instantOf(value * 1_000n, type);
  if (type.kind === 'time') return parseTime(value);
  if (type.kind === 'duration') return parseDuration(value);
  const match = INSTANT.exec(value);
  if (match === null) return undefined;
  const [, day, time, second = '00', fraction = '', zone] = match;
  if (type.kind === 'date') return time === undefined ? daysOf(day!) : undefined;
  if (type.kind === 'timestamp' && type.zone === null && zone !== undefined) return undefined;
  const epochMs = Date.parse(`${day}T${time ?? '00:00'}:${second}${zone ?? 'Z'}`);
  if (Number.isNaN(epochMs) || daysOf(day!) === undefined) return undefined;
  const nanos = BigInt(fraction.padEnd(9, '0'));
  return instantOf(BigInt(epochMs / 1000) * NANOS_PER_SECOND + nanos, type);
}

function instantOf(nanos: bigint, type: ScalarDataType): bigint | undefined {
  const unit = NANOS_PER_UNIT[type.kind === 'timestamp' ? type.unit : 'us'];
  if (nanos % unit !== 0n) return undefined;
  const value = nanos / unit;
  return value < INT64_END && value >= -INT64_END ? value : undefined;
}

// Date.parse takes the 30th of February for the 1st of March.
function daysOf(day: string): number | undefined {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) return undefined;
  return date.getTime() / 86_400_000;
}

function parseTime(text: string): bigint | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, hour, minute, second = '0', fraction = ''] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const seconds = (BigInt(hour!) * 60n + BigInt(minute!)) * 60n + BigInt(second);
  return seconds * MICROS_PER_SECOND + BigInt(fraction.padEnd(6, '0'));
}

/** An ISO 8601 duration of weeks, days, hours, minutes and seconds in microseconds. */
export function parseDuration(text: string): bigint | undefined {
  const match = DURATION.exec(text);
  if (match === null || !/\d/.test(text) || text.endsWith('T')) return undefined;
  const [, sign, ...parts] = match;
  const [weeks, days, hours, minutes, seconds] = parts.map((part) => BigInt(part ?? 0)) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const whole = (weeks * 7n + days) * SECONDS_PER_DAY + (hours * 60n + minutes) * 60n + seconds;
  const micros = whole * MICROS_PER_SECOND + BigInt((parts[5] ?? '').padEnd(6, '0'));
  const value = sign === '-' ? -micros : micros;
  return value < INT64_END && value >= -INT64_END ? value : undefined;
}

/** Microseconds as an ISO 8601 duration: `PT1H30M`, `-P1DT0.5S`. */
export function durationToString(micros: bigint): string {
  const magnitude = micros < 0n ? -micros : micros;
  const seconds = magnitude / MICROS_PER_SECOND;
  const fraction = String(magnitude % MICROS_PER_SECOND)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const second = `${seconds % 60n}${fraction === '' ? '' : `.${fraction}`}`;
  const parts = [
    [seconds / SECONDS_PER_DAY, 'D'],
    [(seconds / 3600n) % 24n, 'H'],
    [(seconds / 60n) % 60n, 'M'],
    [second === '0' ? 0n : second, 'S'],
  ] as const;
  const [days, ...clock] = parts.map(([count, letter]) => (count === 0n ? '' : count + letter));
  const time = clock.join('');
  const body = days === '' && time === '' ? 'T0S' : `${days}${time === '' ? '' : `T${time}`}`;
  return `${micros < 0n ? '-' : ''}P${body}`;
}
