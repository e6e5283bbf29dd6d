/** Documentation of what is no call: operators, columns, constants. `lower*.ts` has their types. */
import type { FunctionDefinition, FunctionExample } from './definition.ts';

/** As a {@link FunctionDefinition}, but that another module has its types and program. */
export interface OperatorDefinition extends Pick<FunctionDefinition, 'name' | 'usage' | 'types'> {
  readonly summary: string;
  readonly examples: readonly FunctionExample[];
}

const NUMBERS = { a: 'int32', b: 'int32?' } as const;
const FLAGS = { p: 'bool?', q: 'bool?' } as const;

function operator(
  name: string,
  [usage, types]: readonly [string, string],
  summary: string,
  ...examples: readonly FunctionExample[]
): OperatorDefinition {
  return { name, usage, types, summary, examples };
}

function numbers(code: string, gives: string, row: Record<string, unknown> = { a: 7, b: 2 }) {
  return { code, schema: NUMBERS, row, gives };
}

function flags(code: string, p: boolean | null, q: boolean | null, gives: string) {
  return { code, schema: FLAGS, row: { p, q }, gives };
}

const AMOUNTS = '(number, number) -> number';
const COMPARED = '(T, T) -> bool';

const SOURCES: readonly OperatorDefinition[] = [
  operator(
    'col',
    ['col(name)', '-> the type of the column'],
    'The value of a column. Of Kafka sources also what the message has beside it: `_topic` ' +
      '(utf8), `_partition` (int32), `_offset` (int64), `_timestamp` (timestamp), `_key` ' +
      '(binary, null where there is none) and `_headers` (list of `{ key, value }`).',
    numbers("col('a')", '7'),
  ),
  operator(
    'lit',
    ['lit(value)', '-> bool, number, utf8 or timestamp'],
    'A constant: null, a boolean, number, bigint, string or `Date`. Operators take plain values ' +
      'as well; a number or text then takes the type of what is beside it.',
    numbers('lit(5).add(2n)', '7'),
  ),
  operator(
    'duration',
    ["duration({ hours: 1 }), duration('PT1H')", '-> duration'],
    'A constant span of time: parts from weeks to microseconds, or an ISO 8601 duration without ' +
      'months and years.',
    {
      code: "col('at').add(duration({ days: 1, hours: 12 }))",
      schema: { at: 'timestamp(ms)' },
      row: { at: '2024-02-28T18:00:00Z' },
      gives: '"2024-03-01T06:00:00.000Z"',
    },
  ),
];

const ARITHMETIC: readonly OperatorDefinition[] = [
  operator(
    'add',
    ['a.add(b)', `${AMOUNTS}, (time, duration) -> time, (date, integer) -> date`],
    'Sum. An integer overflow fails the row. A duration can be added to a date (which gives a ' +
      'timestamp), time, timestamp or duration, and days to a date. For parts of the calendar ' +
      "see `add(count, 'month')` among the functions of time.",
    numbers("col('a').add(col('b'))", '9'),
    {
      code: "col('day').add(7)",
      schema: { day: 'date' },
      row: { day: '2024-02-28' },
      gives: '"2024-03-06"',
    },
  ),
  operator(
    'sub',
    ['a.sub(b)', `${AMOUNTS}, (date, date) -> int64, (timestamp, timestamp) -> duration`],
    'Difference, of numbers and times as `add` has them. Between dates it is their days, between ' +
      'timestamps a duration.',
    numbers("col('a').sub(10)", '-3'),
    {
      code: "col('end').sub(col('start'))",
      schema: { start: 'timestamp(ms)', end: 'timestamp(ms)' },
      row: { start: '2024-02-28T23:00:00Z', end: '2024-03-01T01:30:00Z' },
      gives: '"P1DT2H30M"',
    },
  ),
  operator(
    'mul',
    ['a.mul(b)', `${AMOUNTS}, (duration, number) -> duration`],
    'Product. An integer overflow fails the row.',
    numbers("col('a').mul(0.5)", '3.5'),
  ),
  operator(
    'div',
    ['a.div(b)', '(number, number) -> float64, (duration, number) -> duration'],
    'Quotient as float64, whatever the numbers are (float32 of two of them). By 0 it is ' +
      'infinite, 0 by 0 is NaN. A duration is rounded, halves to even; by 0 it is null.',
    numbers("col('a').div(col('b'))", '3.5'),
    {
      code: "col('took').div(4)",
      schema: { took: 'duration' },
      row: { took: 'PT1M30S' },
      gives: '"PT22.5S"',
    },
  ),
  operator(
    'mod',
    ['a.mod(b)', AMOUNTS],
    'Remainder, with the sign of the left. By 0 it is null for integers and decimals, NaN for ' +
      'floats.',
    numbers("col('a').mod(4)", '3'),
    numbers("col('a').mod(0)", 'null'),
  ),
  operator(
    'neg',
    ['a.neg()', 'number -> number, duration -> duration'],
    'The value with the other sign. An integer overflow fails the row.',
    numbers("col('a').neg()", '-7'),
  ),
];

const COMPARISONS: readonly OperatorDefinition[] = [
  ...(
    [
      ['eq', 'Equal', 'false'],
      ['ne', 'Not equal', 'true'],
      ['lt', 'Less than', 'false'],
      ['le', 'Less than or equal', 'false'],
      ['gt', 'Greater than', 'true'],
      ['ge', 'Greater than or equal', 'true'],
    ] as const
  ).map(([name, words, gives]) =>
    operator(
      name,
      [`a.${name}(b)`, COMPARED],
      `${words}. Two values of one type but json, two numbers, a text and a binary, a date and ` +
        'a timestamp. NaN equals NaN and is above every number, texts go by their bytes, false ' +
        'is below true. Of structs the first members that differ decide, of lists and maps the ' +
        'first items or entries in their order, and within them null is above everything. Null ' +
        'where one is.',
      numbers(`col('a').${name}(2)`, gives),
    ),
  ),
  operator(
    'between',
    ['a.between(low, high)', '(T, T, T) -> bool'],
    'From `low` to `high`, both inclusive.',
    numbers("col('a').between(1, 7)", 'true'),
  ),
  operator(
    'in',
    ['a.in([value, …])', COMPARED],
    'Whether the value equals one of the list. Null where it is null, or equals none and the ' +
      'list has a null; false for an empty list. Constants become a set; expressions among ' +
      'them are compared one by one.',
    numbers("col('a').in([1, 7])", 'true'),
    numbers("col('a').in([1, null])", 'null'),
    numbers("col('a').in([3, col('b')])", 'false'),
  ),
];

const LOGIC: readonly OperatorDefinition[] = [
  operator(
    'and',
    ['p.and(q)', '(bool, bool) -> bool'],
    'Both are true: false where one is false, else null where one is null. The right side is ' +
      'evaluated only on the rows where the left is not false.',
    flags("col('p').and(col('q'))", false, null, 'false'),
    flags("col('p').and(col('q'))", true, null, 'null'),
  ),
  operator(
    'or',
    ['p.or(q)', '(bool, bool) -> bool'],
    'One is true: true where one is true, else null where one is null. The right side is ' +
      'evaluated only on the rows where the left is not true.',
    flags("col('p').or(col('q'))", true, null, 'true'),
  ),
  operator(
    'not',
    ['p.not()', 'bool -> bool'],
    'The opposite; null stays null.',
    flags("col('p').not()", true, null, 'false'),
  ),
  operator(
    'isNull',
    ['a.isNull()', 'any -> bool'],
    'Whether the value is null; never null itself.',
    numbers("col('b').isNull()", 'true', { a: 1, b: null }),
  ),
  operator(
    'isNotNull',
    ['a.isNotNull()', 'any -> bool'],
    'Whether the value is not null; never null itself.',
    numbers("col('b').isNotNull()", 'false', { a: 1, b: null }),
  ),
  operator(
    'coalesce',
    ['coalesce(a, b, …)', '(T, T, …) -> T'],
    'The first value that is not null, of any type; each is evaluated only where all before it ' +
      'are null.',
    numbers("coalesce(col('b'), col('a'), 0)", '1', { a: 1, b: null }),
  ),
  operator(
    'field',
    ['a.field(name)', '{ name T } -> T'],
    'A member of a struct; null where the struct is null.',
    {
      code: "col('home').field('city')",
      schema: { home: { city: 'utf8', zip: 'utf8' } },
      row: { home: { city: 'Bonn', zip: '53111' } },
      gives: '"Bonn"',
    },
  ),
];

/** A chapter of operators. */
export interface OperatorChapter {
  readonly title: string;
  readonly operators: readonly OperatorDefinition[];
}

/** Every operator, in the order of the documentation. */
export const OPERATORS: readonly OperatorChapter[] = Object.freeze([
  { title: 'Columns and constants', operators: SOURCES },
  { title: 'Arithmetic', operators: ARITHMETIC },
  { title: 'Comparisons', operators: COMPARISONS },
  { title: 'Logic, nulls, members', operators: LOGIC },
]);
