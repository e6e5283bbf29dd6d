/** Expressions as SQL-like text, for `explain()` and error messages. */
import { callToString } from './call-text.ts';
import type { BinaryOp, ExprNode, LiteralNode } from './expr/node.ts';
import { durationToString } from './temporal-literal.ts';

const SYMBOLS: Readonly<Record<BinaryOp, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  mod: '%',
  eq: '=',
  ne: '<>',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
  and: 'and',
  or: 'or',
};

/** Values of one `in` that are printed. */
const MAX_VALUES_SHOWN = 10;

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `(amount * 0.92) > 1000`: operands that are operators themselves stand in parentheses. */
export function exprToString(node: ExprNode): string {
  switch (node.kind) {
    case 'column':
      return nameToString(node.name);
    case 'literal':
      return literalToString(node);
    case 'unary':
      if (node.op === 'neg') return `-${inner(node.operand)}`;
      if (node.op === 'not') return `not ${inner(node.operand)}`;
      return `${inner(node.operand)} is ${node.op === 'isNull' ? 'null' : 'not null'}`;
    case 'binary':
      return `${inner(node.left)} ${SYMBOLS[node.op]} ${inner(node.right)}`;
    case 'coalesce':
      return `coalesce(${node.operands.map(exprToString).join(', ')})`;
    case 'in':
      return `${inner(node.operand)} in (${listToString(node.values)})`;
    case 'field':
      return `${inner(node.operand)}.${nameToString(node.name)}`;
    case 'call':
      return callToString(
        node.fn,
        node.operands.map(exprToString),
        node.options ?? {},
        nameToString,
      );
    case 'udf':
      return `${nameToString(node.udf.name)}(${node.operands.map(exprToString).join(', ')})`;
  }
}

/** A column's name, in double quotes where it is not a plain word. */
export function nameToString(name: string): string {
  return PLAIN_NAME.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The operator as it is printed. */
export function symbolOf(op: BinaryOp): string {
  return SYMBOLS[op];
}

function inner(node: ExprNode): string {
  const text = exprToString(node);
  const bare = ['column', 'coalesce', 'field', 'call', 'udf'].includes(node.kind);
  const negative = node.kind === 'literal' && text.startsWith('-');
  return bare || (node.kind === 'literal' && !negative) ? text : `(${text})`;
}

function listToString(values: readonly LiteralNode[]): string {
  const shown = values.slice(0, MAX_VALUES_SHOWN).map(literalToString);
  const hidden = values.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`… ${hidden} more`] : [])].join(', ');
}

function literalToString(literal: LiteralNode): string {
  switch (literal.type) {
    case 'utf8':
      return `'${literal.value.replaceAll("'", "''")}'`;
    case 'timestamp':
      return `timestamp '${timestampText(literal.value)}'`;
    case 'duration':
      return `duration '${durationToString(literal.value)}'`;
    case 'number':
      return Object.is(literal.value, -0) ? '-0' : String(literal.value);
    default:
      return String(literal.value);
  }
}

// Date covers a smaller range than int64 microseconds; what lies outside is printed as a number.
function timestampText(micros: bigint): string {
  const date = new Date(Number(micros / 1000n));
  return Number.isNaN(date.getTime()) ? `${micros} us` : date.toISOString();
}
