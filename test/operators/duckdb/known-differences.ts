/** Where DuckDB's results are knowingly not Millrace's. */
import type { DataType } from '../../../src/arrow/schema.ts';
import type { CallNode, ExprNode } from '../../../src/operators/expr/node.ts';
import type { Value } from '../../wasm/columns.ts';
import { TABLE_SCHEMA } from './table.ts';

/** What stands for a row that fails. */
export const FAILED = 'fails';

/** The values of a row by the names of their columns. */
export type Row = (name: string) => Value;

/** What both give for a row. */
export interface Difference {
  readonly row: Row;
  /** What Millrace gives; `FAILED` where the row fails. */
  readonly mine: string;
  /** What DuckDB gives; undefined where the row fails. */
  readonly duck: string | undefined;
}

const TIMES = TABLE_SCHEMA.fields.filter(({ type }) => ['date', 'timestamp'].includes(type.kind));
const PER_DAY = { s: 86_400, ms: 86_400e3, us: 86_400e6, ns: 86_400e9 } as const;
/** A quarter less than DuckDB's microseconds have. */
const LAST_DAYS = 106_700_000;
/** Of the year 1. */
const FIRST_DAY = -719_162;
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
 * - A zero of float32 has no sign behind `least` and `greatest` there.
 * - Near the ends of DuckDB's timestamps, and beyond nanoseconds', more has a result here.
 * - Quarters, and years of what has a zone, are counted otherwise before the year 1.
 */
export function isKnownDifference(node: ExprNode, { mine, duck, row }: Difference): boolean {
  const parts = partsOf(node);
  if (isAtEnd(parts, row) && isLostAtEnd(parts, duck)) return true;
  if (mine === FAILED && meetsNanos(node) && leavesNanos(parts, row)) return true;
  if (parts.some(countsYears) && isBeforeChrist(parts, row)) return true;
  if (parts.some((part) => part.kind === 'binary' && part.op === 'mod' && isOfDoubles(part))) {
    return true;
  }
  if (mine === FAILED && parts.some((part) => part.kind === 'column' && part.name === 'uint64')) {
    return true;
  }
  const calls = parts.flatMap((part) => (part.kind === 'call' ? [part.fn] : []));
  const areZeros = [mine, duck].every((one) => one === '0' || one === '-0');
  if (areZeros && (calls.includes('least') || calls.includes('greatest'))) {
    return parts.some(isFloat32);
  }
  if (!calls.includes('round')) return false;
  // It gives a signed integer for an unsigned one.
  if (calls.includes('bitNot')) return true;
  return mine === FAILED || Math.abs(Number(mine)) > NEAR_INT64_END;
}

/**
 * Seconds and milliseconds have more room here, and TRY_CAST fails at the ends there; with a zone
 * there are values that have wrapped round, or are milliseconds in doubles.
 */
function isLostAtEnd(parts: readonly ExprNode[], duck: string | undefined): boolean {
  return duck === undefined || duck === 'null' || parts.some(isZoned);
}

function isFloat32(part: ExprNode): boolean {
  if (part.kind === 'column') return part.name === 'float32';
  return part.kind === 'call' && part.options?.type === 'float32';
}

function isZoned(part: ExprNode): boolean {
  if (part.kind === 'literal') return part.type === 'timestamp';
  if (part.kind === 'column') return part.name === 'at';
  return part.kind === 'call' && (part.fn === 'fromEpoch' || part.options?.type === 'timestamp');
}

function isAtEnd(parts: readonly ExprNode[], row: Row): boolean {
  return daysIn(parts, row).some((days) => Math.abs(days) > LAST_DAYS);
}

// Two timestamps meet in the finer unit here, in the functions of time in microseconds there.
function meetsNanos(node: ExprNode): boolean {
  return partsOf(node).some(
    (part) =>
      (part.kind === 'column' && part.name === 'nano') ||
      (part.kind === 'call' && part.options?.type === 'timestamp(ns,local)'),
  );
}

function leavesNanos(parts: readonly ExprNode[], row: Row): boolean {
  return daysIn(parts, row).some((days) => Math.abs(days) > LAST_DAYS / 1000);
}

// Quarters are counted otherwise there, and years with a zone from the birth of Christ on.
function countsYears(part: ExprNode): boolean {
  if (part.kind !== 'call') return false;
  if (part.fn === 'diff') return part.options?.part === 'quarter';
  return part.fn === 'extract' && part.options?.part === 'year' && partsOf(part).some(isZoned);
}

function isBeforeChrist(parts: readonly ExprNode[], row: Row): boolean {
  return daysIn(parts, row).some((days) => days <= FIRST_DAY);
}

/** Days since 1970 of the dates and timestamps that an expression reads. */
function daysIn(parts: readonly ExprNode[], row: Row): readonly number[] {
  return TIMES.flatMap(({ name, type }) => {
    if (!parts.some((part) => part.kind === 'column' && part.name === name)) return [];
    const value = row(name);
    if (value === null) return [];
    return [type.kind === 'timestamp' ? Number(value) / PER_DAY[type.unit] : Number(value)];
  });
}

function isOfDoubles(node: ExprNode): boolean {
  return hasDecimals(node) || hasRounding(node);
}

function hasRounding(node: ExprNode): boolean {
  return partsOf(node).some((part) => part.kind === 'call' && ROUNDING.includes(part.fn));
}

function hasDecimals(node: ExprNode): boolean {
  return partsOf(node).some((part) => part.kind === 'column' && DECIMALS.includes(part.name));
}

/**
 * Whether an expression's results may differ in their last bits. Floats: there decimals are doubles
 * beside a text or a float, before they are computed with. Decimals and durations: quotients,
 * remainders and multiples of them are doubles there, and so are constants that are texts or have a
 * fraction; all else of them is exact.
 */
export function mayRound(node: ExprNode, type: DataType): boolean {
  const parts = partsOf(node);
  if (hasRounding(node)) return true;
  const ops = parts.flatMap((part) => (part.kind === 'binary' ? [part.op] : []));
  if (type.kind === 'decimal') {
    return ops.includes('div') || ops.includes('mod') || parts.some(isDouble);
  }
  if (type.kind === 'duration') return ops.includes('div') || ops.includes('mul');
  return ops.length > 0 && hasDecimals(node);
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
  'fromEpoch',
  'padStart',
  'padEnd',
];

/**
 * Whether a part of the expression may decide without another part, so that the two engines may
 * not fail on the same rows: `and`, `or`, `coalesce`, `in`, `case`, null constants (which DuckDB
 * looks at first). Or may have less room there: products of decimals have 18 digits, the least
 * integer modulo -1 is an overflow, a text beside a binary may only have ASCII, and places in texts
 * have 32 bits; texts are not padded with nothing, the ends of int64 are no timestamps; what has to
 * become nanoseconds on the way to a text or with TRY_CAST does not reach beyond 1677 to 2262.
 */
export function decidesLazily(node: ExprNode): boolean {
  return partsOf(node).some((part) => {
    if (part.kind === 'binary') return ['and', 'or', 'mod', 'mul'].includes(part.op);
    if (part.kind === 'column') return part.name === 'bytes';
    if (part.kind === 'literal') return part.type === 'null';
    if (part.kind === 'call') return LAZY_FUNCTIONS.includes(part.fn) || isInNanos(part);
    return part.kind === 'coalesce' || part.kind === 'in';
  });
}

function isDouble(part: ExprNode): boolean {
  if (part.kind !== 'literal') return false;
  return part.type === 'utf8' || (part.type === 'number' && !Number.isInteger(part.value));
}

function isInNanos({ fn, options }: CallNode): boolean {
  return fn === 'format' || (fn === 'tryCast' && options?.type === 'timestamp(ns,local)');
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
