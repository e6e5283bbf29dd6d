/**
 * Expressions over columns: frozen data that crosses threads, and the builder that writes it.
 *
 * `typing.ts` says what type an expression has and what its operators do with nulls, overflow and
 * NaN; `functions/` has its functions; `expr-text.ts` prints one.
 */
import { badArgument, isPlainObject, textArgument } from './expr/arguments.ts';
import { callNode, type Operand, toNode, toNodes } from './expr/base.ts';
import { LITERAL, type LiteralValue, literalNode } from './expr/literal.ts';
import { logicNode } from './expr/logic.ts';
import { NestedMethods } from './expr/nested.ts';
import type { ExprNode } from './expr/node.ts';
import type { TimePart } from './expr/time.ts';

export { type Operand, type Predicate, toNode } from './expr/base.ts';
export type { LiteralValue } from './expr/literal.ts';

/**
 * Builds an expression; every method answers a new one. Types are checked where the expression
 * meets a schema, not here.
 *
 * @example
 * ```ts
 * col('amount').mul(0.92).gt(1000).and(col('country').in(['DE', 'FR']))
 * ```
 */
export class Expr extends NestedMethods {
  /**
   * Sum; an integer overflow fails the row. A duration can be added to a date, time or timestamp.
   *
   * @param part counts `right` in parts of the calendar: `col('at').add(1, 'month')`.
   */
  add(right: Operand, part?: TimePart): Expr {
    return part === undefined ? this.binary('add', right) : this.#parts('add', right, part);
  }

  /**
   * Difference; an integer overflow fails the row. Between two dates it is their days, between two
   * timestamps a duration.
   *
   * @param part counts `right` in parts of the calendar: `col('at').sub(1, 'month')`.
   */
  sub(right: Operand, part?: TimePart): Expr {
    return part === undefined ? this.binary('sub', right) : this.#parts('sub', right, part);
  }

  /** Product; an integer overflow fails the row. */
  mul(right: Operand): Expr {
    return this.binary('mul', right);
  }

  /** Quotient as float64, whatever the operands are; by 0 it is infinite, 0 by 0 is NaN. */
  div(right: Operand): Expr {
    return this.binary('div', right);
  }

  /** Remainder with the sign of the left operand; by 0 it is null for integers, NaN for float64. */
  mod(right: Operand): Expr {
    return this.binary('mod', right);
  }

  /** The value with the other sign; an integer overflow fails the row. */
  neg(): Expr {
    return this.unary('neg');
  }

  /** Equal. */
  eq(right: Operand): Expr {
    return this.binary('eq', right);
  }

  /** Not equal. */
  ne(right: Operand): Expr {
    return this.binary('ne', right);
  }

  /** Less than. */
  lt(right: Operand): Expr {
    return this.binary('lt', right);
  }

  /** Less than or equal. */
  le(right: Operand): Expr {
    return this.binary('le', right);
  }

  /** Greater than. */
  gt(right: Operand): Expr {
    return this.binary('gt', right);
  }

  /** Greater than or equal. */
  ge(right: Operand): Expr {
    return this.binary('ge', right);
  }

  /** Both true; `right` is evaluated only on the rows where this is not false. */
  and(right: Operand): Expr {
    return this.binary('and', right);
  }

  /** One of them true; `right` is evaluated only on the rows where this is not true. */
  or(right: Operand): Expr {
    return this.binary('or', right);
  }

  /** The opposite; null stays null. */
  not(): Expr {
    return this.unary('not');
  }

  /** Whether the value is null; never null itself. */
  isNull(): Expr {
    return this.unary('isNull');
  }

  /** Whether the value is not null; never null itself. */
  isNotNull(): Expr {
    return this.unary('isNotNull');
  }

  /**
   * Whether the value equals one of `values`. Null where it is null, or where it equals none of
   * them and one of them is null; false for an empty list.
   */
  in(values: readonly Operand[]): Expr {
    if (!Array.isArray(values)) {
      throw badArgument(['in', 'values'], values, "give a list: in(['DE', 'FR']), or in([...set])");
    }
    return this.derive(membership(this.node, toNodes('in', values)));
  }

  #parts(op: 'add' | 'sub', count: Operand, part: TimePart): Expr {
    const text = textArgument([op, 'part'], part, `${op}(1, 'month')`);
    return this.derive(callNode(op, [this.node, toNode(count, [op, 'count'])], { part: text }));
  }
}

// `in` has a set of constants; what is computed per row is compared one by one.
function membership(operand: ExprNode, values: readonly ExprNode[]): ExprNode {
  const isLiteral = (node: ExprNode) => node.kind === 'literal';
  const constants = Object.freeze(values.filter(isLiteral));
  const computed = values.filter((node) => !isLiteral(node));
  const tests = computed.map(
    (right): ExprNode => Object.freeze({ kind: 'binary', op: 'eq', left: operand, right }),
  );
  const list: ExprNode = Object.freeze({ kind: 'in', operand, values: constants });
  const all = constants.length === 0 && tests.length > 0 ? tests : [list, ...tests];
  return all.reduce((left, right) => logicNode('or', left, right));
}

/**
 * The column `name`.
 *
 * @throws MillraceError `INVALID_OPTION` where it is no text.
 */
export function col(name: string): Expr {
  return new Expr({ kind: 'column', name: textArgument(['col', 'name'], name, "col('amount')") });
}

/**
 * A constant.
 *
 * @throws MillraceError `INVALID_OPTION` for a value that no column type can hold.
 */
export function lit(value: LiteralValue): Expr {
  return new Expr(literalNode(value, LITERAL));
}

/** The first operand that is not null; each is evaluated only where all before it are null. */
export function coalesce(first: Operand, ...others: Operand[]): Expr {
  const operands = toNodes('coalesce', [first, ...others]);
  return new Expr({ kind: 'coalesce', operands });
}

/** The least of the operands that are not null; NaN is above every number. */
export function least(first: Operand, ...others: Operand[]): Expr {
  return new Expr(callNode('least', toNodes('least', [first, ...others])));
}

/** The greatest of the operands that are not null; NaN is above every number. */
export function greatest(first: Operand, ...others: Operand[]): Expr {
  return new Expr(callNode('greatest', toNodes('greatest', [first, ...others])));
}

/** Texts one after the other; null where one of them is. */
export function concat(first: Operand, ...others: Operand[]): Expr {
  return new Expr(callNode('concat', toNodes('concat', [first, ...others])));
}

/**
 * A struct of these members, in order.
 *
 * @throws MillraceError `INVALID_OPTION` where `members` is no object of them.
 *
 * @example
 * ```ts
 * struct({ city: col('city').trim(), zip: col('zip') })
 * ```
 */
export function struct(members: Readonly<Record<string, Operand>>): Expr {
  if (!isPlainObject(members)) {
    throw badArgument(['struct', 'members'], members, "name them: struct({ city: col('city') })");
  }
  const nodes = Object.entries(members).map(([name, member]) => toNode(member, ['struct', name]));
  return new Expr(callNode('struct', nodes, { names: Object.keys(members) }));
}

/** The value of the last message header of that name, as binary; null where there is none. */
export function header(name: string): Expr {
  const text = textArgument(['header', 'name'], name, "header('trace-id')");
  return new Expr(callNode('header', [col('_headers').node], { name: text }));
}
