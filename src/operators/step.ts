/** The steps of a plan, as data. */
import type { ExprNode } from './expr/node.ts';
import type { InlineStep } from './inline/inline-step.ts';

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

/** One list or map that `unnest` turns into rows. */
export interface UnnestColumn {
  readonly column: string;
  /** Of a list: the column of the items. Of a map: those of the keys and values. */
  readonly as: string | { readonly key: string; readonly value: string } | undefined;
}

/** A row for each item of lists side by side; the other columns are repeated. */
export interface UnnestStep {
  readonly kind: 'unnest';
  readonly columns: readonly UnnestColumn[];
  /** Whether a row without any item stays, with a null in the item's place. */
  readonly outer: boolean;
  /** Column of the item's place in its list, from 0 on. */
  readonly index?: string;
  /** The method that made it, for errors. Default `unnest`. */
  readonly method?: 'flatMap';
}

/** Keeps the first row of each tuple of values within a morsel. */
export interface DistinctStep {
  readonly kind: 'distinct';
  /** Empty: all columns, but for metadata columns that no step named. */
  readonly columns: readonly string[];
}

/** Keeps each row with the same probability, by a hash of what it is. */
export interface SampleStep {
  readonly kind: 'sample';
  /** 0 to 1. */
  readonly fraction: number;
  readonly seed: number;
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
  | UnnestStep
  | DistinctStep
  | SampleStep
  | InlineStep
  | ExchangeStep;
