import { expect, test } from 'vitest';
import { PLAIN_TYPES } from '../../src/arrow/scalar-text.ts';
import type { DataType, PlainType } from '../../src/arrow/schema.ts';
import { typeParam } from '../../src/arrow/type-param.ts';
import { compileSteps } from '../../src/operators/compile.ts';
import { col } from '../../src/operators/expr.ts';
import { StepRunner } from '../../src/operators/runner.ts';
import { take } from '../../src/operators/take.ts';
import { readColumn } from '../../src/wasm/column.ts';
import { ArenaFull } from '../../src/wasm/instance.ts';
import { columnToValues, type Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { makeSelection } from './check-expr.ts';
import { makeColumn } from './make-column.ts';
import { Random, SEED } from './random.ts';
import { randomValue } from './random-value.ts';

const LENGTHS = [0, 1, 7, 8, 9, 63, 64, 65, 1000];
const scalar = (kind: PlainType): DataType => ({ kind });
const member = (name: string, type: DataType) => ({ name, type, nullable: true });
const ITEM: DataType = {
  kind: 'struct',
  fields: [
    member('sku', scalar('utf8')),
    member('tags', { kind: 'list', item: member('item', scalar('utf8')) }),
  ],
};
const TYPES: Readonly<Record<string, DataType>> = {
  ...Object.fromEntries(PLAIN_TYPES.map((kind) => [kind, scalar(kind)])),
  'decimal(38,10)': { kind: 'decimal', precision: 38, scale: 10 },
  'timestamp(ns,local)': { kind: 'timestamp', unit: 'ns', zone: null },
  'map of decimal': {
    kind: 'map',
    value: member('value', { kind: 'decimal', precision: 20, scale: 0 }),
  },
  'list of dictionary': { kind: 'list', item: member('item', scalar('dictionary')) },
  struct: {
    kind: 'struct',
    fields: [member('n', scalar('int32')), member('inner', ITEM), member('ok', scalar('bool'))],
  },
  'list of int64': { kind: 'list', item: member('item', scalar('int64')) },
  'list of struct of list': { kind: 'list', item: member('item', ITEM) },
};

test.for(Object.keys(TYPES))('take of %s', (name) => {
  const type = TYPES[name]!;
  const wasm = makeInstance({ megabytes: 32 });
  const random = new Random(SEED);
  for (const length of LENGTHS) {
    openArena(wasm);
    const values = Array.from({ length }, () => randomValue(random, type));
    const column = makeColumn(wasm, type, values);
    const all = values.map((_, row) => row);
    for (const rows of [all, [], all.filter(() => random.next() < 0.4), all.slice(-1)]) {
      const taken = take(wasm, column, makeSelection(wasm, rows, length));
      const actual = columnToValues(wasm, taken, type);
      expect(readColumn(wasm, taken).param).toBe(typeParam(type));
      expect(actual, `seed ${SEED}, ${length} rows`).toEqual(rows.map((row) => values[row]));
    }
    const half = Math.floor(length / 2);
    const prefix = take(wasm, column, { address: 0, count: half });
    expect(columnToValues(wasm, prefix, type)).toEqual(values.slice(0, half));
    expect(take(wasm, column, { address: 0, count: length })).toBe(column);
  }
});

test.for(Object.keys(TYPES))('take expands a constant of %s', (name) => {
  const type = TYPES[name]!;
  const wasm = makeInstance({ megabytes: 32 });
  const random = new Random(SEED);
  for (let i = 0; i < 20; i++) {
    const value = randomValue(random, type);
    const column = makeColumn(wasm, type, new Array(70).fill(value), { constant: true });
    for (const selection of [{ address: 0, count: 70 }, makeSelection(wasm, [3, 69], 70)]) {
      const taken = take(wasm, column, selection);
      const expected = new Array(selection.count).fill(value);
      expect(columnToValues(wasm, taken, type), `seed ${SEED}`).toEqual(expected);
    }
  }
});

test('take says where the lease is full', () => {
  const wasm = makeInstance({ megabytes: 32 });
  const list: DataType = { kind: 'list', item: member('item', ITEM) };
  const type: DataType = {
    kind: 'struct',
    fields: [member('a', list), member('b', TYPES['map of decimal']!), member('c', ITEM)],
  };
  const random = new Random(SEED);
  const values = Array.from({ length: 100 }, () => randomValue(random, type));
  const column = makeColumn(wasm, type, values);
  const selection = makeSelection(wasm, [1, 2, 3, 50, 99], 100);
  const begin = wasm.exports.arena_mark();
  take(wasm, column, selection);
  const used = wasm.exports.arena_mark() - begin;
  for (let bytes = 0; bytes < used; bytes += 64) {
    wasm.exports.arena_open(begin, begin + bytes);
    expect(() => take(wasm, column, selection)).toThrow(ArenaFull);
  }
});

test.for([false, true])('the member of a struct, constant: %s', (constant) => {
  const wasm = makeInstance({ megabytes: 32 });
  const random = new Random(SEED);
  const type = TYPES.struct!;
  for (let i = 0; i < 10; i++) {
    const one = randomValue(random, type);
    const values = Array.from({ length: 65 }, () => (constant ? one : randomValue(random, type)));
    const columns = new Map([['s', makeColumn(wasm, type, values, { constant })]]);
    const expr = col('s').field('inner').field('sku');
    const step = { kind: 'select', columns: [{ name: 'x', expr: expr.node }] } as const;
    const compiled = compileSteps([step], { fields: [member('s', type)] });
    const result = new StepRunner(wasm, compiled).run(columns, { address: 0, count: 65 });
    type Nested = { inner: { sku: Value } | null } | null;
    const expected = values.map((value) => (value as Nested)?.inner?.sku ?? null);
    const actual = columnToValues(wasm, result.columns.get('x')!);
    expect(actual, `seed ${SEED}`).toEqual(expected);
  }
});
