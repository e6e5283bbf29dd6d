/** Checks an expression against a schema and turns it into a typed program. */
import type { Schema } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import { literalType } from './constant.ts';
import { isWorthNarrowing } from './cost.ts';
import type {
  ArithmeticOp,
  BinaryNode,
  ExprNode,
  FieldNode,
  LogicalOp,
  UnaryNode,
} from './expr/node.ts';
import { exprToString } from './expr-text.ts';
import { CallSite } from './functions/call-site.ts';
import { functionNamed } from './functions/registry.ts';
import { lowerArithmetic, lowerNegation } from './lower-arithmetic.ts';
import { isComparison, lowerCoalesce, lowerCompare, lowerIn } from './lower-compare.ts';
import type { Program, Typed } from './program.ts';
import { typeMismatch } from './type-mismatch.ts';
import { lowerUdf } from './udf/lower-udf.ts';
import { constant, type Scope } from './unify.ts';
import { unknownColumn } from './unknown-column.ts';

/** Levels of operators in one expression; chains of `and` and of `or` have few. */
export const MAX_EXPR_DEPTH = 500;

/**
 * The typed program of an expression.
 *
 * @throws MillraceError `UNKNOWN_COLUMN`; `TYPE_MISMATCH` where operands do not fit, a constant
 *   does not fit its neighbour, or the expression is deeper than {@link MAX_EXPR_DEPTH}.
 */
export function lower(node: ExprNode, schema: Schema): Typed {
  return lowerNode(node, scopeBelow({ schema, depth: 0 }));
}

/**
 * The type of an expression's values.
 *
 * @throws as {@link lower}.
 */
export function typeOf(node: ExprNode, schema: Schema): Pick<Typed, 'type' | 'nullable'> {
  const { type, nullable } = lower(node, schema);
  return { type, nullable };
}

function scopeBelow({ schema, depth }: Pick<Scope, 'schema' | 'depth'>): Scope {
  const scope: Scope = {
    schema,
    depth: depth + 1,
    lower: (node) => lowerNode(node, scopeBelow(scope)),
  };
  return scope;
}

function lowerNode(node: ExprNode, scope: Scope): Typed {
  if (scope.depth > MAX_EXPR_DEPTH) {
    throw new MillraceError(
      `the expression has more than ${MAX_EXPR_DEPTH} levels of operators within operators; ` +
        'compute its inner part in a map step before this one, and write a list of values as ' +
        'in([…]). Only chains such as a.and(b).and(c) may be of any length',
      { code: 'TYPE_MISMATCH', context: { maxDepth: MAX_EXPR_DEPTH } },
    );
  }
  switch (node.kind) {
    case 'column':
      return lowerColumn(node.name, scope.schema);
    case 'literal':
      return constant(node, node, literalType(node, undefined) ?? { kind: 'bool' });
    case 'unary':
      return lowerUnary(node, scope);
    case 'binary':
      if (node.op === 'and' || node.op === 'or') return lowerLogic(node, node.op, scope);
      if (isComparison(node.op)) return lowerCompare(node, node.op, scope);
      return lowerArithmetic(node, node.op as ArithmeticOp, scope);
    case 'coalesce':
      return lowerCoalesce(node, scope);
    case 'in':
      return lowerIn(node, scope);
    case 'field':
      return lowerField(node, scope);
    case 'call':
      return functionNamed(node).lower(new CallSite(node, scope));
    case 'udf':
      return lowerUdf(node, (operand) => lowerNode(operand, scope));
  }
}

function lowerColumn(name: string, { fields }: Schema): Typed {
  const field = fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw unknownColumn(name, fields, 'an expression');
  return { program: { kind: 'column', name }, type: field.type, nullable: field.nullable };
}

function lowerUnary(node: UnaryNode, scope: Scope): Typed {
  if (node.op === 'neg') return lowerNegation(node, scope);
  const operand = scope.lower(node.operand);
  if (node.op === 'not') {
    if (operand.type.kind !== 'bool') {
      throw typeMismatch(node, [{ node: node.operand, type: operand.type }]);
    }
    const { type, nullable } = operand;
    return { program: { kind: 'not', operand: operand.program }, type, nullable };
  }
  const wanted = node.op === 'isNull';
  const program: Program = { kind: 'isNull', wanted, operand: operand.program };
  return { program, type: { kind: 'bool' }, nullable: false };
}

function lowerLogic(node: BinaryNode, op: LogicalOp, scope: Scope): Typed {
  const left = scope.lower(node.left);
  const right = scope.lower(node.right);
  if (left.type.kind !== 'bool' || right.type.kind !== 'bool') {
    throw typeMismatch(node, [
      { node: node.left, type: left.type },
      { node: node.right, type: right.type },
    ]);
  }
  return {
    program: {
      kind: 'logic',
      op,
      left: left.program,
      right: right.program,
      narrows: isWorthNarrowing(right.program),
    },
    type: { kind: 'bool' },
    nullable: left.nullable || right.nullable,
  };
}

function lowerField(node: FieldNode, scope: Scope): Typed {
  const operand = scope.lower(node.operand);
  const { type } = operand;
  if (type.kind !== 'struct') throw typeMismatch(node, [{ node: node.operand, type }]);
  const index = type.fields.findIndex((field) => field.name === node.name);
  const field = type.fields[index];
  if (field === undefined) throw unknownColumn(node.name, type.fields, exprToString(node));
  return {
    program: { kind: 'field', operand: operand.program, index, name: node.name },
    type: field.type,
    nullable: operand.nullable || field.nullable,
  };
}
