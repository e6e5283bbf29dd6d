import { Decimal, Vector } from 'apache-arrow';
import { expect, test } from 'vitest';
import { unscaledOf, unscaledToString } from '../../src/arrow/decimal.ts';
import { decimalFromString, decimalToString } from '../../src/index.ts';
import { Random, SEED } from '../operators/random.ts';
import { dataOf } from './batches.ts';

test.each([
  ['12.50', 2, '12.50'],
  ['12.5', 2, '12.50'],
  ['-0.05', 2, '-0.05'],
  ['0', 0, '0'],
  ['-0', 3, '0.000'],
  ['.5', 1, '0.5'],
  ['5.', 1, '5.0'],
  ['+7', 0, '7'],
  ['1.2500e1', 1, '12.5'],
  ['12e-1', 1, '1.2'],
  ['1e3', 0, '1000'],
  ['0e9999', 0, '0'],
  ['1.500', 1, '1.5'],
  ['0.00000', 2, '0.00'],
  ['99999999999999999999999999999999999999', 0, '99999999999999999999999999999999999999'],
  ['-0.99999999999999999999999999999999999999', 38, '-0.99999999999999999999999999999999999999'],
])('%s with the scale %i is %s', (text, scale, expected) => {
  expect(decimalToString(decimalFromString(text, scale), scale)).toBe(expected);
});

test.each([
  ['1.255', 2, 38, /more than 2 digits behind the point/],
  ['1e-3', 2, 38, /more than 2 digits behind/],
  ['1000.00', 2, 5, /more than 3 digits before the point/],
  ['1e38', 0, 38, /more than 38 digits before/],
  ['1e9999', 0, 38, /more than 38 digits before/],
  ['', 0, 38, /not written as a number/],
  ['.', 0, 38, /not written as a number/],
  ['1,5', 1, 38, /not written as a number/],
  ['NaN', 1, 38, /not written as a number/],
  ['1e99999', 1, 38, /not written as a number/],
  [' 1', 1, 38, /not written as a number/],
])('%s with the scale %i and %i digits is refused', (text, scale, precision, message) => {
  expect(() => decimalFromString(text, scale, precision)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) }),
  );
});

test('every decimal survives the way through text and through Arrow', () => {
  const random = new Random(SEED);
  for (let i = 0; i < 500; i++) {
    const scale = random.below(39);
    const bits = BigInt(1 + random.below(126));
    const unscaled = ((1n << bits) - BigInt(random.below(1000))) * (random.next() < 0.5 ? -1n : 1n);
    const text = unscaledToString(unscaled, scale);
    const vector = new Vector([
      dataOf(new Decimal(scale, 38, 128), [decimalFromString(text, scale)]),
    ]);
    const words = vector.get(0) as Uint32Array;
    expect(unscaledOf(words), `seed ${SEED}`).toBe(unscaled);
    expect(decimalToString(words, scale)).toBe(text);
  }
});
