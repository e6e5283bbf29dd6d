/** `+` and `-` where dates, times, timestamps or durations are among the operands. */
import type { ArithmeticOp, BinaryNode } from './expr/node.ts';
import type { Typed } from './program.ts';
import type { Operand } from './unify.ts';

/**
 * The program of a sum or difference of times; undefined where no operand is one.
 *
 * @throws MillraceError `TYPE_MISMATCH` where the operands are no pair that can be computed with.
 */
export function lowerTimeArithmetic(
  _node: BinaryNode,
  _op: ArithmeticOp,
  _operands: readonly Operand[],
): Typed | undefined {
  return undefined;
}
