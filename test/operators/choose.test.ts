import { expect, test } from 'vitest';
import type { DataType } from '../../src/arrow/schema.ts';
import { typeToString } from '../../src/arrow/schema-text.ts';
import type { Selection } from '../../src/arrow/selection.ts';
import { typeParam } from '../../src/arrow/type-param.ts';
import { chooseColumns, coalesceColumns, textsOf } from '../../src/operators/kernels/choose.ts';
import { nullColumn } from '../../src/operators/kernels/null-column.ts';
import { take } from '../../src/operators/take.ts';
import { readColumn } from '../../src/wasm/column.ts';
import type { WasmInstance } from '../../src/wasm/instance.ts';
import { columnToValues, type Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { makeSelection } from './check-expr.ts';
import { makeColumn } from './make-column.ts';
import { Random, SEED } from './random.ts';
import { randomNestedType, SCALAR_TYPES } from './random-type.ts';
import { randomValue } from './random-value.ts';

const LENGTHS = [1, 7, 8, 9, 64, 65, 300];
const NESTED_TYPES = 40;
const MAX_DEPTH = 4;

const nested = new Random(SEED);
const TYPES = [
  ...SCALAR_TYPES,
  ...Array.from({ length: NESTED_TYPES }, () => randomNestedType(nested, MAX_DEPTH)),
].map((type) => [typeToString(type), type] as const);

/** Two columns to choose from, constants among them, and what they hold. */
function twoColumns(wasm: WasmInstance, random: Random, type: DataType, length: number) {
  return [0, 1].map(() => {
    const constant = random.next() < 0.3;
    const one = randomValue(random, type);
    const values = Array.from({ length }, () => (constant ? one : randomValue(random, type)));
    return { values, address: makeColumn(wasm, type, values, { constant }) };
  }) as [{ values: Value[]; address: number }, { values: Value[]; address: number }];
}

test.for(TYPES)('coalesce of %s', ([, type]) => {
  const wasm = makeInstance({ megabytes: 32 });
  const random = new Random(SEED);
  for (const length of LENGTHS) {
    openArena(wasm);
    const [left, right] = twoColumns(wasm, random, type, length);
    const rows = left.values.map((_, row) => row).filter(() => random.next() < 0.7);
    const selection = makeSelection(wasm, rows, length);
    const result = coalesceColumns(wasm, left.address, right.address, selection);
    const actual = valuesOf(wasm, result, selection, type);
    const expected = rows.map((row) => left.values[row] ?? right.values[row]);
    expect(readColumn(wasm, result).param).toBe(typeParam(type));
    expect(actual, `seed ${SEED}`).toEqual(expected);
  }
});

test.for(TYPES)('case of %s', ([, type]) => {
  const wasm = makeInstance({ megabytes: 32 });
  const random = new Random(SEED);
  for (const length of LENGTHS) {
    openArena(wasm);
    const [left, right] = twoColumns(wasm, random, type, length);
    const conditions = left.values.map(() => randomValue(random, { kind: 'bool' }));
    const condition = makeColumn(wasm, { kind: 'bool' }, conditions);
    const rows = left.values.map((_, row) => row).filter(() => random.next() < 0.7);
    const selection = makeSelection(wasm, rows, length);
    const result = chooseColumns(wasm, condition, [left.address, right.address], selection);
    const expected = rows.map((row) => (conditions[row] ? left : right).values[row]);
    expect(valuesOf(wasm, result, selection, type), `seed ${SEED}`).toEqual(expected);
  }
});

/** The selected rows, as a batch would have them. */
function valuesOf(wasm: WasmInstance, column: number, selection: Selection, type: DataType) {
  return columnToValues(wasm, take(wasm, column, selection), type);
}

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

test.for(TYPES)('a constant null of %s', ([, type]) => {
  const wasm = makeInstance({ megabytes: 32 });
  for (const length of [0, 1, 9]) {
    const column = nullColumn(wasm, type, length);
    expect(readColumn(wasm, column).param).toBe(typeParam(type));
    const all = { address: 0, count: length };
    expect(valuesOf(wasm, column, all, type)).toEqual(new Array(length).fill(null));
  }
});
