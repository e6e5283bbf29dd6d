/** What every expression has, and how its methods make the next one. */
import type { Expr } from '../expr.ts';
import { type LiteralValue, literalNode } from './literal.ts';
import type { BinaryOp, ExprNode, UnaryOp } from './node.ts';

/** What operators take: an expression, or a plain value in its place. */
export type Operand = Expr | LiteralValue;

/** An expression without its methods: they stand in groups, one class each, {@link Expr} last. */
export abstract class ExprBase {
  /** The expression as data. */
  readonly node: ExprNode;

  constructor(node: ExprNode) {
    this.node = Object.freeze(node);
    Object.freeze(this);
  }

  /** The expression of a node. Every class of the chain is an `Expr` in the end. */
  protected derive(node: ExprNode): Expr {
    return new (this.constructor as new (node: ExprNode) => Expr)(node);
  }

  /** A function of this expression and what else it takes. */
  protected call(
    fn: string,
    others: readonly Operand[] = [],
    options?: Readonly<Record<string, unknown>>,
  ): Expr {
    return this.derive(callNode(fn, [this.node, ...others.map(toNode)], options));
  }

  protected unary(op: UnaryOp): Expr {
    return this.derive({ kind: 'unary', op, operand: this.node });
  }

  protected binary(op: BinaryOp, right: Operand): Expr {
    return this.derive({ kind: 'binary', op, left: this.node, right: toNode(right) });
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

/** The data of an operand. */
export function toNode(operand: Operand): ExprNode {
  return operand instanceof ExprBase ? operand.node : literalNode(operand);
}
