/** `and`, `or` and `in` of more conditions than an expression may have levels. */
import { expect, test } from 'vitest';
import { compileSteps } from '../../src/operators/compile.ts';
import type { ExprNode } from '../../src/operators/expr/node.ts';
import { col, type Expr, lit } from '../../src/operators/expr.ts';
import { makeInstance } from '../wasm/harness.ts';
import { valuesOf } from './run-expr.ts';

const LENGTHS = [2, 31, 32, 33, 34, 63, 64, 65, 100, 3000];

/** The numbers of the conditions `x <> i`, in the order in which they are evaluated. */
function numbersIn(node: ExprNode, op: 'and' | 'or'): readonly number[] {
  if (node.kind !== 'binary') throw new Error(`no operator but ${node.kind}`);
  if (node.op === op) return [...numbersIn(node.left, op), ...numbersIn(node.right, op)];
  return [Number((node.right as { value: number }).value)];
}

function depth(node: ExprNode): number {
  return node.kind === 'binary' ? 1 + Math.max(depth(node.left), depth(node.right)) : 0;
}

function chain(op: 'and' | 'or', length: number): Expr {
  const conditions = Array.from({ length }, (_, i) =>
    op === 'and' ? col('x').ne(i) : col('x').eq(i),
  );
  return conditions.reduce((left, right) => left[op](right));
}

for (const op of ['and', 'or'] as const) {
  test.for(LENGTHS)(`${op} of %i conditions keeps their order and stays shallow`, (length) => {
    const { node } = chain(op, length);
    expect(numbersIn(node, op)).toEqual([...Array(length).keys()]);
    expect(depth(node)).toBeLessThan(80);
    expect(structuredClone(node)).toEqual(node);
  });

  test.for(LENGTHS)(`${op} of %i conditions is evaluated as one by one`, (length) => {
    const wasm = makeInstance({ megabytes: 64 });
    const values = [-1, 0, length - 1, length, null];
    const found = valuesOf(wasm, chain(op, length), { x: ['int32', values] });
    const isIn = [false, true, true, false, null];
    expect(found).toEqual(op === 'or' ? isIn : isIn.map((one) => (one === null ? null : !one)));
  });
}

test('a chain within a chain of the other operator is one condition of it', () => {
  const inner = chain('or', 100);
  let all: Expr = inner;
  for (let i = 0; i < 100; i++) all = all.and(inner);
  const wasm = makeInstance({ megabytes: 64 });
  expect(valuesOf(wasm, all, { x: ['int32', [0, 100, null]] })).toEqual([true, false, null]);
});

test('a condition guards those behind it, however many there are', () => {
  // A shift by a negative count fails its row.
  const fails = lit(1).shiftLeft(col('x')).gt(0);
  let guarded = col('x').ge(0);
  for (let i = 0; i < 200; i++) guarded = guarded.and(fails);
  const wasm = makeInstance({ megabytes: 64 });
  expect(valuesOf(wasm, guarded, { x: ['int32', [-1, 2]] })).toEqual([false, true]);
});

test('a filter of 3,000 conditions compiles to a program that crosses threads', () => {
  const filter = { kind: 'filter', predicate: chain('and', 3000).node } as const;
  const schema = { fields: [{ name: 'x', type: { kind: 'int32' }, nullable: true }] } as const;
  expect(structuredClone(compileSteps([filter], schema))).toBeDefined();
});

test('in compares expressions among its values one by one', () => {
  const wasm = makeInstance({ megabytes: 32 });
  const columns = {
    x: ['int32', [1, 2, 3, null]],
    y: ['int32', [1, null, 9, 1]],
  } as const;
  expect(valuesOf(wasm, col('x').in([col('y'), 3]), columns)).toEqual([true, null, true, null]);
  expect(valuesOf(wasm, col('x').in([col('y')]), columns)).toEqual([true, null, false, null]);
});
