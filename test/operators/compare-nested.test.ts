/** Comparisons of structs, lists and maps with a plain reference. */
import { expect, test } from 'vitest';
import type { DataType } from '../../src/arrow/schema.ts';
import { typeToString } from '../../src/arrow/schema-text.ts';
import type { ComparisonOp } from '../../src/operators/expr/node.ts';
import { compare } from '../../src/operators/kernels/compare.ts';
import { columnToValues, type Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { makeSelection } from './check-expr.ts';
import { makeColumn } from './make-column.ts';
import { Random, SEED } from './random.ts';
import { randomNestedType } from './random-type.ts';
import { randomValue } from './random-value.ts';

const LENGTHS = [1, 65, 200];
const TYPES = 40;
const MAX_DEPTH = 4;
const OPS: readonly ComparisonOp[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

/** Below 0, 0, above 0; null is above everything, NaN above every number. */
function order(a: Value, b: Value, type: DataType): number {
  if (type.kind === 'null') return 0;
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  switch (type.kind) {
    case 'struct':
      return firstOf(
        type.fields.map((field) => () => {
          const [x, y] = [a, b] as Record<string, Value>[];
          return order(x![field.name]!, y![field.name]!, field.type);
        }),
      );
    case 'list':
      return orderLists(a as Value[], b as Value[], (x, y) => order(x, y, type.item.type));
    case 'map':
      return orderLists(
        [...(a as Map<string, Value>)],
        [...(b as Map<string, Value>)],
        ([key, x], [other, y]) =>
          firstOf([() => order(key, other, { kind: 'utf8' }), () => order(x, y, type.value.type)]),
      );
    case 'utf8':
    case 'json':
    case 'dictionary':
    case 'binary':
      return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string));
    default:
      if (Number.isNaN(a) || Number.isNaN(b))
        return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
      return Number(a > b) - Number(a < b);
  }
}

function firstOf(orders: readonly (() => number)[]): number {
  for (const one of orders) {
    const found = one();
    if (found !== 0) return found;
  }
  return 0;
}

function orderLists<T>(a: readonly T[], b: readonly T[], each: (x: T, y: T) => number): number {
  const common = Math.min(a.length, b.length);
  const items = Array.from({ length: common }, (_, i) => () => each(a[i]!, b[i]!));
  return firstOf([...items, () => a.length - b.length]);
}

function holds(op: ComparisonOp, order: number): boolean {
  return {
    eq: order === 0,
    ne: order !== 0,
    lt: order < 0,
    le: order <= 0,
    gt: order > 0,
    ge: order >= 0,
  }[op];
}

const random = new Random(SEED);
const CASES = Array.from({ length: TYPES }, () => randomNestedType(random, MAX_DEPTH)).map(
  (type) => [typeToString(type), type] as const,
);

test.for(CASES)('comparisons of %s', ([, type]) => {
  const wasm = makeInstance({ megabytes: 32 });
  const random = new Random(SEED);
  for (const length of LENGTHS) {
    openArena(wasm);
    const one = randomValue(random, type);
    const constant = random.next() < 0.3;
    const left = Array.from({ length }, () => randomValue(random, type));
    // Half of them are equal, and many differ late.
    const right = left.map((value) => {
      if (constant) return one;
      return random.next() < 0.5 ? value : randomValue(random, type);
    });
    const columns = [makeColumn(wasm, type, left), makeColumn(wasm, type, right, { constant })];
    const rows = left.map((_, row) => row).filter(() => random.next() < 0.7);
    const selection = makeSelection(wasm, rows, length);
    for (const op of OPS) {
      const result = compare(wasm, op, 'nested', columns[0]!, columns[1]!, selection);
      const actual = columnToValues(wasm, result);
      for (const row of rows) {
        const [a, b] = [left[row]!, right[row]!];
        const expected = a === null || b === null ? null : holds(op, order(a, b, type));
        expect(actual[row], `row ${row} ${op}, seed ${SEED}`).toBe(expected);
      }
    }
  }
});
