/** The steps of a plan, as data. */
import type { ExprNode } from './expr.ts';

/** Keeps the rows for which `predicate` is true (not null, not false). */
export interface FilterStep {
  readonly kind: 'filter';
  readonly predicate: ExprNode;
}

/** Adds columns or replaces those of the same name; the others stay, in order. */
export interface MapStep {
  readonly kind: 'map';
  readonly columns: readonly NamedExpr[];
}

/** Keeps exactly these columns, in this order. */
export interface SelectStep {
  readonly kind: 'select';
  readonly columns: readonly NamedExpr[];
}

/** A column and what it is made of. */
export interface NamedExpr {
  readonly name: string;
  readonly expr: ExprNode;
}

/** Takes these columns away. */
export interface DropStep {
  readonly kind: 'drop';
  readonly columns: readonly string[];
}

/** Gives columns other names; the order stays. */
export interface RenameStep {
  readonly kind: 'rename';
  readonly names: Readonly<Record<string, string>>;
}

/** Lets the first `rows` rows of the whole stream pass. */
export interface LimitStep {
  readonly kind: 'limit';
  readonly rows: number;
}

/** Reserved: rows are dealt out by the hash of a key before a stateful operator. */
export interface ExchangeStep {
  readonly kind: 'exchange';
  readonly by: readonly string[];
}

/** Any step. */
export type Step =
  | FilterStep
  | MapStep
  | SelectStep
  | DropStep
  | RenameStep
  | LimitStep
  | ExchangeStep;
