/** Where DuckDB's results are knowingly not Millrace's. */
import type { ExprNode } from '../../../src/operators/expr/node.ts';
import { TABLE_SCHEMA } from './table.ts';

/** What stands for a row that fails. */
export const FAILED = 'fails';

const NEAR_INT64_END = 9.2e18;
/** Columns that are decimals, or become some beside a signed integer. */
const DECIMALS = TABLE_SCHEMA.fields
  .filter(({ type }) => type.kind === 'decimal' || type.kind === 'uint64')
  .map(({ name }) => name);
/** Whose last bits differ between mathematical libraries. */
const ROUNDING: readonly string[] = ['pow', 'ln', 'log10', 'exp'];

/**
 * Whether two results of an expression differ for a reason that is known:
 *
 * - An integer that rounds beyond its type fails its row here; there it wraps round, and so do
 *   others near the ends of int64.
 * - A remainder of decimals and what is none is one of doubles there; it jumps where its operands
 *   differ in their last bits.
 * - A uint64 beside a signed integer is a decimal of 38 digits here, and a HUGEINT there.
 *
 * @param mine what Millrace gives; `FAILED` where the row fails.
 */
export function isKnownDifference(node: ExprNode, mine: string): boolean {
  const parts = partsOf(node);
  if (parts.some((part) => part.kind === 'binary' && part.op === 'mod' && isOfDoubles(part))) {
    return true;
  }
  if (mine === FAILED && parts.some((part) => part.kind === 'column' && part.name === 'uint64')) {
    return true;
  }
  const calls = parts.flatMap((part) => (part.kind === 'call' ? [part.fn] : []));
  if (!calls.includes('round')) return false;
  // It gives a signed integer for an unsigned one.
  if (calls.includes('bitNot')) return true;
  return mine === FAILED || Math.abs(Number(mine)) > NEAR_INT64_END;
}

function isOfDoubles(node: ExprNode): boolean {
  return mayRound(node) || hasDecimals(node);
}

function hasDecimals(node: ExprNode): boolean {
  return partsOf(node).some((part) => part.kind === 'column' && DECIMALS.includes(part.name));
}

/**
 * Whether an expression's floats may differ in their last bits: there decimals are doubles beside a
 * text or a float, before they are computed with.
 */
export function mayRound(node: ExprNode): boolean {
  const parts = partsOf(node);
  const computes = parts.some(({ kind }) => kind === 'binary') && hasDecimals(node);
  return computes || parts.some((part) => part.kind === 'call' && ROUNDING.includes(part.fn));
}

const LAZY_FUNCTIONS: readonly string[] = [
  'case',
  'least',
  'greatest',
  'substring',
  'left',
  'right',
  'add',
  'sub',
];

/**
 * Whether a part of the expression may decide without another part, so that the two engines may
 * not fail on the same rows: `and`, `or`, `coalesce`, `in`, `case`, null constants (which DuckDB
 * looks at first). Or may have less room there: products of decimals have 18 digits, the least
 * integer modulo -1 is an overflow, a text beside a binary may only have ASCII, and places in texts
 * have 32 bits.
 */
export function decidesLazily(node: ExprNode): boolean {
  return partsOf(node).some((part) => {
    if (part.kind === 'binary') return ['and', 'or', 'mod', 'mul'].includes(part.op);
    if (part.kind === 'column') return part.name === 'bytes';
    if (part.kind === 'literal') return part.type === 'null';
    if (part.kind === 'call') return LAZY_FUNCTIONS.includes(part.fn);
    return part.kind === 'coalesce' || part.kind === 'in';
  });
}

function partsOf(node: ExprNode): readonly ExprNode[] {
  switch (node.kind) {
    case 'binary':
      return [node, ...partsOf(node.left), ...partsOf(node.right)];
    case 'coalesce':
    case 'call':
      return [node, ...node.operands.flatMap(partsOf)];
    case 'unary':
    case 'in':
    case 'field':
      return [node, ...partsOf(node.operand)];
    default:
      return [node];
  }
}
