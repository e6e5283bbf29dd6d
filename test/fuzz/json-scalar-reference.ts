/**
 * What a number or a text of a JSON message gives under a scalar type, the slow and plain way:
 * regular expressions and BigInt. Undefined where it is to be rejected.
 */
import type { DecimalType, ScalarDataType, TimestampType } from '../../src/arrow/schema.ts';
import type { Value } from '../wasm/columns.ts';

const BITS: Readonly<Record<string, readonly [bits: number, signed: boolean]>> = {
  int8: [8, true],
  int16: [16, true],
  int32: [32, true],
  int64: [64, true],
  uint8: [8, false],
  uint16: [16, false],
  uint32: [32, false],
  uint64: [64, false],
};

/** What a JSON number gives; `text` is its text. */
export function numberValue(text: string, type: ScalarDataType): Value | undefined {
  const [bits, signed] = BITS[type.kind] ?? [];
  if (bits !== undefined) {
    const value = scaled(text, 0, 'exact');
    if (value === undefined) return undefined;
    const fits = (signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) === value;
    if (!fits) return undefined;
    return bits === 64 ? value : Number(value);
  }
  switch (type.kind) {
    case 'float64': {
      const value = Number(text);
      return Number.isFinite(value) ? value : undefined;
    }
    case 'float32':
      return nearestFloat32(text);
    case 'decimal':
      return decimal(text, type);
    case 'duration':
      return int64(scaled(text, 3, 'truncate'));
    case 'timestamp':
      return int64(scaled(text, UNIT_DIGITS[type.unit] - 3, 'floor'));
    default:
      return undefined;
  }
}

/** What a JSON string gives; `text` is without quotes and escapes. */
export function textValue(text: string, type: ScalarDataType): Value | undefined {
  switch (type.kind) {
    case 'utf8':
    case 'dictionary':
      return text;
    case 'decimal':
      return /^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text) ? decimal(text, type) : undefined;
    case 'binary':
      return base64(text);
    case 'date':
      return date(text);
    case 'time':
      return time(text);
    case 'duration':
      return duration(text);
    case 'timestamp':
      return timestamp(text, type);
    default:
      return undefined;
  }
}

function int64(value: bigint | undefined): bigint | undefined {
  return value !== undefined && BigInt.asIntN(64, value) === value ? value : undefined;
}

/** The number times 10^scale; undefined beyond 60 digits and, if exact, with a fraction. */
function scaled(
  text: string,
  scale: number,
  rounding: 'exact' | 'truncate' | 'floor',
): bigint | undefined {
  const [, sign, integer, fraction = '', exponent = '0'] =
    /^([-+]?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text)!;
  const digits = `${integer}${fraction}`.replace(/^0+(?=\d)/, '');
  if (/^0+$/.test(digits)) return 0n;
  const power = Number(exponent) - fraction.length + scale;
  if (digits.length + power > 60) return undefined;
  const kept = power >= 0 ? digits + '0'.repeat(power) : digits.slice(0, power);
  const dropped = power >= 0 ? '' : digits.slice(Math.max(0, digits.length + power));
  const hasFraction = /[1-9]/.test(dropped);
  if (rounding === 'exact' && hasFraction) return undefined;
  let magnitude = BigInt(kept === '' ? 0 : kept);
  if (rounding === 'floor' && sign === '-' && hasFraction) magnitude += 1n;
  return sign === '-' ? -magnitude : magnitude;
}

function decimal(text: string, { precision, scale }: DecimalType): bigint | undefined {
  const value = scaled(text, scale, 'exact');
  if (value === undefined) return undefined;
  const limit = 10n ** BigInt(precision);
  return value < limit && value > -limit ? value : undefined;
}

/** A number as a fraction of two whole ones. */
type Ratio = readonly [bigint, bigint];

function ratioOf(text: string): Ratio {
  const [, sign, integer, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text)!;
  const digits = BigInt(`${integer}${fraction}`) * (sign === '-' ? -1n : 1n);
  const power = BigInt(exponent) - BigInt(fraction.length);
  return power >= 0n ? [digits * 10n ** power, 1n] : [digits, 10n ** -power];
}

function ratioOfDouble(value: number): Ratio {
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0]!;
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const mantissa = (bits & ((1n << 52n) - 1n)) | (exponent === 0 ? 0n : 1n << 52n);
  const power = BigInt(Math.max(exponent, 1) - 1075);
  const signed = value < 0 ? -mantissa : mantissa;
  return power >= 0n ? [signed << power, 1n] : [signed, 1n << -power];
}

/** The distance of two ratios, times a positive number that is the same for all of one `a`. */
function closer(a: Ratio, near: Ratio, far: Ratio): number {
  const distance = ([n, d]: Ratio): Ratio => {
    const difference = a[0] * d - n * a[1];
    return [difference < 0n ? -difference : difference, d];
  };
  const one = distance(near);
  const other = distance(far);
  const order = one[0] * other[1] - other[0] * one[1];
  return order < 0n ? -1 : order > 0n ? 1 : 0;
}

/** The float32 next to a number exactly: of two that are as near, the even one. */
function nearestFloat32(text: string): number | undefined {
  const double = Number(text);
  // Far beyond all of them, or zero.
  if (Math.abs(double) > 1e40) return undefined;
  if (Math.abs(double) < 1e-60) return double < 0 || text.startsWith('-') ? -0 : 0;
  const exact = ratioOf(text);
  const around = neighbours(Math.fround(double));
  let [best] = around as [number];
  for (const candidate of around.slice(1)) {
    const order = closer(exact, widen(candidate), widen(best));
    if (order < 0 || (order === 0 && isEven(candidate))) best = candidate;
  }
  return Number.isFinite(best) ? best : undefined;
}

function widen(value: number): Ratio {
  return ratioOfDouble(Number.isFinite(value) ? value : Math.sign(value) * 2 ** 128);
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

function neighbours(value: number): number[] {
  float[0] = value;
  const middle = bits[0]!;
  return [middle, middle - 1, middle + 1]
    .filter((one) => (one & 0x7fffffff) <= 0x7f800000 && one >= 0)
    .map((one) => {
      bits[0] = one;
      return float[0]!;
    });
}

function isEven(value: number): boolean {
  float[0] = value;
  return (bits[0]! & 1) === 0;
}

function base64(text: string): Uint8Array | undefined {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Buffer.from(plain, 'base64');
  const whole = bytes.toString('base64');
  return plain === whole || plain === whole.replace(/=+$/, '') ? Uint8Array.from(bytes) : undefined;
}

const UNIT_DIGITS = { s: 0, ms: 3, us: 6, ns: 9 } as const;
const DATE = String.raw`(\d{4}|[-+]\d{6,12})-(\d\d)-(\d\d)`;
const CLOCK = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?`;
const OFFSET = String.raw`([Zz]|([-+])(\d\d)(?::?(\d\d))?)?`;
const TIMESTAMP = new RegExp(`^${DATE}(?:[Tt ]${CLOCK}${OFFSET})?$`);

/** Days since the epoch; the calendar repeats itself every 400 years. */
function days(year: string, month: string, day: string): bigint | undefined {
  const whole = BigInt(year);
  const era = (whole - (((whole % 400n) + 400n) % 400n)) / 400n;
  const inEra = Number(whole - era * 400n) + 2000;
  const iso = `${inEra}-${month}-${day}T00:00:00.000Z`;
  const ms = Date.parse(iso);
  // Date.parse takes dates such as February 30 for the next day.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) return undefined;
  return BigInt(ms / 86_400_000) + (era - 5n) * 146_097n;
}

function nanosOfDay(hour: string, minute: string, second = '0', fraction = ''): bigint | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

function date(text: string): number | undefined {
  const match = new RegExp(`^${DATE}$`).exec(text);
  const value = match === null ? undefined : days(match[1]!, match[2]!, match[3]!);
  return value !== undefined && BigInt.asIntN(32, value) === value ? Number(value) : undefined;
}

function time(text: string): bigint | undefined {
  const match = new RegExp(`^${CLOCK}$`).exec(text);
  const nanos = match === null ? undefined : nanosOfDay(match[1]!, match[2]!, match[3], match[4]);
  return nanos === undefined ? undefined : nanos / 1000n;
}

function timestamp(text: string, { unit, zone }: TimestampType): bigint | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second, fraction, offset] = match;
  const [sign, hours = '0', minutes = '0'] = match.slice(9);
  const date = days(year!, month!, day!);
  const clock = nanosOfDay(hour, minute, second, fraction);
  if (date === undefined || clock === undefined) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  if (zone === null && offset !== undefined) return undefined;
  const east = BigInt(Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1n : 1n);
  const nanos = date * 86_400_000_000_000n + clock - east * 60_000_000_000n;
  const divisor = 10n ** BigInt(9 - UNIT_DIGITS[unit]);
  return int64((nanos - (((nanos % divisor) + divisor) % divisor)) / divisor);
}

const PART = String.raw`([-+]?)(\d+)`;
const LAST = String.raw`${PART}(?:\.(\d{1,9}))?`;
const DURATION = new RegExp(
  `^([-+]?)P(?:${PART}W)?(?:${PART}D)?(?:(T)(?:${LAST}H)?(?:${LAST}M)?(?:${LAST}S)?)?$`,
  'i',
);
const PART_MICROS = [604_800_000_000n, 86_400_000_000n, 3_600_000_000n, 60_000_000n, 1_000_000n];

function duration(text: string): bigint | undefined {
  const match = DURATION.exec(text);
  if (match === null || /[PT]$/i.test(text)) return undefined;
  const [, sign, ...groups] = match;
  const parts = [groups.slice(0, 2), groups.slice(2, 4)].concat(
    [5, 8, 11].map((at) => groups.slice(at, at + 3)),
  );
  // A fraction stands in the last part only.
  if (/\.\d+[HM].*\d/i.test(text)) return undefined;
  let total = 0n;
  for (const [i, [partSign, count, fraction = '']] of parts.entries()) {
    if (count === undefined) continue;
    const micros = PART_MICROS[i]!;
    if (BigInt(count) > 2n ** 63n) return undefined;
    const rest = (micros * BigInt(fraction.padEnd(9, '0'))) / 1_000_000_000n;
    const part = BigInt(count) * micros + rest;
    total += partSign === '-' ? -part : part;
  }
  return int64(sign === '-' ? -total : total);
}
