import { describe, test } from 'vitest';
import type { DataType, Schema } from '../../src/arrow/schema.ts';
import { coalesce, col, type Expr, lit } from '../../src/operators/expr.ts';
import type { WasmInstance } from '../../src/wasm/instance.ts';
import { scalarOf } from '../arrow/scalar-of.ts';
import type { Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { checkExpr, makeSelection, type TestData } from './check-expr.ts';
import { makeColumn } from './make-column.ts';
import { Random, SEED } from './random.ts';

const LENGTHS = [0, 1, 7, 8, 9, 63, 64, 65, 1000];
const NULLS = ['none', 'some', 'all'] as const;
const INT64_MAX = 0x7fffffffffffffffn;
const MICROS = 1_700_000_000_000_000n;

type Kind = 'bool' | 'int32' | 'int64' | 'float64' | 'utf8' | 'binary' | 'timestamp';

/** Values of each type that meet: equal ones, extremes, near misses. */
const POOLS: Readonly<Record<Kind, readonly Value[]>> = {
  bool: [true, false],
  int32: [0n, 1n, -1n, 2n, 7n, 46341n, -46341n, 2147483647n, -2147483648n],
  int64: [0n, 1n, -1n, 7n, 3037000500n, 1n << 32n, -(1n << 31n), INT64_MAX, -INT64_MAX - 1n],
  float64: [0, -0, 1, -1.5, 0.1, 1e308, -1e308, Number.NaN, Infinity, -Infinity, 7],
  utf8: [
    '',
    'a',
    'aa',
    'b',
    'ä',
    'aaaaaaaaaaaaaaaa',
    'aaaaaaaaaaaaaaaaa',
    'aaaaaaaaaaaaaaaab',
    'z',
  ],
  binary: ['', 'a', 'aa', 'b', 'ä', 'aaaaaaaaaaaaaaaaa'],
  timestamp: [0n, -1n, MICROS, MICROS + 1n],
};

const COMPARISONS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const;
const ARITHMETIC = ['add', 'sub', 'mul', 'div', 'mod'] as const;
const TYPES = Object.keys(POOLS) as Kind[];

/** Two columns `a`, `b` of random values and two constants of them, `ca`, `cb`. */
function makeData(
  wasm: WasmInstance,
  random: Random,
  kinds: readonly [Kind, Kind],
  nulls: (typeof NULLS)[number],
  length: number,
  pools = POOLS,
): TestData {
  const share = { none: 0, some: 0.3, all: 1 }[nulls];
  const value = (kind: Kind) => (random.next() < share ? null : random.pick(pools[kind]));
  const data = Object.fromEntries(
    (['a', 'b'] as const).map((name, i) => [name, Array.from({ length }, () => value(kinds[i]!))]),
  );
  const types: Record<string, DataType> = { a: scalarOf(kinds[0]), b: scalarOf(kinds[1]) };
  for (const name of ['a', 'b']) {
    data[`c${name}`] = new Array(length).fill(value(types[name]!.kind as Kind));
    types[`c${name}`] = types[name]!;
  }
  const schema: Schema = {
    fields: Object.entries(types).map(([name, type]) => ({ name, type, nullable: true })),
  };
  const columns = new Map(
    Object.entries(data).map(([name, values]) => {
      const constant = name.startsWith('c') && length > 0;
      return [name, makeColumn(wasm, types[name]!, values, { constant })];
    }),
  );
  const rows = Array.from({ length }, (_, row) =>
    Object.fromEntries(Object.entries(data).map(([name, values]) => [name, values[row]!])),
  );
  return { schema, columns, rows };
}

/** All rows, a prefix, none, each, most, few, the last. */
function selections(random: Random, length: number): (readonly number[] | undefined | 'prefix')[] {
  const all = Array.from({ length }, (_, row) => row);
  const share = (part: number) => all.filter(() => random.next() < part);
  return [undefined, 'prefix', [], all, share(0.8), share(0.1), all.slice(-1)];
}

/** Integers whose products do not overflow. */
const SMALL: typeof POOLS = {
  ...POOLS,
  int32: [0n, 1n, -1n, 2n, 7n, 46340n, -46340n],
  int64: [0n, 1n, -1n, 7n, 3037000499n, 1n << 31n, -3037000499n],
};

const BOTH = [POOLS, SMALL];

function checkAll(
  name: string,
  make: (random: Random) => readonly Expr[],
  kinds: readonly [Kind, Kind],
  allPools: readonly (typeof POOLS)[] = [POOLS],
) {
  const wasm = makeInstance({ megabytes: 32 });
  const random = new Random(SEED);
  for (const pools of allPools) {
    for (const nulls of NULLS) {
      for (const length of LENGTHS) {
        openArena(wasm);
        wasm.exports.state_reset();
        const data = makeData(wasm, random, kinds, nulls, length, pools);
        for (const rows of selections(random, length)) {
          const prefix = { address: 0, count: Math.floor(length / 2) };
          const selection = rows === 'prefix' ? prefix : makeSelection(wasm, rows, length);
          for (const { node } of make(random)) {
            const where = `${name}, ${nulls} null, ${length} rows, ${selection.count} selected`;
            try {
              checkExpr(wasm, node, data, selection);
            } catch (error) {
              throw new Error(`seed ${SEED}, ${where}: ${(error as Error).message}`, {
                cause: error,
              });
            }
          }
        }
      }
    }
  }
}

const PAIRS = [
  ['a', 'b'],
  ['a', 'cb'],
  ['ca', 'b'],
  ['ca', 'cb'],
] as const;

describe('kernels agree with row by row evaluation', () => {
  test.for(TYPES)('comparison of %s', (kind) => {
    const all = COMPARISONS.flatMap((op) => PAIRS.map(([a, b]) => col(a)[op](col(b))));
    checkAll(`comparison of ${kind}`, () => all, [kind, kind]);
  });

  test.for(['int32', 'int64', 'float64'] as const)('arithmetic on %s', (kind) => {
    const all = ARITHMETIC.flatMap((op) => PAIRS.map(([a, b]) => col(a)[op](col(b))));
    const exprs = [...all, col('a').neg(), col('ca').neg()];
    checkAll(`arithmetic on ${kind}`, () => exprs, [kind, kind], BOTH);
  });

  test.for([
    ['int32', 'int64'],
    ['int32', 'float64'],
    ['int64', 'float64'],
  ] as const)('promotion of %s beside %s', (kinds) => {
    const all = PAIRS.flatMap(([a, b]) => [col(a).add(col(b)), col(b).lt(col(a))]);
    checkAll(`promotion of ${kinds.join(' beside ')}`, () => all, kinds, BOTH);
  });

  test('text beside bytes', () => {
    const all = COMPARISONS.flatMap((op) => PAIRS.map(([a, b]) => col(a)[op](col(b))));
    checkAll('text beside bytes', () => all, ['utf8', 'binary']);
  });

  test.for(TYPES)('is null, coalesce and in of %s', (kind) => {
    const literals = (random: Random, count: number) =>
      Array.from({ length: count }, () => literalOf(random.pick(POOLS[kind]), kind));
    checkAll(
      `is null, coalesce and in of ${kind}`,
      (random) => [
        col('a').isNull(),
        col('ca').isNotNull(),
        ...PAIRS.map(([a, b]) => coalesce(col(a), col(b))),
        coalesce(col('a'), col('b'), literals(random, 1)[0]!),
        coalesce(lit(null), col('a')),
        col('a').in([]),
        col('a').in(literals(random, 2)),
        col('ca').in(literals(random, 3)),
        col('a').in([...literals(random, 12), null]),
        col('a').in([null]),
      ],
      [kind, kind],
    );
  });

  test('three-valued logic', () => {
    const all = PAIRS.flatMap(([a, b]) => [col(a).and(col(b)), col(a).or(col(b)), col(a).not()]);
    checkAll('logic', () => all, ['bool', 'bool']);
  });

  test('the right side of and, or, coalesce fails only where it is needed', () => {
    const next = col('a').add(col('b'));
    const all = [
      col('a').lt(1000).and(next.gt(0)),
      col('a').ge(1000).or(next.gt(0)),
      coalesce(col('a'), next),
      coalesce(col('b'), col('a').mul(3), lit(5)),
      col('a')
        .lt(1000)
        .and(col('b').lt(1000))
        .and(next.ne(5).or(col('a').isNull())),
    ];
    for (const kind of ['int32', 'int64'] as const)
      checkAll(`narrowing ${kind}`, () => all, [kind, kind], BOTH);
  });
});

function literalOf(value: Value, kind: Kind): boolean | number | bigint | string | Date {
  if (kind === 'timestamp') return new Date(Number((value as bigint) / 1000n));
  return value as boolean | number | bigint | string;
}
