import { expect, test } from 'vitest';
import { PLAIN_TYPES } from '../../src/arrow/scalar-text.ts';
import type { DataType, ScalarDataType } from '../../src/arrow/schema.ts';
import { typeParam } from '../../src/arrow/type-param.ts';
import { coalesceColumns, textsOf } from '../../src/operators/kernels/choose.ts';
import { constantColumn } from '../../src/operators/kernels/constant-column.ts';
import { readColumn } from '../../src/wasm/column.ts';
import { columnToValues } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { makeSelection } from './check-expr.ts';
import { makeColumn } from './make-column.ts';
import { Random, SEED } from './random.ts';
import { randomValue } from './random-value.ts';

const LENGTHS = [1, 7, 8, 9, 64, 65, 300];
const SCALARS: readonly DataType[] = [
  ...PLAIN_TYPES.filter((kind) => kind !== 'dictionary').map((kind) => ({ kind })),
  { kind: 'decimal', precision: 38, scale: 10 },
  { kind: 'timestamp', unit: 's', zone: null },
];

test.for(SCALARS.map((type) => [type.kind, type] as const))('coalesce of %s', ([, type]) => {
  const wasm = makeInstance({ megabytes: 32 });
  const random = new Random(SEED);
  for (const length of LENGTHS) {
    openArena(wasm);
    const left = Array.from({ length }, () => randomValue(random, type));
    const one = randomValue(random, type);
    for (const right of [left.map(() => randomValue(random, type)), left.map(() => one)]) {
      const constant = right.every((value) => value === one);
      const columns = [makeColumn(wasm, type, left), makeColumn(wasm, type, right, { constant })];
      const rows = left.map((_, row) => row).filter(() => random.next() < 0.7);
      const selection = makeSelection(wasm, rows, length);
      const result = coalesceColumns(wasm, columns[0]!, columns[1]!, selection);
      const actual = columnToValues(wasm, result, type);
      const expected = left.map((value, row) => value ?? right[row]!);
      expect(readColumn(wasm, result).param).toBe(typeParam(type));
      for (const row of rows) expect(actual[row], `seed ${SEED}`).toEqual(expected[row]);
    }
  }
});

test.for([false, true])('the texts of a dictionary, constant: %s', (constant) => {
  const wasm = makeInstance({ megabytes: 32 });
  const random = new Random(SEED);
  const type: DataType = { kind: 'dictionary' };
  for (const length of [0, ...LENGTHS]) {
    openArena(wasm);
    const one = randomValue(random, type);
    const values = Array.from({ length }, () => (constant ? one : randomValue(random, type)));
    const column = makeColumn(wasm, type, values, { constant });
    const all = textsOf(wasm, column, { address: 0, count: length });
    expect(readColumn(wasm, all).type).toBe('utf8');
    expect(columnToValues(wasm, all), `seed ${SEED}`).toEqual(values);
    const rows = values.map((_, row) => row).filter(() => random.next() < 0.3);
    const some = columnToValues(wasm, textsOf(wasm, column, makeSelection(wasm, rows, length)));
    for (const row of rows) expect(some[row], `seed ${SEED}`).toEqual(values[row]);
  }
});

test.for(SCALARS.map((type) => [type.kind, type] as const))('a constant null of %s', ([, type]) => {
  const wasm = makeInstance({ megabytes: 32 });
  for (const length of [0, 1, 9]) {
    const column = constantColumn(wasm, type as ScalarDataType, null, length);
    expect(columnToValues(wasm, column)).toEqual(new Array(length).fill(null));
    expect(readColumn(wasm, column).param).toBe(typeParam(type));
  }
});
