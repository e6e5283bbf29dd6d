import { Float64, Int32, makeVector, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { expect, test } from 'vitest';
import { col, lit, Stream, udf } from '../../src/index.ts';

const lines = Stream.fromKafka({
  topic: 'lines',
  schema: {
    n: 'int32',
    m: 'int32?',
    t: 'utf8',
    home: { city: 'utf8' },
    items: [{ sku: 'utf8' }],
  },
});

/** What runs, a line a step, without what is said of empty morsels. */
function runs(stream: { explain(): string }): string[] {
  const all = stream.explain().split('\n');
  const from = all.findIndex((line) => line.startsWith('runs'));
  const behind = all.slice(from + 1).findIndex((line) => !line.startsWith(' '));
  return all
    .slice(from, from + 1 + behind)
    .map((line) => line.slice(10).replace('if rows are left: ', ''));
}

const long = { z: col('t').regexpExtract(/a/) };
const some = col('n').gt(1);

test('a filter goes in front of columns that it does not read', () => {
  const made = 'columns z = regexpExtract(t, /a/u), 5 as they are';
  expect(runs(lines.map(long).filter(some))).toEqual(['filter n > 1', made]);
  expect(runs(lines.map(long).filter(col('z').eq('a')))).toEqual([made, "filter z = 'a'"]);
  const twice = lines
    .map(long)
    .map({ y: col('n').mul(2) })
    .filter(some);
  expect(runs(twice)[0]).toBe('filter n > 1');
});

test('it goes by the names of before, and reads members where they come from', () => {
  expect(runs(lines.rename({ n: 'number' }).filter(col('number').gt(1)))[0]).toBe('filter n > 1');
  const city = lines.select({ city: col('home').field('city') }).filter(col('city').eq('Bonn'));
  expect(runs(city)).toEqual(["filter home.city = 'Bonn'", 'columns city = home.city']);
  // Another column of that name is made in between.
  const other = lines
    .map({ n: col('m') })
    .map({ m: lit(1) })
    .filter(some);
  expect(runs(other)[0]).toBe('filter m > 1');
});

test('each condition goes as far as it may', () => {
  const both = lines.map(long).filter(col('z').eq('a').and(some));
  expect(runs(both).map((line) => line.slice(0, 12))).toEqual([
    'filter n > 1',
    'columns z = ',
    "filter z = '",
  ]);
  // A dear one does not go in front of a cheap one to spare next to nothing.
  const cheap = lines.map({ y: col('m').div(2) }).filter(col('y').gt(1));
  expect(runs(cheap.filter(col('t').regexpMatch(/a/))).slice(1)).toEqual([
    'filter (y > 1) and then regexpMatch(t, /a/u)',
  ]);
});

test('it goes in front of unnest where it reads neither items nor the index', () => {
  const items = lines.unnest('items', { as: 'item', index: 'at' }).select('n', 'item', 'at');
  expect(runs(items.filter(some)).slice(0, 2)).toEqual(['filter n > 1', 'unnest items']);
  const sku = col('item').field('sku').eq('x');
  expect(runs(items.filter(sku))[0]).toBe('unnest items');
  expect(runs(items.filter(col('at').gt(0)))[0]).toBe('unnest items');
});

test('one that can fail goes past no condition, and past no unnest', () => {
  const fails = col('m').mod(col('n')).eq(0).and(col('n').add(1).gt(0));
  const guarded = lines.filter(some).map(long).filter(fails);
  expect(runs(guarded).slice(0, 3)).toEqual([
    'filter n > 1',
    'filter (m % n) = 0',
    'filter (n + 1) > 0',
  ]);
  const behind = lines.map(long).filter(col('z').eq('a')).filter(col('n').add(1).gt(0));
  expect(runs(behind).at(-1)).toBe('filter (n + 1) > 0');
  expect(runs(lines.unnest('items').filter(col('n').add(1).gt(0)))[0]).toBe('unnest items');
});

test('it stays behind what counts or draws rows, and what calls functions for them', () => {
  expect(runs(lines.limit(3).filter(some))[0]).toBe('limit 3');
  expect(runs(lines.sample(0.5).filter(some))[0]).toBe('sample');
  expect(runs(lines.distinct('t').filter(some))[0]).toBe('distinct by t, within each batch');
  expect(runs(lines.map((batch) => batch).filter(some))[0]).toContain('on the main thread');
  const url = 'data:text/javascript,export const f = (n) => n';
  const shape = { args: ['int32'], returns: 'int32', mode: 'row' } as const;
  const called = (pure: boolean) =>
    runs(lines.map({ z: udf(url, 'f', { ...shape, pure })(col('n')) }).filter(some))[0];
  expect(called(false)).toContain('z = f(n)');
  expect(called(true)).toBe('filter n > 1');
});

test('what passes is the same, and what is left out does not fail', async () => {
  const table = new Table({
    n: vectorFromArray([1, 2, 3, 4], new Int32()),
    t: vectorFromArray(['x', '7', '8', 'y'], new Utf8()),
    f: makeVector(Float64Array.of(1, 2, 3, 4)),
  });
  const stream = Stream.fromBatches(table, { workers: 1 })
    .map({ number: col('t').cast('int32') })
    .filter(col('n').between(2, 3))
    .rename({ n: 'id' })
    .filter(col('id').ne(3).and(col('f').lt(4)));
  const rows = (await stream.collect()).toArray().map((row) => row.toJSON());
  expect(rows).toEqual([{ id: 2, t: '7', f: 2, number: 7 }]);
  expect(table.schema.fields[2]!.type).toBeInstanceOf(Float64);
});
