/** Slips of newcomers: what stands in the way is named, and so is the way out. */
import { describe, expect, test } from 'vitest';
import {
  col,
  MillraceError,
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
    'flatMap of a function',
    () => stream.flatMap((() => [1]) as never),
    'INVALID_PLAN',
    'flatMap() takes columns of lists, not a function; write flatMap({ item: f(…) }) with a udf',
  ],
  [
    'flatMap of no list',
    () => stream.flatMap({ item: col('id') }),
    'TYPE_MISMATCH',
    'unnest and flatMap take a list or map',
  ],
  [
    'flatMap of a map',
    () => stream.flatMap({ entry: col('labels') }),
    'INVALID_PLAN',
    'flatMap: entry is a map, which becomes two columns; give its keys and its values',
  ],
  [
    'an index of a name that is taken',
    () => stream.unnest('tags', { index: 'id' }),
    'INVALID_PLAN',
    "unnest makes two columns id; name the place differently, with index: 'place'",
  ],
  [
    'items of a name that is taken',
    () => stream.unnest('tags', { as: 'id' }),
    'INVALID_PLAN',
    "unnest makes two columns id; name the items differently, with as: 'item'",
  ],
  [
    'an index beside items of its name',
    () => stream.flatMap({ tag: col('tags') }, { index: 'tag' }),
    'INVALID_PLAN',
    "flatMap makes two columns tag; name the place differently, with index: 'place'",
  ],
  [
    'a union with nothing',
    () => (stream.union as () => unknown)(),
    'INVALID_OPTION',
    'union takes one other stream, not nothing; write a.union(b)',
  ],
  [
    'a union with a text',
    () => stream.union(text('orders')),
    'INVALID_OPTION',
    "union takes one other stream, not 'orders'",
  ],
  [
    'a union with two streams',
    () => (stream.union as (...streams: unknown[]) => unknown)(stream, stream),
    'INVALID_OPTION',
    'write a.union(b).union(c)',
  ],
];

test.each(REFUSED)('refuses %s', (_, run, code, says) => {
  expect(run).toThrow(expect.objectContaining({ code }));
  expect(run).toThrow(says);
});

/** What a method takes by kind; methods that take anything, or nothing, are not here. */
const FIRST: Readonly<Record<string, unknown>> = {
  filter: col('id').gt(1),
  map: { x: col('id') },
  select: 'id',
  drop: 'id',
  rename: { id: 'other' },
  limit: 1,
  unnest: 'tags',
  flatMap: { tag: col('tags') },
  distinct: 'id',
  sample: 0.5,
  tap: () => undefined,
  split: { some: col('id').gt(1) },
  union: stream,
  toKafka: { topic: 'orders' },
  forEach: () => undefined,
};
const WRONG: readonly unknown[] = [
  ...[undefined, null, 5.5, -1, 'no such', true, 5n, Symbol('x'), new Date(0), /x/, []],
  ...[() => 1, new Map(), Object.create(null), { no: undefined }, { no: {} }, { id: Symbol('x') }],
];

describe("every method's wrong argument is a MillraceError", () => {
  const methods = Object.getOwnPropertyNames(Stream.prototype).filter(
    (name) => !['constructor', 'schema', 'explain', 'collect', 'batches'].includes(name),
  );
  const onlyMillrace = async (run: () => unknown) => {
    try {
      await run();
    } catch (error) {
      expect(error).toBeInstanceOf(MillraceError);
      return 1;
    }
    return 0;
  };
  type Methods = Record<string, (...given: unknown[]) => unknown>;
  const call = (name: string, ...given: unknown[]) => {
    return (stream as unknown as Methods)[name]!(...given);
  };

  test('all of them are in the table', () => {
    expect(Object.keys(FIRST).toSorted()).toEqual(methods.toSorted());
  });

  test.each(methods)('%s', async (name) => {
    call(name, FIRST[name]);
    let refused = name === 'distinct' ? 1 : await onlyMillrace(() => call(name));
    for (const wrong of WRONG) {
      refused += await onlyMillrace(() => call(name, wrong));
      await onlyMillrace(() => call(name, FIRST[name], wrong));
    }
    expect(refused).toBeGreaterThan(WRONG.length / 2);
  });

  test.each(['fromKafka', 'fromBatches', 'fromIpc'])('Stream.%s', async (name) => {
    const make = (...given: unknown[]) => (Stream as unknown as Methods)[name]!(...given);
    for (const wrong of WRONG) {
      await onlyMillrace(() => make(wrong));
      await onlyMillrace(() => make(name === 'fromKafka' ? 'localhost:9092' : [], wrong));
    }
    expect(await onlyMillrace(() => make())).toBe(1);
  });

  test('collect and batches', async () => {
    for (const wrong of [null, 5.5, 'no such', true, { no: 1 }]) {
      await expect(stream.collect(wrong as never)).rejects.toThrow(MillraceError);
      expect(() => stream.batches(wrong as never)).toThrow(MillraceError);
    }
  });
});

test('a text is no predicate to the compiler either', () => {
  // @ts-expect-error: a text is not parsed
  const predicate: Predicate = 'id > 3';
  expect(predicate).toBe('id > 3');
});
