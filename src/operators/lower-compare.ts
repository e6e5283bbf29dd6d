/** Comparisons, `in` and `coalesce`. */
import type { DataType } from '../arrow/schema.ts';
import { hasWithin, isBytes, layoutOf } from './common-type.ts';
import type { BinaryNode, CoalesceNode, ComparisonOp, InNode } from './expr/node.ts';
import type { ConstantValue, Program, Typed } from './program.ts';
import { typeMismatch } from './type-mismatch.ts';
import { describe, isLiteral, operandsIn, type Scope, unify } from './unify.ts';
import { unifyAny } from './unify-nested.ts';

const COMPARISONS: readonly string[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];
const BOOL = { kind: 'bool' } as const;

/** Whether an operator compares. */
export function isComparison(op: string): op is ComparisonOp {
  return COMPARISONS.includes(op);
}

/** `left op right`. */
export function lowerCompare(node: BinaryNode, op: ComparisonOp, scope: Scope): Typed {
  const nodes = [node.left, node.right];
  const typed = operandsIn(nodes, scope);
  // A text column beside a binary one: both are bytes, and need no common type to be compared.
  const bytes = typed.every((operand) => !isLiteral(operand) && isBytes(operand.type.kind));
  const { type, operands } = bytes
    ? { type: { kind: 'binary' } as DataType, operands: typed as readonly Typed[] }
    : unifyAny(node, nodes, typed);
  if (!isCompared(type)) {
    throw typeMismatch(node, describe(nodes, typed));
  }
  const [left, right] = operands as readonly [Typed, Typed];
  const program: Program = {
    kind: 'compare',
    op,
    layout: layoutOf(type),
    left: left.program,
    right: right.program,
  };
  return { program, type: BOOL, nullable: left.nullable || right.nullable };
}

/** Whether values of a type have an order: all but json, and what has json within. */
export function isCompared(type: DataType): boolean {
  return type.kind !== 'null' && !hasWithin(type, ({ kind }) => kind === 'json');
}

/** `coalesce(…)`. */
export function lowerCoalesce(node: CoalesceNode, scope: Scope): Typed {
  const { type, operands } = unifyAny(node, node.operands, operandsIn(node.operands, scope));
  if (operands.every(({ program }) => program.kind === 'constant' && program.value === null)) {
    throw typeMismatch(node, [], 'nulls alone have no type; add an operand that has one');
  }
  // Behind what is never null nothing is ever evaluated.
  const last = operands.findIndex((operand) => !operand.nullable);
  const used = last < 0 ? operands : operands.slice(0, last + 1);
  const programs = used.map((operand) => operand.program);
  const program: Program =
    programs.length === 1 ? programs[0]! : { kind: 'coalesce', operands: programs };
  return { program, type, nullable: last < 0 };
}

/** `operand in (…)`. */
export function lowerIn(node: InNode, scope: Scope): Typed {
  const nodes = [node.operand, ...node.values];
  if (node.values.length === 0) {
    // Whatever the operand is, but its columns are there.
    operandsIn(nodes, scope);
    const program: Program = { kind: 'constant', type: BOOL, value: false };
    return { program, type: BOOL, nullable: false };
  }
  const { type, operands } = unify(node, nodes, scope);
  if (type.kind === 'json') throw typeMismatch(node, [{ node: node.operand, type }]);
  const [operand, ...values] = operands as readonly [Typed, ...Typed[]];
  const constants = values.map(({ program }) => (program as { value: ConstantValue }).value);
  const hasNull = constants.includes(null);
  const nullable = operand.nullable || hasNull;
  if (type.kind === 'bool') {
    return { program: inBools(operand.program, constants), type: BOOL, nullable };
  }
  const known = constants.filter((value) => value !== null);
  const program: Program = { kind: 'in', operand: operand.program, type, values: known, hasNull };
  return { program, type: BOOL, nullable };
}

// A set of bools has at most three members, which are compared one by one.
function inBools(operand: Program, values: readonly ConstantValue[]): Program {
  const tests = [...new Set(values)].map((value): Program => {
    const right: Program = { kind: 'constant', type: BOOL, value };
    return { kind: 'compare', op: 'eq', layout: 'fixed', left: operand, right };
  });
  return tests.reduce((left, right) => ({ kind: 'logic', op: 'or', left, right, narrows: false }));
}
