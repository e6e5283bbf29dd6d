import { expect, test } from 'vitest';
import { type FieldLiteral, toSchema } from '../../src/arrow/schema-literal.ts';
import { valueAt } from '../../src/operators/value-at.ts';
import type { Value } from '../wasm/columns.ts';
import { makeInstance } from '../wasm/harness.ts';
import { makeColumn } from './make-column.ts';

const wasm = makeInstance({ megabytes: 32 });

test.for([
  ['int64', -7n, '-7'],
  ['utf8', 'x', "'x'"],
  ['utf8', 'line\nbreak\u0000\u2028', "'line\\nbreak\\u0000\\u2028'"],
  ['decimal(9,2)', -5n, '-0.05'],
  ['date', 0, '1970-01-01'],
  ['date', -719_529, '-0001-12-31'],
  ['date', 2_147_483_647, '5881580-07-11'],
  ['time', 45_296_000_007n, '12:34:56.000007'],
  ['duration', -5_400_000_000n, '-PT1H30M'],
  ['timestamp', -1n, '1969-12-31T23:59:59.999999Z'],
  ['timestamp(s)', 253_402_300_800n, '10000-01-01T00:00:00Z'],
  ['timestamp(ms)', 1500n, '1970-01-01T00:00:01.500Z'],
  ['timestamp(ns,local)', 1_709_208_000_123_456_789n, '2024-02-29T12:00:00.123456789'],
] as const)('%s %s is shown as %s', ([literal, value, text]) => {
  const { type } = toSchema({ v: literal as FieldLiteral }).fields[0]!;
  const column = makeColumn(wasm, type, [null, value as Value]);
  expect(valueAt(wasm, column, 1)).toBe(text);
  expect(valueAt(wasm, column, 0)).toBe('null');
});
