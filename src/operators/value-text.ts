/** Values of scalar types as text for people: constants in `explain()`, the error of a row. */
import type { ScalarDataType, TimeUnit } from '../arrow/schema.ts';
import type { ConstantValue } from './program.ts';
import { durationToString } from './temporal-literal.ts';

const SECONDS_PER_DAY = 86_400n;
const SECONDS_PER_ERA = 146_097n * SECONDS_PER_DAY;
const UNITS_PER_SECOND: Readonly<Record<TimeUnit, bigint>> = {
  s: 1n,
  ms: 1_000n,
  us: 1_000_000n,
  ns: 1_000_000_000n,
};

/** A value that is not null, as its type's values are written, bare: `10.00`, `2024-05-01`. */
export function valueToString(value: Exclude<ConstantValue, null>, type: ScalarDataType): string {
  switch (type.kind) {
    case 'decimal':
      return pointed(BigInt(value), type.scale);
    case 'date':
      return instantToString(BigInt(value) * SECONDS_PER_DAY, 's').replace(/T.*/, '');
    case 'time':
      return instantToString(BigInt(value), 'us').replace(/.*T/, '');
    case 'timestamp':
      return `${instantToString(BigInt(value), type.unit)}${type.zone === null ? '' : 'Z'}`;
    case 'duration':
      return durationToString(BigInt(value));
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}

function pointed(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** `2024-02-29T12:00:00.500`, of units since 1970 in any year that 64 bits reach. */
function instantToString(value: bigint, unit: TimeUnit): string {
  const perSecond = UNITS_PER_SECOND[unit];
  const rest = ((value % perSecond) + perSecond) % perSecond;
  const whole = (value - rest) / perSecond;
  // The calendar repeats itself after 400 years.
  const eras = whole / SECONDS_PER_ERA - (whole % SECONDS_PER_ERA < 0n ? 1n : 0n);
  const date = new Date(Number(whole - eras * SECONDS_PER_ERA) * 1000);
  const year = BigInt(date.getUTCFullYear()) + eras * 400n;
  const digits = String(year < 0n ? -year : year).padStart(4, '0');
  const clock = date.toISOString().slice(4, 19);
  const fraction =
    rest === 0n ? '' : `.${String(rest).padStart(String(perSecond).length - 1, '0')}`;
  return `${year < 0n ? '-' : ''}${digits}${clock}${fraction}`;
}
