/** Which plain values a type holds; what user functions give is checked here, value by value. */
import { scalarToString } from '../../arrow/scalar-text.ts';
import type { DataType, ScalarDataType } from '../../arrow/schema.ts';
import { shownValue } from '../../shown-value.ts';

/** What a function must not give; of a row of the call where it is about one. */
export class BadValue extends Error {
  override readonly name = 'BadValue';
  readonly row: number | undefined;

  constructor(row: number | undefined, message: string) {
    super(message);
    this.row = row;
  }
}

/** Whole numbers from the first to the last, as number or bigint. */
type Range<T> = readonly [T, T];

const NUMBER_RANGES: Readonly<Partial<Record<DataType['kind'], Range<number>>>> = {
  int8: [-0x80, 0x7f],
  int16: [-0x8000, 0x7fff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint8: [0, 0xff],
  uint16: [0, 0xffff],
  uint32: [0, 0xffff_ffff],
  date: [-0x8000_0000, 0x7fff_ffff],
};
const INT64: Range<bigint> = [-(2n ** 63n), 2n ** 63n - 1n];
const BIGINT_RANGES: Readonly<Partial<Record<DataType['kind'], Range<bigint>>>> = {
  int64: INT64,
  uint64: [0n, 2n ** 64n - 1n],
  timestamp: INT64,
  duration: INT64,
  time: [0n, 86_400_000_000n - 1n],
};

/** Answers whether a value that is not null is one of a scalar type. */
export type ValueCheck = (value: unknown) => boolean;

/** The check of a scalar type; texts must be well-formed, and JSON texts must be JSON. */
export function valueCheckOf(type: ScalarDataType): ValueCheck {
  const numbers = NUMBER_RANGES[type.kind];
  if (numbers !== undefined) return wholeNumbers(numbers);
  const bigints = BIGINT_RANGES[type.kind];
  if (bigints !== undefined) return bigintsIn(bigints);
  switch (type.kind) {
    case 'bool':
      return (value) => typeof value === 'boolean';
    case 'float64':
      return (value) => typeof value === 'number';
    case 'float32':
      return isFloat32;
    case 'decimal': {
      const end = 10n ** BigInt(type.precision);
      return bigintsIn([-end + 1n, end - 1n]);
    }
    case 'binary':
      return (value) => value instanceof Uint8Array;
    case 'json':
      return isJson;
    case 'null':
      return () => false;
    default:
      return (value) => typeof value === 'string' && value.isWellFormed();
  }
}

function wholeNumbers([first, last]: Range<number>): ValueCheck {
  return (value) =>
    Number.isInteger(value) && (value as number) >= first && (value as number) <= last;
}

function bigintsIn([first, last]: Range<bigint>): ValueCheck {
  return (value) => typeof value === 'bigint' && value >= first && value <= last;
}

function isFloat32(value: unknown): boolean {
  if (typeof value !== 'number') return false;
  return !Number.isFinite(value) || Number.isFinite(Math.fround(value));
}

function isJson(value: unknown): boolean {
  if (typeof value !== 'string' || !value.isWellFormed()) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

/** Why a value is none of a type, and what would be: for errors. */
export function refusalOf(type: DataType, value: unknown): string {
  const text = shownValue(value, { depth: 0 });
  const found = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return `${found}, which is no ${nameOf(type)}; ${wantedOf(type, value)}`;
}

function nameOf(type: DataType): string {
  return type.kind === 'struct' || type.kind === 'list' || type.kind === 'map'
    ? type.kind
    : scalarToString(type);
}

/** What a function is to give instead of a value that is none of a type: for errors. */
export function wantedOf(type: DataType, value: unknown): string {
  if (value === undefined) return 'a row without a value is null';
  if (typeof value === 'string' && !value.isWellFormed()) {
    return 'it has a lone surrogate, which UTF-8 cannot hold: toWellFormed() mends it';
  }
  const numbers = NUMBER_RANGES[type.kind];
  if (numbers !== undefined) return `give a whole number from ${numbers[0]} to ${numbers[1]}`;
  const bigints = BIGINT_RANGES[type.kind];
  if (bigints !== undefined) return `give a bigint from ${bigints[0]}n to ${bigints[1]}n`;
  switch (type.kind) {
    case 'bool':
      return 'give a boolean';
    case 'float32':
    case 'float64':
      return 'give a number in its range';
    case 'decimal':
      return `give the unscaled integer as a bigint of at most ${type.precision} digits`;
    case 'binary':
      return 'give a Uint8Array';
    case 'json':
      return 'give the text of a JSON value: JSON.stringify(…)';
    case 'null':
      return 'give null';
    case 'struct':
      return 'give an object with its members';
    case 'list':
      return 'give an array';
    case 'map':
      return 'give a Map or an object';
    default:
      return 'give a string';
  }
}
