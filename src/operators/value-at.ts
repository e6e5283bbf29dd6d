/** One value of a column as text, for the error of a row. */
import { readColumn } from '../wasm/column.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import { constantAt } from './constant-at.ts';
import { durationToString } from './temporal-literal.ts';

/** Characters of a text, or bytes, that are printed. */
const MAX_TEXT = 60;

const SECONDS_PER_DAY = 86_400n;
const SECONDS_PER_ERA = 146_097n * SECONDS_PER_DAY;
/** Units of a second, by a timestamp's `Column::param`. */
const PER_SECOND = [1_000_000n, 1n, 1_000n, 1_000_000_000n];
const UNIT_MASK = 3;

const TIMES: readonly string[] = ['date', 'time', 'timestamp', 'duration'];

/** What stands in `row` of a column, for people. */
export function valueAt(wasm: WasmInstance, column: number, row: number): string {
  const { type, constant, data, offsets, children, param = 0 } = readColumn(wasm, column);
  const i = constant ? 0 : row;
  const value = constantAt(wasm, column, row);
  if (type === 'decimal' && typeof value === 'bigint') return pointed(value, param & 0xff);
  if (typeof value === 'string') return quoted(value);
  if (value !== undefined && value !== null && TIMES.includes(type)) {
    return timeToString(type, BigInt(value), param);
  }
  if (value !== undefined) return String(value);
  if (type === 'dictionary') return valueAt(wasm, children[0]!, wasm.i32[data / 4 + i]!);
  if (type !== 'binary') return `a ${type}`;
  const bytes = wasm.u8.subarray(
    data + wasm.i32[offsets / 4 + i]!,
    data + wasm.i32[offsets / 4 + i + 1]!,
  );
  return `0x${Buffer.from(bytes.subarray(0, MAX_TEXT)).toString('hex')}`;
}

function quoted(text: string): string {
  return text.length > MAX_TEXT ? `'${text.slice(0, MAX_TEXT)}…'` : `'${text}'`;
}

function pointed(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function timeToString(type: string, value: bigint, param: number): string {
  if (type === 'duration') return durationToString(value);
  if (type === 'date') return instantToString(value, SECONDS_PER_DAY).replace(/T.*/, '');
  if (type === 'time') return instantToString(value, 1n, PER_SECOND[0]).replace(/.*T/, '');
  return instantToString(value, 1n, PER_SECOND[param & UNIT_MASK]);
}

/** `value` times `seconds`, or a `perSecond`th of one, since 1970: `2024-02-29T12:00:00.5`. */
function instantToString(value: bigint, seconds: bigint, perSecond = 1n): string {
  const units = value * seconds;
  const rest = ((units % perSecond) + perSecond) % perSecond;
  const whole = (units - rest) / perSecond;
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
