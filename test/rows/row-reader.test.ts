import { Table } from 'apache-arrow';
import { expect, it, vi } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { BatchRows } from '../../src/rows/batch-rows.ts';
import { RowReader } from '../../src/rows/row-reader.ts';
import { messageBatch } from './message-batch.ts';

function setUp() {
  const reader = new RowReader((batch) => new BatchRows(batch, ['value'], true));
  const settled: string[] = [];
  const offer = (firstOffset: bigint, count: number, partition = 0) => {
    const values = Array.from({ length: count }, (_, i) => `v${firstOffset + BigInt(i)}`);
    const taken = reader.offer(messageBatch({ values, firstOffset, partition }));
    taken.then(
      () => settled.push(`${firstOffset} taken`),
      (error: MillraceError) => settled.push(`${firstOffset} ${error.code}`),
    );
    return taken;
  };
  const next = async (timeoutMs?: number) =>
    reader.advance() || (await reader.wait(timeoutMs)) ? reader.rows.value(reader.row) : undefined;
  return { reader, offer, next, settled };
}

const at = (offset: bigint, partition = 0) => [{ topic: 'orders', partition, offset }];

it('hands out rows in order; a batch is taken when the row behind it is asked for', async () => {
  const { reader, offer, next, settled } = setUp();
  void offer(10n, 2);
  expect(await next()).toBe('v10');
  expect(reader.positions({ current: false })).toEqual([]);
  expect(reader.positions({ current: true })).toEqual(at(11n));
  expect(await next()).toBe('v11');
  expect(settled).toEqual([]);
  const third = next();
  await expect.poll(() => settled).toEqual(['10 taken']);
  void offer(12n, 1);
  expect(await third).toBe('v12');
  expect(reader.positions({ current: false })).toEqual(at(12n));
  expect(reader.positions({ current: true })).toEqual(at(13n));
});

it('the end comes at once, and what is at hand is not taken', async () => {
  const { reader, offer, next, settled } = setUp();
  void offer(0n, 3);
  await next();
  await next();
  reader.end();
  expect(await next()).toBeUndefined();
  // Asked for the one behind it, the consumer is done with the second.
  expect(reader.positions({ current: false })).toEqual(at(2n));
  reader.leave();
  await expect.poll(() => settled).toEqual(['0 ABORTED']);
  await expect(offer(3n, 1)).rejects.toMatchObject({ code: 'ABORTED' });
});

it('a run that fails gives its error behind the rows at hand', async () => {
  const { reader, offer, next } = setUp();
  void offer(0n, 2);
  await next();
  reader.runEnded(new MillraceError('gone', { code: 'BROKER_UNREACHABLE' }));
  expect(await next()).toBe('v1');
  await expect(next()).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
});

it('waits no longer than it is told', async () => {
  const { reader, next, offer } = setUp();
  expect(await next(20)).toBeUndefined();
  void offer(0n, 1);
  expect(await next(0)).toBe('v0');
  reader.runEnded();
  expect(await next()).toBeUndefined();
});

it('drops what is at hand of partitions that were sought, and of those alone', async () => {
  const { reader, offer, next, settled } = setUp();
  void offer(0n, 2, 3);
  await next();
  reader.drop([{ topic: 'orders', partition: 4 }]);
  expect(await next()).toBe('v1');
  reader.drop([{ topic: 'orders', partition: 3 }]);
  expect(reader.positions({ current: true })).toEqual([]);
  await expect.poll(() => settled).toEqual(['0 taken']);
});

it('what is at hand when it leaves can be committed, what was offered cannot', async () => {
  const { reader, offer, next, settled } = setUp();
  void offer(0n, 3);
  await next();
  await next();
  void offer(9n, 3, 1);
  reader.leave();
  expect(reader.positions({ current: true })).toEqual(at(2n));
  await expect.poll(() => settled).toEqual(['0 ABORTED', '9 ABORTED']);
  expect(await next()).toBeUndefined();
  reader.forget(at(0n));
  expect(reader.positions({ current: true })).toEqual([]);
});

it('goes on where it is sent, and is there from then on', async () => {
  const { reader, offer, next, settled } = setUp();
  void offer(5n, 3);
  await next();
  reader.move([...at(1n), ...at(4n, 1)]);
  await expect.poll(() => settled).toEqual(['5 taken']);
  expect(reader.positions({ current: true })).toEqual([...at(1n), ...at(4n, 1)]);
  void offer(1n, 3);
  expect(await next()).toBe('v1');
  expect(reader.positions({ current: true })).toEqual([...at(2n), ...at(4n, 1)]);
  reader.forget(at(0n, 1));
  expect(reader.positions({ current: false })).toEqual(at(1n));
});

it('hands out nothing more of what was lost, and knows what it had handed out', async () => {
  const { reader, offer, next, settled } = setUp();
  void offer(0n, 5);
  await next();
  await next();
  reader.lose(at(0n));
  await expect.poll(() => settled).toEqual(['0 taken']);
  expect(reader.positions({ current: true })).toEqual([]);
  expect([0n, 1n, 2n].map((offset) => reader.wasLost(at(offset)[0]!))).toEqual([true, true, false]);
  expect(reader.wasLost(at(0n, 1)[0]!)).toBe(false);
  void offer(0n, 5);
  expect(await next()).toBe('v0');
});

it('tells how far the batch at hand is done with, where nothing must settle first', async () => {
  const { reader, offer, next } = setUp();
  expect(reader.partDone).toBeUndefined();
  void offer(0n, 5);
  await next();
  expect(reader.partDone).toBeUndefined();
  await next();
  await next();
  expect(reader.partDone).toEqual(at(2n)[0]);
  reader.beforeRelease = async () => undefined;
  expect(reader.partDone).toBeUndefined();
  reader.beforeRelease = undefined;
  reader.forget(at(0n));
  expect(reader.partDone).toBeUndefined();
});

it('what was committed stays so, and what was abandoned is not done with', async () => {
  const { reader, offer, next } = setUp();
  void offer(0n, 5);
  await next();
  await next();
  reader.noteCommitted(at(1n)[0]!);
  expect(reader.positions({ current: false })).toEqual(at(1n));
  reader.noteCommitted(at(2n)[0]!);
  expect(reader.positions({ current: false })).toEqual(at(2n));
  reader.abandon();
  expect(reader.positions({ current: false })).toEqual([]);
  expect(reader.positions({ current: true })).toEqual([]);
});

it('has no position in partitions that went, also when they return', async () => {
  const { reader, offer, next } = setUp();
  void offer(0n, 2);
  await next();
  await next();
  void offer(2n, 2, 1);
  await next();
  await next();
  expect(reader.positions({ current: true })).toEqual([...at(2n), ...at(4n, 1)]);
  reader.forget([
    { topic: 'orders', partition: 0 },
    { topic: 'orders', partition: 1 },
  ]);
  expect(reader.positions({ current: true })).toEqual([]);
  void offer(9n, 1);
  expect(await next()).toBe('v9');
  expect(reader.positions({ current: true })).toEqual(at(10n));
});

it('settles what rows led to before their batch is given back', async () => {
  const { reader, offer, next, settled } = setUp();
  const order: string[] = [];
  reader.beforeRelease = async () => {
    order.push(`settling, ${settled.length} taken`);
  };
  void offer(0n, 1);
  await next();
  void next(50);
  await expect.poll(() => settled).toEqual(['0 taken']);
  expect(order).toEqual(['settling, 0 taken']);
});

it('rows are plain: nested, null, bytes, times and headers', () => {
  const batch = messageBatch({
    values: ['a', null],
    key: [Buffer.from('k'), null],
    headers: [[{ key: 'h', value: Buffer.from([1]) }], []],
    firstOffset: 7n,
  });
  const rows = new BatchRows(batch, ['value'], true);
  expect(rows.record(0, 'a')).toEqual({
    ...{ value: 'a', key: Buffer.from('k'), topic: 'orders', partition: 0, offset: 7n },
    ...{ headers: [{ key: 'h', value: Buffer.from([1]) }], timestamp: 1_700_000_000_000.25 },
  });
  expect(rows.record(1, null)).toMatchObject({ key: null, headers: [], offset: 8n });
  expect(new Table([batch]).numRows).toBe(2);
});

it.each([Number.POSITIVE_INFINITY, 2 ** 31, 1e12])('waits %d ms without spinning', async (ms) => {
  const { next, reader, offer } = setUp();
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const first = next(ms);
  await new Promise(setImmediate);
  const delays = timers.mock.calls.map(([, delay]) => delay);
  timers.mockRestore();
  expect(delays).toEqual([0x7fffffff]);
  void offer(3n, 1);
  expect(await first).toBe('v3');
  reader.end();
});
