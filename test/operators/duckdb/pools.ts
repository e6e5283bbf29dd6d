/** Random values of each type that meet: extremes, near misses, small ones that stay in range. */
import type { DataType, TimeUnit } from '../../../src/arrow/schema.ts';
import { integerRange, isInteger } from '../../../src/operators/common-type.ts';
import type { Value } from '../../wasm/columns.ts';
import type { Random } from '../random.ts';

const TEXTS = [
  '',
  'a',
  'A',
  'abc',
  'Abc abc',
  ' padded ',
  'ä',
  'Äöü ß €',
  'straße',
  '😀 smile',
  'x,y,,z',
  'a%b_c',
  '12',
  '-7.5',
  'true',
  '2024-02-29',
  '2024-02-29 12:34:56.789',
  '12:30',
  ' 1e2 ',
  '0000-01-01',
  '9999-12-31T23:59:59.999999Z',
  '-0',
  '9007199254740993',
  '{"a":1}',
  'hello world, a text of more than sixteen bytes',
  'HELLO WORLD, A TEXT OF MORE THAN SIXTEEN BYTES',
];
const DOCUMENTS = [
  '{"a":[1,2.5,"x"],"b":{"c":[true,null,"7"]}}',
  '{"a":"text","key x":-3}',
  '[1,"2024-05-01",{"a":null}]',
  '"a string"',
  '12',
  'true',
  'null',
  '{}',
  '{"a":{"a":"é\\n\\"q\\""},"b":{"c":["1e3"]}}',
];
const WORDS = ['red', 'green', 'blue', '', 'Grün'];
const DOUBLES = [
  ...[0, -0, 1, -1.5, 0.5, 2.5, -2.5, 1e15, 2 ** 53, -(2 ** 53), 2 ** 63, 1e308, -1e308],
  ...[5e-324, -5e-324, Number.NaN, Infinity, -Infinity],
];
const FLOATS = [
  ...[0, -0, 1, -1.5, 0.5, 2.5, 2 ** 24, 2 ** 53, 2 ** -149, Math.fround(0.1)],
  ...[Math.fround(3.4028235e38), Number.NaN, Infinity, -Infinity],
];
/** How many of the times are at the ends of their type, of the years that have four digits. */
const ODD_TIMES = 0.2;

const DAY_US = 86_400_000_000n;
/** Days of 1970 less those of the first day of years. */
const YEAR_DAYS = [-719_893, -719_528, -719_163, -719_162, 2_932_896, 2_932_897];
/** The least and the greatest are infinite in DuckDB. */
const ODD_DAYS = [...YEAR_DAYS, 0, -1, -(2 ** 31) + 2, 2 ** 31 - 2];
const ODD_CLOCKS = [0n, 1n, DAY_US - 1n, 43_200_000_000n];
/** What DuckDB's timestamps of a unit hold. */
const TIMESTAMP_ENDS: Readonly<Record<TimeUnit, readonly [bigint, bigint]>> = {
  s: [-9_223_372_022_400n, 9_223_372_036_854n],
  ms: [-9_223_372_022_400_000n, 9_223_372_036_854_775n],
  us: [-9_223_372_022_400_000_000n, 9_223_372_036_854_775_806n],
  ns: [-9_223_286_400_000_000_000n, 9_223_372_036_854_775_000n],
};
const PER_DAY: Readonly<Record<TimeUnit, bigint>> = {
  s: 86_400n,
  ms: 86_400_000n,
  us: DAY_US,
  ns: DAY_US * 1000n,
};

// Near the ends DuckDB loses bits of those with a zone. It cuts nanoseconds towards 0, not down.
function timestamps(unit: TimeUnit, isZoned: boolean): (random: Random) => Value {
  const perDay = PER_DAY[unit];
  const [low, high] = TIMESTAMP_ENDS[unit];
  const midnights = [...YEAR_DAYS, 0].map((day) => BigInt(day) * perDay);
  const step = unit === 'ns' ? 1000n : 1n;
  const odd = midnights.flatMap((at) => [at, at - step]);
  if (!isZoned) odd.push(low, high);
  const possible = odd.filter((at) => at >= low && at <= high);
  return (random) => {
    if (random.next() < ODD_TIMES) return random.pick(possible);
    const days = BigInt(random.below(40_000) - 10_000);
    return days * perDay + (BigInt(random.below(86_400)) * 1_000_100n * perDay) / DAY_US;
  };
}

/** What makes values of a type; small values are more frequent than extremes. */
export function poolOf(type: DataType, name: string): (random: Random) => Value {
  if (isInteger(type.kind)) return integers(type.kind);
  switch (type.kind) {
    case 'bool':
      return (random) => random.next() < 0.5;
    case 'float64':
      if (name === 'share') return (random) => Math.round((random.next() - 0.5) * 1e6) / 1e4;
      return (random) => random.pick(DOUBLES);
    case 'float32':
      return (random) => random.pick(FLOATS);
    case 'decimal':
      return (random) => {
        const digits = random.below(type.precision + 1);
        const value = BigInt(`1${'0'.repeat(digits)}`) - BigInt(random.below(300));
        return (random.next() < 0.5 ? value : -value) % 10n ** BigInt(type.precision);
      };
    case 'utf8':
      return (random) => random.pick(TEXTS);
    case 'dictionary':
      return (random) => random.pick(WORDS);
    case 'json':
      return (random) => random.pick(DOCUMENTS);
    case 'binary':
      return (random) => Uint8Array.from({ length: random.below(20) }, () => random.below(256));
    case 'date':
      return (random) =>
        random.next() < ODD_TIMES ? random.pick(ODD_DAYS) : random.below(40_000) - 10_000;
    case 'time':
      return (random) => {
        if (random.next() < ODD_TIMES) return random.pick(ODD_CLOCKS);
        return BigInt(random.below(86_400)) * 1_000_000n + BigInt(random.below(3) * 500);
      };
    case 'duration':
      return (random) => {
        const micros = BigInt(Math.floor((random.next() - 0.5) * 2 ** (10 + random.below(43))));
        return random.next() < 0.2 ? 0n : micros;
      };
    case 'timestamp':
      return timestamps(type.unit, type.zone !== null);
    case 'list': {
      const item = poolOf(type.item.type, '');
      return (random) =>
        Array.from({ length: random.below(4) }, () => (random.next() < 0.2 ? null : item(random)));
    }
    case 'map': {
      const value = poolOf(type.value.type, '');
      const one = (random: Random) => (random.next() < 0.2 ? null : value(random));
      return (random) =>
        new Map(WORDS.slice(0, random.below(4)).map((word) => [word, one(random)]));
    }
    case 'struct': {
      const members = type.fields.map((field) => [field.name, poolOf(field.type, '')] as const);
      return (random) =>
        Object.fromEntries(
          members.map(([key, pool]) => [key, random.next() < 0.2 ? null : pool(random)]),
        );
    }
    default:
      throw new Error(`no values of ${type.kind}`);
  }
}

function integers(kind: Parameters<typeof integerRange>[0]): (random: Random) => Value {
  const [low, high] = integerRange(kind);
  const isWide = kind === 'int64' || kind === 'uint64';
  const extremes = [low, high, high - 1n, low < 0n ? low + 1n : 1n, high >> 1n];
  if (isWide) extremes.push(2n ** 53n, 2n ** 53n + 1n);
  return (random) => {
    const small = BigInt(random.below(20) - (low < 0n ? 8 : 0));
    const value = random.next() < 0.15 ? random.pick(extremes) : small;
    return isWide ? value : Number(value);
  };
}
