/** Numbers: arithmetic, decimals, functions, bits, casts between them. */
import { when } from '../../src/operators/expr/when.ts';
import { coalesce, col, type Expr, greatest, least } from '../../src/operators/expr.ts';
import { made, type OperatorCase } from './case.ts';

const number = (name: string, expr: Expr, texts: Parameters<typeof made>[3]) =>
  made('number', name, expr, texts);

const ARITHMETIC: readonly OperatorCase[] = [
  number('float64 add', col('a').add(col('b')), { plain: 'd.a + d.b', sql: 'a + b' }),
  number('float64 add, a tenth null', col('n').add(col('b')), {
    plain: 'd.n === null ? null : d.n + d.b',
    sql: 'n + b',
  }),
  number('float64 mul by a constant', col('a').mul(0.92), {
    plain: 'd.a * 0.92',
    sql: 'a * 0.92::DOUBLE',
  }),
  number('float64 (a + b) * a - b', col('a').add(col('b')).mul(col('a')).sub(col('b')), {
    plain: '(d.a + d.b) * d.a - d.b',
    sql: '(a + b) * a - b',
  }),
  number('float64 div', col('a').div(col('b')), { plain: 'd.a / d.b', sql: 'a / b' }),
  number('float32 add', col('f').add(col('g')), {
    plain: 'Math.fround(d.f + d.g)',
    arquero: 'd.f + d.g',
    sql: 'f + g',
  }),
  number('int64 add, checked', col('i').add(col('j')), { plain: 'd.i + d.j', sql: 'i + j' }),
  number('int32 add, checked', col('k').add(col('w')), { plain: 'd.k + d.w', sql: 'k + w' }),
  number('int32 mul, checked', col('k').mul(col('w')), { plain: 'd.k * d.w', sql: 'k * w' }),
  number('float64 neg', col('z').neg(), { plain: '-d.z', sql: '-z' }),
  number('int64 neg, checked', col('i').neg(), { plain: '-d.i', sql: '-i' }),
  number('int64 mod by a constant', col('i').mod(97), { plain: 'd.i % 97', sql: 'i % 97' }),
];

const DECIMALS: readonly OperatorCase[] = [
  number('decimal(12,2) add', col('p').add(col('q')), {
    plain: 'd.p + d.q',
    sql: 'p + q',
    scale: 0.01,
  }),
  number('decimal(12,2) mul by a constant', col('p').mul(3), {
    plain: 'd.p * 3',
    sql: 'p * 3::DECIMAL(1,0)',
    scale: 0.01,
  }),
  number('decimal(12,2) mul, to 24 digits', col('p').mul(col('q')), {
    plain: 'd.p * d.q',
    sql: 'p * q',
    scale: 0.0001,
  }),
  number('decimal(30,2) add', col('wideP').add(col('wideQ')), {
    plain: 'd.p + d.q',
    sql: 'wideP + wideQ',
    scale: 0.01,
  }),
  number('decimal(12,2) round to 0 digits', col('p').round(), {
    plain: 'Math.round(d.p / 100)',
    arquero: 'round(d.p / 100)',
    sql: 'round(p, 0)',
  }),
];

const FUNCTIONS: readonly OperatorCase[] = [
  number('float64 round to 1 digit', col('b').round(1), {
    plain: 'Math.round(d.b * 10) / 10',
    arquero: 'round(d.b * 10) / 10',
    sql: 'round(b, 1)',
  }),
  number('float64 sqrt', col('a').sqrt(), {
    plain: 'Math.sqrt(d.a)',
    arquero: 'sqrt(d.a)',
    sql: 'sqrt(a)',
  }),
  number('float64 abs', col('z').abs(), {
    plain: 'Math.abs(d.z)',
    arquero: 'abs(d.z)',
    sql: 'abs(z)',
  }),
  number('float64 floor', col('z').floor(), {
    plain: 'Math.floor(d.z)',
    arquero: 'floor(d.z)',
    sql: 'floor(z)',
  }),
  number('float64 ceil', col('z').ceil(), {
    plain: 'Math.ceil(d.z)',
    arquero: 'ceil(d.z)',
    sql: 'ceil(z)',
  }),
  number('float64 sign', col('z').sign(), {
    plain: 'Math.sign(d.z)',
    arquero: 'sign(d.z)',
    sql: 'sign(z)',
  }),
  number('float64 pow 1.5', col('b').pow(1.5), {
    plain: 'd.b ** 1.5',
    arquero: 'pow(d.b, 1.5)',
    sql: 'pow(b, 1.5)',
  }),
  number('float64 ln', col('a').ln(), {
    plain: 'Math.log(d.a)',
    arquero: 'log(d.a)',
    sql: 'ln(a)',
  }),
  number('float64 log10', col('a').log10(), {
    plain: 'Math.log10(d.a)',
    arquero: 'log10(d.a)',
    sql: 'log10(a)',
  }),
  number('float64 exp of a product', col('z').mul(0.001).exp(), {
    plain: 'Math.exp(d.z * 0.001)',
    arquero: 'exp(d.z * 0.001)',
    sql: 'exp(z * 0.001::DOUBLE)',
  }),
  number('least of 2 float64', least(col('a'), col('b')), {
    plain: 'd.a < d.b ? d.a : d.b',
    arquero: 'least(d.a, d.b)',
    sql: 'least(a, b)',
  }),
  number('greatest of 2 float64', greatest(col('a'), col('b')), {
    plain: 'd.a > d.b ? d.a : d.b',
    arquero: 'greatest(d.a, d.b)',
    sql: 'greatest(a, b)',
  }),
  number('coalesce, a tenth null', coalesce(col('n'), col('b')), {
    plain: 'd.n ?? d.b',
    arquero: 'd.n === null ? d.b : d.n',
    sql: 'coalesce(n, b)',
  }),
  number('case of 3 ways', when(col('a').gt(7000), 3).when(col('a').gt(2000), 2).otherwise(1), {
    plain: 'd.a > 7000 ? 3 : d.a > 2000 ? 2 : 1',
    sql: 'CASE WHEN a > 7000 THEN 3 WHEN a > 2000 THEN 2 ELSE 1 END',
  }),
];

const BITS: readonly OperatorCase[] = [
  number('int32 bitAnd', col('k').bitAnd(col('w')), { plain: 'd.k & d.w', sql: 'k & w' }),
  number('int32 bitOr', col('k').bitOr(col('w')), { plain: 'd.k | d.w', sql: 'k | w' }),
  number('int32 bitXor', col('k').bitXor(col('w')), { plain: 'd.k ^ d.w', sql: 'xor(k, w)' }),
  number('int32 bitNot', col('k').bitNot(), { plain: '~d.k', sql: '~k' }),
  number('int32 shiftRight by a constant', col('k').shiftRight(3), {
    plain: 'd.k >> 3',
    sql: 'k >> 3',
  }),
  number('int32 shiftLeft, checked', col('w').shiftLeft(4), { plain: 'd.w << 4', sql: 'w << 4' }),
  number('utf8 murmur2', col('note').murmur2(), {
    plain: 'murmur2(d.note)',
    arquero: null,
    sql: null,
  }),
  // Neither JavaScript nor DuckDB has it.
  number('utf8 xxhash64', col('note').xxhash64().mod(1000), {
    plain: null,
    arquero: null,
    sql: null,
  }),
  number('int64 xxhash64', col('i').xxhash64().mod(1000), {
    plain: null,
    arquero: null,
    sql: null,
  }),
];

// Numbers are float64 in JavaScript: a cast that keeps the value is a copy.
const CASTS: readonly OperatorCase[] = [
  number('cast int64 to float64', col('i').cast('float64'), { plain: 'd.i', sql: 'i::DOUBLE' }),
  number('cast float64 to int64', col('a').cast('int64'), {
    plain: 'rint(d.a)',
    arquero: null,
    sql: 'a::BIGINT',
  }),
  number('cast int32 to int16', col('w').cast('int16'), { plain: 'd.w', sql: 'w::SMALLINT' }),
  number('tryCast int32 to int16, most are null', col('k').tryCast('int16'), {
    plain: 'd.k < 32768 ? d.k : null',
    sql: 'TRY_CAST(k AS SMALLINT)',
  }),
  number('cast decimal(12,2) to float64', col('p').cast('float64'), {
    plain: 'd.p / 100',
    sql: 'p::DOUBLE',
  }),
  number('cast decimal(12,2) to int64', col('p').cast('int64'), {
    plain: 'Math.round(d.p / 100)',
    arquero: 'round(d.p / 100)',
    sql: 'p::BIGINT',
  }),
  number('cast int32 to decimal(12,2)', col('k').cast('decimal(12,2)'), {
    plain: 'd.k * 100',
    sql: 'k::DECIMAL(12,2)',
    scale: 0.01,
  }),
];

/** Cases that give numbers from numbers. */
export const NUMBER_CASES: readonly OperatorCase[] = [
  ...ARITHMETIC,
  ...DECIMALS,
  ...FUNCTIONS,
  ...BITS,
  ...CASTS,
];
