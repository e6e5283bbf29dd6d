/** `and` and `or` of thousands of conditions, as trees that stay shallow. */
import type { BinaryNode, ExprNode, LogicalOp } from './node.ts';

/** Conditions up to which a chain is what was written: each `and` around all before it. */
const CHAIN_LENGTH = 32;

/** How many conditions a chain has; of one operator. */
const counts = new WeakMap<ExprNode, number>();

/**
 * `left op right`. Where `left` is a long chain of the same operator the condition goes into its
 * right half until that is as long as the left one: n conditions are about log n levels deep. The
 * order stays, and with it which rows evaluate what.
 */
export function logicNode(op: LogicalOp, left: ExprNode, right: ExprNode): BinaryNode {
  if (left.kind === 'binary' && left.op === op && countOf(op, left) >= CHAIN_LENGTH) {
    if (countOf(op, left.right) < countOf(op, left.left)) {
      return joined(op, left.left, logicNode(op, left.right, right));
    }
  }
  return joined(op, left, right);
}

function joined(op: LogicalOp, left: ExprNode, right: ExprNode): BinaryNode {
  const node: BinaryNode = Object.freeze({ kind: 'binary', op, left, right });
  counts.set(node, countOf(op, left) + countOf(op, right));
  return node;
}

function countOf(op: LogicalOp, node: ExprNode): number {
  return node.kind === 'binary' && node.op === op ? (counts.get(node) ?? 1) : 1;
}
