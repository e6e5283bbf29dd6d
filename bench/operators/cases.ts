/** The cases of the suite `operators`: one expression in the languages of all engines. */
import { when } from '../../src/operators/expr/when.ts';
import { col, type Expr } from '../../src/operators/expr.ts';

/** One expression of the row `d`, or the rows that one keeps. */
export interface OperatorCase {
  readonly name: string;
  /** What comes out: a column of numbers, truths or texts, or `a` and `w` of the rows it keeps. */
  readonly gives: 'number' | 'bool' | 'text' | 'rows';
  readonly expr: Expr;
  /** In JavaScript, of the object `d`. */
  readonly plain: string;
  /** In arquero's expressions, where they differ from JavaScript. */
  readonly arquero?: string;
  /** In DuckDB's SQL. */
  readonly sql: string;
  /** What the others' numbers are multiplied by: decimals are whole cents there. Default 1. */
  readonly scale?: number;
}

const NUMBERS: readonly OperatorCase[] = [
  {
    name: 'float64 add',
    gives: 'number',
    expr: col('a').add(col('b')),
    plain: 'd.a + d.b',
    sql: 'a + b',
  },
  {
    name: 'float64 add, a tenth null',
    gives: 'number',
    expr: col('n').add(col('b')),
    plain: 'd.n === null ? null : d.n + d.b',
    sql: 'n + b',
  },
  {
    name: 'float64 mul by a constant',
    gives: 'number',
    expr: col('a').mul(0.92),
    plain: 'd.a * 0.92',
    sql: 'a * 0.92::DOUBLE',
  },
  {
    name: 'float64 (a + b) * a - b',
    gives: 'number',
    expr: col('a').add(col('b')).mul(col('a')).sub(col('b')),
    plain: '(d.a + d.b) * d.a - d.b',
    sql: '(a + b) * a - b',
  },
  {
    name: 'int64 add, checked',
    gives: 'number',
    expr: col('i').add(col('j')),
    plain: 'd.i + d.j',
    sql: 'i + j',
  },
  {
    name: 'int32 add, checked',
    gives: 'number',
    expr: col('k').add(col('w')),
    plain: 'd.k + d.w',
    sql: 'k + w',
  },
  {
    name: 'int64 mod by a constant',
    gives: 'number',
    expr: col('i').mod(97),
    plain: 'd.i % 97',
    sql: 'i % 97',
  },
  {
    name: 'decimal add',
    gives: 'number',
    expr: col('p').add(col('q')),
    plain: 'd.p + d.q',
    sql: 'p + q',
    scale: 0.01,
  },
  {
    name: 'float64 round to 1 digit',
    gives: 'number',
    expr: col('b').round(1),
    plain: 'Math.round(d.b * 10) / 10',
    arquero: 'round(d.b * 10) / 10',
    sql: 'round(b, 1)',
  },
  {
    name: 'float64 sqrt',
    gives: 'number',
    expr: col('a').sqrt(),
    plain: 'Math.sqrt(d.a)',
    arquero: 'sqrt(d.a)',
    sql: 'sqrt(a)',
  },
  {
    name: 'cast int64 to float64',
    gives: 'number',
    expr: col('i').cast('float64'),
    // Numbers are float64 already: a copy.
    plain: 'd.i',
    sql: 'i::DOUBLE',
  },
  {
    name: 'case of 3 ways',
    gives: 'number',
    expr: when(col('a').gt(7000), 3).when(col('a').gt(2000), 2).otherwise(1),
    plain: 'd.a > 7000 ? 3 : d.a > 2000 ? 2 : 1',
    sql: 'CASE WHEN a > 7000 THEN 3 WHEN a > 2000 THEN 2 ELSE 1 END',
  },
  {
    name: 'list get',
    gives: 'number',
    expr: col('tags').get(1),
    plain: 'd.tags.length > 0 ? d.tags[0] : null',
    arquero: 'length(d.tags) > 0 ? d.tags[0] : null',
    sql: 'tags[1]',
  },
];

const CONDITIONS: readonly OperatorCase[] = [
  {
    name: 'float64 compare',
    gives: 'bool',
    expr: col('a').gt(col('b')),
    plain: 'd.a > d.b',
    sql: 'a > b',
  },
  {
    name: 'int64 compare with a constant',
    gives: 'bool',
    expr: col('i').lt(500_000_000_000),
    plain: 'd.i < 500000000000',
    sql: 'i < 500000000000',
  },
  {
    name: 'and of 3',
    gives: 'bool',
    expr: col('a').gt(1000).and(col('b').lt(900)).and(col('k').gt(10_000)),
    plain: 'd.a > 1000 && d.b < 900 && d.k > 10000',
    sql: 'a > 1000 AND b < 900 AND k > 10000',
  },
  {
    name: 'int32 in 5',
    gives: 'bool',
    expr: col('w').in([3, 77, 190, 501, 996]),
    plain: 'd.w === 3 || d.w === 77 || d.w === 190 || d.w === 501 || d.w === 996',
    sql: 'w IN (3, 77, 190, 501, 996)',
  },
  {
    name: 'utf8 eq',
    gives: 'bool',
    expr: col('country').eq('DE'),
    plain: "d.country === 'DE'",
    sql: "country = 'DE'",
  },
  {
    name: 'utf8 in 3',
    gives: 'bool',
    expr: col('country').in(['DE', 'FR', 'IT']),
    plain: "d.country === 'DE' || d.country === 'FR' || d.country === 'IT'",
    sql: "country IN ('DE', 'FR', 'IT')",
  },
];

const FILTERS: readonly OperatorCase[] = [
  {
    name: 'filter, half kept, and take',
    gives: 'rows',
    expr: col('a').gt(5000),
    plain: 'd.a > 5000',
    sql: 'a > 5000',
  },
  {
    name: 'filter by text, a tenth kept, and take',
    gives: 'rows',
    expr: col('country').eq('DE'),
    plain: "d.country === 'DE'",
    sql: "country = 'DE'",
  },
];

/** Every case, in the order of the output. */
export const OPERATOR_CASES: readonly OperatorCase[] = [...NUMBERS, ...CONDITIONS, ...FILTERS];
