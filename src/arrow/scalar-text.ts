/** Scalar types as text: `int64`, `decimal(12,2)`, `timestamp(ms,local)`. */
import { nearestName } from '../nearest-name.ts';
import type { PlainType, ScalarDataType, TimeUnit } from './schema.ts';
import { TIMESTAMP } from './schema.ts';

/** Types that are their name alone. */
export const PLAIN_TYPES = [
  'bool',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'float32',
  'float64',
  'utf8',
  'dictionary',
  'binary',
  'json',
  'date',
  'time',
  'duration',
  'null',
] as const satisfies readonly PlainType[];

/** How every scalar type is written, for messages. */
export const SCALAR_TYPES = [...PLAIN_TYPES, 'timestamp', 'decimal(precision,scale)'] as const;

/** A scalar type as a literal names it. Whether numbers and zones are right is seen at run time. */
export type TypeText =
  | PlainType
  | 'timestamp'
  | `timestamp(${TimeUnit})`
  | `timestamp(${TimeUnit},${string})`
  | `decimal(${number},${number})`;

/** Digits that 128 bits hold. */
export const MAX_PRECISION = 38;

/** What a clock on a wall shows, in the place of a time zone. */
const LOCAL = 'local';
const UNITS: readonly string[] = ['s', 'ms', 'us', 'ns'] satisfies readonly TimeUnit[];

/** The type that a text names, or, as text, why it names none and what would. */
export function parseType(text: string): ScalarDataType | string {
  const plain = PLAIN_TYPES.find((type) => type === text);
  if (plain !== undefined) return { kind: plain };
  if (text === 'timestamp') return TIMESTAMP;
  const call = /^(\w+)\(\s*([^,]*?)\s*(?:,\s*(.*?)\s*)?\)$/.exec(text);
  const [, name, first, second] = call ?? [];
  if (name === 'decimal') return parseDecimal(first!, second);
  if (name === 'timestamp') return parseTimestampType(first!, second);
  const nested = nestedHint(text);
  if (nested !== undefined) return nested;
  return `did you mean '${nearestType(text)}'? Types: ${SCALAR_TYPES.join(', ')}`;
}

// As other systems write them, where here they are no text.
function nestedHint(text: string): string | undefined {
  const [, name, inner] = /^\s*(\w+)\s*[(<[]\s*(.*?)\s*[)>\]]\s*$/.exec(text) ?? [];
  const item = inner === undefined || inner === '' ? 'utf8' : inner.split(',').at(-1)!.trim();
  switch (name?.toLowerCase()) {
    case 'map':
      return `a map is written with the function map: map('${item}'), whose keys are texts`;
    case 'list':
    case 'array':
      return `a list is written in brackets: ['${item}']`;
    case 'struct':
    case 'row':
      return "a struct is written as an object: { city: 'utf8' }";
    default:
      return undefined;
  }
}

function parseDecimal(first: string, second: string | undefined): ScalarDataType | string {
  const precision = Number(first);
  const scale = Number(second ?? 0);
  const isWhole = /^\d+$/.test(first) && /^\d+$/.test(second ?? '0');
  if (isWhole && precision >= 1 && precision <= MAX_PRECISION && scale <= precision) {
    return { kind: 'decimal', precision, scale };
  }
  return (
    `write decimal(precision,scale) with 1 to ${MAX_PRECISION} digits, at most all of them ` +
    "behind the point: 'decimal(12,2)'"
  );
}

function parseTimestampType(unit: string, zone: string | undefined): ScalarDataType | string {
  if (!UNITS.includes(unit)) return `the unit of a timestamp is one of ${UNITS.join(', ')}`;
  if (zone === LOCAL) return { kind: 'timestamp', unit: unit as TimeUnit, zone: null };
  if (zone === undefined || isZone(zone)) {
    return { kind: 'timestamp', unit: unit as TimeUnit, zone: zone ?? 'UTC' };
  }
  return `'${zone}' is no time zone; write UTC, a name such as Europe/Berlin, or local for none`;
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** A scalar type as {@link parseType} reads it. */
export function scalarToString(type: ScalarDataType): string {
  if (type.kind === 'decimal') return `decimal(${type.precision},${type.scale})`;
  if (type.kind !== 'timestamp') return type.kind;
  if (type.zone === null) return `timestamp(${type.unit},${LOCAL})`;
  if (type.zone !== 'UTC') return `timestamp(${type.unit},${type.zone})`;
  return type.unit === 'us' ? 'timestamp' : `timestamp(${type.unit})`;
}

// Names that other systems have for our types, where the edit distance would mislead.
const OTHER_NAMES: Readonly<Record<string, string>> = {
  string: 'utf8',
  text: 'utf8',
  varchar: 'utf8',
  enum: 'dictionary',
  boolean: 'bool',
  byte: 'int8',
  short: 'int16',
  int: 'int32',
  integer: 'int32',
  long: 'int64',
  bigint: 'int64',
  number: 'float64',
  double: 'float64',
  float: 'float32',
  real: 'float32',
  numeric: 'decimal(18,2)',
  decimal: 'decimal(18,2)',
  datetime: 'timestamp',
  interval: 'duration',
  bytes: 'binary',
  blob: 'binary',
  any: 'json',
  object: 'json',
};

function nearestType(text: string): string {
  const known = OTHER_NAMES[text.trim().toLowerCase()];
  // Of names that are equally near the most used one is meant.
  return known ?? nearestName(text, ['int64', 'int32', ...PLAIN_TYPES, 'timestamp']);
}
