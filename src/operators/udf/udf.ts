/** `udf`: a function in a module of the caller's, to be called by the workers. */
import { type FieldLiteral, toSchema } from '../../arrow/schema-literal.ts';
import { MillraceError } from '../../errors.ts';
import { withoutSecrets } from '../../shown-value.ts';
import { Expr, type Operand, toNode } from '../expr.ts';
import type { UserFunction } from './function-types.ts';
import type { UdfDeclaration, UdfType } from './node.ts';

/** How long the calls over one morsel may take by default, ms. */
export const UDF_TIMEOUT_MS = 10_000;
/** Timers count to here. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** Arguments of one function. */
const MAX_ARGS = 64;

/** What `udf` is told of a function. */
export interface UdfOptions<
  Args extends readonly FieldLiteral[] = readonly FieldLiteral[],
  Returns extends FieldLiteral = FieldLiteral,
> {
  /** The types of the arguments, as in schemas: `['float64', 'utf8?']`. */
  readonly args: Args;
  /** The type of the result. */
  readonly returns: Returns;
  /**
   * `vector`: called once for the rows of a morsel, with vectors (`VectorFunction`). `row`: called
   * for each row, with plain values (`RowFunction`). Default `vector`.
   */
  readonly mode?: 'vector' | 'row';
  /**
   * `skip`: a row with a null argument is null, and the function does not see it. `call`: it sees
   * nulls where the declaration has `?`. Default: `skip` in mode `row`, `call` in mode `vector`.
   */
  readonly nulls?: 'skip' | 'call';
  /** The longest that all calls over one morsel may take, ms. Default {@link UDF_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
  /**
   * Whether the result depends on the arguments alone, and nothing else happens in it: then equal
   * arguments may share one call. Default false.
   */
  readonly pure?: boolean;
  /**
   * Whether vectors and output are copies, so that nothing that the function keeps or writes to
   * reaches the engine's memory. Default false: they are views on it.
   */
  readonly isolated?: boolean;
  /**
   * What becomes of rows on which it throws, takes too long or ends its thread. `fail`: the run
   * ends there, with everything before written. `null`: they are null (`returns` must allow it) and
   * count in `stats().functionErrors`. Default `fail`.
   */
  readonly onError?: 'fail' | 'null';
}

const OPTION_NAMES: readonly string[] = [
  ...['args', 'returns', 'mode', 'nulls', 'timeoutMs', 'pure', 'isolated', 'onError'],
];

/**
 * A function that the workers call. Each worker imports the module once; a module that is not
 * there, or does not export the function, fails the run before anything is read. See
 * docs/functions.md for what the function is given, what it costs and what happens when it fails.
 *
 * @param url of the module, absolute: `new URL('./risk.ts', import.meta.url)`.
 * @param name under which the module exports the function.
 * @returns a function of operands that gives an expression.
 * @throws MillraceError `INVALID_OPTION`, `INVALID_SCHEMA`.
 *
 * @example
 * ```ts
 * const risk = udf(new URL('./risk.ts', import.meta.url), 'risk', {
 *   args: ['float64', 'utf8?'],
 *   returns: 'float64',
 * });
 * stream.map({ risk: risk(col('amount'), col('country')) });
 * ```
 */
export function udf<const Args extends readonly FieldLiteral[], const Returns extends FieldLiteral>(
  url: URL | string,
  name: string,
  options: UdfOptions<Args, Returns>,
): UserFunction<Args, Returns> {
  const declaration = declare(url, name, options);
  const call = (...operands: readonly Operand[]): Expr => {
    const expected = declaration.args.length;
    if (operands.length !== expected) {
      throw invalid(
        `${name}() was given ${count(operands.length, 'operand')}, but declares ` +
          `${count(expected, 'argument')}; give one for each`,
        'args',
      );
    }
    const nodes = Object.freeze(
      operands.map((operand, i) => toNode(operand, [name, `argument ${i + 1}`])),
    );
    return new Expr({ kind: 'udf', udf: declaration, operands: nodes });
  };
  return call as UserFunction<Args, Returns>;
}

/** What the options come to, checked. */
function declare(url: unknown, name: unknown, options: UdfOptions): UdfDeclaration {
  if (typeof name !== 'string' || name === '') {
    throw invalid(`udf() takes the name of an export, not ${shown(name)}`, 'name');
  }
  if (typeof options !== 'object' || options === null) {
    throw invalid(
      `udf() takes { args, returns } for ${withoutSecrets(name)}, not ${shown(options)}`,
      'options',
    );
  }
  const unknown = Object.keys(options).find((key) => !OPTION_NAMES.includes(key));
  if (unknown !== undefined) {
    throw invalid(`udf() has no option '${unknown}'; it has ${OPTION_NAMES.join(', ')}`, unknown);
  }
  const { mode = 'vector', timeoutMs = UDF_TIMEOUT_MS, onError = 'fail' } = options;
  const { pure = false, isolated = false } = options;
  const nulls = options.nulls ?? (mode === 'row' ? 'skip' : 'call');
  oneOf('mode', mode, ['vector', 'row']);
  oneOf('nulls', nulls, ['skip', 'call']);
  oneOf('pure', pure, [true, false]);
  oneOf('isolated', isolated, [true, false]);
  oneOf('onError', onError, ['fail', 'null']);
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > MAX_TIMEOUT_MS) {
    throw invalid(
      `timeoutMs of ${name} is ${shown(timeoutMs)}; give whole milliseconds from 1 on`,
      'timeoutMs',
    );
  }
  const args = readArgs(name, options.args);
  const returns = readType(`the result of ${name}`, options.returns);
  if (onError === 'null' && !returns.nullable) {
    throw invalid(
      `${name} cannot be null, as onError: 'null' would make it; declare returns as nullable: ` +
        (typeof options.returns === 'string' ? `'${options.returns}?'` : 'nullable(…)'),
      'onError',
    );
  }
  const rest = { mode, nulls, timeoutMs, pure, isolated, onError };
  return Object.freeze({ url: moduleUrl(url), name, args, returns, ...rest });
}

function readArgs(name: string, args: unknown): readonly UdfType[] {
  if (!Array.isArray(args) || args.length > MAX_ARGS) {
    throw invalid(
      `args of ${name} is ${shown(args)}; give a list of at most ${MAX_ARGS} types: ` +
        "['float64', 'utf8?']",
      'args',
    );
  }
  return Object.freeze(args.map((arg, i) => readType(`argument ${i + 1} of ${name}`, arg)));
}

function readType(what: string, literal: FieldLiteral): UdfType {
  const [field] = toSchema({ [what]: literal }).fields;
  return Object.freeze({ type: field!.type, nullable: field!.nullable });
}

/** Where modules may be: what workers can import by themselves. */
const PROTOCOLS = ['file:', 'data:'];

function moduleUrl(url: unknown): string {
  const parsed = url instanceof URL ? url : typeof url === 'string' ? URL.parse(url) : null;
  if (parsed !== null && PROTOCOLS.includes(parsed.protocol)) {
    return parsed.href;
  }
  throw invalid(
    `udf() takes the absolute URL of a module, not ${shown(url)}; write ` +
      "new URL('./functions.ts', import.meta.url)",
    'url',
  );
}

function oneOf(option: string, value: unknown, values: readonly unknown[]): void {
  if (values.includes(value)) return;
  throw invalid(`${option} is ${shown(value)}; it is ${values.map(shown).join(' or ')}`, option);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${withoutSecrets(value)}'`;
  if (value instanceof URL) return withoutSecrets(value.href);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

function invalid(message: string, option: string): MillraceError {
  return new MillraceError(message, { code: 'INVALID_OPTION', context: { option } });
}
