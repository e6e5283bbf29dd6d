import { describe, expect, it } from 'vitest';
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import { importPortable } from '../../src/arrow/batch-export.ts';
import { col, type Operand, Stream } from '../../src/index.ts';
import type { MorselResult } from '../../src/morsel/morsel.ts';

import {
  ARENA,
  batchOf,
  cutOf,
  doneOf,
  engineFor,
  errorOf,
  ignore,
  orders,
  rowsOut,
  values,
} from './engine-harness.ts';

describe('MorselEngine', () => {
  it('reads, operates and writes: keys, values, timestamps', async () => {
    const stream = orders()
      .filter(col('amount').gt(5))
      .map({ twice: col('amount').mul(2) });
    const { run, outputs } = engineFor(stream.toKafka({ topic: 'big', key: '_key' }).plan);
    const result = run([
      values('{"id":1,"amount":10}', '{"id":2,"amount":1}', '{"id":3}', '{"id":4,"amount":6.5}'),
    ]);
    expect(result).toMatchObject({ kind: 'done', rowsIn: 4, sunk: [{ sink: 0, rows: 2 }] });
    const found = (await outputs(result)).sort((a, b) => Number(a.timestamp - b.timestamp));
    expect(found).toMatchObject([
      { key: 'k0', value: '{"id":1,"amount":10,"twice":20}', timestamp: 1_000n },
      { key: 'k3', value: '{"id":4,"amount":6.5,"twice":13}', timestamp: 1_003n },
    ]);
  });

  it('decodes of nested columns what is read, and finds it there', async () => {
    const stream = Stream.fromKafka({
      topic: 'orders',
      schema: {
        a: { x: 'int64', y: { p: 'utf8', q: 'int32' } },
        items: [{ s: 'utf8', n: 'int32' }],
      },
    });
    const q = col('a').field('y').field('q');
    const plan = stream
      .filter(q.gt(1))
      .unnest('items')
      .select({ q, n: col('items').field('n') })
      .toKafka({ topic: 'out' }).plan;
    const { run, outputs } = engineFor(plan);
    const rows = [1, 2, 3].map(
      (i) => `{"a":{"x":${i},"y":{"p":"p","q":${i}}},"items":[{"s":"s","n":${i}},{"s":"t","n":0}]}`,
    );
    const found = (await outputs(run([values(...rows)]))).map(({ value }) => value).sort();
    expect(found).toEqual(['{"q":2,"n":0}', '{"q":2,"n":2}', '{"q":3,"n":0}', '{"q":3,"n":3}']);
  });

  it('makes a batch for the caller, with metadata that were asked for', () => {
    const stream = orders().select('_partition', '_offset', '_key', 'id');
    const { run, spec, memory } = engineFor(stream.forEach(ignore).plan);
    const batch = batchOf(run([values('{"id":1}', '{"id":-9007199254740993}')], {}, 101n));
    const [sink] = spec.sinks;
    if (batch === undefined || sink?.kind !== 'batches') throw new Error('no batch');
    const rows = importPortable(batch, toArrowSchema(sink.schema), memory.buffer).toArray();
    expect(
      rows.map((row) => [row._partition, row._offset, String.fromCharCode(...row._key)]),
    ).toEqual([[3, 101n, 'k1']]);
    expect(rows[0]?.id).toBe(-9007199254740993n);
  });

  it('cuts the morsel at the first message that does not decode, and names it', async () => {
    const { run, outputs } = engineFor(orders().toKafka({ topic: 'copy' }).plan);
    const result = run([values('{"id":1}', '{"id":"x"}', '{"id":2', '{"id":3}')]);
    expect((await outputs(result)).map(({ value }) => value)).toEqual(['{"id":1,"amount":null}']);
    expect(cutOf(result)).toMatchObject({ nextOffset: 101n, rejects: 2 });
    const { error } = cutOf(result);
    expect(error).toMatchObject({
      code: 'BAD_MESSAGE',
      context: { topic: 'orders', partition: 3, offset: 101n, column: 'id' },
    });
    expect(error.message).toMatch(/^orders-3 offset 101 .*1 more in the same morsel/);
  });

  it.each([
    ['first', ['x', '1', '2'], [], 100n],
    ['last', ['1', '2', 'x'], ['{"id":1}', '{"id":2}'], 102n],
  ])('cuts at a bad %s message', async (_, ids, before, nextOffset) => {
    const stream = orders().select('id');
    const { run, outputs } = engineFor(stream.toKafka({ topic: 'copy' }).plan);
    const result = run([values(...ids.map((id) => `{"id":${id}}`))]);
    expect((await outputs(result)).map(({ value }) => value).sort()).toEqual(before);
    expect(cutOf(result)).toMatchObject({ nextOffset, rejects: 1 });
  });

  it('cuts at the message that an expression failed on, and names it', async () => {
    const amount: Operand = col('id').mul(9_223_372_036_854_775_807n);
    const { run, outputs } = engineFor(orders().map({ amount }).toKafka({ topic: 'copy' }).plan);
    const result = run([values('{"id":1}', '{"id":2}', '{"id":3}', '{"id":"x"}')]);
    expect(await outputs(result)).toHaveLength(1);
    const { error } = cutOf(result);
    expect(cutOf(result)).toMatchObject({ nextOffset: 101n, rejects: 1 });
    expect(error).toMatchObject({
      code: 'EVALUATION_FAILED',
      context: { topic: 'orders', partition: 3, offset: 101n },
    });
    expect(error.message).toContain('orders-3 offset 101');
  });

  it('cuts at the earliest of several failures, whichever step finds it', async () => {
    const big = 9_223_372_036_854_775_807n;
    const stream = orders()
      .filter(col('amount').gt(0))
      .map({ late: col('id').mul(big) })
      .map({ early: col('id').sub(big).sub(2) });
    const { run, outputs } = engineFor(stream.toKafka({ topic: 'copy' }).plan);
    // Row 0 is filtered out, 1 passes, 2 fails in the second map, 3 in the first, 4 is no number.
    const ids = ['9', '1', '0', '7', '"x"'];
    const texts = ids.map((id, i) => `{"id":${id},"amount":${i === 0 ? 0 : 1}}`);
    const result = run([values(...texts)]);
    expect(cutOf(result)).toMatchObject({ nextOffset: 102n });
    expect(cutOf(result).error.code).toBe('EVALUATION_FAILED');
    const [only, ...others] = await outputs(result);
    expect(only?.value).toContain('"id":1,');
    expect(others).toEqual([]);
  });

  it('cuts at the first message that makes one too large for a topic, and names it', async () => {
    const pad = 'x'.repeat(400);
    const text = (id: number) => `{"id":${id},"text":"${[3, 6, 7].includes(id) ? pad : ''}"}`;
    const texts = Stream.fromKafka({ topic: 'orders', schema: { id: 'int64', text: 'utf8' } });
    const { all, also } = texts.split({ all: true, also: true });
    const { plan } = all
      .toKafka({ topic: 'wide' })
      .with(also.toKafka({ topic: 'narrow', maxBatchBytes: 300 }));
    const { run, outputs } = engineFor(plan);
    const result = run([values(...[0, 1, 2, 3, 4, 5, 6, 7].map(text))]);
    expect(rowsOut(result)).toEqual([3, 3]);
    expect((await outputs(result)).map(({ value }) => value).sort()).toEqual(
      [0, 0, 1, 1, 2, 2].map(text),
    );
    const { error, nextOffset } = cutOf(result);
    expect(nextOffset).toBe(103n);
    expect(error).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      context: { topic: 'orders', partition: 3, offset: 103n, maxBatchBytes: 300 },
    });
    expect(error.message).toMatch(
      /^orders-3 offset 103: the message of row 3 makes a record batch/,
    );
  });

  it('cuts at the message of an unnested row that a topic does not take', async () => {
    const { plan } = lists()
      .unnest('items')
      .select('id', { n: col('items').field('n') })
      .toKafka({ topic: 'items', partitioner: { partitionColumn: 'n' } });
    const { run, outputs } = engineFor(plan);
    const result = run([values(order(1, 1, 0), order(2), order(3, 1, 7), order(4, 1))]);
    expect((await outputs(result)).map(({ partition }) => partition)).toEqual([0, 1]);
    const { error, nextOffset } = cutOf(result);
    expect(nextOffset).toBe(102n);
    expect(error).toMatchObject({ code: 'EVALUATION_FAILED', context: { offset: 102n } });
    expect(error.message).toContain('goes to partition 7, but the topic has 0 to 1');
  });

  it('does not fail on what is behind the last row that the limit lets pass', async () => {
    const stream = orders().select('id').limit(2);
    const { run, outputs } = engineFor(stream.toKafka({ topic: 'copy' }).plan);
    const batches = [values('{"id":1}', '{"id":2}', '{"id":3}', '{"id":"x"}')];
    const result = run(batches, { left: [2] });
    expect(doneOf(result).failure).toBeUndefined();
    expect(result).toMatchObject({ passed: [2], endOffset: 102n });
    expect(await outputs(result)).toHaveLength(2);
    const short = run(batches, { left: [4] });
    expect(cutOf(short)).toMatchObject({ nextOffset: 103n });
    expect(doneOf(short)).toMatchObject({ passed: [3] });
    expect(doneOf(short).endOffset).toBeUndefined();
  });

  it('hands out the rows before a bad message as a batch', () => {
    const { run, spec, memory } = engineFor(orders().select('id').forEach(ignore).plan);
    const result = run([values('{"id":1}', '{"id":2}', '{"id":"x"}', '{"id":4}')]);
    expect(cutOf(result)).toMatchObject({ nextOffset: 102n, rejects: 1 });
    const batch = batchOf(result);
    const [sink] = spec.sinks;
    if (batch === undefined || sink?.kind !== 'batches') throw new Error('no batch');
    const rows = importPortable(batch, toArrowSchema(sink.schema), memory.buffer).toArray();
    expect(rows.map((row) => row.id)).toEqual([1n, 2n]);
    expect(batchOf(run([values('{"id":"x"}', '{"id":4}')]))).toBeUndefined();
  });

  it('says that the lease is too small, and does the same morsel in a larger one', () => {
    const { run } = engineFor(orders().toKafka({ topic: 'copy' }).plan);
    const batches = [values(...Array.from({ length: 500 }, (_, id) => `{"id":${id}}`))];
    const { arenaBegin } = ARENA;
    expect(run(batches, { arenaBegin, arenaEnd: arenaBegin + 4_096 })).toEqual({ kind: 'full' });
    const { arenaUsedBytes, sunk } = doneOf(run(batches));
    expect(sunk[0]?.rows).toBe(500);
    const arenaEnd = arenaBegin + arenaUsedBytes + 1_024;
    expect(run(batches, { arenaBegin, arenaEnd })).toMatchObject({
      ...{ kind: 'done', sunk: [{ rows: 500 }] },
    });
  });

  it('lets rows pass up to the limit, and tells the offset behind the last', async () => {
    const stream = orders().filter(col('amount').gt(0)).limit(2);
    const { run, outputs } = engineFor(stream.toKafka({ topic: 'copy' }).plan);
    const texts = [0, 1, 0, 2, 3].map((amount, id) => `{"id":${id},"amount":${amount}}`);
    const result = run([values(...texts)], { left: [2] });
    expect(result).toMatchObject({ passed: [2], endOffset: 104n });
    expect(await outputs(result)).toHaveLength(2);
    expect(run([values(...texts)], { left: [0] })).toMatchObject({ passed: [0], endOffset: -1n });
  });

  const lists = () =>
    Stream.fromKafka({ topic: 'orders', schema: { id: 'int64', items: [{ n: 'int32' }] } });
  const order = (id: number, ...items: (number | string)[]) =>
    `{"id":${id},"items":[${items.map((n) => `{"n":${n}}`).join()}]}`;

  it('gives unnested rows the time, key and headers of their message', async () => {
    const { plan } = lists()
      .unnest('items')
      .select('id', { n: col('items').field('n') })
      .toKafka({ topic: 'items', key: '_key', headers: '_headers' });
    const { run, outputs } = engineFor(plan);
    const result = run([values(order(1, 10, 11), order(2), order(3, 30))]);
    expect(result).toMatchObject({ rowsIn: 3, sunk: [{ rows: 3 }] });
    const found = (await outputs(result)).map(({ key, value, timestamp }) => ({
      ...{ key, value, timestamp },
    }));
    expect(found.sort((a, b) => Number(a.timestamp - b.timestamp))).toEqual([
      { key: 'k0', value: '{"id":1,"n":10}', timestamp: 1_000n },
      { key: 'k0', value: '{"id":1,"n":11}', timestamp: 1_000n },
      { key: 'k2', value: '{"id":3,"n":30}', timestamp: 1_002n },
    ]);
  });

  it('leaves out every row of a message one of whose unnested rows fails', async () => {
    const { plan } = lists()
      .unnest('items')
      .map({ n: col('items').field('n').add(1) })
      .select('id', 'n')
      .toKafka({ topic: 'items' });
    const { run, outputs } = engineFor(plan);
    const result = run([values(order(1, 1, 2), order(2), order(3, 3, 2_147_483_647), order(4, 5))]);
    const found = await outputs(result);
    expect(found.map(({ value }) => value).sort()).toEqual(['{"id":1,"n":2}', '{"id":1,"n":3}']);
    const { error, nextOffset } = cutOf(result);
    expect(nextOffset).toBe(102n);
    expect(error).toMatchObject({
      code: 'EVALUATION_FAILED',
      context: { topic: 'orders', partition: 3, offset: 102n },
    });
    expect(error.message).toMatch(/^orders-3 offset 102: .*leaves the range of int32/);
  });

  it('tells the offset behind the message of the last row that a limit passes', async () => {
    const { plan } = lists().unnest('items').limit(3).toKafka({ topic: 'items' });
    const { run, outputs } = engineFor(plan);
    const result = run([values(order(1, 1, 2), order(2), order(3, 3, 4, 5), order(4, 'x'))], {
      left: [3],
    });
    expect(result).toMatchObject({ passed: [3], endOffset: 103n });
    expect(doneOf(result).failure).toBeUndefined();
    expect(await outputs(result)).toHaveLength(3);
  });

  it('draws the same sample of a message however it is read', async () => {
    const { run, outputs } = engineFor(lists().sample(0.5).toKafka({ topic: 'some' }).plan);
    const texts = Array.from({ length: 200 }, (_, id) => order(id));
    const read = async (from: bigint) =>
      (await outputs(run([values(...texts)], {}, from))).map(({ value }) => value).sort();
    const all = await read(100n);
    expect(all.length).toBeGreaterThan(60);
    expect(all.length).toBeLessThan(140);
    const late = all.filter((text) => JSON.parse(text ?? '').id >= 57);
    expect(await read(157n)).toEqual(late);
  });

  const branched = () => {
    const { big, small } = orders()
      .map({ next: col('id').add(1) })
      .split({ big: col('amount').gt(5), small: col('amount').le(7) });
    const kept = big.map({ twice: col('next').mul(4_611_686_018_427_387_904n) });
    return kept
      .select('id', 'twice')
      .toKafka({ topic: 'big' })
      .with(small.select('next').toKafka({ topic: 'small', key: '_key' }));
  };

  it('decodes once what several ways read, and writes what each sink gets', async () => {
    const { run, spec } = engineFor(branched().plan);
    expect(spec.inputs).toHaveLength(1);
    expect(spec.inputs[0]!.source).toMatchObject({
      ...{ columns: ['id', 'amount'], metadata: ['_key'] },
    });
    const texts = [
      '{"id":-1,"amount":6}',
      '{"id":0,"amount":9}',
      '{"id":5,"amount":2}',
      '{"id":7}',
    ];
    const { sunk, rowsIn } = doneOf(run([values(...texts)]));
    expect(rowsIn).toBe(4);
    expect(sunk.map(({ sink, rows }) => [sink, rows])).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });

  it('cuts every way at the first message that fails on one of them', async () => {
    const { run, outputs } = engineFor(branched().plan);
    // Row 2 overflows on the way to the first sink alone, row 1 is on that to the second alone.
    const texts = ['{"id":0,"amount":6}', '{"id":9,"amount":1}', '{"id":8,"amount":8}'];
    const result = run([values(...texts, '{"id":3,"amount":1}')]);
    expect(cutOf(result)).toMatchObject({ nextOffset: 102n });
    expect(cutOf(result).error.message).toMatch(/^orders-3 offset 102: .* leaves the range/);
    const found = (await outputs(result)).map(({ value }) => value).sort();
    const twice = '4611686018427387904';
    expect(found).toEqual([`{"id":0,"twice":${twice}}`, '{"next":10}', '{"next":1}']);
  });

  it('ends where every way has its limit, behind the last message that one of them got', () => {
    const { a, b } = orders().split({ a: col('amount').gt(5), b: col('amount').le(5) });
    const { plan } = a
      .limit(1)
      .toKafka({ topic: 'a' })
      .with(b.limit(2).toKafka({ topic: 'b' }));
    const { run, spec } = engineFor(plan);
    expect(spec.limits).toEqual([1, 2]);
    const amounts = [9, 1, 9, 1, 9].map((amount, id) => `{"id":${id},"amount":${amount}}`);
    const texts = [...amounts, '{"id":7,"amount":"x"}'];
    const result = doneOf(run([values(...texts)], { left: [1, 2] }));
    expect(result).toMatchObject({ passed: [1, 2], endOffset: 104n });
    expect(result.failure).toBeUndefined();
    const open = doneOf(run([values(...texts)], { left: [1, 3] }));
    expect(open).toMatchObject({ passed: [1, 2], failure: { nextOffset: 105n } });
    expect(open.endOffset).toBeUndefined();
    // One was reached before, the other is now.
    expect(doneOf(run([values(...texts)], { left: [0, 1] }))).toMatchObject({
      ...{ passed: [0, 1], endOffset: 102n },
    });
  });

  it('has a source for each input, with ways of its own', () => {
    const other = Stream.fromKafka({ topic: 'more', schema: { no: 'int64', amount: 'float64?' } });
    const both = orders()
      .filter(col('amount').gt(5))
      .union(other.rename({ no: 'id' }))
      .map({ id: col('id').add(1) });
    const { run, spec, memory } = engineFor(both.forEach(ignore).plan);
    const [sink] = spec.sinks;
    if (sink?.kind !== 'batches') throw new Error('it makes batches');
    const rowsOf = (result: MorselResult) =>
      importPortable(batchOf(result)!, toArrowSchema(sink.schema), memory.buffer)
        .toArray()
        .map((row) => row.id);
    const first = ['{"id":1,"amount":9}', '{"id":2,"amount":1}'];
    expect(rowsOf(run([values(...first)]))).toEqual([2n]);
    const second = ['{"no":7,"amount":1}', '{"no":8}'];
    expect(rowsOf(run([values(...second)], { source: 1 }))).toEqual([8n, 9n]);
  });

  it('tells a damaged batch, and works on afterwards', () => {
    const { run } = engineFor(orders().toKafka({ topic: 'copy' }).plan);
    const torn = { ...values('{"id":1}'), compress: (raw: Buffer) => raw, attributes: 1 };
    const error = errorOf(run([torn]));
    expect(error).toMatchObject({
      code: 'CORRUPT_BATCH',
      context: { topic: 'orders', partition: 3, offset: 100n },
    });
    expect(rowsOut(run([values('{"id":1}')]))).toEqual([1]);
  });
});
