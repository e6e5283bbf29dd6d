/** What every expression has, and how its methods make the next one. */
import type { Expr } from '../expr.ts';
import { ANYWHERE, type ArgumentName, nativeOperator } from './arguments.ts';
import { type LiteralValue, literalNode } from './literal.ts';
import { logicNode } from './logic.ts';
import type { BinaryOp, ExprNode, UnaryOp } from './node.ts';

/** What operators take: an expression, or a plain value in its place. */
export type Operand = Expr | LiteralValue;

/** What keeps rows: an expression that gives a bool, or a constant. A text is no program. */
export type Predicate = Expr | boolean | null;

/** An expression without its methods: they stand in groups, one class each, {@link Expr} last. */
export abstract class ExprBase {
  /** The expression as data. */
  readonly node: ExprNode;

  constructor(node: ExprNode) {
    this.node = Object.freeze(node);
    Object.freeze(this);
  }

  /**
   * JavaScript's own operators would take it for a text, and silently compute something else.
   *
   * @throws MillraceError `INVALID_OPTION` that names the method to use.
   */
  [Symbol.toPrimitive](hint: string): never {
    throw nativeOperator(this.node, hint);
  }

  /** The expression of a node. Every class of the chain is an `Expr` in the end. */
  protected derive(node: ExprNode): Expr {
    return new (this.constructor as new (node: ExprNode) => Expr)(node);
  }

  /** A function of this expression and what else it takes: operands by their names. */
  protected call(
    fn: string,
    others: Readonly<Record<string, Operand>> = {},
    options?: Readonly<Record<string, unknown>>,
  ): Expr {
    const nodes = Object.entries(others).map(([name, operand]) => toNode(operand, [fn, name]));
    return this.derive(callNode(fn, [this.node, ...nodes], options));
  }

  protected unary(op: UnaryOp): Expr {
    return this.derive({ kind: 'unary', op, operand: this.node });
  }

  protected binary(op: BinaryOp, right: Operand): Expr {
    const node = toNode(right, [op, 'right']);
    if (op === 'and' || op === 'or') return this.derive(logicNode(op, this.node, node));
    return this.derive({ kind: 'binary', op, left: this.node, right: node });
  }
}

/** The node of a function's call; options that are undefined are left out. */
export function callNode(
  fn: string,
  operands: readonly ExprNode[],
  options: Readonly<Record<string, unknown>> = {},
): ExprNode {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.freeze({
    kind: 'call',
    fn,
    operands: Object.freeze([...operands]),
    ...(given.length === 0 ? {} : { options: Object.freeze(Object.fromEntries(given)) }),
  }) as ExprNode;
}

/**
 * The data of an operand.
 *
 * @param where what takes it, for messages. Default: an expression.
 * @throws MillraceError `INVALID_OPTION` for a value that is no operand.
 */
export function toNode(operand: Operand, where: ArgumentName = ANYWHERE): ExprNode {
  return operand instanceof ExprBase ? operand.node : literalNode(operand, where);
}

/** The data of a function's operands, all alike. @throws as {@link toNode}. */
export function toNodes(owner: string, operands: readonly Operand[]): readonly ExprNode[] {
  return Object.freeze(operands.map((operand, i) => toNode(operand, [owner, `value ${i + 1}`])));
}
