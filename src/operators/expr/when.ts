/** `case when`: the first branch whose condition is true. */
import { Expr } from '../expr.ts';
import { callNode, type Operand, toNode } from './base.ts';
import type { ExprNode } from './node.ts';

/** Branches so far; `otherwise` or `end` makes an expression of them. */
export class Case {
  readonly #operands: readonly ExprNode[];

  /** @param operands conditions and values by turns. */
  constructor(operands: readonly ExprNode[]) {
    this.#operands = operands;
  }

  /** Another branch, for rows where no condition before is true. */
  when(condition: Operand, value: Operand): Case {
    return new Case([
      ...this.#operands,
      toNode(condition, ['when', 'condition']),
      toNode(value, ['when', 'value']),
    ]);
  }

  /** The value of rows where no condition is true. */
  otherwise(value: Operand): Expr {
    return new Expr(callNode('case', [...this.#operands, toNode(value, ['otherwise', 'value'])]));
  }

  /** Null where no condition is true. */
  end(): Expr {
    return this.otherwise(null);
  }
}

/**
 * The value of the first branch whose condition is true; it is evaluated only on its rows.
 *
 * @example
 * ```ts
 * when(col('amount').gt(1000), 'big').when(col('amount').gt(100), 'middle').otherwise('small')
 * ```
 */
export function when(condition: Operand, value: Operand): Case {
  return new Case([]).when(condition, value);
}
