/** Texts: functions, casts from and to them, regular expressions. */
import { col, concat } from '../../src/operators/expr.ts';
import { made, type OperatorCase } from './case.ts';

const FUNCTIONS: readonly OperatorCase[] = [
  made('text', 'utf8 lower', col('country').lower(), {
    plain: 'd.country.toLowerCase()',
    arquero: 'lower(d.country)',
    sql: 'lower(country)',
  }),
  made('text', 'utf8 upper', col('note').upper(), {
    plain: 'd.note.toUpperCase()',
    arquero: 'upper(d.note)',
    sql: 'upper(note)',
  }),
  made('text', 'utf8 trim', col('loose').trim(), {
    plain: 'd.loose.trim()',
    arquero: 'trim(d.loose)',
    sql: 'trim(loose)',
  }),
  made('text', 'utf8 trimStart', col('loose').trimStart(), {
    plain: 'd.loose.trimStart()',
    arquero: "replace(d.loose, /^ +/, '')",
    sql: 'ltrim(loose)',
  }),
  made('text', 'utf8 trimEnd', col('loose').trimEnd(), {
    plain: 'd.loose.trimEnd()',
    arquero: "replace(d.loose, / +$/, '')",
    sql: 'rtrim(loose)',
  }),
  made('text', 'utf8 left', col('note').left(4), {
    plain: 'd.note.slice(0, 4)',
    arquero: 'substring(d.note, 0, 4)',
    sql: 'left(note, 4)',
  }),
  made('text', 'utf8 right', col('note').right(4), {
    plain: 'd.note.slice(-4)',
    arquero: 'slice(d.note, -4)',
    sql: 'right(note, 4)',
  }),
  made('text', 'utf8 reverse', col('note').reverse(), {
    plain: "[...d.note].reverse().join('')",
    arquero: 'reverse(d.note)',
    sql: 'reverse(note)',
  }),
  made('text', 'utf8 repeat', col('country').repeat(3), {
    plain: 'd.country.repeat(3)',
    arquero: 'repeat(d.country, 3)',
    sql: 'repeat(country, 3)',
  }),
  made('text', 'utf8 padStart', col('digits').padStart(12, '0'), {
    plain: "d.digits.padStart(12, '0')",
    arquero: "padstart(d.digits, 12, '0')",
    sql: "lpad(digits, 12, '0')",
  }),
  made('text', 'utf8 padEnd', col('digits').padEnd(12, '.'), {
    plain: "d.digits.padEnd(12, '.')",
    arquero: "padend(d.digits, 12, '.')",
    sql: "rpad(digits, 12, '.')",
  }),
  made('number', 'utf8 split, and how many', col('note').split(' ').length(), {
    plain: "d.note.split(' ').length",
    arquero: "length(split(d.note, ' '))",
    sql: "len(string_split(note, ' '))",
  }),
  made('number', 'utf8 position', col('note').position('dolor'), {
    plain: "d.note.indexOf('dolor') + 1",
    arquero: "indexof(d.note, 'dolor') + 1",
    sql: "strpos(note, 'dolor')",
  }),
  made('bool', 'utf8 endsWith', col('note').endsWith('it'), {
    plain: "d.note.endsWith('it')",
    arquero: "endswith(d.note, 'it')",
    sql: "ends_with(note, 'it')",
  }),
  made('text', 'utf8 concat of 3', concat(col('country'), '-', col('digits')), {
    plain: "d.country + '-' + d.digits",
    sql: "country || '-' || digits",
  }),
  made('text', 'utf8 substring', col('note').substring(3, 6), {
    plain: 'd.note.slice(2, 8)',
    arquero: 'substring(d.note, 2, 8)',
    sql: 'substring(note, 3, 6)',
  }),
  made('text', 'utf8 replace', col('note').replace('or', '0'), {
    plain: "d.note.replaceAll('or', '0')",
    arquero: "replace(d.note, /or/g, '0')",
    sql: "replace(note, 'or', '0')",
  }),
  made('number', 'utf8 length', col('note').length(), {
    plain: 'd.note.length',
    sql: 'length(note)',
  }),
  made('bool', 'utf8 contains', col('note').contains('dolor'), {
    plain: "d.note.includes('dolor')",
    arquero: "indexof(d.note, 'dolor') >= 0",
    sql: "contains(note, 'dolor')",
  }),
  made('bool', 'utf8 startsWith', col('note').startsWith('lo'), {
    plain: "d.note.startsWith('lo')",
    arquero: "startswith(d.note, 'lo')",
    sql: "starts_with(note, 'lo')",
  }),
  made('bool', 'utf8 like', col('note').like('lo%it%'), {
    plain: '/^lo.*it/s.test(d.note)',
    arquero: 'match(d.note, /^lo.*it/s) !== null',
    sql: "note LIKE 'lo%it%'",
  }),
];

// Ten countries come again and again; hardly two rows have the same digits.
const REGEXPS: readonly OperatorCase[] = [
  made('bool', 'regexpMatch, texts repeat', col('country').regexpMatch(/^[D-I]/), {
    plain: '/^[D-I]/.test(d.country)',
    arquero: 'match(d.country, /^[D-I]/) !== null',
    sql: "regexp_matches(country, '^[D-I]')",
  }),
  made('bool', 'regexpMatch, texts differ', col('digits').regexpMatch(/7.*3$/), {
    plain: '/7.*3$/.test(d.digits)',
    arquero: 'match(d.digits, /7.*3$/) !== null',
    sql: "regexp_matches(digits, '7.*3$')",
  }),
  made('text', 'regexpExtract, texts repeat', col('country').regexpExtract(/^[A-Z]/), {
    plain: "/^[A-Z]/.exec(d.country)?.[0] ?? ''",
    arquero: 'match(d.country, /^[A-Z]/, 0)',
    sql: "regexp_extract(country, '^[A-Z]')",
  }),
  made('text', 'regexpExtract, texts differ', col('digits').regexpExtract(/7(\d+)/, 1), {
    plain: "/7(\\d+)/.exec(d.digits)?.[1] ?? ''",
    arquero: null,
    sql: "regexp_extract(digits, '7(\\d+)', 1)",
  }),
];

const CASTS: readonly OperatorCase[] = [
  made('number', 'cast utf8 to int64', col('digits').cast('int64'), {
    plain: 'Number(d.digits)',
    arquero: 'parse_int(d.digits, 10)',
    sql: 'digits::BIGINT',
  }),
  made('number', 'cast utf8 to float64', col('price').cast('float64'), {
    plain: 'Number(d.price)',
    arquero: 'parse_float(d.price)',
    sql: 'price::DOUBLE',
  }),
  made('time', 'cast utf8 to timestamp', col('moment').cast('timestamp'), {
    plain: 'Date.parse(d.moment)',
    arquero: 'parse_date(d.moment)',
    sql: 'moment::TIMESTAMP',
  }),
  made('text', 'cast int64 to utf8', col('i').cast('utf8'), {
    plain: 'String(d.i)',
    arquero: null,
    sql: 'i::VARCHAR',
  }),
  made('text', 'cast float64 to utf8', col('b').cast('utf8'), {
    plain: 'doubleText(d.b)',
    arquero: null,
    sql: 'b::VARCHAR',
  }),
  made('text', 'cast timestamp to utf8', col('at').cast('timestamp(us,local)').cast('utf8'), {
    plain: 'timestampText(d.at)',
    arquero: null,
    sql: 't.at::VARCHAR',
  }),
];

/** Cases of texts. */
export const TEXT_CASES: readonly OperatorCase[] = [...FUNCTIONS, ...REGEXPS, ...CASTS];
