/** The JSON text of a value, the slow and plain way: `JSON.stringify`, BigInt and Date. */
import type { DataType, TimestampType } from '../../src/arrow/schema.ts';
import type { Value } from '../wasm/columns.ts';

/** The text that `JSON.stringify` gives, with Millrace's rules where JSON has no type. */
export function expectedText(value: Value, type: DataType): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'int64':
    case 'uint64':
      return String(value);
    case 'float32':
      return floatText(value as number);
    case 'decimal':
      return decimalText(value as bigint, type.scale);
    case 'date':
      return JSON.stringify(dateText(BigInt(value as number)));
    case 'time':
      return JSON.stringify(clockText((value as bigint) * 1000n, 0));
    case 'duration':
      return JSON.stringify(durationText(value as bigint));
    case 'timestamp':
      return JSON.stringify(timestampText(value as bigint, type));
    case 'binary':
      return JSON.stringify(Buffer.from(value as Uint8Array).toString('base64'));
    case 'json':
      return value as string;
    case 'struct': {
      const members = value as Record<string, Value>;
      const parts = type.fields.map(
        (f) => `${JSON.stringify(f.name)}:${expectedText(members[f.name] ?? null, f.type)}`,
      );
      return `{${parts.join()}}`;
    }
    case 'list':
      return `[${(value as Value[]).map((one) => expectedText(one, type.item.type)).join()}]`;
    case 'map': {
      const entries = [...(value as Map<string, Value>)].map(
        ([key, one]) => `${JSON.stringify(key)}:${expectedText(one, type.value.type)}`,
      );
      return `{${entries.join()}}`;
    }
    default:
      return JSON.stringify(value);
  }
}

/** The fewest digits that read back as the same float32; of those the nearest, of ties the even. */
function floatText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return JSON.stringify(value);
  const [, sign, first, rest, exponent] = /^(-?)(\d)\.(\d+)e(.*)$/.exec(value.toExponential(100))!;
  const exact = `${first}${rest}`;
  for (let precision = 1; ; precision++) {
    const below = BigInt(exact.slice(0, precision));
    const dropped = exact.slice(precision);
    const isTie = /^50*$/.test(dropped);
    const up = isTie ? below % 2n === 1n : dropped >= '5';
    // At powers of two the nearest digits may not read back where the others do.
    for (const digits of up ? [below + 1n, below] : [below, below + 1n]) {
      const shortest = Number(`${sign}${digits}e${Number(exponent) - precision + 1}`);
      if (Math.fround(shortest) === value) return JSON.stringify(shortest);
    }
  }
}

function decimalText(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const sign = value < 0n ? '-' : '';
  return scale === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-scale)}`;
}

function floorDivide(value: bigint, divisor: bigint): [quotient: bigint, rest: bigint] {
  const rest = ((value % divisor) + divisor) % divisor;
  return [(value - rest) / divisor, rest];
}

const DAYS_FROM_1970_TO_2000 = 10_957n;

/** The calendar repeats itself every 400 years, which are 146,097 days. */
function dateText(days: bigint): string {
  const [era, rest] = floorDivide(days - DAYS_FROM_1970_TO_2000, 146_097n);
  const inEra = new Date(Date.UTC(2000, 0, 1) + Number(rest) * 86_400_000).toISOString();
  const year = BigInt(inEra.slice(0, 4)) + era * 400n;
  const magnitude = String(year < 0n ? -year : year);
  const isCommon = year >= 0n && year <= 9999n;
  const text = isCommon
    ? magnitude.padStart(4, '0')
    : `${year < 0n ? '-' : '+'}${magnitude.padStart(6, '0')}`;
  return `${text}${inEra.slice(4, 10)}`;
}

/** With at least so many digits of fraction, of 0, 3, 6 and 9. */
function clockText(nanos: bigint, least: number): string {
  const clock = new Date(Number(nanos / 1_000_000n)).toISOString().slice(11, 19);
  const fraction = String(nanos % 1_000_000_000n).padStart(9, '0');
  const needed = fraction.endsWith('000000') ? 3 : fraction.endsWith('000') ? 6 : 9;
  const digits = /^0+$/.test(fraction) ? least : Math.max(least, needed);
  return digits === 0 ? clock : `${clock}.${fraction.slice(0, digits)}`;
}

const NANOS = { s: 1_000_000_000n, ms: 1_000_000n, us: 1_000n, ns: 1n } as const;

function timestampText(value: bigint, { unit, zone }: TimestampType): string {
  const [days, nanos] = floorDivide(value * NANOS[unit], 86_400_000_000_000n);
  return `${dateText(days)}T${clockText(nanos, 3)}${zone === null ? '' : 'Z'}`;
}

function durationText(micros: bigint): string {
  const magnitude = micros < 0n ? -micros : micros;
  const [seconds, fraction] = floorDivide(magnitude, 1_000_000n);
  const part = (count: bigint, letter: string) => (count === 0n ? '' : `${count}${letter}`);
  const rest = String(fraction).padStart(6, '0').replace(/0+$/, '');
  const last = rest === '' ? part(seconds % 60n, 'S') : `${seconds % 60n}.${rest}S`;
  const clock = part((seconds / 3600n) % 24n, 'H') + part((seconds / 60n) % 60n, 'M') + last;
  const days = part(seconds / 86_400n, 'D');
  if (days === '' && clock === '') return 'PT0S';
  return `${micros < 0n ? '-' : ''}P${days}${clock === '' ? '' : `T${clock}`}`;
}
