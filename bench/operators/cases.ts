/** The cases of the suite `operators`: every function and operator has one. */
import { col } from '../../src/operators/expr.ts';
import { made, type OperatorCase } from './case.ts';
import { NESTED_CASES } from './nested-cases.ts';
import { NUMBER_CASES } from './number-cases.ts';
import { STEP_CASES } from './step-cases.ts';
import { TEXT_CASES } from './text-cases.ts';
import { TIME_CASES } from './time-cases.ts';

const IS_ONE_OF_3 = (name: string) =>
  `d.${name} === 'DE' || d.${name} === 'FR' || d.${name} === 'IT'`;

const CONDITIONS: readonly OperatorCase[] = [
  made('bool', 'float64 compare', col('a').gt(col('b')), { plain: 'd.a > d.b', sql: 'a > b' }),
  made('bool', 'int64 compare with a constant', col('i').lt(500_000_000_000), {
    plain: 'd.i < 500000000000',
    sql: 'i < 500000000000',
  }),
  made('bool', 'decimal(12,2) compare', col('p').gt(col('q')), {
    plain: 'd.p > d.q',
    sql: 'p > q',
  }),
  made('bool', 'and of 3', col('a').gt(1000).and(col('b').lt(900)).and(col('k').gt(10_000)), {
    plain: 'd.a > 1000 && d.b < 900 && d.k > 10000',
    sql: 'a > 1000 AND b < 900 AND k > 10000',
  }),
  made('bool', 'float64 le', col('a').le(col('b')), { plain: 'd.a <= d.b', sql: 'a <= b' }),
  made('bool', 'int64 ge', col('i').ge(col('j')), { plain: 'd.i >= d.j', sql: 'i >= j' }),
  made('bool', 'int32 ne a constant', col('w').ne(7), { plain: 'd.w !== 7', sql: 'w <> 7' }),
  made('bool', 'or of 3', col('a').lt(1000).or(col('b').gt(900)).or(col('k').lt(10_000)), {
    plain: 'd.a < 1000 || d.b > 900 || d.k < 10000',
    sql: 'a < 1000 OR b > 900 OR k < 10000',
  }),
  made('bool', 'not', col('n').gt(col('b')).not(), {
    plain: 'd.n === null ? null : !(d.n > d.b)',
    sql: 'NOT (n > b)',
  }),
  made('bool', 'isNotNull, a tenth null', col('n').isNotNull(), {
    plain: 'd.n !== null',
    sql: 'n IS NOT NULL',
  }),
  made('bool', 'isNull, a tenth null', col('n').isNull(), {
    plain: 'd.n === null',
    sql: 'n IS NULL',
  }),
  made('bool', 'int32 in 5', col('w').in([3, 77, 190, 501, 996]), {
    plain: 'd.w === 3 || d.w === 77 || d.w === 190 || d.w === 501 || d.w === 996',
    sql: 'w IN (3, 77, 190, 501, 996)',
  }),
  made('bool', 'utf8 eq', col('country').eq('DE'), {
    plain: "d.country === 'DE'",
    sql: "country = 'DE'",
  }),
  made('bool', 'utf8 in 3', col('country').in(['DE', 'FR', 'IT']), {
    plain: IS_ONE_OF_3('country'),
    sql: "country IN ('DE', 'FR', 'IT')",
  }),
  // An ENUM in DuckDB; JavaScript's texts are compared by their address mostly.
  made('bool', 'dictionary eq', col('word').eq('DE'), {
    plain: "d.country === 'DE'",
    sql: "word = 'DE'",
  }),
  made('bool', 'dictionary in 3', col('word').in(['DE', 'FR', 'IT']), {
    plain: IS_ONE_OF_3('country'),
    sql: "word IN ('DE', 'FR', 'IT')",
  }),
];

const FILTERS: readonly OperatorCase[] = [
  made('rows', 'filter, half kept, and take', col('a').gt(5000), {
    plain: 'd.a > 5000',
    sql: 'a > 5000',
  }),
  made('rows', 'filter by text, a tenth kept, and take', col('country').eq('DE'), {
    plain: "d.country === 'DE'",
    sql: "country = 'DE'",
  }),
];

/** Every case, in the order of the output. */
export const OPERATOR_CASES: readonly OperatorCase[] = [
  ...NUMBER_CASES,
  ...CONDITIONS,
  ...TEXT_CASES,
  ...TIME_CASES,
  ...NESTED_CASES,
  ...FILTERS,
  ...STEP_CASES,
];
