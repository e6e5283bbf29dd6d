import { Field, Int32, List, Table, Utf8 } from 'apache-arrow';
import { expect, test } from 'vitest';
import { col, Stream } from '../../src/index.ts';
import { batchOf, dataOf, madeBatch, madeRow, rowsOf } from '../arrow/batches.ts';

const orders = new Table([madeBatch(1_000), madeBatch(500)]);
const rows = [...Array(1_000).keys(), ...Array(500).keys()].map(madeRow);
type Item = { sku: string; qty: number | null };
const itemsOf = (row: (typeof rows)[number]) => (row.items ?? []) as readonly Item[];

test('unnest gives a row for each item, beside the other columns', async () => {
  const stream = Stream.fromBatches(orders)
    .unnest('items', { as: 'part', index: 'place' })
    .filter(col('place').lt(2))
    .select('id', 'place', { sku: col('part').field('sku') });
  const expected = rows.flatMap((row) =>
    itemsOf(row)
      .map((item, place) => ({ id: row.id, place, sku: item.sku }))
      .slice(0, 2),
  );
  expect(expected.length).toBeGreaterThan(1_000);
  expect(rowsOf(await stream.collect())).toEqual(expected);
});

test('unnest with outer keeps rows without items', async () => {
  const stream = Stream.fromBatches(orders).unnest('items', { outer: true }).select('id', 'items');
  const expected = rows.flatMap((row) => {
    const items = itemsOf(row);
    return (items.length === 0 ? [null] : items).map((item) => ({ id: row.id, items: item }));
  });
  expect(rowsOf(await stream.collect())).toEqual(expected);
});

test('flatMap puts lists side by side, and fills up the shorter', async () => {
  const numbers = new List(new Field('item', new Int32(), true));
  const texts = new List(new Field('item', new Utf8(), true));
  const batch = batchOf({
    id: dataOf(new Int32(), [1, 2, 3]),
    n: dataOf(numbers, [[1, 2], [], [3]]),
    t: dataOf(texts, [['a'], null, ['b', 'c']]),
  });
  const stream = Stream.fromBatches([batch]).flatMap({ number: col('n'), t: col('t') });
  expect(rowsOf(await stream.select('id', 'number', 't').collect())).toEqual([
    { id: 1, number: 1, t: 'a' },
    { id: 1, number: 2, t: null },
    { id: 3, number: 3, t: 'b' },
    { id: 3, number: null, t: 'c' },
  ]);
  const outer = Stream.fromBatches([batch]).flatMap({ n: col('n'), t: col('t') }, { outer: true });
  expect((await outer.collect()).numRows).toBe(5);
  expect(() => stream.flatMap({ id: col('id') })).toThrow(
    expect.objectContaining({ code: 'TYPE_MISMATCH' }),
  );
  expect(() => stream.flatMap({})).toThrow(/flatMap\(\) adds no column/);
});

test('one row of a million items comes through', async () => {
  const list = new List(new Field('item', new Int32(), false));
  const batch = batchOf({
    name: dataOf(new Utf8(), ['a name that is repeated with each']),
    n: dataOf(list, [Array.from({ length: 1_000_000 }, (_, i) => i)]),
  });
  const table = await Stream.fromBatches([batch]).unnest('n').collect();
  expect(table.numRows).toBe(1_000_000);
  expect(table.get(999_999)?.toJSON()).toEqual({
    name: 'a name that is repeated with each',
    n: 999_999,
  });
});

test('distinct within each batch', async () => {
  const stream = Stream.fromBatches(orders).distinct('ok', 'small').select('id');
  const first = (part: typeof rows) => {
    const seen = new Set<string>();
    return part.filter(({ ok, small }) => {
      const key = `${ok}/${small}`;
      return !seen.has(key) && seen.add(key);
    });
  };
  const expected = [...first(rows.slice(0, 1_000)), ...first(rows.slice(1_000))];
  expect(rowsOf(await stream.collect())).toEqual(expected.map(({ id }) => ({ id })));
});

test('sample draws the same rows in every run', async () => {
  const stream = Stream.fromBatches(orders).sample(0.2, { seed: 7 });
  const table = await stream.collect();
  expect(rowsOf(await stream.collect())).toEqual(rowsOf(table));
  expect(table.numRows).toBeGreaterThan(200);
  expect(table.numRows).toBeLessThan(400);
  const other = await Stream.fromBatches(orders).sample(0.2, { seed: 8 }).collect();
  expect(rowsOf(other)).not.toEqual(rowsOf(table));
});

test('a limit counts the rows behind an unnest', async () => {
  const stream = Stream.fromBatches(orders).unnest('items').limit(10).select('id');
  const expected = rows.flatMap((row) => itemsOf(row).map(() => ({ id: row.id }))).slice(0, 10);
  expect(rowsOf(await stream.collect())).toEqual(expected);
});

test('what steps do is in the text of the plan', () => {
  const text = Stream.fromBatches(orders)
    .unnest('items', { as: 'part', outer: true, index: 'place' })
    .distinct('id', 'place')
    .distinct()
    .sample(0.5)
    .explain();
  expect(text).toContain('1. unnest items as part, outer, index place');
  expect(text).toContain('2. distinct id, place, within each batch');
  expect(text).toContain('3. distinct all columns, within each batch');
  expect(text).toContain('4. sample 0.5, seed 0');
});

test('options that cannot be meant are refused', () => {
  const stream = Stream.fromBatches(orders);
  const refused = (make: () => unknown, message: RegExp) =>
    expect(make).toThrow(expect.objectContaining({ message: expect.stringMatching(message) }));
  refused(() => stream.sample(1.5), /share of rows to keep, from 0 to 1, not 1.5/);
  refused(() => stream.sample(Number.NaN), /not NaN/);
  refused(() => stream.sample(0.5, { seed: -1 }), /seed is -1/);
  refused(() => stream.unnest('items', { as: '' }), /as is ""/);
  refused(() => stream.unnest('items', { index: '' }), /index is ''/);
  refused(() => stream.unnest('items', { outr: true } as never), /no option 'outr'/);
  refused(() => stream.unnest('itemz' as never), /no column itemz for unnest; there are item, ok/);
  refused(
    () => stream.unnest('id' as never),
    /unnest and flatMap take a list or map, and id is int64/,
  );
  refused(() => stream.distinct('idd' as never), /no column idd for distinct/);
});
