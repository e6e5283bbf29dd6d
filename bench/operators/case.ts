/** One expression in the languages of all engines of the suite `operators`. */
import type { Expr } from '../../src/operators/expr.ts';

/** One expression of the row `d`, or the rows that one keeps. */
export interface OperatorCase {
  readonly name: string;
  /**
   * What comes out: a column of numbers, truths, texts or timestamps, or `a` and `w` of the rows it
   * keeps.
   */
  readonly gives: 'number' | 'bool' | 'text' | 'time' | 'rows';
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
}
