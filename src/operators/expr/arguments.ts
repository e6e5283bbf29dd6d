/** Checks what methods of expressions are given, where the expression is written. */
import { types } from 'node:util';
import { MillraceError } from '../../errors.ts';
import { meantName } from '../../nearest-name.ts';
import { isSecretName, shownValue } from '../../shown-value.ts';
import { exprToString } from '../expr-text.ts';
import type { ExprNode } from './node.ts';

/** Whose argument it is, and its name, for messages. */
export type ArgumentName = readonly [owner: string, name: string];

/** Where nobody says more. */
export const ANYWHERE: ArgumentName = ['an expression', 'operand'];

/** What stands where a constant is taken. */
export const CONSTANT_WAY_OUT = 'give a constant: null, a boolean, number, bigint, string or Date';
/** What stands where an operand is taken. */
export const OPERAND_WAY_OUT =
  "give an expression, such as col('name'), or a constant: null, a boolean, number, bigint, " +
  'string or Date';

/**
 * The error for an argument of a wrong JavaScript type.
 *
 * @param wayOut what to give in its place.
 */
export function badArgument(
  [owner, name]: ArgumentName,
  value: unknown,
  wayOut: string,
): MillraceError {
  const is =
    value === undefined ? 'is missing' : `is ${hides(name, value) ? '[secret]' : shown(value)}`;
  const hint = isCase(value)
    ? 'end it with .otherwise(value) or .end()'
    : types.isRegExp(value) && wayOut === OPERAND_WAY_OUT
      ? 'give a text; .regexpMatch(), .regexpExtract() take regular expressions'
      : wayOut;
  return new MillraceError(`${owner}: ${name} ${is}; ${hint}`, {
    code: 'INVALID_OPTION',
    context: { option: name },
  });
}

// A log-in in the place of columns: its members are names of columns then.
function hides(name: string, value: unknown): boolean {
  return isSecretName(name) && (typeof value === 'string' || isPlainObject(value));
}

/** What JavaScript tries to make of an object, and what is meant by that. */
const NATIVE_OPERATORS: Readonly<Record<string, readonly [used: string, wayOut: string]>> = {
  string: ['a text is made of', "concat('no. ', col('id')) joins texts, inspect() prints it"],
  number: [
    "JavaScript's own operator is used on",
    'write .gt(3), .le(3), .sub(1), .mul(2), .neg(), and .and(…), .or(…), .not() for &&, ||, !',
  ],
  default: [
    "JavaScript's own operator is used on",
    'write .add(1) or concat(…) for +, .eq(1) for ==, and .and(…), .or(…), .not() for &&, ||, !',
  ],
};

/**
 * The error for an expression between JavaScript's operators, or in a template.
 *
 * @param hint as `Symbol.toPrimitive` is given it.
 */
export function nativeOperator(node: ExprNode, hint: string): MillraceError {
  const [used, wayOut] = NATIVE_OPERATORS[hint] ?? NATIVE_OPERATORS.default!;
  return new MillraceError(
    `${used} the expression ${exprToString(node)}, which has no value yet; ${wayOut}`,
    { code: 'INVALID_OPTION' },
  );
}

/**
 * A text that is known where the expression is written.
 *
 * @param example what could stand there: `like('A%')`.
 * @throws MillraceError `INVALID_OPTION`.
 */
export function textArgument(where: ArgumentName, value: unknown, example: string): string {
  if (typeof value !== 'string') throw badArgument(where, value, `give a text: ${example}`);
  if (value.isWellFormed()) return value;
  throw badArgument(where, value, 'a lone surrogate is no text that UTF-8 can hold');
}

/**
 * A text, or nothing.
 *
 * @throws MillraceError `INVALID_OPTION`.
 */
export function optionalText(
  where: ArgumentName,
  value: unknown,
  example: string,
): string | undefined {
  return value === undefined ? undefined : textArgument(where, value, example);
}

/**
 * A whole number in a range, both ends inclusive.
 *
 * @throws MillraceError `INVALID_OPTION`.
 */
export function integerArgument(
  where: ArgumentName,
  value: unknown,
  [least, most]: readonly [number, number],
): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) {
    return value as number;
  }
  throw badArgument(where, value, `give a whole number from ${least} to ${most}`);
}

/**
 * The name of a type; whether there is such a type is told where the expression meets a schema.
 *
 * @throws MillraceError `INVALID_OPTION`.
 */
export function typeArgument(where: ArgumentName, value: unknown): string {
  if (typeof value === 'string') return value;
  const isNested = typeof value === 'object' && value !== null && !types.isRegExp(value);
  const nested = isNested ? '; lists, structs and maps are no type of a cast' : '';
  throw badArgument(
    where,
    value,
    `name a scalar type, such as 'int64' or 'timestamp(ms)'${nested}`,
  );
}

/** What means something else with the flag `u`: `\u{61}` alone is 61 times the letter u. */
const MEANS_OTHERWISE = /\\[upP]\{/;

/**
 * A pattern as its text and flags. It has the flag `u` wherever that means the same, so that it
 * counts characters and does not cut one in two.
 *
 * @throws MillraceError `INVALID_OPTION`.
 */
export function patternArgument(
  where: ArgumentName,
  value: unknown,
): { readonly pattern: string; readonly flags: string } {
  if (typeof value === 'string') return { pattern: value, flags: 'u' };
  if (types.isRegExp(value)) return { pattern: value.source, flags: byCharacters(value) };
  throw badArgument(
    where,
    value,
    `give a regular expression, such as /^[A-Z]+-\\d+$/, or its text`,
  );
}

function byCharacters({ source, flags }: RegExp): string {
  if (/[uv]/.test(flags) || MEANS_OTHERWISE.test(source)) return flags;
  try {
    return new RegExp(source, `${flags}u`).flags;
  } catch {
    // Letters escaped that need not be, such as \-, are an error with it.
    return flags;
  }
}

/**
 * An object of options.
 *
 * @param known every name that it may have.
 * @throws MillraceError `INVALID_OPTION` where it has another one, or is no object.
 */
export function optionsArgument<T extends object>(
  where: ArgumentName,
  value: T,
  known: readonly (keyof T & string)[],
): T {
  const example = `give an object, such as { ${known[0]}: … }`;
  if (!isPlainObject(value)) throw badArgument(where, value, example);
  for (const name of Object.keys(value)) {
    if ((known as readonly string[]).includes(name)) continue;
    const [owner] = where;
    const message = `${owner} has no option '${name}'; ${meantName(name, known)}`;
    throw new MillraceError(message, { code: 'INVALID_OPTION', context: { option: name } });
  }
  return value;
}

/** Whether a value is an object of names and values, and no list, expression, date or the like. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm has its own Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isCase(value: unknown): boolean {
  return typeof (value as { otherwise?: unknown } | null | undefined)?.otherwise === 'function';
}

function shown(value: unknown): string {
  if (isCase(value)) return 'a when() without an end';
  const node = (value as { node?: ExprNode } | null)?.node;
  if (typeof node?.kind === 'string') return `the expression ${exprToString(node)}`;
  return shownValue(value);
}
