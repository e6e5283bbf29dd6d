/** Expressions as data, which crosses threads; `src/operators/expr.ts` writes it. */
import type { UdfNode } from '../udf/node.ts';

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
 * is microseconds since the epoch, `duration` microseconds.
 */
export type LiteralNode =
  | { readonly kind: 'literal'; readonly type: 'null'; readonly value: null }
  | { readonly kind: 'literal'; readonly type: 'bool'; readonly value: boolean }
  | { readonly kind: 'literal'; readonly type: 'number'; readonly value: number }
  | { readonly kind: 'literal'; readonly type: 'bigint'; readonly value: bigint }
  | { readonly kind: 'literal'; readonly type: 'utf8'; readonly value: string }
  | { readonly kind: 'literal'; readonly type: 'timestamp' | 'duration'; readonly value: bigint };

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

/** What a call has beside its operands: plain data, such as the type of a cast. */
export type CallOptions = Readonly<Record<string, CallOption>>;
/** One of {@link CallOptions}. */
export type CallOption =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly CallOption[]
  | { readonly [name: string]: CallOption };

/** A function of `src/operators/functions/` by its name. */
export interface CallNode {
  readonly kind: 'call';
  readonly fn: string;
  readonly operands: readonly ExprNode[];
  readonly options?: CallOptions;
}

/** An expression as data: frozen, and unchanged by `structuredClone`. */
export type ExprNode =
  | ColumnNode
  | LiteralNode
  | UnaryNode
  | BinaryNode
  | CoalesceNode
  | InNode
  | FieldNode
  | CallNode
  | UdfNode;
