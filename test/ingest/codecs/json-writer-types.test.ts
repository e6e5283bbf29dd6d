/** The JSON text of the types that JSON does not have. */
import { describe, expect, test } from 'vitest';
import type { DataType } from '../../../src/arrow/schema.ts';
import { type FieldLiteral, map, toSchema } from '../../../src/arrow/schema-literal.ts';
import type { Value } from '../../wasm/columns.ts';
import { makeInstance } from '../../wasm/harness.ts';
import { encodeRows } from './encode-rows.ts';

const wasm = makeInstance();

/** The text of each value in a column of its own. */
function texts(type: FieldLiteral, values: readonly Value[]): string[] {
  const rows = encodeRows(
    wasm,
    toSchema({ v: type }),
    values.map((v) => ({ v })),
  );
  return rows.map((row) => /^\{"v":(.*)\}$/s.exec(row)![1]!);
}

describe('numbers', () => {
  test('integers of every width', () => {
    expect(texts('int8', [-128, 127, 0])).toEqual(['-128', '127', '0']);
    expect(texts('int16', [-32768, 32767])).toEqual(['-32768', '32767']);
    expect(texts('uint8', [255])).toEqual(['255']);
    expect(texts('uint16', [65535])).toEqual(['65535']);
    expect(texts('uint32', [4294967295])).toEqual(['4294967295']);
    expect(texts('uint64', [0n, 2n ** 64n - 1n, 10n ** 19n])).toEqual([
      '0',
      '18446744073709551615',
      '10000000000000000000',
    ]);
  });

  test('float32 in its own digits', () => {
    const values: [number, string][] = [
      [0.1, '0.1'],
      [-0.25, '-0.25'],
      [1 / 3, '0.33333334'],
      [16777216, '16777216'],
      [33554436, '33554436'],
      [123456.79, '123456.79'],
      [9999.99, '9999.99'],
      [3.4028234663852886e38, '3.4028235e+38'],
      [2 ** -149, '1e-45'],
      [1e-7, '1e-7'],
      [1e-6, '0.000001'],
      [1e20, '100000000000000000000'],
      [1e21, '1e+21'],
      [-0, '0'],
      [Number.NaN, 'null'],
      [Number.NEGATIVE_INFINITY, 'null'],
    ];
    expect(
      texts(
        'float32',
        values.map(([value]) => value),
      ),
    ).toEqual(values.map(([, text]) => text));
  });

  test('decimals in plain notation, with all digits of their scale', () => {
    expect(texts('decimal(12,2)', [1250n, -1n, 0n, 999_999_999_999n, null])).toEqual([
      '12.50',
      '-0.01',
      '0.00',
      '9999999999.99',
      'null',
    ]);
    const most = 10n ** 38n - 1n;
    const nines = '9'.repeat(38);
    expect(texts('decimal(38,0)', [most, -most])).toEqual([nines, `-${nines}`]);
    expect(texts('decimal(38,38)', [-most, 1n])).toEqual([`-0.${nines}`, `0.${'0'.repeat(37)}1`]);
    expect(texts('decimal(38,18)', [2n ** 64n, -(2n ** 64n)])).toEqual([
      '18.446744073709551616',
      '-18.446744073709551616',
    ]);
  });
});

describe('times', () => {
  test('dates', () => {
    const days = [0, -1, 20_468, 2_932_896, 2_932_897, -719_529, 2 ** 31 - 1, -(2 ** 31)];
    expect(texts('date', days)).toEqual([
      '"1970-01-01"',
      '"1969-12-31"',
      '"2026-01-15"',
      '"9999-12-31"',
      '"+010000-01-01"',
      '"-000001-12-31"',
      '"+5881580-07-11"',
      '"-5877641-06-23"',
    ]);
  });

  test('times of day, and what is none', () => {
    const micros = [0n, 37_815_500_000n, 1n, 86_399_999_999n, 86_400_000_000n, -1n];
    expect(texts('time', micros)).toEqual([
      '"00:00:00"',
      '"10:30:15.500"',
      '"00:00:00.000001"',
      '"23:59:59.999999"',
      'null',
      'null',
    ]);
  });

  test('durations', () => {
    const micros = [
      [0n, 'PT0S'],
      [3_723_500_000n, 'PT1H2M3.5S'],
      [-5_000_000n, '-PT5S'],
      [129_600_000_000n, 'P1DT12H'],
      [86_400_000_000n, 'P1D'],
      [60_000_001n, 'PT1M0.000001S'],
      [2n ** 63n - 1n, 'P106751991DT4H54.775807S'],
      [-(2n ** 63n), '-P106751991DT4H54.775808S'],
    ] as const;
    expect(
      texts(
        'duration',
        micros.map(([value]) => value),
      ),
    ).toEqual(micros.map(([, text]) => JSON.stringify(text)));
  });

  test('timestamps of every unit, with a zone and without', () => {
    expect(texts('timestamp(s)', [1768473000n, -(2n ** 63n), 2n ** 63n - 1n])).toEqual([
      '"2026-01-15T10:30:00.000Z"',
      '"-292277022657-01-27T08:29:52.000Z"',
      '"+292277026596-12-04T15:30:07.000Z"',
    ]);
    expect(texts('timestamp(ms,local)', [1768473000120n, -1n])).toEqual([
      '"2026-01-15T10:30:00.120"',
      '"1969-12-31T23:59:59.999"',
    ]);
    expect(texts('timestamp(us,local)', [1768473000120001n])).toEqual([
      '"2026-01-15T10:30:00.120001"',
    ]);
    const nanos = [0n, 1_000_000n, 1_000n, 1n, 1_000_001n, -1n, 2n ** 63n - 1n, -(2n ** 63n)];
    expect(texts('timestamp(ns,Europe/Berlin)', nanos)).toEqual([
      '"1970-01-01T00:00:00.000Z"',
      '"1970-01-01T00:00:00.001Z"',
      '"1970-01-01T00:00:00.000001Z"',
      '"1970-01-01T00:00:00.000000001Z"',
      '"1970-01-01T00:00:00.001000001Z"',
      '"1969-12-31T23:59:59.999999999Z"',
      '"2262-04-11T23:47:16.854775807Z"',
      '"1677-09-21T00:12:43.145224192Z"',
    ]);
  });
});

describe('texts and containers', () => {
  test('dictionaries are their texts', () => {
    expect(texts('dictionary?', ['red', null, 'a "quote"', 'red'])).toEqual([
      '"red"',
      'null',
      '"a \\"quote\\""',
      '"red"',
    ]);
  });

  test('raw JSON is written as it is, however long', () => {
    const values = ['1', '{"a": [1,\n2]}', '"x"', `[${'1,'.repeat(1e5)}1]`, null];
    expect(texts('json?', values)).toEqual(values.map((value) => value ?? 'null'));
  });

  test('maps are objects, their keys escaped', () => {
    const values = [
      new Map<string, Value>([
        ['a', 1],
        ['"\n', null],
        ['k'.repeat(300), 3],
      ]),
      new Map<string, Value>(),
      null,
    ];
    expect(texts(map('int32?'), values)).toEqual([
      JSON.stringify({ a: 1, '"\n': null, ['k'.repeat(300)]: 3 }),
      '{}',
      'null',
    ]);
    const nested = map([map({ t: 'timestamp(ms)' })]);
    const value = new Map<string, Value>([['m', [new Map<string, Value>([['n', { t: 0n }]])]]]);
    expect(texts(nested, [value])).toEqual(['{"m":[{"n":{"t":"1970-01-01T00:00:00.000Z"}}]}']);
  });

  test('null is null', () => {
    expect(texts('null', [null])).toEqual(['null']);
    expect(texts(['null'], [[null, null]])).toEqual(['[null,null]']);
  });
});

test('values that are longer than the room for a batch are tried again', () => {
  const type: DataType = toSchema({ v: map('json') }).fields[0]!.type;
  const big = `[${'"x",'.repeat(300_000)}0]`;
  const schema = { fields: [{ name: 'v', type, nullable: false }] };
  const [text] = encodeRows(wasm, schema, [{ v: new Map([['k', big]]) }]);
  expect(text === `{"v":{"k":${big}}}`).toBe(true);
});
