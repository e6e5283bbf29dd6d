/** `contains` of lists whose items meet what is looked for in a wider type, and `in` of none. */
import { expect, test } from 'vitest';
import type { ScalarDataType } from '../../src/arrow/schema.ts';
import { col, type Expr } from '../../src/operators/expr.ts';
import { makeInstance } from '../wasm/harness.ts';
import { type TestColumns, valuesOf } from './run-expr.ts';

const wasm = makeInstance({ megabytes: 32 });

function listOf(item: ScalarDataType) {
  return { kind: 'list', item: { name: 'item', type: item, nullable: true } } as const;
}

const DAY_NS = 86_400_000_000_000n;
const COLUMNS: TestColumns = {
  bytes: [listOf({ kind: 'int8' }), [[1, 2, null], [], null, [127], [-1]]],
  longs: [listOf({ kind: 'int64' }), [[2n ** 53n + 1n], [1n], [], null, [null]]],
  unsigned: [listOf({ kind: 'uint64' }), [[2n ** 64n - 1n], [1n], [5n], [127n], []]],
  exact: [listOf({ kind: 'decimal', precision: 38, scale: 0 }), [[10n ** 37n], [1n], [], [1n], []]],
  days: [listOf({ kind: 'date' }), [[0], [19_000], [], null, [null]]],
  words: [listOf({ kind: 'dictionary' }), [['a'], ['b', null], [], null, ['c']]],
  int: ['int32', [1, 300, null, 127, -1]],
  float: ['float64', [1, 1, Number.NaN, 1.5, null]],
  fine: ['decimal(38,10)', [10n ** 37n, 10n ** 10n, 0n, 1n, 0n]],
  at: ['timestamp(ns,local)', [0n, 19_000n * DAY_NS, 0n, 0n, 0n]],
  raw: ['binary', ['a', 'a', 'a', 'a', 'c'].map((text) => Buffer.from(text))],
};
const [bytes, longs, words] = [col('bytes'), col('longs'), col('words')];

const CASES: readonly (readonly [name: string, expr: Expr, values: readonly unknown[]])[] = [
  ['a constant beyond the items', bytes.contains(300), [false, false, null, false, false]],
  ['a fraction', bytes.contains(1.5), [false, false, null, false, false]],
  ['a constant that fits', bytes.contains(127), [false, false, null, true, false]],
  ['a wider column', bytes.contains(col('int')), [true, false, null, true, true]],
  ['a float', bytes.contains(col('float')), [true, false, null, false, null]],
  ['null', bytes.contains(null), [null, null, null, null, null]],
  ['longs beside floats', longs.contains(col('float')), [false, true, false, null, null]],
  ['unsigned', col('unsigned').contains(col('int')), [false, false, null, true, false]],
  [
    'what no wider decimal holds',
    col('exact').contains(col('fine')),
    [false, true, false, false, false],
  ],
  ['timestamps', col('days').contains(col('at')), [true, true, false, null, false]],
  ['a text as a date', col('days').contains('1970-01-01'), [true, false, false, null, false]],
  ['bytes beside texts', words.contains(col('raw')), [true, false, false, null, true]],
];

test.for(CASES)('%s', ([, expr, expected]) => {
  expect(valuesOf(wasm, expr, COLUMNS)).toEqual(expected);
  const rows = [1, 3, 4];
  expect(valuesOf(wasm, expr, COLUMNS, { rows })).toEqual(rows.map((row) => expected[row]));
});

test.for(['bytes', 'words', 'int'])('nothing is in an empty list: %s', (name) => {
  expect(valuesOf(wasm, col(name).in([]), COLUMNS)).toEqual([false, false, false, false, false]);
});
