/** One expression in the languages of all engines of the suite `operators`. */
import type { ColumnTable } from 'arquero';
import type { Expr } from '../../src/operators/expr.ts';
import type { Step } from '../../src/operators/step.ts';

/** One expression of the row `d`, or the rows that one keeps. */
export interface OperatorCase {
  readonly name: string;
  /**
   * What comes out: a column of numbers, truths, texts, timestamps or structs of the numbers x and
   * y, or `a` and `w` of the rows it keeps.
   */
  readonly gives: 'number' | 'bool' | 'text' | 'time' | 'struct' | 'rows';
  readonly expr: Expr;
  /**
   * In JavaScript, of the object `d` and the functions of `plain-functions.ts`; null where nobody
   * would write it.
   */
  readonly plain: string | null;
  /** In arquero's expressions, where they differ from JavaScript; null where it has none. */
  readonly arquero?: string | null;
  /** In DuckDB's SQL; null where it has no such function. */
  readonly sql: string | null;
  /** What the others' numbers are multiplied by: decimals are whole cents there. Default 1. */
  readonly scale?: number;
  /** The rows that the expression is of, where they are not those of the table. */
  readonly made?: MadeRows;
}

/** Rows that a step makes of the table, as the columns or members `value` and `w`. */
export interface MadeRows {
  readonly step: Step;
  /** A loop over `rows` that pushes the new ones to `out`; null where nobody would write it. */
  readonly plain: string | null;
  readonly arquero: ((table: ColumnTable) => ColumnTable) | null;
  /** A query; null where DuckDB has nothing alike. */
  readonly sql: string | null;
}

/** The case of an expression over the table's rows. */
export function made(
  gives: OperatorCase['gives'],
  name: string,
  expr: Expr,
  texts: Pick<OperatorCase, 'plain' | 'arquero' | 'sql' | 'scale'>,
): OperatorCase {
  return { name, gives, expr, ...texts };
}
