/**
 * Expressions over columns: frozen data that crosses threads, and the builder that writes it.
 *
 * `typing.ts` says what type an expression has and what its operators do with nulls, overflow and
 * NaN; `expr-text.ts` prints one.
 */
import { MillraceError } from '../errors.ts';

/** Operators of two operands. */
export type BinaryOp = ArithmeticOp | ComparisonOp | LogicalOp;
/** `div` gives float64, `mod` has the sign of its left operand. */
export type ArithmeticOp = 'add' | 'sub' | 'mul' | 'div' | 'mod';
/** Null where an operand is null. */
export type ComparisonOp = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';
/** SQL's three-valued logic: `false and null` is false, `true or null` is true. */
export type LogicalOp = 'and' | 'or';
/** Operators of one operand. */
export type UnaryOp = 'neg' | 'not' | 'isNull' | 'isNotNull';

/** The value of a column in a row. */
export interface ColumnNode {
  readonly kind: 'column';
  readonly name: string;
}

/**
 * A constant. `number` and `bigint` take the type that the operator beside them wants, `timestamp`
 * is microseconds since the epoch.
 */
export type LiteralNode =
  | { readonly kind: 'literal'; readonly type: 'null'; readonly value: null }
  | { readonly kind: 'literal'; readonly type: 'bool'; readonly value: boolean }
  | { readonly kind: 'literal'; readonly type: 'number'; readonly value: number }
  | { readonly kind: 'literal'; readonly type: 'bigint'; readonly value: bigint }
  | { readonly kind: 'literal'; readonly type: 'utf8'; readonly value: string }
  | { readonly kind: 'literal'; readonly type: 'timestamp'; readonly value: bigint };

/** An operator of one operand. */
export interface UnaryNode {
  readonly kind: 'unary';
  readonly op: UnaryOp;
  readonly operand: ExprNode;
}

/** An operator of two operands. */
export interface BinaryNode {
  readonly kind: 'binary';
  readonly op: BinaryOp;
  readonly left: ExprNode;
  readonly right: ExprNode;
}

/** The first operand that is not null. */
export interface CoalesceNode {
  readonly kind: 'coalesce';
  readonly operands: readonly ExprNode[];
}

/** Whether the operand equals one of the values. */
export interface InNode {
  readonly kind: 'in';
  readonly operand: ExprNode;
  readonly values: readonly LiteralNode[];
}

/** A member of a struct. */
export interface FieldNode {
  readonly kind: 'field';
  readonly operand: ExprNode;
  readonly name: string;
}

/** An expression as data: frozen, and unchanged by `structuredClone`. */
export type ExprNode =
  | ColumnNode
  | LiteralNode
  | UnaryNode
  | BinaryNode
  | CoalesceNode
  | InNode
  | FieldNode;

/** A plain value that stands for a constant; a `Date` is a timestamp. */
export type LiteralValue = null | boolean | number | bigint | string | Date;

/** What operators take: an expression, or a plain value in its place. */
export type Operand = Expr | LiteralValue;

/**
 * Builds an expression; every method answers a new one. Types are checked where the expression
 * meets a schema, not here.
 *
 * @example
 * ```ts
 * col('amount').mul(0.92).gt(1000).and(col('country').in(['DE', 'FR']))
 * ```
 */
export class Expr {
  /** The expression as data. */
  readonly node: ExprNode;

  constructor(node: ExprNode) {
    this.node = Object.freeze(node);
    Object.freeze(this);
  }

  /** Sum; an integer overflow fails the row. */
  add(right: Operand): Expr {
    return this.#binary('add', right);
  }

  /** Difference; an integer overflow fails the row. */
  sub(right: Operand): Expr {
    return this.#binary('sub', right);
  }

  /** Product; an integer overflow fails the row. */
  mul(right: Operand): Expr {
    return this.#binary('mul', right);
  }

  /** Quotient as float64, whatever the operands are; by 0 it is infinite, 0 by 0 is NaN. */
  div(right: Operand): Expr {
    return this.#binary('div', right);
  }

  /** Remainder with the sign of the left operand; by 0 it is null for integers, NaN for float64. */
  mod(right: Operand): Expr {
    return this.#binary('mod', right);
  }

  /** The value with the other sign; an integer overflow fails the row. */
  neg(): Expr {
    return this.#unary('neg');
  }

  /** Equal. */
  eq(right: Operand): Expr {
    return this.#binary('eq', right);
  }

  /** Not equal. */
  ne(right: Operand): Expr {
    return this.#binary('ne', right);
  }

  /** Less than. */
  lt(right: Operand): Expr {
    return this.#binary('lt', right);
  }

  /** Less than or equal. */
  le(right: Operand): Expr {
    return this.#binary('le', right);
  }

  /** Greater than. */
  gt(right: Operand): Expr {
    return this.#binary('gt', right);
  }

  /** Greater than or equal. */
  ge(right: Operand): Expr {
    return this.#binary('ge', right);
  }

  /** Both true; `right` is evaluated only on the rows where this is not false. */
  and(right: Operand): Expr {
    return this.#binary('and', right);
  }

  /** One of them true; `right` is evaluated only on the rows where this is not true. */
  or(right: Operand): Expr {
    return this.#binary('or', right);
  }

  /** The opposite; null stays null. */
  not(): Expr {
    return this.#unary('not');
  }

  /** Whether the value is null; never null itself. */
  isNull(): Expr {
    return this.#unary('isNull');
  }

  /** Whether the value is not null; never null itself. */
  isNotNull(): Expr {
    return this.#unary('isNotNull');
  }

  /**
   * Whether the value equals one of `values`. Null where it is null, or where it equals none of
   * them and one of them is null; false for an empty list.
   */
  in(values: readonly LiteralValue[]): Expr {
    const nodes = Object.freeze(values.map((value) => literalNode(value)));
    return new Expr({ kind: 'in', operand: this.node, values: nodes });
  }

  /** The member `name` of a struct; null where the struct is null. */
  field(name: string): Expr {
    return new Expr({ kind: 'field', operand: this.node, name });
  }

  #unary(op: UnaryOp): Expr {
    return new Expr({ kind: 'unary', op, operand: this.node });
  }

  #binary(op: BinaryOp, right: Operand): Expr {
    return new Expr({ kind: 'binary', op, left: this.node, right: toNode(right) });
  }
}

/** The column `name`. */
export function col(name: string): Expr {
  return new Expr({ kind: 'column', name });
}

/**
 * A constant.
 *
 * @throws MillraceError `INVALID_OPTION` for a value that no column type can hold.
 */
export function lit(value: LiteralValue): Expr {
  return new Expr(literalNode(value));
}

/** The first operand that is not null; each is evaluated only where all before it are null. */
export function coalesce(first: Operand, ...others: Operand[]): Expr {
  const operands = Object.freeze([first, ...others].map(toNode));
  return new Expr({ kind: 'coalesce', operands });
}

/** The data of an operand. */
export function toNode(operand: Operand): ExprNode {
  return operand instanceof Expr ? operand.node : literalNode(operand);
}

function literalNode(value: LiteralValue): LiteralNode {
  return Object.freeze(literalOf(value));
}

function literalOf(value: LiteralValue): LiteralNode {
  const kind = 'literal';
  if (value === null) return { kind, type: 'null', value };
  if (typeof value === 'boolean') return { kind, type: 'bool', value };
  if (typeof value === 'number') return { kind, type: 'number', value };
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) === value) return { kind, type: 'bigint', value };
    throw badLiteral(value, 'is outside the range of int64');
  }
  if (typeof value === 'string') {
    if (value.isWellFormed()) return { kind, type: 'utf8', value };
    throw badLiteral(JSON.stringify(value), 'has a lone surrogate, which UTF-8 cannot hold');
  }
  if (value instanceof Date) {
    const epochMs = value.getTime();
    if (Number.isNaN(epochMs)) throw badLiteral('Invalid Date', 'is no point in time');
    return { kind, type: 'timestamp', value: BigInt(epochMs) * 1000n };
  }
  const shown = value === undefined ? 'undefined' : `a value of type ${typeof value}`;
  throw badLiteral(
    shown,
    'is no constant; an expression takes an Expr, null, a boolean, number, bigint, string or Date',
  );
}

function badLiteral(value: string | bigint, why: string): MillraceError {
  return new MillraceError(`${value} ${why}`, {
    code: 'INVALID_OPTION',
    context: { value },
  });
}
