/** The cases of the suite `operators`: every family of kernels has some. */
import { duration } from '../../src/operators/expr/duration.ts';
import { col, type Expr } from '../../src/operators/expr.ts';
import type { OperatorCase } from './case.ts';
import { NUMBER_CASES } from './number-cases.ts';
import { TEXT_CASES } from './text-cases.ts';

type Texts = Pick<OperatorCase, 'plain' | 'arquero' | 'sql'>;

const made = (
  gives: OperatorCase['gives'],
  name: string,
  expr: Expr,
  texts: Texts,
): OperatorCase => ({ name, gives, expr, ...texts });

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

const TIMES: readonly OperatorCase[] = [
  made('time', 'timestamp truncate to hour', col('at').truncate('hour'), {
    plain: 'd.at - d.at % 3600000',
    sql: "date_trunc('hour', t.at)",
  }),
  made('time', 'timestamp truncate to month', col('at').truncate('month'), {
    plain: 'startOfMonth(d.at)',
    arquero: null,
    sql: "date_trunc('month', t.at)",
  }),
  made('number', 'timestamp extract hour', col('at').extract('hour'), {
    plain: 'Math.floor(d.at / 3600000) % 24',
    arquero: 'floor(d.at / 3600000) % 24',
    sql: "extract('hour' FROM t.at)",
  }),
  made('number', 'timestamp extract month', col('at').extract('month'), {
    plain: 'new Date(d.at).getUTCMonth() + 1',
    arquero: 'utcmonth(d.at) + 1',
    sql: "extract('month' FROM t.at)",
  }),
  made('time', 'timestamp add a duration', col('at').add(duration({ hours: 1 })), {
    plain: 'd.at + 3600000',
    sql: 't.at + INTERVAL 1 HOUR',
  }),
  made('number', 'timestamp diff in hours', col('due').diff(col('at'), 'hour'), {
    plain: 'Math.floor(d.due / 3600000) - Math.floor(d.at / 3600000)',
    arquero: 'floor(d.due / 3600000) - floor(d.at / 3600000)',
    sql: "date_diff('hour', t.at, due)",
  }),
  made('text', 'timestamp format', col('at').format('%Y-%m-%d'), {
    plain: 'new Date(d.at).toISOString().slice(0, 10)',
    arquero: null,
    sql: "strftime(t.at, '%Y-%m-%d')",
  }),
];

const NESTED: readonly OperatorCase[] = [
  made('number', 'struct field', col('part').field('x').add(1), {
    plain: 'd.part.x + 1',
    sql: 'part.x + 1',
  }),
  made('number', 'list get', col('tags').get(1), {
    plain: 'd.tags.length > 0 ? d.tags[0] : null',
    arquero: 'length(d.tags) > 0 ? d.tags[0] : null',
    sql: 'tags[1]',
  }),
  made('number', 'list length', col('tags').length(), {
    plain: 'd.tags.length',
    arquero: 'length(d.tags)',
    sql: 'len(tags)',
  }),
  made('bool', 'list contains', col('tags').contains(7), {
    plain: 'd.tags.includes(7)',
    arquero: 'includes(d.tags, 7)',
    sql: 'list_contains(tags, 7)',
  }),
  made('number', 'map get', col('attributes').get('size'), {
    plain: 'd.attributes.size ?? null',
    arquero: 'd.attributes.size',
    sql: "attributes['size']",
  }),
  made('number', 'jsonPath to int64', col('document').jsonPath('$.user.id', { as: 'int64' }), {
    plain: 'JSON.parse(d.document).user.id',
    arquero: 'parse_json(d.document).user.id',
    sql: "(document->>'$.user.id')::BIGINT",
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
  ...TIMES,
  ...NESTED,
  ...FILTERS,
];
