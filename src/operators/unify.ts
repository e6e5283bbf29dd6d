/** Brings operands to one type, constants among them. */
import type { DataType, ScalarDataType, Schema } from '../arrow/schema.ts';
import { typeToString } from '../arrow/schema-text.ts';
import { commonType, isScalar, sameType } from './common-type.ts';
import { constantOf, literalType } from './constant.ts';
import type { ExprNode, LiteralNode } from './expr/node.ts';
import { exprToString } from './expr-text.ts';
import type { Program, Typed } from './program.ts';
import { type TypedOperand, typeMismatch } from './type-mismatch.ts';

const UTF8: ScalarDataType = { kind: 'utf8' };

/** Where a node stands. */
export interface Scope {
  readonly schema: Schema;
  readonly depth: number;
  /** The typed program of a node one level below. */
  lower(node: ExprNode): Typed;
}

/** A constant that has no type yet, or an operand that has one. */
export type Operand = LiteralNode | Typed;

/** Whether an operand is a constant that takes its type from its neighbours. */
export function isLiteral(operand: Operand): operand is LiteralNode {
  return 'kind' in operand;
}

/** The operands of a node: constants as they are, everything else typed. */
export function operandsIn(nodes: readonly ExprNode[], scope: Scope): readonly Operand[] {
  return nodes.map((node) => literalOf(node) ?? scope.lower(node));
}

// -7 is a constant, too, and adapts to its neighbours.
function literalOf(node: ExprNode): LiteralNode | undefined {
  if (node.kind === 'literal') return node;
  if (node.kind !== 'unary' || node.op !== 'neg' || node.operand.kind !== 'literal')
    return undefined;
  const { operand } = node;
  // As 0 - x: the negative of 0 is 0, not the float -0.
  if (operand.type === 'number') return { ...operand, value: 0 - operand.value };
  return operand.type === 'bigint' ? { ...operand, value: -operand.value } : undefined;
}

/** A literal of `parent` as a constant of `type`. */
export function constant(literal: LiteralNode, parent: ExprNode, type: ScalarDataType): Typed {
  const program = constantOf(literal, type);
  if (typeof program === 'string') throw typeMismatch(parent, [], program);
  return { program, type, nullable: program.value === null };
}

/**
 * An operand as a value of `type`, which holds it: a constant, or a cast that loses nothing.
 *
 * @throws MillraceError `TYPE_MISMATCH` where the type does not hold it.
 */
export function operandAs(
  operand: Operand,
  node: ExprNode,
  parent: ExprNode,
  type: ScalarDataType,
): Typed {
  const own = isLiteral(operand) ? literalType(operand, type) : operand.type;
  const meets = own === undefined || (isScalar(own) && commonType(own, type));
  if (meets !== true && (!meets || !sameType(meets, type))) {
    const given = { node, type: own ?? ('null' as const) };
    throw typeMismatch(parent, [given], `it takes ${typeToString(type)} there`);
  }
  return isLiteral(operand) ? constant(operand, parent, type) : widen(operand, node, type);
}

/** An operand as a value of a wider type. */
export function widen(operand: Typed, node: ExprNode, to: ScalarDataType): Typed {
  if (sameType(operand.type, to)) return operand;
  const program: Program = {
    kind: 'cast',
    from: operand.type as ScalarDataType,
    to,
    misfit: 'fail',
    operand: operand.program,
    text: exprToString(node),
  };
  return { program, type: to, nullable: operand.nullable };
}

/** Operands and the type in which they meet. */
export interface Unified {
  readonly type: ScalarDataType;
  readonly operands: readonly Typed[];
}

/**
 * The type in which operands meet: the widest of the columns' and what the constants ask for.
 * Undefined where they do not meet, or one is a struct, list or map.
 *
 * @param atLeast the narrowest that is answered, and the type where all operands are null.
 */
export function meetingType(
  operands: readonly Operand[],
  atLeast?: ScalarDataType,
): ScalarDataType | 'none' | undefined {
  let common: ScalarDataType | undefined = atLeast;
  for (const operand of operands) {
    if (isLiteral(operand)) continue;
    if (!isScalar(operand.type)) return 'none';
    // Two dictionaries have different indices for one text.
    const type: ScalarDataType = operand.type.kind === 'dictionary' ? UTF8 : operand.type;
    common = common === undefined ? type : commonType(common, type);
    if (common === undefined) return 'none';
  }
  for (const operand of operands) {
    if (!isLiteral(operand)) continue;
    const type = literalType(operand, common);
    if (type === undefined) continue;
    common = common === undefined ? type : commonType(common, type);
    if (common === undefined) return 'none';
  }
  return common;
}

/**
 * Brings operands to the type in which they meet; where all are null constants, to `atLeast` or
 * bool.
 *
 * @throws MillraceError `TYPE_MISMATCH` where they do not meet.
 */
export function unify(
  parent: ExprNode,
  nodes: readonly ExprNode[],
  scope: Scope,
  atLeast?: ScalarDataType,
): Unified {
  return unifyOperands(parent, nodes, operandsIn(nodes, scope), atLeast);
}

/** As {@link unify}, for operands that are typed already. */
export function unifyOperands(
  parent: ExprNode,
  nodes: readonly ExprNode[],
  typed: readonly Operand[],
  atLeast?: ScalarDataType,
): Unified {
  const common = meetingType(typed, atLeast);
  if (common === 'none') throw typeMismatch(parent, describe(nodes, typed));
  const type = common ?? { kind: 'bool' };
  const operands = typed.map((operand, i) => operandAs(operand, nodes[i]!, parent, type));
  return { type, operands };
}

/** Operands and their types, for messages. */
export function describe(
  nodes: readonly ExprNode[],
  typed: readonly Operand[],
): readonly TypedOperand[] {
  return nodes.map((node, i) => ({ node, type: typeOfOperand(typed[i]!) ?? 'null' }));
}

/** The type of an operand; of a constant, what it is alone. Undefined for null. */
export function typeOfOperand(operand: Operand): DataType | undefined {
  return isLiteral(operand) ? literalType(operand, undefined) : operand.type;
}
