/** Slips of newcomers: what stands in the way is named, and so is the way out. */
import { expect, test } from 'vitest';
import {
  col,
  map,
  otherwise,
  type Predicate,
  type Runnable,
  runTogether,
  Stream,
} from '../../src/index.ts';

const stream = Stream.fromBatches([], {
  schema: {
    id: 'int64',
    price: 'utf8',
    body: 'json',
    customer: { name: 'utf8', home: { city: 'utf8' } },
    tags: ['utf8'],
    labels: map('utf8'),
  },
});
const text = (value: string) => value as never;

const REFUSED: readonly [name: string, run: () => unknown, code: string, says: string][] = [
  [
    'a number beside a text',
    () => stream.filter(col('price').gt(5)),
    'TYPE_MISMATCH',
    "write .cast('float64') or .cast('decimal(18,2)') behind price for a number, or '5' to have",
  ],
  [
    'arithmetic on a text',
    () => stream.map({ double: col('price').mul(2) }),
    'TYPE_MISMATCH',
    "arithmetic takes numbers; write .cast('float64') or .cast('decimal(18,2)') behind price",
  ],
  [
    'a path of names',
    () => stream.select(text('customer.name')),
    'UNKNOWN_COLUMN',
    "a member is taken out by an expression: col('customer').field('name')",
  ],
  [
    'a longer path',
    () => stream.filter(col('customer.home.city').eq('Rome')),
    'UNKNOWN_COLUMN',
    "col('customer').field('home').field('city')",
  ],
  [
    'a path into JSON',
    () => stream.filter(col('body.kind').eq('x')),
    'UNKNOWN_COLUMN',
    "col('body').jsonPath('$.kind', { as: 'utf8' })",
  ],
  [
    'a member of JSON',
    () => stream.map({ kind: col('body').field('kind') }),
    'TYPE_MISMATCH',
    "only a struct has members; write .jsonPath('$.kind', { as: 'utf8' })",
  ],
  [
    'a member of a list',
    () => stream.map({ kind: col('tags').field('kind') }),
    'TYPE_MISMATCH',
    'only a struct has members; write .get(1) for its first item, or unnest',
  ],
  [
    'a member of a map',
    () => stream.map({ kind: col('labels').field('kind') }),
    'TYPE_MISMATCH',
    "only a struct has members; write .get('kind')",
  ],
  [
    'the item before the first',
    () => stream.map({ tag: col('tags').get(0) }),
    'TYPE_MISMATCH',
    'no item has the place 0; 1 is the first (only jsonPath counts from 0)',
  ],
  [
    'an item of a struct',
    () => stream.map({ name: col('customer').get('name') }),
    'TYPE_MISMATCH',
    "of a struct write .field('name')",
  ],
  [
    'a column as an expression',
    () => stream.select(col('id') as never),
    'INVALID_PLAN',
    "the expression id without a name; write select('id'), or with a new name select({ id: … })",
  ],
  [
    'a column without a name',
    () => stream.map(col('id').add(1) as never),
    'INVALID_PLAN',
    'map() has the expression id + 1 without a name; give it a name: map({ total: … })',
  ],
  [
    'a regular expression for a text',
    () => stream.map({ parts: col('price').split(/,/ as never) }),
    'INVALID_OPTION',
    'give a text; .regexpMatch(), .regexpExtract() take regular expressions',
  ],
  [
    'a text as a filter',
    () => stream.filter(text('id > 3')),
    'INVALID_OPTION',
    "filter: predicate is the text 'id > 3', which is not parsed; write an expression",
  ],
  [
    'a text as a branch',
    () => stream.split({ big: text('id > 3'), rest: otherwise() }),
    'INVALID_OPTION',
    "split: big is the text 'id > 3'",
  ],
  [
    'a number as a filter',
    () => stream.filter(col('id')),
    'TYPE_MISMATCH',
    'a predicate is a bool; compare id: .gt(…), .eq(…) or .isNotNull()',
  ],
  ['a list to drop', () => stream.drop(['id'] as never), 'INVALID_OPTION', "drop('id', 'name')"],
  [
    'streams without an end',
    () => runTogether(stream as unknown as Runnable),
    'INVALID_OPTION',
    'only streams with an end run together; end each: stream.toKafka(',
  ],
  [
    'a stream without an end beside one that has one',
    () => stream.forEach(() => {}).with(stream as unknown as Runnable),
    'INVALID_OPTION',
    'only streams with an end run together',
  ],
  [
    'flatMap of no list',
    () => stream.flatMap({ item: col('id') }),
    'TYPE_MISMATCH',
    'unnest and flatMap take a list or map',
  ],
];

test.each(REFUSED)('refuses %s', (_, run, code, says) => {
  expect(run).toThrow(expect.objectContaining({ code }));
  expect(run).toThrow(says);
});

test('a text is no predicate to the compiler either', () => {
  // @ts-expect-error: a text is not parsed
  const predicate: Predicate = 'id > 3';
  expect(predicate).toBe('id > 3');
});
