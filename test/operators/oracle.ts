/**
 * Expressions evaluated row by row on plain values, in the most naive way, to check the kernels
 * against. Integers are bigint, float64 is number, a timestamp is its microseconds.
 */
import type { Schema } from '../../src/arrow/schema.ts';
import type { BinaryNode, ExprNode, LiteralNode } from '../../src/operators/expr/node.ts';
import { typeOf } from '../../src/operators/lower.ts';
import type { Value } from '../wasm/columns.ts';

/** An integer result outside its type. */
export class Overflow extends Error {}

/** One row by column name. */
export type Row = Readonly<Record<string, Value>>;

/** @throws Overflow */
export function evaluateRow(node: ExprNode, row: Row, schema: Schema): Value {
  const run = (operand: ExprNode) => evaluateRow(operand, row, schema);
  switch (node.kind) {
    case 'column':
      return row[node.name]!;
    case 'literal':
      return literal(node);
    case 'udf':
      throw new Error('user functions have tests of their own');
    case 'field': {
      const value = run(node.operand);
      return value === null ? null : (value as Record<string, Value>)[node.name]!;
    }
    case 'coalesce': {
      for (const operand of node.operands) {
        const value = run(operand);
        if (value !== null) return value;
      }
      return null;
    }
    case 'in':
      return isIn(run(node.operand), node.values.map(literal));
    case 'unary': {
      const value = run(node.operand);
      if (node.op === 'isNull') return value === null;
      if (node.op === 'isNotNull') return value !== null;
      if (value === null) return null;
      if (node.op === 'not') return !value;
      return ranged(typeof value === 'number' ? -value : -(value as bigint), node, schema);
    }
    case 'binary':
      return binary(node, run, schema);
    case 'call':
      throw new Error(`the oracle does not know ${node.fn}`);
  }
}

function literal({ value }: LiteralNode): Value {
  return typeof value === 'number' && Number.isInteger(value) && !Object.is(value, -0)
    ? BigInt(value)
    : value;
}

function isIn(value: Value, list: readonly Value[]): Value {
  if (list.length === 0) return false;
  if (value === null) return null;
  if (list.some((item) => item !== null && order(value, item) === 0)) return true;
  return list.includes(null) ? null : false;
}

function binary(node: BinaryNode, run: (operand: ExprNode) => Value, schema: Schema): Value {
  const { op } = node;
  const left = run(node.left);
  if (op === 'and' || op === 'or') {
    const decisive = op === 'or';
    if (left === decisive) return decisive;
    const right = run(node.right);
    if (right === decisive) return decisive;
    return left === null || right === null ? null : !decisive;
  }
  const right = run(node.right);
  if (left === null || right === null) return null;
  switch (op) {
    case 'eq':
      return order(left, right) === 0;
    case 'ne':
      return order(left, right) !== 0;
    case 'lt':
      return order(left, right) < 0;
    case 'le':
      return order(left, right) <= 0;
    case 'gt':
      return order(left, right) > 0;
    case 'ge':
      return order(left, right) >= 0;
    default:
      return ranged(compute(op, left, right, node, schema), node, schema);
  }
}

function compute(op: string, left: Value, right: Value, node: ExprNode, schema: Schema): Value {
  if (typeOf(node, schema).type.kind === 'float64') {
    const [a, b] = [Number(left), Number(right)];
    return { add: a + b, sub: a - b, mul: a * b, div: a / b, mod: a % b }[op]!;
  }
  const [a, b] = [left as bigint, right as bigint];
  if (op === 'mod') return b === 0n ? null : a % b;
  return { add: a + b, sub: a - b, mul: a * b }[op]!;
}

function ranged(value: Value, node: ExprNode, schema: Schema): Value {
  if (typeof value !== 'bigint') return value;
  const bits = typeOf(node, schema).type.kind === 'int32' ? 32 : 64;
  if (BigInt.asIntN(bits, value) !== value) throw new Overflow(`${value}`);
  return value;
}

/** Negative, 0 or positive; NaN is above all numbers, texts go by their UTF-8 bytes. */
function order(left: Value, right: Value): number {
  if (typeof left === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(String(right)));
  const [a, b] =
    typeof left === 'number' || typeof right === 'number'
      ? [Number(left), Number(right)]
      : [left!, right!];
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a === b ? 0 : a < b ? -1 : 1;
}
