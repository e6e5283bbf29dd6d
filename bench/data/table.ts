/** One table with columns of many types: what the suite `operators` computes with. */
import { map } from '../../src/arrow/schema-literal.ts';
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
  f: 'float32',
  g: 'float32',
  z: 'float64',
  country: 'utf8',
  note: 'utf8',
  loose: 'utf8',
  digits: 'utf8',
  price: 'utf8',
  moment: 'utf8',
  at: 'timestamp',
  due: 'timestamp',
  tags: ['int32'],
  part: { x: 'int32', y: 'utf8' },
  attributes: map('int32'),
  document: 'json',
  headers: [{ key: 'utf8', value: 'binary' }],
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
  /** As `g` exact as a float32, and so is their sum. */
  readonly f: number;
  readonly g: number;
  /** Of both signs. */
  readonly z: number;
  readonly country: string;
  readonly note: string;
  /** With spaces around it. */
  readonly loose: string;
  readonly digits: string;
  /** A number with a fraction. */
  readonly price: string;
  /** A timestamp. */
  readonly moment: string;
  readonly at: number;
  /** Up to ten days later. */
  readonly due: number;
  /** Of `at`: its day since 1970, and its milliseconds since midnight. */
  readonly day: number;
  readonly clock: number;
  /** From `at` to `due`, in milliseconds. */
  readonly took: number;
  readonly tags: readonly number[];
  readonly part: { readonly x: number; readonly y: string };
  /** Members are missing in some rows. */
  readonly attributes: Readonly<Record<string, number>>;
  /** JSON. */
  readonly document: string;
  /** As a message's, their values texts. */
  readonly headers: readonly { readonly key: string; readonly value: string }[];
}

// 2026-01-10, and a month from there on.
const START = Date.UTC(2026, 0, 10);
const MONTH_MS = 30 * 24 * 60 * 60 * 1000;

const DAY_MS = 24 * 60 * 60 * 1000;

/** Row `index` of the table. */
export function tableRow(random: Random, index: number): TableRow {
  const at = START + random.integer(0, MONTH_MS);
  const row = {
    w: index % 997,
    a: random.integer(1, 999_999) / 100,
    b: random.integer(1, 999_999) / 1000,
    n: random.chance(0.1) ? null : random.integer(1, 999_999) / 100,
    i: random.integer(1, 1e12),
    j: random.integer(1, 1e12),
    k: random.integer(1, 1_000_000),
    p: random.integer(1, 9_999_999),
    q: random.integer(1, 9_999_999),
    f: random.integer(1, 1e6) / 8,
    g: random.integer(1, 1e6) / 8,
    z: random.integer(-1e6, 1e6) / 1000,
    country: random.pick(COUNTRIES),
    note: random.words(random.integer(2, 5)),
    digits: String(random.integer(1, 1e9)),
    price: (random.integer(1, 999_999) / 1000).toFixed(3),
    moment: new Date(at).toISOString(),
    at,
    due: at + random.integer(0, 10 * DAY_MS),
    tags: Array.from({ length: random.integer(0, 4) }, () => random.integer(1, 1000)),
    part: { x: random.integer(1, 1000), y: 'y' },
    attributes: attributes(random),
    document: JSON.stringify({
      kind: 'click',
      user: { id: random.integer(1, 1e9), tags: ['a', 'b'] },
      score: random.unit(),
    }),
    loose: spaced(random),
    headers: headers(random),
  };
  const day = Math.floor(at / DAY_MS);
  return { ...row, day, clock: at % DAY_MS, took: row.due - at };
}

function attributes(random: Random): Record<string, number> {
  const weight = random.integer(1, 100);
  if (random.chance(0.3)) return { weight };
  return { weight, size: random.integer(1, 100) };
}

function spaced(random: Random): string {
  const spaces = () => ' '.repeat(random.integer(0, 3));
  return `${spaces()}${random.words(2)}${spaces()}`;
}

function headers(random: Random): TableRow['headers'] {
  const source = { key: 'source', value: random.pick(COUNTRIES) };
  if (random.chance(0.3)) return [source];
  return [source, { key: 'trace', value: String(random.integer(1, 1e9)) }];
}

/** A row as JSON text, which both Millrace and DuckDB read. */
export function tableRowText(row: TableRow): string {
  const { p, q, at, due, day: _, clock: __, took: ___, document, headers, ...others } = row;
  const times = { at: new Date(at).toISOString(), due: new Date(due).toISOString() };
  const encoded = headers.map(({ key, value }) => ({
    key,
    value: Buffer.from(value).toString('base64'),
  }));
  const text = JSON.stringify({ ...others, ...times, headers: encoded });
  return `${text.slice(0, -1)},"p":${cents(p)},"q":${cents(q)},"document":${document}}`;
}

function cents(value: number): string {
  return `${Math.trunc(value / 100)}.${String(value % 100).padStart(2, '0')}`;
}
