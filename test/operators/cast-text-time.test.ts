import { beforeEach, expect, test } from 'vitest';
import type { TypeText } from '../../src/arrow/scalar-text.ts';
import type { Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { readTexts, textsOfValues } from './run-expr.ts';

const wasm = makeInstance({ megabytes: 32 });
beforeEach(() => {
  openArena(wasm);
  wasm.exports.state_reset();
});

const DAY = 86_400_000_000n;
const read = (type: TypeText, texts: readonly (string | null)[]) => readTexts(wasm, type, texts);
const print = (type: TypeText, values: readonly Value[]) => textsOfValues(wasm, type, values);

test('texts as dates and times', () => {
  const dates = [
    '2024-05-01',
    '2024-5-1',
    '2024/05/01',
    '2024-05-01 12:00',
    '1969-12-31',
    '10000-01-01',
    '-0001-01-01',
    '0002-01-01 (BC)',
    '0000-01-01',
  ];
  expect(read('date', dates)).toEqual([
    19844, 19844, 19844, 19844, -1, 2932897, -719893, -719893, -719528,
  ]);
  const padded = [' 2024-05-01', '2024-05-01\t', '\n 2024-05-01 12:00 ', ' 0001-01-01 (BC) '];
  expect(read('date', padded)).toEqual([19844, 19844, 19844, -719528]);
  const bad = [
    ' ',
    '2024-02-30',
    '2023-02-29',
    '2024-13-01',
    '2024-00-01',
    '2024-01',
    '20240501',
    '2024-05-01x',
    '2024-05/01',
    '',
    '9999999-01-01',
  ];
  expect(read('date', bad)).toEqual(bad.map(() => null));
  expect(read('date', ['2024-02-29', '2000-02-29', '1900-02-29'])).toEqual([19782, 11016, null]);
  const times = [
    '12:00',
    '1:2:3',
    '12:00:00.123',
    '2024-05-01 24:00:00',
    '23:59:59.9999999',
    '2024-05-01T06:00:00',
  ];
  expect(read('time', times)).toEqual([
    43_200_000_000n,
    3_723_000_000n,
    43_200_123_000n,
    0n,
    DAY - 1n,
    21_600_000_000n,
  ]);
  expect(read('time', [' 12:00', '12:00:00\t', ' 2024-05-01 12:00 '])).toEqual(
    new Array(3).fill(DAY / 2n),
  );
  expect(read('time', ['12', '12:60', '24:00:00', '12:00:60', '1:2:3 x', ''])).toEqual(
    new Array(6).fill(null),
  );
});

test('timestamps at the ends of their range round without an overflow', () => {
  const ends = ['294247-01-10 04:00:54.6', '-290308-12-21 19:59:05.3'];
  const most = 9_223_372_036_855n;
  expect(read('timestamp(s)', ends)).toEqual([most, -most]);
  const finer = ['294247-01-10 04:00:54.7756', '-290308-12-21 19:59:05.2244'];
  expect(read('timestamp(ms)', finer)).toEqual([most * 1000n - 224n, -most * 1000n + 224n]);
  expect(read('timestamp(s)', ['294247-01-10 04:00:55'])).toEqual([null]);
  const halves = ['1970-01-01 00:00:01.5', '1969-12-31 23:59:58.5', '1969-12-31 23:59:59.500001'];
  expect(read('timestamp(s)', halves)).toEqual([2n, -2n, 0n]);
});

test('texts as timestamps', () => {
  const noon = 19844n * DAY + DAY / 2n;
  const texts = [
    '2024-05-01 12:00:00',
    '2024-05-01T12:00:00Z',
    '2024-05-01 12:00:00+02',
    '2024-05-01T12:00:00.5-02:30',
    '2024-05-01 12:00 UTC',
    '2024-05-01 24:00:00',
    ' 2024-05-01',
  ];
  const hour = DAY / 24n;
  const half = 500_000n;
  expect(read('timestamp', texts)).toEqual([
    noon,
    noon,
    noon - 2n * hour,
    noon + (5n * hour) / 2n + half,
    noon,
    noon + DAY / 2n,
    noon - DAY / 2n,
  ]);
  expect(read('timestamp(us,local)', texts)).toEqual([
    noon,
    noon,
    noon,
    noon + half,
    noon,
    noon + DAY / 2n,
    noon - DAY / 2n,
  ]);
  expect(
    read('timestamp(s)', [
      '1970-01-01 00:00:00.5',
      '1969-12-31 23:59:59.5',
      '1969-12-31 23:59:59.500001',
    ]),
  ).toEqual([1n, -1n, 0n]);
  expect(read('timestamp(ms)', ['1970-01-01 00:00:00.0015', '1970-01-01 00:00:00.0014'])).toEqual([
    2n,
    1n,
  ]);
  expect(read('timestamp(ns)', ['1970-01-01 00:00:00.123456789', '2300-01-01'])).toEqual([
    123456789n,
    null,
  ]);
  const bad = [
    '2024-05-01 ',
    '2024-05-01T',
    '2024-05-01 25:00:00',
    '2024-05-01 12:00:00+2',
    '2024-05-01t12:00:00',
    '294248-01-01',
    'now',
  ];
  expect(read('timestamp', bad)).toEqual(bad.map(() => null));
});

test('texts as durations', () => {
  const texts = [
    '01:02:03.5',
    '-25:00:00',
    '1000:00',
    'PT1H2M3.5S',
    'P1DT1H',
    '-PT5S',
    'P2W',
    'PT0S',
  ];
  const s = 1_000_000n;
  expect(read('duration', texts)).toEqual([
    3723n * s + s / 2n,
    -90_000n * s,
    3_600_000n * s,
    3723n * s + s / 2n,
    90_000n * s,
    -5n * s,
    14n * DAY,
    0n,
  ]);
  const bad = [
    'P',
    'PT',
    'P1Y',
    'P1M',
    'PT1.5H',
    'PT1S2M',
    '1:2:3',
    '01:60:00',
    '',
    'P1',
    `P${'9'.repeat(18)}D`,
  ];
  expect(read('duration', bad)).toEqual(bad.map(() => null));
});

test('texts of dates, times, timestamps and durations', () => {
  expect(print('date', [19844, -1, -719893, 2932897])).toEqual([
    '2024-05-01',
    '1969-12-31',
    '0002-01-01 (BC)',
    '10000-01-01',
  ]);
  expect(print('time', [0n, 3_723_040_000n, DAY])).toEqual(['00:00:00', '01:02:03.04', '24:00:00']);
  const noon = 19844n * DAY + DAY / 2n;
  expect(print('date', [-719_162, -719_163, -719_528, -719_529])).toEqual([
    '0001-01-01',
    '0001-12-31 (BC)',
    '0001-01-01 (BC)',
    '0002-12-31 (BC)',
  ]);
  expect(print('timestamp', [noon, noon + 500_000n, -1n])).toEqual([
    '2024-05-01 12:00:00+00',
    '2024-05-01 12:00:00.5+00',
    '1969-12-31 23:59:59.999999+00',
  ]);
  expect(print('timestamp(s,local)', [1n, -1n])).toEqual([
    '1970-01-01 00:00:01',
    '1969-12-31 23:59:59',
  ]);
  expect(print('timestamp(ns)', [1n])).toEqual(['1970-01-01 00:00:00.000000001+00']);
  expect(print('timestamp(ms,local)', [-1n, 1500n])).toEqual([
    '1969-12-31 23:59:59.999',
    '1970-01-01 00:00:01.5',
  ]);
  expect(print('duration', [90_061_500_000n, -500_000n, 3_600_000_000_000n])).toEqual([
    '25:01:01.5',
    '-00:00:00.5',
    '1000:00:00',
  ]);
});
