/** Decimals as floats: the nearest one, as JavaScript reads it from their digits. */
import { expect, test } from 'vitest';
import { col } from '../../src/operators/expr.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { Random, SEED } from './random.ts';
import { valuesOf } from './run-expr.ts';

const wasm = makeInstance({ megabytes: 32 });

function cast(
  type: `decimal(${number},${number})`,
  values: readonly bigint[],
  to: 'float32' | 'float64',
) {
  openArena(wasm);
  wasm.exports.state_reset();
  return valuesOf(wasm, col('a').cast(to), { a: [type, values] });
}

/** Of every length, with zeros and nines, and halves between two doubles. */
function randomUnscaled(random: Random, precision: number): bigint {
  let digits = '';
  const length = 1 + random.below(precision);
  while (digits.length < length) digits += random.pick(['0', '9', String(random.below(10))]);
  const half = (2n ** 53n + 2n * BigInt(random.below(1e9)) + 1n) * 10n ** BigInt(random.below(20));
  const value = random.next() < 0.2 && half < 10n ** BigInt(precision) ? half : BigInt(digits);
  return random.next() < 0.5 ? value : -value;
}

test.for([
  [9, 2],
  [15, 15],
  [16, 3],
  [18, 0],
  [18, 4],
  [18, 18],
  [19, 4],
  [30, 6],
  [38, 0],
  [38, 10],
  [38, 20],
  [38, 38],
] as const)('decimal(%i,%i) as float64', ([precision, scale]) => {
  const random = new Random(SEED + precision + scale);
  const values = Array.from({ length: 2_000 }, () => randomUnscaled(random, precision));
  const expected = values.map((value) => Number(`${value}e-${scale}`));
  // No decimal is -0.
  expect(cast(`decimal(${precision},${scale})`, values, 'float64')).toEqual(
    expected.map((x) => x + 0),
  );
});

test('as float32, rounded once', () => {
  // One more than the middle of two floats, and as much less, beyond a double's digits.
  const middle = 2n ** 24n + 1n;
  for (const scale of [0, 1, 9, 10, 12]) {
    const unit = 10n ** BigInt(scale);
    const near = [middle * unit, middle * unit + 1n, middle * unit - 1n, -middle * unit - 1n];
    const expected = [16777216, 16777218, 16777216, -16777218];
    expect(cast(`decimal(38,${scale})`, near, 'float32')).toEqual(expected);
    if (scale <= 10) expect(cast(`decimal(18,${scale})`, near, 'float32')).toEqual(expected);
  }
  // Below 2^-126 a float has fewer digits.
  const small = [1n, 7n, 1234567n, 99999999999n, -3n];
  expect(cast('decimal(38,38)', small, 'float32')).toEqual(
    small.map((value) => Math.fround(Number(`${value}e-38`))),
  );
});
