import { describe, expect, test } from 'vitest';
import { readOne, rejectOfOne } from './read-one.ts';

describe('dates', () => {
  test.each([
    ['"1970-01-01"', 0],
    ['"1969-12-31"', -1],
    ['"2026-01-15"', 20_468],
    ['"2024-02-29"', 19_782],
    ['"0000-01-01"', -719_528],
    ['"9999-12-31"', 2_932_896],
    ['"+010000-01-01"', 2_932_897],
    ['"-000001-12-31"', -719_529],
    ['"+5881580-07-11"', 2 ** 31 - 1],
    ['"-5877641-06-23"', -(2 ** 31)],
    ['"2026\\u002d01-15"', 20_468],
  ])('%s', (text, days) => {
    expect(readOne('date', text)).toBe(days);
  });

  test.each([
    ['"2026-02-29"', 'date'],
    ['"1900-02-29"', 'date'],
    ['"2026-1-15"', 'date'],
    ['"2026-00-15"', 'date'],
    ['"2026-01-15T00:00:00Z"', 'date'],
    ['"26-01-15"', 'date'],
    ['"+02026-01-15"', 'date'],
    ['"+0000000002026-01-15"', 'date'],
    ['""', 'date'],
    ['"+5881580-07-12"', 'range'],
    ['"-999999999999-01-01"', 'range'],
    ['20468', 'type'],
    ['"2026-01-15', 'syntax'],
  ])('refuses %s', (text, reject) => {
    expect(readOne('date', text)).toEqual({ reject });
  });
});

describe('times of day', () => {
  test.each([
    ['"00:00"', 0n],
    ['"10:30"', 37_800_000_000n],
    ['"10:30:15"', 37_815_000_000n],
    ['"10:30:15.5"', 37_815_500_000n],
    ['"23:59:59.999999"', 86_399_999_999n],
    ['"23:59:59.999999999"', 86_399_999_999n],
    ['"00:00:00.000000001"', 0n],
  ])('%s', (text, micros) => {
    expect(readOne('time', text)).toBe(micros);
  });

  test.each([
    ['"24:00"', 'time'],
    ['"23:60"', 'time'],
    ['"23:59:60"', 'time'],
    ['"1:30"', 'time'],
    ['"10:30Z"', 'time'],
    ['"10:30:00."', 'time'],
    ['"10:30:00.1234567890"', 'time'],
    ['"T10:30"', 'time'],
    ['"10"', 'time'],
    ['3600', 'type'],
  ])('refuses %s', (text, reject) => {
    expect(readOne('time', text)).toEqual({ reject });
  });
});

describe('durations', () => {
  test.each([
    ['"PT0S"', 0n],
    ['"PT1H2M3.5S"', 3_723_500_000n],
    ['"P1DT12H"', 129_600_000_000n],
    ['"P2W"', 1_209_600_000_000n],
    ['"P1W1D"', 691_200_000_000n],
    ['"-PT5S"', -5_000_000n],
    ['"+PT5S"', 5_000_000n],
    ['"PT-5S"', -5_000_000n],
    ['"-PT-1H+30M"', 1_800_000_000n],
    ['"PT1.5H"', 5_400_000_000n],
    ['"PT0.000001S"', 1n],
    ['"PT0.0000009S"', 0n],
    ['"-PT0.0000019S"', -1n],
    ['"pt1h"', 3_600_000_000n],
    ['"PT36H"', 129_600_000_000n],
    ['"PT9223372036854.775807S"', 2n ** 63n - 1n],
    ['"-PT9223372036854.775808S"', -(2n ** 63n)],
    ['1500', 1_500_000n],
    ['-0.0015', -1n],
    ['1e3', 1_000_000n],
  ])('%s', (text, micros) => {
    expect(readOne('duration', text)).toBe(micros);
  });

  test.each([
    ['"P1Y"', 'months'],
    ['"P1M"', 'months'],
    ['"P1Y2M3DT4H"', 'months'],
    ['"P"', 'duration'],
    ['"PT"', 'duration'],
    ['"P1DT"', 'duration'],
    ['"1H"', 'duration'],
    ['"PT1"', 'duration'],
    ['"PT1H1H"', 'duration'],
    ['"PT1S1H"', 'duration'],
    ['"P1D1W"', 'duration'],
    ['"P1.5D"', 'duration'],
    ['"PT1.5H1S"', 'duration'],
    ['"PT1.S"', 'duration'],
    ['"PT.5S"', 'duration'],
    ['"PT1.1234567890S"', 'duration'],
    ['"PT1H "', 'duration'],
    ['"--PT1H"', 'duration'],
    ['"P1H"', 'duration'],
    ['""', 'duration'],
    ['"PT9223372036854.775808S"', 'range'],
    ['"P99999999999999999999W"', 'range'],
    ['"PT-1666666666666666666M99999999999999999999S"', 'range'],
    ['9223372036854775.808', 'range'],
    ['true', 'type'],
  ])('refuses %s', (text, reject) => {
    expect(readOne('duration', text)).toEqual({ reject });
  });
});

describe('timestamps of every unit', () => {
  const text = '"2026-01-15T10:30:00.123456789Z"';
  test.each([
    ['timestamp(s)', 1768473000n],
    ['timestamp(ms)', 1768473000123n],
    ['timestamp(us)', 1768473000123456n],
    ['timestamp(ns)', 1768473000123456789n],
    ['timestamp(ns,Europe/Berlin)', 1768473000123456789n],
  ] as const)('%s drops what is below it', (type, value) => {
    expect(readOne(type, text)).toBe(value);
    expect(readOne(type, text.replace('Z', '+00:00'))).toBe(value);
  });

  test.each([
    ['timestamp(s)', '-1500', -2n],
    ['timestamp(s)', '"1969-12-31T23:59:58.500Z"', -2n],
    ['timestamp(ms)', '-1.5', -2n],
    ['timestamp(us)', '-0.0001', -1n],
    ['timestamp(ns)', '1.5', 1_500_000n],
    ['timestamp(ns)', '1e3', 1_000_000_000n],
    ['timestamp(s)', '"+292277026596-12-04T15:30:07Z"', 2n ** 63n - 1n],
    ['timestamp(s)', '"-292277022657-01-27T08:29:52Z"', -(2n ** 63n)],
    ['timestamp(ns)', '"2262-04-11T23:47:16.854775807Z"', 2n ** 63n - 1n],
    ['timestamp(ns)', '"1677-09-21T00:12:43.145224192Z"', -(2n ** 63n)],
    ['timestamp(us)', '"+294247-01-10T04:00:54.775807Z"', 2n ** 63n - 1n],
  ] as const)('%s of %s', (type, value, expected) => {
    expect(readOne(type, value)).toBe(expected);
  });

  test.each([
    ['timestamp(s)', '"+292277026596-12-04T15:30:08Z"', 'range'],
    ['timestamp(ns)', '"2262-04-11T23:47:16.854775808Z"', 'range'],
    ['timestamp(ns)', '"1677-09-21T00:12:43.145224191Z"', 'range'],
    ['timestamp(ns)', '"9999-12-31"', 'range'],
    ['timestamp(us)', '"+294247-01-10T04:00:54.775808Z"', 'range'],
    ['timestamp(ms)', '9223372036854775808', 'range'],
    ['timestamp(ns)', '9223372036854.775808', 'range'],
    ['timestamp(ms)', '"2026-01-15T10:30:00.1234567890Z"', 'timestamp'],
  ] as const)('%s refuses %s', (type, value, reject) => {
    expect(readOne(type, value)).toEqual({ reject });
  });

  test('without a zone there must be no offset', () => {
    const wall = 1768473000123456n;
    expect(readOne('timestamp(us,local)', '"2026-01-15T10:30:00.123456"')).toBe(wall);
    expect(readOne('timestamp(us,local)', '"2026-01-15 10:30"')).toBe(1768473000000000n);
    expect(readOne('timestamp(us,local)', '"2026-01-15"')).toBe(1768435200000000n);
    expect(readOne('timestamp(ms,local)', '1768473000123')).toBe(1768473000123n);
    for (const offset of ['Z', 'z', '+00:00', '-09']) {
      expect(readOne('timestamp(s,local)', `"2026-01-15T10:30:00${offset}"`)).toEqual({
        reject: 'offset',
      });
    }
  });
});

test('reasons say what would work', () => {
  const reason = (type: Parameters<typeof rejectOfOne>[0], text: string) =>
    rejectOfOne(type, text)?.reason;
  expect(reason('timestamp(us,local)', '"2026-01-15T10:30:00Z"')).toBe(
    'an offset for column "x", which has no zone, in a string, `"2026-01-15T10:30:00Z"`; ' +
      'declare one: timestamp(us,UTC) (byte 5)',
  );
  expect(reason('duration', '"P1M"')).toBe(
    'years and months have no fixed length for column "x", found a string, `"P1M"`; ' +
      'give days or less (byte 5)',
  );
  expect(reason('date', '"15.01.2026"')).toBe(
    'expected a date, YYYY-MM-DD, for column "x", found a string, `"15.01.2026"` (byte 5)',
  );
  expect(reason('timestamp(ns)', '"9999-12-31"')).toBe(
    'a string, `"9999-12-31"` is out of range of timestamp(ns) for column "x" (byte 5)',
  );
});
