import { Int32, Int64, type RecordBatch, Table, Utf8 } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import {
  col,
  MillraceError,
  otherwise,
  type Runnable,
  runTogether,
  Stream,
} from '../../src/index.ts';
import { batchOf, dataOf, madeBatch, madeRow, rowsOf } from '../arrow/batches.ts';

const orders = new Table([madeBatch(1_000), madeBatch(500)]);
const rows = [...Array(1_000).keys(), ...Array(500).keys()].map(madeRow);
const small = (n: number | null) => n !== null && n < 1_000;

/** An end that keeps what it is given. */
function keep(stream: Stream): { readonly end: Runnable; readonly seen: unknown[] } {
  const seen: unknown[] = [];
  const end = stream.forEach((batch) => void seen.push(...rowsOf(batch)));
  return { end, seen };
}
const ignore = (): void => undefined;

/** Counts rows under a name. */
function counter() {
  const counts: Record<string, number> = {};
  const count = (name: string) => (batch: RecordBatch) => {
    counts[name] = (counts[name] ?? 0) + batch.numRows;
  };
  return { counts, count };
}

const loose = <R, M>(stream: Stream<R, M>) => stream as unknown as Stream;

describe('split', () => {
  it('gives each row to every branch that wants it, and the others to the rest', async () => {
    const parts = Stream.fromBatches(orders)
      .select('id', 'small', 'ok')
      .split({ low: col('small').lt(1_000), fine: col('ok'), rest: otherwise() });
    const [low, fine, rest] = [parts.low, parts.fine, parts.rest].map((part) => keep(loose(part)));
    const run = await runTogether(low!.end, fine!.end, rest!.end);
    const stats = await run.closed;
    const wanted = rows.map(({ id, small: n, ok }) => ({ id, small: n, ok }));
    expect(low!.seen).toEqual(wanted.filter((row) => small(row.small as number | null)));
    expect(fine!.seen).toEqual(wanted.filter((row) => row.ok));
    expect(rest!.seen).toEqual(
      wanted.filter((row) => !small(row.small as number | null) && row.ok !== true),
    );
    expect(rest!.seen.length).toBeGreaterThan(100);
    // Read once, though three ways go from it.
    expect(stats.messagesIn).toBe(rows.length);
    expect(stats.sinks.map(({ name, messagesOut }) => [name, messagesOut])).toEqual([
      ['forEach', low!.seen.length],
      ['forEach', fine!.seen.length],
      ['forEach', rest!.seen.length],
    ]);
    expect(stats.messagesOut).toBe(low!.seen.length + fine!.seen.length + rest!.seen.length);
  });

  it('lets branches go on differently, and be collected alone', async () => {
    const { many, few } = Stream.fromBatches(orders)
      .unnest('items', { index: 'place' })
      .split({ many: col('place').ge(1), few: otherwise() });
    const [one, two] = [
      keep(loose(many.select({ sku: col('items').field('sku') }))),
      keep(loose(few.limit(5).select('place', 'id'))),
    ];
    await (await one.end.with(two.end).run()).closed;
    expect(two.seen).toHaveLength(5);
    expect(one.seen.length).toBeGreaterThan(500);
    expect(rowsOf(await many.select({ sku: col('items').field('sku') }).collect())).toEqual(
      one.seen,
    );
  });

  it('ends when every branch has its limit', async () => {
    function* endless() {
      for (;;) yield madeBatch(100);
    }
    const stream = Stream.fromBatches(endless());
    const { a, b } = stream.split({ a: col('ok'), b: otherwise() });
    const [one, two] = [keep(loose(a.limit(7))), keep(loose(b.limit(450)))];
    await (await runTogether(one.end, two.end)).closed;
    expect([one.seen.length, two.seen.length]).toEqual([7, 450]);
  });

  it('runs with borrowed batches beside copied ones', async () => {
    const { a, b } = Stream.fromBatches(orders).select('id').split({ a: true, b: true });
    const seen: unknown[] = [];
    const borrowed = a.forEach((batch) => void seen.push(...rowsOf(batch)), { borrow: true });
    const copied = keep(loose(b));
    await (await runTogether(borrowed, copied.end)).closed;
    expect(seen).toEqual(rows.map(({ id }) => ({ id })));
    expect(copied.seen).toEqual(seen);
  });

  it('ends all where one fails, with its error', async () => {
    const { a, b } = Stream.fromBatches(orders).split({ a: true, b: true });
    let calls = 0;
    const fails = a.forEach(() => {
      calls += 1;
      throw new Error('boom');
    });
    const run = await runTogether(fails, keep(loose(b)).end);
    await expect(run.closed).rejects.toMatchObject({
      code: 'CONSUMER_FAILED',
      message: 'the batch consumer failed: boom',
    });
    expect(calls).toBe(1);
  });

  it('refuses what cannot be meant', () => {
    const stream = Stream.fromBatches(orders);
    const refused = (make: () => unknown, code: string, message: string) =>
      expect(make).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(message) }),
      );
    refused(() => stream.split({}), 'INVALID_PLAN', 'makes no branch');
    refused(() => stream.split({ a: otherwise() }), 'INVALID_PLAN', 'otherwise() alone');
    const two = { a: true, b: otherwise(), c: otherwise() };
    refused(() => stream.split(two), 'INVALID_PLAN', 'two rests, b and c');
    refused(() => stream.split({ a: col('id') }), 'TYPE_MISMATCH', 'a predicate is a bool');
    refused(() => stream.split({ a: col('idd') }), 'UNKNOWN_COLUMN', 'no column idd');
    refused(() => stream.split([] as never), 'INVALID_PLAN', 'takes an object');
  });
});

describe('tap', () => {
  it('sees the batches of what passes, and changes nothing', async () => {
    const seen: RecordBatch[] = [];
    const stream = Stream.fromBatches(orders)
      .filter(col('ok'))
      .tap<{ id: bigint }>((batch) => void seen.push(batch), { columns: ['id'] })
      .map({ twice: col('small').mul(2) })
      .select('twice');
    const table = await stream.collect();
    const passing = rows.filter(({ ok }) => ok);
    expect(rowsOf(new Table(seen))).toEqual(passing.map(({ id }) => ({ id })));
    expect(table.numRows).toBe(passing.length);
    expect(table.schema.fields.map(({ name }) => name)).toEqual(['twice']);
  });

  it('counts apart, and holds the run up while it works', async () => {
    let inside = 0;
    let calls = 0;
    const stream = Stream.fromBatches(orders).tap(async () => {
      expect(++inside).toBe(1);
      await new Promise(setImmediate);
      inside -= 1;
      calls += 1;
    });
    const run = await stream.forEach(ignore).run();
    const stats = await run.closed;
    expect(calls).toBe(2);
    expect(stats.messagesOut).toBe(rows.length);
    expect(stats.sinks.map(({ name }) => name)).toEqual(['forEach', 'tap']);
  });

  it('may see a sample', async () => {
    const seen: RecordBatch[] = [];
    const take = (batch: RecordBatch) => void seen.push(batch);
    await Stream.fromBatches(orders).tap(take, { sample: 0.1, seed: 3 }).collect();
    const { numRows } = new Table(seen);
    expect(numRows).toBeGreaterThan(75);
    expect(numRows).toBeLessThan(250);
  });

  it('is there once in front of a split, and on both sides of it', async () => {
    const { counts, count } = counter();
    const { a, b } = Stream.fromBatches(orders)
      .tap(count('before'))
      .split({ a: col('ok'), b: otherwise() });
    const tapped = a.tap(count('behind'));
    await (await runTogether(keep(loose(tapped)).end, keep(loose(b)).end)).closed;
    expect(counts).toEqual({ before: 1_500, behind: rows.filter(({ ok }) => ok).length });
  });

  it('does not keep a run from its limit', async () => {
    const { counts, count } = counter();
    function* endless() {
      for (;;) yield madeBatch(100);
    }
    const stream = Stream.fromBatches(endless()).tap(count('seen')).limit(250);
    expect((await stream.collect()).numRows).toBe(250);
    expect(counts).toEqual({ seen: 300 });
  });

  it('ends the run where it throws', async () => {
    const stream = Stream.fromBatches(orders).tap(() => {
      throw new Error('boom');
    });
    await expect(stream.collect()).rejects.toMatchObject({
      code: 'CONSUMER_FAILED',
      message: 'the function of tap() failed: boom',
    });
    const own = new MillraceError('mine', { code: 'INVALID_OPTION' });
    const other = Stream.fromBatches(orders).tap(() => {
      throw own;
    });
    await expect(other.collect()).rejects.toBe(own);
  });

  it('refuses what cannot be meant', () => {
    const stream = Stream.fromBatches(orders);
    const nothing = () => undefined;
    expect(() => stream.tap(7 as never)).toThrow(/tap takes a function of a batch, not 7/);
    expect(() => stream.tap(nothing, { columns: ['idd'] })).toThrow(/no column idd/);
    expect(() => stream.tap(nothing, { columns: 'id' as never })).toThrow(/give a list of names/);
    expect(() => stream.tap(nothing, { sample: 2 })).toThrow(/from 0 to 1, not 2/);
    expect(() => stream.tap(nothing, { seed: 2 })).toThrow(/it is of the option sample/);
  });
});

describe('union', () => {
  const numbers = (...values: number[]) =>
    batchOf({ n: dataOf(new Int32(), values), t: dataOf(new Utf8(), values.map(String)) });

  it('takes the rows of both through the steps of each and then its own', async () => {
    const one = Stream.fromBatches([numbers(1, 2), numbers(3)]).map({ from: 'one' });
    const two = Stream.fromBatches([numbers(4, 5)])
      .map({ from: 'two' })
      .select('from', 't', 'n');
    const both = one
      .union(two)
      .filter(col('n').ne(2))
      .map({ more: col('n').add(10) });
    const found = rowsOf(await both.collect()) as { n: number; from: string }[];
    // Each source keeps its order; which goes first is open.
    expect(found.filter(({ from }) => from === 'one')).toEqual([
      { n: 1, t: '1', from: 'one', more: 11 },
      { n: 3, t: '3', from: 'one', more: 13 },
    ]);
    expect(found.filter(({ from }) => from === 'two')).toEqual([
      { n: 4, t: '4', from: 'two', more: 14 },
      { n: 5, t: '5', from: 'two', more: 15 },
    ]);
    expect(both.schema.fields.map(({ name }) => name)).toEqual(['n', 't', 'from', 'more']);
  });

  it('is nullable where one of them is', async () => {
    const one = Stream.fromBatches([numbers(1)], { schema: { n: 'int32', t: 'utf8' } });
    const two = Stream.fromBatches([numbers(2)], { schema: { n: 'int32?', t: 'utf8' } });
    const nullable = (stream: Stream<never>) => stream.schema.fields.map((field) => field.nullable);
    expect(nullable(one.union(two) as never)).toEqual([true, false]);
    expect(nullable(two.union(one) as never)).toEqual([true, false]);
    expect((await one.union(two).collect()).numRows).toBe(2);
  });

  it('counts a limit over both, and ends there', async () => {
    function* endless(n: number) {
      for (;;) yield numbers(...Array.from({ length: 10 }, () => n));
    }
    const both = Stream.fromBatches(endless(1)).union(Stream.fromBatches(endless(2)));
    expect((await both.limit(25).collect()).numRows).toBe(25);
    const own = Stream.fromBatches(endless(1))
      .limit(12)
      .union(Stream.fromBatches(endless(2)).limit(34));
    const table = await own.collect();
    const found = rowsOf(table) as { n: number }[];
    expect(found.filter(({ n }) => n === 1)).toHaveLength(12);
    expect(found.filter(({ n }) => n === 2)).toHaveLength(34);
  });

  it('of a stream with itself has every row twice', async () => {
    const stream = Stream.fromBatches([numbers(1, 2, 3)]);
    const { odd, all } = stream.split({ odd: col('n').mod(2).eq(1), all: true });
    const found = rowsOf(await odd.union(all).collect()) as { n: number }[];
    expect(found.map(({ n }) => n).sort()).toEqual([1, 1, 2, 3, 3]);
  });

  it('can be split, and tapped', async () => {
    const { counts, count } = counter();
    const one = Stream.fromBatches([numbers(1, 2)]).tap(count('one'));
    const both = one.union(Stream.fromBatches([numbers(3)])).tap(count('both'));
    const { a, b } = both.split({ a: col('n').lt(2), b: otherwise() });
    const [left, right] = [keep(loose(a)), keep(loose(b))];
    const run = await runTogether(left.end, right.end);
    expect((await run.closed).messagesIn).toBe(3);
    expect([left.seen.length, right.seen.length]).toEqual([1, 2]);
    expect(counts).toEqual({ one: 2, both: 3 });
  });

  it('refuses columns that differ', () => {
    const one = Stream.fromBatches([numbers(1)]);
    const wide = Stream.fromBatches([batchOf({ n: dataOf(new Int64(), [1n]) })]);
    expect(() => one.union(one.drop('t') as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_PLAN',
        message: expect.stringContaining('only the first has t'),
      }),
    );
    expect(() => one.drop('t').union(one)).toThrow(/only the second has t/);
    expect(() => one.drop('t').union(wide)).toThrow(
      expect.objectContaining({
        code: 'TYPE_MISMATCH',
        message: expect.stringContaining('n is int32 in the first and int64 in the second'),
      }),
    );
  });
});

describe('the text of a plan with several ways', () => {
  it('shows the tree, and in which sink each way ends', () => {
    const stream = Stream.fromBatches(orders, { workers: 2 }).filter(col('ok'));
    const { big, rest } = stream
      .tap(() => undefined, { columns: ['id'] })
      .split({ big: col('small').gt(9), rest: otherwise() });
    const text = big
      .select('id')
      .forEach(ignore)
      .with(rest.toKafka({ topic: 'rest', brokers: 'here:1' }))
      .explain();
    expect(text.split('\n').map((line) => line.slice(0, 76))).toEqual([
      'source    record batches of the caller',
      expect.stringMatching(/^ {10}columns ok, /),
      'steps     1. filter ok',
      '          branch 1',
      '            2. filter small > 9',
      '            3. select id',
      '            to sink 1',
      '          branch 2',
      '            2. select id',
      '            to sink 2',
      '          branch 3',
      '            2. filter not coalesce(small > 9, false)',
      '            to sink 3',
      'runs      filter ok',
      '            if rows are left: filter small > 9',
      '            nothing in between',
      '            if rows are left: filter not coalesce(small > 9, false)',
      expect.stringMatching(/^output 1 {2}id/),
      'sink 1    record batches, copied',
      expect.stringMatching(/^output 2 {2}id/),
      'sink 2    tap: record batches, copied, of what passes',
      expect.stringMatching(/^output 3 {2}ok/),
      'sink 3    kafka rest at here:1',
      expect.any(String),
      expect.any(String),
      expect.stringMatching(/^settings/),
    ]);
  });
});
