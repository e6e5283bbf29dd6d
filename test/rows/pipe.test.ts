import { afterEach, expect, it, vi } from 'vitest';
import { KafkaSink } from '../../src/rows/kafka-sink.ts';
import { KafkaSource } from '../../src/rows/kafka-source.ts';
import { pipe } from '../../src/rows/pipe.ts';
import type { RowSinkOptions } from '../../src/rows/row-sink-options.ts';
import { FakeTopic } from './fake-topic.ts';
import { playSource } from './played-source.ts';

afterEach(() => vi.restoreAllMocks());

interface Order {
  readonly id: number;
  readonly customer: string;
}

/** The keys under which two messages arrive that have a key, and none. */
async function keysBehind(options: Partial<RowSinkOptions<Order>>) {
  const { source, give } = playSource({}, {});
  await source.start();
  const values = [1, 2].map((id) => JSON.stringify({ id, customer: `c-${id}` }));
  give(0n, { values, key: [Buffer.from('old'), null] });
  const topic = new FakeTopic(1);
  await using sink = new KafkaSink<Order>({ topic: 'out', ...options }, { client: topic.client });
  const transform = (order: unknown) => {
    if ((order as Order).id === 2) void source.stop();
    return order as Order;
  };
  expect(await pipe(source, transform, sink)).toMatchObject({ read: 2, written: 2 });
  return topic.messages.map(({ key }) => key);
}

it("messages keep their key, or have that of the sink's own option", async () => {
  expect(await keysBehind({})).toEqual(['old', null]);
  expect(await keysBehind({ key: 'customer' })).toEqual(['c-1', 'c-2']);
  expect(await keysBehind({ key: ({ id }) => `k${id}` })).toEqual(['k1', 'k2']);
});

it("passes a message's own value on, whatever it is, and drops what else is falsy", async () => {
  const piped = async (values: (string | null)[], transform: (value: unknown) => unknown) => {
    const { source, give } = playSource({}, {});
    await source.start();
    give(0n, { values });
    const topic = new FakeTopic(1);
    await using sink = new KafkaSink<unknown>({ topic: 'out' }, { client: topic.client });
    let left = values.length;
    const counted = (value: unknown) => {
      left -= 1;
      if (left === 0) void source.stop();
      return transform(value);
    };
    const stats = await pipe(source, counted, sink);
    return { ...stats, out: topic.messages.map(({ value }) => value) };
  };
  const falsy = [null, '0', '""', 'false', '1'];
  expect(await piped(falsy, (value) => value)).toMatchObject({ dropped: 0, out: falsy });
  const less = await piped(falsy, (value) => (value === 1 ? null : value));
  expect(less).toMatchObject({ dropped: 1, written: 4, out: falsy.slice(0, 4) });
  const none = await piped(['null', '1', '2', '{}', '""'], (value) => value === '' && value);
  expect(none).toMatchObject({ dropped: 4, written: 1, out: ['""'] });
});

it.each<[unknown, RegExp]>([
  [null, /^pipe takes an object of options, not null/],
  [{ signal: 'x' }, /^pipe: signal is 'x'; give an AbortSignal/],
  [{ header: true }, /^pipe has no option 'header'; did you mean 'headers'/],
  [{ headers: 'all' }, /^pipe: headers is 'all'/],
])('refuses the options %o', async (options, message) => {
  const brokers = '127.0.0.1:1';
  const source = new KafkaSource({ brokers, topic: 'a' });
  const sink = new KafkaSink({ brokers, topic: 'b' });
  const piped = pipe(source, String, sink, options as object);
  await expect(piped).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(message),
  });
});
