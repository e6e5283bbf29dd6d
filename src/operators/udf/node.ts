/** User functions in expressions: what a plan says of them, and what workers get of that. */
import type { DataType } from '../../arrow/schema.ts';
import type { ExprNode } from '../expr/node.ts';
import type { Program } from '../program.ts';

/** The type of an argument or a result. */
export interface UdfType {
  readonly type: DataType;
  readonly nullable: boolean;
}

/** What is declared of a user function; plain data. */
export interface UdfDeclaration {
  /** The module's URL, absolute. */
  readonly url: string;
  /** The name that it exports the function under. */
  readonly name: string;
  readonly args: readonly UdfType[];
  readonly returns: UdfType;
  /** `vector`: called once a morsel, with vectors. `row`: called for each row, with values. */
  readonly mode: 'vector' | 'row';
  /** `skip`: rows with a null argument are null and not shown to the function. */
  readonly nulls: 'skip' | 'call';
  /** The longest that all calls over one morsel may take, ms. */
  readonly timeoutMs: number;
  /** Whether the result depends on the arguments alone: equal ones may share a call. */
  readonly pure: boolean;
  /** Whether it is given copies, and its result is copied, so that it has no view on memory. */
  readonly isolated: boolean;
  /** What becomes of rows on which it fails: the run ends there, or they are null. */
  readonly onError: 'fail' | 'null';
}

/** A user function of operands. */
export interface UdfNode {
  readonly kind: 'udf';
  readonly udf: UdfDeclaration;
  readonly operands: readonly ExprNode[];
}

/** A call of a user function; each operand has the declared type, constants may be any scalar. */
export interface UdfProgram {
  readonly kind: 'udf';
  readonly udf: UdfDeclaration;
  readonly operands: readonly Program[];
  /** The expression as text, for errors. */
  readonly text: string;
}

/** Data URLs are modules, too, and long. */
const MAX_URL_SHOWN = 100;

/** A module's URL for people. */
export function urlToString(url: string): string {
  return url.length > MAX_URL_SHOWN ? `${url.slice(0, MAX_URL_SHOWN)}…` : url;
}

/** One name for a module's export, to look loaded functions up. */
export function functionKey({ url, name }: Pick<UdfDeclaration, 'url' | 'name'>): string {
  return `${url}#${name}`;
}
