/** One table with columns of many types: what the suite `operators` computes with. */
import type { Random } from './random.ts';

/** Columns of the table. `w` weighs rows, so that sums tell whether values are in their places. */
export const tableSchema = {
  w: 'int32',
  a: 'float64',
  b: 'float64',
  n: 'float64?',
  i: 'int64',
  j: 'int64',
  k: 'int32',
  p: 'float64',
  q: 'float64',
  country: 'utf8',
  note: 'utf8',
  digits: 'utf8',
  at: 'timestamp',
  tags: ['int32'],
} as const;

/** Texts of the column `country`. */
export const COUNTRIES = ['DE', 'FR', 'IT', 'ES', 'PL', 'NL', 'BE', 'SE', 'AT', 'Côte d’Ivoire'];

/**
 * A row as a program in JavaScript has it: int64 as numbers, which is exact for these; decimals as
 * whole cents.
 */
export interface TableRow {
  readonly w: number;
  readonly a: number;
  readonly b: number;
  readonly n: number | null;
  readonly i: number;
  readonly j: number;
  readonly k: number;
  readonly p: number;
  readonly q: number;
  readonly country: string;
  readonly note: string;
  readonly digits: string;
  readonly at: number;
  readonly tags: readonly number[];
}

// 2026-01-10, and a month from there on.
const START = Date.UTC(2026, 0, 10);
const MONTH_MS = 30 * 24 * 60 * 60 * 1000;

/** Row `index` of the table. */
export function tableRow(random: Random, index: number): TableRow {
  return {
    w: index % 997,
    a: random.integer(1, 999_999) / 100,
    b: random.integer(1, 999_999) / 1000,
    n: random.chance(0.1) ? null : random.integer(1, 999_999) / 100,
    i: random.integer(1, 1e12),
    j: random.integer(1, 1e12),
    k: random.integer(1, 1_000_000),
    p: random.integer(1, 9_999_999),
    q: random.integer(1, 9_999_999),
    country: random.pick(COUNTRIES),
    note: random.words(random.integer(2, 5)),
    digits: String(random.integer(1, 1e9)),
    at: START + random.integer(0, MONTH_MS),
    tags: Array.from({ length: random.integer(0, 4) }, () => random.integer(1, 1000)),
  };
}

/** A row as JSON text, which both Millrace and DuckDB read. */
export function tableRowText(row: TableRow): string {
  const { p, q, at, ...others } = row;
  const text = JSON.stringify({ ...others, at: new Date(at).toISOString() });
  return `${text.slice(0, -1)},"p":${cents(p)},"q":${cents(q)}}`;
}

function cents(value: number): string {
  return `${Math.trunc(value / 100)}.${String(value % 100).padStart(2, '0')}`;
}
