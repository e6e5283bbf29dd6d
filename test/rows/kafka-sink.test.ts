import { tableFromArrays } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { partitionForKey } from '../../src/ingest/partitioner.ts';
import { KafkaSink } from '../../src/rows/kafka-sink.ts';
import type { RowSinkOptions } from '../../src/rows/row-sink-options.ts';
import { FakeTopic } from './fake-topic.ts';

interface Order {
  readonly id: number;
  readonly customer?: string | null;
}

function setUp(options: Partial<RowSinkOptions<Order>> = {}, partitions = 3) {
  const topic = new FakeTopic(partitions);
  const sink = new KafkaSink<Order>({ topic: 'orders', ...options }, { client: topic.client });
  return { topic, sink };
}

const order = (id: number) => ({ id, customer: `c-${id % 7}` });
const orders = (count: number) => Array.from({ length: count }, (_, id) => order(id));

describe('send', () => {
  it('resolves with the place of the message', async () => {
    const { topic, sink } = setUp({ key: 'customer' });
    const before = Date.now();
    const first = await sink.send(order(1));
    const second = await sink.send(order(1), { headers: { trace: 'é', empty: null } });
    const partition = partitionForKey(Buffer.from('c-1'), 3);
    expect(first).toMatchObject({ topic: 'orders', partition, offset: 0n });
    expect(second).toMatchObject({ partition, offset: 1n });
    expect(first.timestamp).toBeGreaterThanOrEqual(before);
    expect(topic.messages[0]).toEqual({
      ...{ partition, offset: 0n, timestamp: first.timestamp },
      ...{ key: 'c-1', value: '{"id":1,"customer":"c-1"}', headers: [] },
    });
    expect(topic.messages[1]!.headers).toEqual([
      ['trace', 'é'],
      ['empty', null],
    ]);
    await sink.close();
    expect(topic.closed).toBe(1);
  });

  it('gathers what is sent together, in order, and gives each its offset', async () => {
    const { topic, sink } = setUp({ key: 'customer' });
    await sink.start();
    const deliveries = await Promise.all(orders(1_000).map((value) => sink.send(value)));
    expect(topic.batches.reduce((a, b) => a + b)).toBe(3);
    for (const [id, { partition, offset }] of deliveries.entries()) {
      const stored = topic.messages.find((m) => m.partition === partition && m.offset === offset);
      expect(JSON.parse(stored!.value!)).toEqual(order(id));
    }
    for (const partition of [0, 1, 2]) {
      const ids = topic.values(partition).map((value) => (value as Order).id);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    }
    expect(sink.stats()).toMatchObject({ sent: 1_000, delivered: 1_000, failed: 0, batches: 3 });
    await sink.close();
  });

  it('takes key, partition, time and tombstones from the call', async () => {
    const { topic, sink } = setUp({ key: (value) => value.customer?.toUpperCase() });
    await sink.send(order(1), { partition: 2, timestamp: new Date(1_700_000_000_000) });
    await sink.send(order(2), { key: Buffer.from([0x68, 0x69]), partition: 2 });
    await sink.send(order(3), { key: null, partition: 2 });
    await sink.send(null as unknown as Order, { key: 77n, partition: 2 });
    expect(topic.messages.map(({ key }) => key)).toEqual(['C-1', 'hi', null, '77']);
    expect(topic.messages[0]!.timestamp).toBe(1_700_000_000_000);
    expect(topic.messages[3]!.value).toBeNull();
    await sink.close();
  });

  it('a field that is the key must be there, and may be null', async () => {
    const { topic, sink } = setUp({ key: 'customer' });
    const misspelt = { id: 1, custmer: 'c' } as Order;
    await expect(sink.send(misspelt)).rejects.toThrow(/no field 'customer', which is its key/);
    await sink.send({ id: 2, customer: null });
    expect(topic.messages.map(({ key }) => key)).toEqual([null]);
    await sink.close();
  });

  it('writes bigints as integers', async () => {
    const { topic, sink } = setUp();
    const value = { id: 2n ** 60n + 1n, items: [{ n: 1n }], text: '12' };
    await sink.send(value as unknown as Order);
    expect(topic.messages[0]!.value).toBe(
      '{"id":1152921504606846977,"items":[{"n":1}],"text":"12"}',
    );
    await sink.close();
  });

  it.each([
    [() => undefined, {}, 'JSON'],
    [undefined, {}, 'JSON'],
    [{ id: 1 }, { partition: 3 }, '0 to 2'],
    [{ id: 1 }, { key: {} as string }, 'the key of the message'],
    [{ id: 1 }, { headers: { a: 1 as unknown as string } }, 'the header a'],
    [{ id: 1 }, { timestamp: Number.NaN }, 'timestamp'],
  ])('refuses %s with %j', async (value, options, text) => {
    const { sink, topic } = setUp();
    await expect(sink.send(value as Order, options)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(text),
    });
    const circle: Record<string, unknown> = { n: 1n };
    circle.self = circle;
    const sent = sink.send(circle as unknown as Order);
    await expect(sent).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await sink.send({ id: 2 });
    expect(topic.messages).toHaveLength(1);
    await sink.close();
  });

  it('lingers for others, and not when it is flushed', async () => {
    const { topic, sink } = setUp({ lingerMs: 60_000 }, 1);
    await sink.start();
    const sent = sink.send(order(1));
    await new Promise(setImmediate);
    void sink.send(order(2));
    expect(topic.batches).toEqual([0]);
    await sink.flush();
    expect(topic.batches).toEqual([1]);
    expect(await sent).toMatchObject({ offset: 0n });
    const third = sink.send(order(3));
    await sink.close();
    expect((await third).offset).toBe(2n);
    await expect(sink.send(order(4))).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('sends what gathered while a batch was under way as one', async () => {
    const { topic, sink } = setUp({}, 1);
    topic.hold();
    await sink.start();
    const sent = [sink.send(order(0))];
    for (let id = 1; id < 50; id++) {
      await new Promise(setImmediate);
      sent.push(sink.send(order(id)));
    }
    topic.release();
    const deliveries = await Promise.all(sent);
    expect(deliveries.map(({ offset }) => offset)).toEqual(deliveries.map((_, i) => BigInt(i)));
    expect(topic.batches).toEqual([2]);
    await sink.close();
  });
});

describe('failures', () => {
  it('tell each message, by promise and by callback, and spare those after', async () => {
    const { topic, sink } = setUp({}, 1);
    topic.answer = (_, batch) => (batch === 0 ? 'TOPIC_AUTHORIZATION_FAILED' : undefined);
    const told: string[] = [];
    const onDelivery = (error: unknown, delivery: unknown) => {
      told.push(error === undefined ? 'stored' : 'failed');
      expect(error === undefined).toBe(delivery !== undefined);
    };
    const first = sink.send(order(1), { onDelivery });
    await expect(first).rejects.toMatchObject({ code: 'PRODUCE_FAILED' });
    await sink.send(order(2), { onDelivery });
    expect(told).toEqual(['failed', 'stored']);
    expect(sink.stats()).toMatchObject({ sent: 2, delivered: 1, failed: 1, bufferedMessages: 0 });
    await sink.close();
  });

  it("of the caller's functions are of that message alone", async () => {
    const key = ({ id }: Order) => {
      if (id === 1) throw new Error('no key');
      return `${id}`;
    };
    const { topic, sink } = setUp({ key }, 1);
    await expect(sink.send(order(1))).rejects.toMatchObject({
      code: 'CONSUMER_FAILED',
      message: 'no key',
    });
    await sink.send(order(2));
    expect(topic.values(0)).toEqual([order(2)]);
    await sink.close();
  });

  it('with a listener are not unhandled where nobody looks at the promise', async () => {
    const told: unknown[] = [];
    const { topic, sink } = setUp({ onDelivery: (error) => void told.push(error?.code) }, 1);
    topic.answer = () => 'TOPIC_AUTHORIZATION_FAILED';
    void sink.send(order(1));
    await sink.flush();
    expect(told).toEqual(['PRODUCE_FAILED']);
    await sink.close();
  });

  it('of a message that is too large spare its neighbours', async () => {
    const { topic, sink } = setUp({}, 1);
    topic.maxMessageBytes = 1_000;
    await sink.start();
    const sent = [
      sink.send(order(0)),
      sink.send({ id: 1, customer: 'x'.repeat(2_000) }),
      sink.send(order(2)),
    ];
    const settled = await Promise.allSettled(sent);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(sent[1]).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    expect(topic.values(0)).toEqual([order(0), order(2)]);
    await sink.close();
  });

  it('to start close the client, and come out of send and start', async () => {
    const { topic, sink } = setUp();
    topic.missing = true;
    await expect(sink.start()).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    await expect(sink.send(order(1))).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    await expect(sink.sendBatch([order(2)])).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    // Each attempt has a client of its own, and closes it.
    expect(topic.closed).toBe(3);
    await sink.close();
    expect(topic.closed).toBe(3);
  });

  it('to start are not for ever: the next call connects anew', async () => {
    const { topic, sink } = setUp();
    topic.missing = true;
    const early = [sink.send(order(1)), sink.send(order(2))];
    for (const sent of early) await expect(sent).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    expect(topic.closed).toBe(1);
    topic.missing = false;
    expect(await sink.send(order(3))).toMatchObject({ offset: 0n });
    await sink.close();
    expect(topic.closed).toBe(2);
  });
});

describe('close', () => {
  it.each([{ maxBufferMessages: 10 }, { maxBufferMessages: 10, lingerMs: 60_000 }])(
    'delivers the rows of a sendBatch that wait for room, with %j',
    async (options) => {
      const { topic, sink } = setUp(options, 1);
      topic.hold();
      await sink.start();
      const sent = sink.sendBatch(orders(95));
      const closing = sink.close();
      topic.release();
      const deliveries = await sent;
      await closing;
      expect(deliveries).toHaveLength(95);
      expect(topic.values(0)).toEqual(orders(95));
      expect(sink.stats()).toMatchObject({ sent: 95, delivered: 95, failed: 0 });
    },
  );

  it('delivers the columns of a sendBatch that wait for room', async () => {
    const { topic, sink } = setUp({ maxBufferBytes: 1_024 }, 1);
    topic.maxMessageBytes = 1_000;
    topic.hold();
    const [batch] = tableFromArrays({
      id: Int32Array.from({ length: 20_000 }, (_, i) => i),
    }).batches;
    const sent = sink.sendBatch(batch!);
    const closing = sink.close();
    topic.release();
    await closing;
    expect(await sent).toHaveLength(20_000);
    expect(topic.messages).toHaveLength(20_000);
  });
});

describe('the buffer', () => {
  it('makes sends wait for room, in their order, and refuses what nothing waits for', async () => {
    const { topic, sink } = setUp({ maxBufferMessages: 10 }, 1);
    topic.hold();
    await sink.start();
    const sent = orders(20).map((value) => sink.send(value));
    await expect(sink.send(order(20))).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' });
    expect(sink.stats()).toMatchObject({ bufferedMessages: 10 });
    let ready = false;
    const room = sink.ready().then(() => {
      ready = true;
    });
    await new Promise(setImmediate);
    expect(ready).toBe(false);
    topic.release();
    await room;
    await Promise.all(sent);
    expect(topic.values(0)).toEqual(orders(20));
    await sink.close();
  });

  it('does not linger when it is full', async () => {
    const { topic, sink } = setUp({ maxBufferMessages: 10, lingerMs: 60_000 }, 3);
    await Promise.all(orders(10).map((value) => sink.send(value)));
    expect(topic.messages).toHaveLength(10);
    await sink.close();
  });

  it.each([
    [{ batchMessages: 4 }, 5],
    [{ batchBytes: 400 }, 4],
    [{ batchBytes: 1 }, 20],
    [{ batchMessages: 1_000, batchBytes: 1_000_000 }, 1],
  ])('makes batches no larger than %j', async (sizes, batches) => {
    const { topic, sink } = setUp({ ...sizes, codec: 'json' }, 1);
    // All wait until the sink is open, so that nothing but their size parts them.
    await sink.start();
    await Promise.all(orders(20).map((value) => sink.send(value)));
    expect(topic.values(0)).toEqual(orders(20));
    expect(topic.batches).toEqual([batches]);
    await sink.close();
  });

  it.each([{ batchMessages: 5 }, { batchBytes: 300 }])(
    'does not linger where a batch of %j is full',
    async (sizes) => {
      const { topic, sink } = setUp({ ...sizes, lingerMs: 60_000 }, 1);
      await Promise.all(orders(5).map((value) => sink.send(value)));
      expect(topic.messages).toHaveLength(5);
      await sink.close();
    },
  );

  it('sends a long queue by batches of one message, in order', async () => {
    const { topic, sink } = setUp({ batchMessages: 1 }, 1);
    await sink.start();
    const sent = orders(5_000).map((value) => sink.send(value));
    await Promise.all(sent);
    expect(topic.batches).toEqual([5_000]);
    expect(topic.values(0)).toEqual(orders(5_000));
    await sink.close();
  });

  it('holds sendBatch back instead of growing', async () => {
    const { topic, sink } = setUp({ maxBufferBytes: 2_000 }, 1);
    let most = 0;
    topic.answer = () => {
      most = Math.max(most, sink.stats().bufferedBytes);
      return undefined;
    };
    const deliveries = await sink.sendBatch(orders(500));
    expect(deliveries.map(({ offset }) => offset)).toEqual(orders(500).map(({ id }) => BigInt(id)));
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(2_200);
    await sink.close();
  });
});

describe('sendBatch of a record batch', () => {
  const table = tableFromArrays({
    id: Int32Array.from({ length: 20_000 }, (_, i) => i),
    customer: Array.from({ length: 20_000 }, (_, i) => `c-${i % 7}`),
  });
  const [batch] = table.batches;

  it('gives each row its place, and the columns to the values', async () => {
    const { topic, sink } = setUp({ key: 'customer', keyInValue: false, compression: 'zstd' });
    const deliveries = await sink.sendBatch(batch!);
    expect(deliveries).toHaveLength(20_000);
    const stored = new Map(topic.messages.map((m) => [`${m.partition} ${m.offset}`, m]));
    for (const [i, { partition, offset }] of deliveries.entries()) {
      const message = stored.get(`${partition} ${offset}`)!;
      expect(message.value).toBe(`{"id":${i}}`);
      expect(message.key).toBe(`c-${i % 7}`);
    }
    await sink.close();
  });

  it('comes behind the rows that were sent before, and before those after', async () => {
    const { topic, sink } = setUp({}, 1);
    await sink.start();
    const first = sink.send({ id: -1 });
    const all = sink.sendBatch(batch!.slice(0, 3));
    const last = sink.send({ id: -2 });
    await Promise.all([first, all, last]);
    expect(topic.values(0).map((value) => (value as Order).id)).toEqual([-1, 0, 1, 2, -2]);
    await sink.close();
  });

  it.each([
    { key: 'id' as const, expected: (i: number) => String(i) },
    { key: (row: Order) => `k${row.id}`, expected: (i: number) => `k${i}` },
  ])('takes keys that are no bytes, $key', async ({ key, expected }) => {
    const { topic, sink } = setUp({ key }, 1);
    await sink.sendBatch(batch!.slice(5, 8));
    expect(topic.messages.map((message) => message.key)).toEqual([5, 6, 7].map(expected));
    await sink.close();
  });

  it('names a column that is not there', async () => {
    const { sink } = setUp({ key: 'buyer' });
    await expect(sink.sendBatch(batch!)).rejects.toMatchObject({ code: 'UNKNOWN_COLUMN' });
    await sink.close();
  });
});

it('its figures name the library that writes, once there is one', async () => {
  const { sink } = setUp();
  expect(sink.stats().client).toBeUndefined();
  await sink.send(order(1));
  expect(sink.stats().client).toEqual({ name: 'fake', version: '1.2.3' });
  await sink.close();
});
