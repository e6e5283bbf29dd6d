/** Random values of each type that meet: extremes, near misses, small ones that stay in range. */
import type { DataType } from '../../../src/arrow/schema.ts';
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
// Without -0: DuckDB reads the text as 0.
const DOUBLES = [0, 1, -1.5, 0.5, 2.5, 1e15, 1e308, -1e308, Number.NaN, Infinity, -Infinity];
const FLOATS = [0, 1, -1.5, 0.5, 2.5, 16777216, Number.NaN, Infinity, Math.fround(0.1)];
const DAY_US = 86_400_000_000n;

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
      return (random) => random.below(40_000) - 10_000;
    case 'time':
      return (random) => BigInt(random.below(86_400)) * 1_000_000n + BigInt(random.below(3) * 500);
    case 'duration':
      return (random) => {
        const micros = BigInt(Math.floor((random.next() - 0.5) * 2 ** (10 + random.below(43))));
        return random.next() < 0.2 ? 0n : micros;
      };
    case 'timestamp': {
      const perMicro = { s: 0n, ms: 0n, us: 1n, ns: 1000n }[type.unit];
      return (random) => {
        const days = BigInt(random.below(40_000) - 10_000);
        const micros = days * DAY_US + BigInt(random.below(86_400)) * 1_000_100n;
        return perMicro === 0n ? micros / 1000n : micros * perMicro;
      };
    }
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
  return (random) => {
    const small = BigInt(random.below(20) - (low < 0n ? 8 : 0));
    const value = random.next() < 0.15 ? random.pick(extremes) : small;
    return isWide ? value : Number(value);
  };
}
