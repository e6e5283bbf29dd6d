import { describe, expect, test } from 'vitest';
import { type DurationParts, duration } from '../../../src/operators/expr/duration.ts';
import { exprToString } from '../../../src/operators/expr-text.ts';
import { durationToString, parseDuration } from '../../../src/operators/temporal-literal.ts';
import { Random, SEED } from '../random.ts';

test.for([
  ['PT1H30M', "duration 'PT1H30M'"],
  ['P1W', "duration 'P7D'"],
  ['-PT36H', "duration '-P1DT12H'"],
  ['PT0.000001S', "duration 'PT0.000001S'"],
  [{ days: 2, hours: 12 }, "duration 'P2DT12H'"],
  [{ hours: -1.5 }, "duration '-PT1H30M'"],
  [{ milliseconds: 1500, microseconds: 7n }, "duration 'PT1.500007S'"],
  [{ microseconds: 2n ** 63n - 1n }, "duration 'P106751991DT4H54.775807S'"],
  [{ seconds: 0 }, "duration 'PT0S'"],
  [{}, "duration 'PT0S'"],
] as const)('duration %#', ([of, text]) => {
  expect(exprToString(duration(of as DurationParts).node)).toBe(text);
});

describe('no duration', () => {
  test.for([
    ['P1M', "'P1M' is no duration; write 'PT1H30M', or { hours: 1, minutes: 30 }"],
    ['1h', "'1h' is no duration"],
    [{ hours: Number.NaN }, 'is no duration'],
    [{ days: 1e12 }, 'is no duration'],
    [{ microseconds: 2n ** 63n }, '{"microseconds":"9223372036854775808"} is no duration'],
    [{ months: 1 }, "duration has no part 'months'; it has weeks, days, hours, minutes, seconds"],
  ] as const)('%#', ([of, why]) => {
    expect(() => duration(of as DurationParts)).toThrow(why);
  });
});

test('the text of a duration says what it is', () => {
  const random = new Random(SEED);
  for (let i = 0; i < 1000; i++) {
    const micros = BigInt(Math.floor((random.next() - 0.5) * 2 ** (i % 53)));
    expect(parseDuration(durationToString(micros)), `seed ${SEED}`).toBe(micros);
  }
});
