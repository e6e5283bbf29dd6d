/** What users pass to the methods of a stream, as the steps of a plan. */
import { MillraceError } from '../errors.ts';
import { type ArgumentName, textArgument } from '../operators/expr/arguments.ts';
import type { ExprNode } from '../operators/expr/node.ts';
import { Expr, type Operand, type Predicate, toNode } from '../operators/expr.ts';
import { exprToString } from '../operators/expr-text.ts';
import type { NamedExpr, Step } from '../operators/step.ts';
import { isSecretName, shownValue, withoutSecrets } from '../shown-value.ts';

const PREDICATE: ArgumentName = ['filter', 'predicate'];

/**
 * The step of `filter`.
 *
 * @param where what takes the predicate, for messages.
 * @throws MillraceError `INVALID_OPTION` where it is no operand.
 */
export function filterStep(predicate: Predicate, where: ArgumentName = PREDICATE): Step {
  if (typeof predicate === 'string') throw notText(predicate, where);
  return Object.freeze({ kind: 'filter', predicate: toNode(predicate, where) });
}

/**
 * The step of `map`.
 *
 * @param method whose it is, for messages.
 * @throws MillraceError `INVALID_PLAN` where there is no column.
 */
export function mapStep(columns: Readonly<Record<string, Operand>>, method = 'map'): Step {
  checkObject(method, columns);
  const named = namedExprs(method, columns);
  if (named.length === 0) {
    throw invalid(`${method}() adds no column; name one: ${method}({ total: … })`);
  }
  return Object.freeze({ kind: 'map', columns: Object.freeze(named) });
}

/**
 * The step of `select`.
 *
 * @throws MillraceError `INVALID_PLAN` where there is no column, or one is named twice.
 */
export function selectStep(columns: readonly (string | Readonly<Record<string, Operand>>)[]): Step {
  const named = columns.flatMap((column) => {
    if (typeof column === 'string') return [{ name: column, expr: columnNode(column) }];
    if (column instanceof Expr) throw unnamed('select', column);
    checkObject('select', column);
    return namedExprs('select', column);
  });
  if (named.length === 0) throw invalid('select() keeps no column; name at least one');
  checkUnique(
    'select',
    named.map(({ name }) => name),
  );
  return Object.freeze({ kind: 'select', columns: Object.freeze(named) });
}

/**
 * The step of `drop`.
 *
 * @throws MillraceError `INVALID_PLAN` where there is no column.
 */
export function dropStep(columns: readonly string[]): Step {
  if (columns.length === 0) throw invalid('drop() takes no column away; name at least one');
  for (const column of columns) textArgument(['drop', 'column'], column, "drop('id', 'name')");
  return Object.freeze({ kind: 'drop', columns: Object.freeze([...columns]) });
}

/**
 * The step of `rename`.
 *
 * @throws MillraceError `INVALID_PLAN` where there is no name, or two columns get the same one.
 */
export function renameStep(names: Readonly<Record<string, string>>): Step {
  checkObject('rename', names);
  const targets = Object.values(names);
  if (targets.length === 0) throw invalid("rename() renames nothing; write rename({ old: 'new' })");
  for (const [name, target] of Object.entries(names)) {
    if (typeof target === 'string' && target !== '') continue;
    throw invalid(`rename() gives '${name}' no name; write rename({ ${name}: 'new' })`);
  }
  checkUnique('rename', targets);
  return Object.freeze({ kind: 'rename', names: Object.freeze({ ...names }) });
}

/**
 * The step of `limit`.
 *
 * @throws MillraceError `INVALID_OPTION` where `rows` is no whole number from 0 on.
 */
export function limitStep(rows: number): Step {
  if (Number.isSafeInteger(rows) && rows >= 0) return Object.freeze({ kind: 'limit', rows });
  throw new MillraceError(`limit() takes a whole number from 0 on, not ${shown(rows)}`, {
    code: 'INVALID_OPTION',
    context: { option: 'limit' },
  });
}

function namedExprs(method: string, columns: Readonly<Record<string, Operand>>): NamedExpr[] {
  return Object.entries(columns).map(([name, operand]) => {
    if (name === '') throw invalid('a column needs a name that is not empty');
    return Object.freeze({ name, expr: toNode(operand, [method, name]) });
  });
}

function columnNode(name: string): ExprNode {
  return Object.freeze({ kind: 'column', name });
}

function checkObject(method: string, value: unknown): void {
  if (value instanceof Expr) throw unnamed(method, value);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  if (method === 'flatMap' && typeof value === 'function') throw functionInFlatMap();
  throw invalid(`${method}() takes an object, such as { name: … }, not ${shown(value)}`);
}

function functionInFlatMap(): MillraceError {
  return invalid(
    'flatMap() takes columns of lists, not a function; write flatMap({ item: f(…) }) with a ' +
      'udf f that returns a list, or map(fn, { schema }), which may give more rows than it got',
  );
}

function shown(value: unknown): string {
  return shownValue(value, { depth: 0 });
}

function unnamed(method: string, { node }: Expr): MillraceError {
  const wayOut =
    node.kind === 'column' && method === 'select'
      ? `write select('${node.name}'), or with a new name select({ ${node.name}: … })`
      : `give it a name: ${method}({ total: … })`;
  return invalid(`${method}() has the expression ${exprToString(node)} without a name; ${wayOut}`);
}

function notText(predicate: string, [owner, name]: ArgumentName): MillraceError {
  const text = isSecretName(name) ? 'a text' : `the text '${withoutSecrets(predicate)}'`;
  return new MillraceError(
    `${owner}: ${name} is ${text}, which is not parsed; write an expression, such as ` +
      "col('amount').gt(3)",
    { code: 'INVALID_OPTION', context: { option: name } },
  );
}

function checkUnique(method: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw invalid(`${method}() has the column '${twice}' twice; give each a name of its own`);
  }
}

function invalid(message: string): MillraceError {
  return new MillraceError(message, { code: 'INVALID_PLAN' });
}
