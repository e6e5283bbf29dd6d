/** Checks an expression against a schema and turns it into a typed program. */
import { type DataType, type ScalarType, type Schema, TIMESTAMP } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import type {
  ArithmeticOp,
  BinaryNode,
  CoalesceNode,
  ComparisonOp,
  ExprNode,
  FieldNode,
  InNode,
  LiteralNode,
  LogicalOp,
  UnaryNode,
} from './expr.ts';
import { exprToString } from './expr-text.ts';
import {
  type ConstantValue,
  isWorthNarrowing,
  type NumericType,
  type Program,
  type Typed,
} from './program.ts';
import { type TypedOperand, typeMismatch } from './type-mismatch.ts';
import { commonType, constantOf, isBytes, isNumeric, isScalar, literalType } from './typing.ts';
import { unknownColumn } from './unknown-column.ts';

/** Levels of operators in one expression; a longer list of alternatives is `in([…])`. */
export const MAX_EXPR_DEPTH = 500;

const COMPARISONS: readonly string[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

/** Where a node stands. */
interface Scope {
  readonly schema: Schema;
  readonly depth: number;
}

/**
 * The typed program of an expression.
 *
 * @throws MillraceError `UNKNOWN_COLUMN`; `TYPE_MISMATCH` where operands do not fit, a constant
 *   does not fit its neighbour, or the expression is deeper than {@link MAX_EXPR_DEPTH}.
 */
export function lower(node: ExprNode, schema: Schema): Typed {
  return lowerNode(node, { schema, depth: 0 });
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

function lowerNode(node: ExprNode, above: Scope): Typed {
  const scope = { schema: above.schema, depth: above.depth + 1 };
  if (scope.depth > MAX_EXPR_DEPTH) {
    throw new MillraceError(
      `the expression has more than ${MAX_EXPR_DEPTH} levels; use in([…]) for long lists, or ` +
        'spread it over several map or filter steps',
      { code: 'TYPE_MISMATCH', context: { maxDepth: MAX_EXPR_DEPTH } },
    );
  }
  switch (node.kind) {
    case 'column':
      return lowerColumn(node.name, scope.schema);
    case 'literal': {
      const type = literalType(node, undefined) ?? 'bool';
      return constant(node, node, type);
    }
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
  }
}

function isComparison(op: string): op is ComparisonOp {
  return COMPARISONS.includes(op);
}

function lowerColumn(name: string, { fields }: Schema): Typed {
  const field = fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw unknownColumn(name, fields, 'an expression');
  return { program: { kind: 'column', name }, type: field.type, nullable: field.nullable };
}

function ofKind(kind: ScalarType): DataType {
  return kind === 'timestamp' ? TIMESTAMP : ({ kind } as DataType);
}

/** A literal of `parent` as a constant of `type`. */
function constant(literal: LiteralNode, parent: ExprNode, type: ScalarType): Typed {
  const program = constantOf(literal, type);
  if (typeof program === 'string') throw typeMismatch(parent, [], program);
  return { program, type: ofKind(type), nullable: program.value === null };
}

/**
 * Brings operands to one scalar type: the widest of the columns' and what the constants ask for.
 *
 * @param atLeast the type where all operands are null, and the narrowest that is answered.
 */
function unify(
  parent: ExprNode,
  nodes: readonly ExprNode[],
  scope: Scope,
  atLeast?: NumericType,
): { readonly type: ScalarType; readonly operands: readonly Typed[] } {
  const typed = nodes.map((node) =>
    node.kind === 'literal' ? node : asText(lowerNode(node, scope)),
  );
  let common: ScalarType | undefined = atLeast;
  const mismatch = () => typeMismatch(parent, describe(nodes, typed));
  const meet = (type: ScalarType) => {
    common = common === undefined ? type : commonType(common, type);
    if (common === undefined) throw mismatch();
  };
  for (const operand of typed) {
    if ('kind' in operand) continue;
    if (!isScalar(operand.type.kind)) throw mismatch();
    meet(operand.type.kind);
  }
  for (const operand of typed) {
    if (!('kind' in operand)) continue;
    const type = literalType(operand, common);
    if (type !== undefined) meet(type);
  }
  const type: ScalarType = common ?? 'bool';
  const operands = typed.map((operand) =>
    'kind' in operand ? constant(operand, parent, type) : widen(operand, type),
  );
  return { type, operands };
}

/** A dictionary as its texts: two of them have different indices. */
function asText(operand: Typed): Typed {
  if (operand.type.kind !== 'dictionary') return operand;
  const program: Program = { kind: 'texts', operand: operand.program };
  return { ...operand, program, type: { kind: 'utf8' } };
}

function widen(operand: Typed, to: ScalarType): Typed {
  if (operand.type.kind === to) return operand;
  const program: Program = {
    kind: 'cast',
    to: to as 'int64' | 'float64',
    operand: operand.program,
  };
  return { program, type: ofKind(to), nullable: operand.nullable };
}

function describe(
  nodes: readonly ExprNode[],
  typed: readonly (LiteralNode | Typed)[],
): readonly TypedOperand[] {
  return nodes.map((node, i) => {
    const operand = typed[i]!;
    if (!('kind' in operand)) return { node, type: operand.type.kind };
    return { node, type: literalType(operand, undefined) ?? 'null' };
  });
}

function lowerUnary(node: UnaryNode, scope: Scope): Typed {
  if (node.op === 'neg') return lowerNegation(node, scope);
  const operand = lowerNode(node.operand, scope);
  if (node.op === 'not') {
    if (operand.type.kind !== 'bool') {
      throw typeMismatch(node, [{ node: node.operand, type: operand.type.kind }]);
    }
    const { type, nullable } = operand;
    return { program: { kind: 'not', operand: operand.program }, type, nullable };
  }
  const wanted = node.op === 'isNull';
  const program: Program = { kind: 'isNull', wanted, operand: operand.program };
  return { program, type: { kind: 'bool' }, nullable: false };
}

// 0 - x would lose the sign of a float's zero.
function lowerNegation(node: UnaryNode, scope: Scope): Typed {
  const { type, operands } = unify(node, [node.operand], scope, 'int32');
  if (!isNumeric(type)) throw typeMismatch(node, [{ node: node.operand, type }]);
  const [operand] = operands as readonly [Typed];
  const program = negation(type, operand.program, exprToString(node));
  return { program, type: ofKind(type), nullable: operand.nullable };
}

function negation(type: NumericType, operand: Program, text: string): Program {
  const kind = 'arithmetic';
  if (type === 'float64') {
    const right: Program = { kind: 'constant', type, value: -1 };
    return { kind, op: 'mul', type, left: operand, right, text };
  }
  const left: Program = { kind: 'constant', type, value: type === 'int64' ? 0n : 0 };
  return { kind, op: 'sub', type, left, right: operand, text };
}

function lowerArithmetic(node: BinaryNode, op: ArithmeticOp, scope: Scope): Typed {
  const atLeast = op === 'div' ? 'float64' : 'int32';
  const { type, operands } = unify(node, [node.left, node.right], scope, atLeast);
  const [left, right] = operands as readonly [Typed, Typed];
  if (!isNumeric(type)) throw typeMismatch(node, []);
  const divisor = right.program.kind === 'constant' ? right.program.value : 0;
  const byZero = op === 'mod' && type !== 'float64' && Number(divisor) === 0;
  return {
    program: {
      kind: 'arithmetic',
      op,
      type,
      left: left.program,
      right: right.program,
      text: exprToString(node),
    },
    type: ofKind(type),
    nullable: left.nullable || right.nullable || byZero,
  };
}

function lowerCompare(node: BinaryNode, op: ComparisonOp, scope: Scope): Typed {
  const bytes = compareBytes(node, scope);
  const { type, operands } = bytes ?? unify(node, [node.left, node.right], scope);
  const [left, right] = operands as readonly [Typed, Typed];
  const program: Program = {
    kind: 'compare',
    op,
    bytes: isBytes(type),
    left: left.program,
    right: right.program,
  };
  return { program, type: { kind: 'bool' }, nullable: left.nullable || right.nullable };
}

/** A text column beside a binary one: both are bytes, and need no common type to be compared. */
function compareBytes({ left, right }: BinaryNode, scope: Scope) {
  if (left.kind === 'literal' || right.kind === 'literal') return undefined;
  const operands = [asText(lowerNode(left, scope)), asText(lowerNode(right, scope))];
  if (!operands.every(({ type }) => isBytes(type.kind))) return undefined;
  return { type: 'binary' as const, operands };
}

function lowerLogic(node: BinaryNode, op: LogicalOp, scope: Scope): Typed {
  const left = lowerNode(node.left, scope);
  const right = lowerNode(node.right, scope);
  if (left.type.kind !== 'bool' || right.type.kind !== 'bool') {
    throw typeMismatch(node, [
      { node: node.left, type: left.type.kind },
      { node: node.right, type: right.type.kind },
    ]);
  }
  return {
    program: logicOf(op, left.program, right.program),
    type: { kind: 'bool' },
    nullable: left.nullable || right.nullable,
  };
}

function logicOf(op: LogicalOp, left: Program, right: Program): Program {
  return { kind: 'logic', op, left, right, narrows: isWorthNarrowing(right) };
}

function lowerCoalesce(node: CoalesceNode, scope: Scope): Typed {
  const { type, operands } = unify(node, node.operands, scope);
  if (operands.every(({ program }) => program.kind === 'constant' && program.value === null)) {
    throw typeMismatch(node, [], 'nulls alone have no type; add an operand that has one');
  }
  return {
    program: { kind: 'coalesce', operands: operands.map((operand) => operand.program) },
    type: ofKind(type),
    nullable: operands.every((operand) => operand.nullable),
  };
}

function lowerIn(node: InNode, scope: Scope): Typed {
  const { type, operands } = unify(node, [node.operand, ...node.values], scope);
  const [operand, ...values] = operands as readonly [Typed, ...Typed[]];
  const bool = { kind: 'bool' } as const;
  if (values.length === 0) {
    const program: Program = { kind: 'constant', type: 'bool', value: false };
    return { program, type: bool, nullable: false };
  }
  const constants = values.map(({ program }) => (program as { value: ConstantValue }).value);
  const hasNull = constants.includes(null);
  const nullable = operand.nullable || hasNull;
  if (type === 'bool')
    return { program: inBools(operand.program, constants), type: bool, nullable };
  const known = constants.filter((value) => value !== null);
  const program: Program = { kind: 'in', operand: operand.program, type, values: known, hasNull };
  return { program, type: bool, nullable };
}

// A set of bools has at most three members, which are compared one by one.
function inBools(operand: Program, values: readonly ConstantValue[]): Program {
  const tests = [...new Set(values)].map((value): Program => {
    const right: Program = { kind: 'constant', type: 'bool', value };
    return { kind: 'compare', op: 'eq', bytes: false, left: operand, right };
  });
  return tests.reduce((left, right) => logicOf('or', left, right));
}

function lowerField(node: FieldNode, scope: Scope): Typed {
  const operand = lowerNode(node.operand, scope);
  const { type } = operand;
  if (type.kind !== 'struct') {
    throw typeMismatch(node, [{ node: node.operand, type: type.kind }]);
  }
  const index = type.fields.findIndex((field) => field.name === node.name);
  const field = type.fields[index];
  if (field === undefined) throw unknownColumn(node.name, type.fields, exprToString(node));
  return {
    program: { kind: 'field', operand: operand.program, index },
    type: field.type,
    nullable: operand.nullable || field.nullable,
  };
}
