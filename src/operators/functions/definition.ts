/** What a function of the expression language is: its types, its kernel, its documentation. */
import type { CallOptions } from '../expr/node.ts';
import type { Typed } from '../program.ts';
import type { CallSite } from './call-site.ts';

/** Chapters of the documentation. */
export type FunctionGroup =
  | 'choice'
  | 'cast'
  | 'math'
  | 'bits'
  | 'hash'
  | 'text'
  | 'time'
  | 'nested'
  | 'json'
  | 'metadata';

/** One use of a function and what it gives; the tests run it and the documentation shows it. */
export interface FunctionExample {
  /** TypeScript, with everything that `millrace` exports in scope: `col('name').lower()`. */
  readonly code: string;
  /** The columns of the row, as a schema literal. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** The row, as an object that JSON.stringify takes, or JSON text. */
  readonly row: Readonly<Record<string, unknown>> | string;
  /** Headers of the message, texts by their keys. Default none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The result as JSON text. */
  readonly gives: string;
}

/** A function. */
export interface FunctionDefinition {
  /** As in a call's node. */
  readonly name: string;
  readonly group: FunctionGroup;
  /** How it is written: `text.lower()`, with types: `utf8 -> utf8`. */
  readonly usage: string;
  readonly types: string;
  /** One or two sentences: what it gives, and where it is null or fails. */
  readonly summary: string;
  readonly examples: readonly FunctionExample[];
  /**
   * The same in DuckDB's SQL, from the SQL of the operands; absent where DuckDB has nothing alike.
   * A test compares the results of both on random values.
   */
  readonly sql?: (operands: readonly string[], options: CallOptions) => string;
  /**
   * The program of a call.
   *
   * @throws MillraceError `TYPE_MISMATCH` where operands or options do not fit.
   */
  lower(site: CallSite): Typed;
}
