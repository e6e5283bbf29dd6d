/** Doubles that take thousands of digits to write, against JSON.parse. */
import { expect, test } from 'vitest';
import { RowDecoder } from './decode-rows.ts';

const zeros = (count: number) => '0'.repeat(count);
const nines = (count: number) => '9'.repeat(count);

// The number exactly between 1 and the double above it: a tie, which a digit far behind decides.
const TIE = '1.00000000000000011102230246251565404236316680908203125';

const NUMBERS = [
  `1${zeros(70_000)}e-70000`,
  `12345678901234567890123${zeros(66_000)}e-66010`,
  `0.${zeros(70_000)}1e70001`,
  `0.${zeros(70_000)}17976931348623157e70309`,
  `-0.${zeros(100_000)}25e100000`,
  `0.${zeros(100_000)}e100000`,
  `${zeros(1)}.${zeros(2_000)}5e-5000`,
  `${nines(2_000)}e-2000`,
  `${nines(100_000)}e-99999`,
  TIE,
  `${TIE}${zeros(900)}`,
  `${TIE}${zeros(900)}1`,
  `${TIE}${zeros(70_000)}1`,
  `-${TIE}${zeros(70_000)}1`,
  `49406564584124654${zeros(3_000)}e-3340`,
  `24703282292062327${zeros(3_000)}e-3340`,
  `24703282292062328${zeros(3_000)}e-3340`,
];

test('long numbers are rounded as JSON.parse rounds them', () => {
  const decoder = new RowDecoder({ x: 'float64' });
  const { rows, decoded } = decoder.decode(NUMBERS.map((number) => `{"x":${number}}`));
  expect(decoded.rejectCount).toBe(0);
  for (const [i, number] of NUMBERS.entries()) {
    expect(rows[i]!.x, number.slice(0, 40)).toBe(JSON.parse(number));
  }
});

test.each([
  `1${zeros(70_000)}`,
  `0.${zeros(70_000)}1e70400`,
  `1${zeros(2_000)}e-1600`,
  '1e99999999999999999999',
])('a number that no double can hold is rejected (%#)', (number) => {
  const { decoded } = new RowDecoder({ x: 'float64' }).decode([`{"x":${number}}`]);
  expect(decoded.rejects[0]).toMatchObject({ code: 'range', column: 'x' });
});
