/** Random messages that have something in common: what a schema can be inferred from. */
import type { Random } from '../../bench/data/random.ts';

/** Writes the text of one value. */
export type ValueWriter = (random: Random) => string;

const NUMBERS = [
  ...['0', '-0', '1', '-1', '127', '-128', '255', '65536', '4294967296', '9007199254740993'],
  ...['9223372036854775807', '-9223372036854775808', '9223372036854775808'],
  ...['18446744073709551615', '18446744073709551616', '-9223372036854775809'],
  ...['99999999999999999999999999999999999999', '123456789012345678901234567890123456789012'],
];
const FRACTIONS = ['1.0', '1.5', '-0.001', '1e3', '2.5e-7', '1e308', '1e309', '0.10', '5e-324'];
const TEXTS = [
  '',
  'x',
  'é',
  '日本',
  '\\u0041\\n',
  '\\ud83c\\udf81',
  'a text longer than a block is',
];
const NUMERIC = ['"1"', '"-2.50"', '"1e3"', '"0.001"', '"12345678901234567890"', '"00"'];
const TIMES: readonly (readonly string[])[] = [
  ['"2026-01-15"', '"2024-02-29"', '"0001-01-01"', '"9999-12-31"', '"-000044-03-15"'],
  ['"10:30:00"', '"23:59:59.999999"', '"00:00:00.1"', '"08:30"', '"08:30:00.123456789"'],
  ['"PT5S"', '"-P1DT2H3M4.5S"', '"PT0.000001S"', '"P9999999D"', '"p-1w"', '"PT0.3333333H"'],
  ['"P1M"', '"P1Y2M3D"', '"PT5S"'],
  ['"2026-01-15T10:30:00Z"', '"2026-01-15 10:30:00.123456+01:00"', '"0001-01-01T00:00Z"'],
  ['"2026-01-15t10:30z"', '"2026-01-15T10:30:00+0200"', '"2026-01-15T10:30:00.1234567-05"'],
  ['"2026-01-15T10:30:00"', '"2026-01-15 10:30:00.123"', '"9999-12-31T23:59:59.999999"'],
  ['"2026-01-15T10:30:00.123456789Z"', '"1678-01-01T00:00:00Z"', '"2261-12-31T23:59:59.5Z"'],
];
const NAMES = ['a', 'id', 'é', 'x\\"y', '17', 'a_name_of_more_than_sixteen_bytes', '_offset', 'q?'];

const oneOf =
  (texts: readonly string[]): ValueWriter =>
  (random) =>
    random.pick(texts);

/** A writer of values that are mostly alike, up to `depth` deep. */
export function randomValue(random: Random, depth: number): ValueWriter {
  const alike = aKindOfValue(random, depth);
  const rare = aKindOfValue(random, 0);
  const nulls = random.pick([0, 0, 0.1, 1]);
  const odd = random.pick([0, 0, 0, 0.05]);
  return (next) => {
    if (next.chance(nulls)) return 'null';
    return next.chance(odd) ? rare(next) : alike(next);
  };
}

function aKindOfValue(random: Random, depth: number): ValueWriter {
  const scalars: readonly (() => ValueWriter)[] = [
    () => oneOf(['true', 'false']),
    () => oneOf(random.shuffle([...NUMBERS]).slice(0, random.integer(1, 6))),
    () => oneOf(random.shuffle([...NUMBERS, ...FRACTIONS]).slice(0, random.integer(1, 8))),
    () => oneOf(TEXTS.map((text) => `"${text}"`)),
    () => oneOf(random.shuffle([...NUMERIC]).slice(0, random.integer(1, 6))),
    () => oneOf(random.pick(TIMES)),
    () => oneOf(random.pick(TIMES).concat(random.pick(TIMES))),
  ];
  const nested = [
    () => listWriter(random, depth),
    () => objectWriter(random, depth),
    () => mapWriter(random, depth),
  ];
  return random.pick(depth > 0 ? [...scalars, ...nested] : scalars)();
}

function listWriter(random: Random, depth: number): ValueWriter {
  const item = randomValue(random, depth - 1);
  const most = random.pick([0, 1, 4]);
  return (next) => `[${repeat(next.integer(0, most), () => item(next)).join(', ')}]`;
}

function mapWriter(random: Random, depth: number): ValueWriter {
  const value = randomValue(random, depth - 1);
  const keys = random.pick([3, 300, 10_000]);
  const prefix = random.pick(['', 'k']);
  return (next) => {
    const members = repeat(next.integer(0, 5), () => {
      return `"${prefix}${next.integer(0, keys)}":${value(next)}`;
    });
    return `{${members.join(',')}}`;
  };
}

/** A writer of objects with the same members, most of them. */
export function objectWriter(random: Random, depth: number): ValueWriter {
  const names = random.shuffle([...NAMES]).slice(0, random.integer(1, NAMES.length));
  const missing = random.pick([0, 0, 0.2]);
  const members = names.map((name) => ({ name, value: randomValue(random, depth - 1) }));
  const twice = random.pick([0, 0, 0.1]);
  return (next) => {
    const present = members.filter(() => !next.chance(missing));
    const again = present.filter(() => next.chance(twice));
    const texts = [...present, ...again].map(({ name, value }) => `"${name}" :${value(next)}`);
    return `{${texts.join(', ')}}`;
  };
}

function repeat<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
