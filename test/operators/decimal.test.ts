/** Decimals against whole numbers of any size: most of all where 18 digits become 19. */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { col, type Expr, least } from '../../src/operators/expr.ts';
import { typeOf } from '../../src/operators/lower.ts';
import type { WasmInstance } from '../../src/wasm/instance.ts';
import type { Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { Random, SEED } from './random.ts';
import { type TestColumns, valuesOf } from './run-expr.ts';

type Decimal = readonly [precision: number, scale: number];
/** What a row has: nothing where it fails. */
type Result = bigint | number | boolean | null | undefined;

const TYPES: readonly Decimal[] = [
  [1, 0],
  [9, 2],
  [12, 12],
  [17, 1],
  [18, 0],
  [18, 6],
  [18, 18],
  [19, 0],
  [19, 6],
  [20, 4],
  [38, 0],
  [38, 20],
];
const ROWS = 150;
const power = (digits: number) => 10n ** BigInt(digits);
const name = ([precision, scale]: Decimal) => `decimal(${precision},${scale})` as const;
const magnitude = (value: bigint) => (value < 0n ? -value : value);

// Halves away from zero.
function rounded(value: bigint, divisor: bigint): bigint {
  const whole = (magnitude(value) + divisor / 2n) / divisor;
  return value < 0n ? -whole : whole;
}

function rescaled(value: bigint, from: number, to: number): bigint {
  return to >= from ? value * power(to - from) : rounded(value, power(from - to));
}

const inRange = (value: bigint, precision: number) =>
  magnitude(value) < power(precision) ? value : undefined;

/** Extremes, near misses of powers of ten and of two, and small ones. */
function randomValues(random: Random, precision: number): Value[] {
  const most = power(precision) - 1n;
  const edges = [0n, 1n, most, most - 1n, most / 2n, 1n << 31n, 1n << 32n, (1n << 62n) + 1n, 5n];
  return Array.from({ length: ROWS }, () => {
    if (random.next() < 0.1) return null;
    const digits = random.below(precision + 1);
    const near = power(digits) - BigInt(random.below(4) - 1);
    const value = random.next() < 0.5 ? random.pick(edges) : near;
    const kept = value > most ? most : value;
    return random.next() < 0.5 ? kept : -kept;
  });
}

/** Rows that have a result in one run, beside rows that fail and are not selected; and those. */
function check(
  wasm: WasmInstance,
  expr: Expr,
  columns: TestColumns,
  expected: readonly Result[],
  constant: readonly string[] = [],
): void {
  const all = expected.map((_, row) => row);
  const good = all.filter((row) => expected[row] !== undefined);
  const bad = all.filter((row) => expected[row] === undefined);
  const what = `seed ${SEED}: ${inspect(expr)} of ${Object.values(columns).map(([type]) => type)}`;
  // Most rows are dense loops, a tenth are not.
  for (const rows of [good, good.filter((row) => row % 10 === 0)]) {
    openArena(wasm);
    const found = valuesOf(wasm, expr, columns, { rows, constant });
    expect(found, what).toEqual(rows.map((row) => expected[row]));
  }
  for (const row of bad.slice(0, 3)) {
    const rows = [...good.filter((one) => one < row), row, ...good.filter((one) => one > row)];
    openArena(wasm);
    let failed: unknown = 'none';
    try {
      valuesOf(wasm, expr, columns, { rows, constant });
    } catch (error) {
      failed = (error as { context?: { row: number } }).context?.row;
    }
    expect(failed, `${what} fails on a row`).toBe(row);
  }
}

const OPERATORS = {
  add: (a: bigint, b: bigint) => a + b,
  sub: (a: bigint, b: bigint) => a - b,
  mod: (a: bigint, b: bigint) => (b === 0n ? null : a % b),
} as const;
const COMPARISONS = {
  eq: (a: bigint, b: bigint) => a === b,
  lt: (a: bigint, b: bigint) => a < b,
  ge: (a: bigint, b: bigint) => a >= b,
} as const;

/** The result's type, or the operands' where it is no decimal; undefined where there is none. */
function decimalOf(expr: Expr, columns: TestColumns): Decimal | undefined {
  try {
    const fields = Object.entries(columns).map(([column, [type]]) => {
      const [precision, scale] = String(type).match(/\d+/g)!.map(Number) as [number, number];
      const decimal = { kind: 'decimal', precision, scale } as const;
      return { name: column, type: decimal, nullable: true };
    });
    const { type } = typeOf(expr.node, { fields });
    return type.kind === 'decimal' ? [type.precision, type.scale] : undefined;
  } catch {
    return undefined;
  }
}

function rowsOf(
  a: readonly Value[],
  b: readonly Value[],
  compute: (a: bigint, b: bigint) => Result,
): Result[] {
  return a.map((value, row) => {
    const other = b[row]!;
    return value === null || other === null ? null : compute(value as bigint, other as bigint);
  });
}

test.for(TYPES)('sums, products, remainders and comparisons of %s', (first) => {
  const wasm = makeInstance({ megabytes: 32 });
  const random = new Random(SEED);
  for (const second of TYPES) {
    const a = randomValues(random, first[0]);
    const b = randomValues(random, second[0]);
    const one = new Array(ROWS).fill(b.find((value) => value !== null));
    const sources: readonly (readonly [readonly Value[], readonly Value[], string[]])[] = [
      [a, b, []],
      [a, one, ['b']],
      [new Array(ROWS).fill(a.find((value) => value !== null)), b, ['a']],
    ];
    for (const [left, right, constant] of sources) {
      const columns = { a: [name(first), left], b: [name(second), right] } as const;
      for (const [op, compute] of Object.entries(OPERATORS)) {
        const expr = col('a')[op as keyof typeof OPERATORS](col('b'));
        const type = decimalOf(expr, columns);
        if (type === undefined) continue;
        // An operand that has no room in the result's type fails beside a null, too.
        const operand = (value: Value, from: number): Result =>
          value === null ? null : inRange(rescaled(value as bigint, from, type[1]), type[0]);
        const expected = left.map((value, row): Result => {
          const x = operand(value, first[1]);
          const y = operand(right[row]!, second[1]);
          if (x === undefined || y === undefined) return undefined;
          if (x === null || y === null) return null;
          const result = compute(x as bigint, y as bigint);
          return result === null ? null : inRange(result, type[0]);
        });
        check(wasm, expr, columns, expected, constant);
      }
      const product = col('a').mul(col('b'));
      const type = decimalOf(product, columns);
      if (type !== undefined) {
        const expected = rowsOf(left, right, (x, y) => inRange(x * y, type[0]));
        check(wasm, product, columns, expected, constant);
      }
      const [precision, scale] = decimalOf(col('a').add(col('b')), columns)!;
      if (precision === 38) continue;
      for (const [op, compute] of Object.entries(COMPARISONS)) {
        const expr = col('a')[op as keyof typeof COMPARISONS](col('b'));
        const expected = rowsOf(left, right, (x, y) =>
          compute(rescaled(x, first[1], scale), rescaled(y, second[1], scale)),
        );
        check(wasm, expr, columns, expected, constant);
      }
    }
  }
});

test.for(TYPES)('functions of %s', (type) => {
  const wasm = makeInstance({ megabytes: 32 });
  const [precision, scale] = type;
  const a = randomValues(new Random(SEED), precision);
  const columns = { a: [name(type), a] } as const;
  const unary = (expr: Expr, compute: (value: bigint) => Result) =>
    check(wasm, expr, columns, rowsOf(a, a, compute));
  const floor = (value: bigint) => {
    const whole = value / power(scale);
    return value < whole * power(scale) ? whole - 1n : whole;
  };
  unary(col('a').neg(), (value) => -value);
  unary(col('a').abs(), magnitude);
  unary(col('a').sign(), (value) => (value > 0n ? 1 : value < 0n ? -1 : 0));
  unary(col('a').floor(), (value) => inRange(floor(value), precision));
  unary(col('a').ceil(), (value) => inRange(-floor(-value), precision));
  for (const digits of [0, 1, 4, -1, -17, -18, -30]) {
    unary(col('a').round(digits), (value) => {
      if (digits >= scale) return value;
      const zeros = power(Math.max(-digits, 0));
      const unit = power(scale - Math.max(digits, 0)) * zeros;
      return inRange(rounded(value, unit) * zeros, precision);
    });
  }
  const middle = a.find((value) => value !== null) as bigint;
  const other = { a: columns.a, b: [name(type), new Array(ROWS).fill(middle)] } as const;
  for (const constant of [[], ['b']]) {
    const lower = a.map((value) => (value === null || middle < (value as bigint) ? middle : value));
    check(wasm, least(col('a'), col('b')), other, lower as bigint[], constant);
  }
});

test.for(TYPES)('casts of %s', (type) => {
  const wasm = makeInstance({ megabytes: 32 });
  const random = new Random(SEED);
  const [precision, scale] = type;
  const a = randomValues(random, precision);
  const columns = { a: [name(type), a] } as const;
  for (const to of TYPES) {
    const expected = rowsOf(a, a, (value) => inRange(rescaled(value, scale, to[1]), to[0]));
    check(wasm, col('a').cast(name(to)), columns, expected);
    const lenient = expected.map((value) => value ?? null);
    check(wasm, col('a').tryCast(name(to)), columns, lenient);
  }
  for (const bits of [8, 16, 32, 64]) {
    for (const signed of [true, false]) {
      const kind = `${signed ? '' : 'u'}int${bits}` as 'int8';
      const wrap = signed ? BigInt.asIntN : BigInt.asUintN;
      const whole = (value: bigint) => {
        const number = rescaled(value, scale, 0);
        if (wrap(bits, number) !== number) return undefined;
        return bits === 64 ? number : Number(number);
      };
      check(wasm, col('a').cast(kind), columns, rowsOf(a, a, whole));
      const top = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
      const least = signed ? -top - 1n : 0n;
      const integers = a.map((_, row) => {
        if (row % 7 === 0) return null;
        const wide = random.pick([0n, 1n, top, least, top / 2n, power(17), power(18) + 1n]);
        return wide > top ? top : wide;
      });
      const given = integers.map((value) =>
        value === null || bits === 64 ? value : Number(value),
      );
      const made = rowsOf(integers, integers, (value) => inRange(value * power(scale), precision));
      check(wasm, col('a').cast(name(type)), { a: [kind, given] }, made);
    }
  }
});
