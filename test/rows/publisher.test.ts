import { tableFromArrays } from 'apache-arrow';
import { expect, it } from 'vitest';
import type { ConnectionOptions } from '../../src/ingest/client.ts';
import { createPublisher } from '../../src/rows/publisher.ts';
import { createSubscriber } from '../../src/rows/subscriber.ts';
import { FakeTopic } from './fake-topic.ts';

it('publishes values and batches, with the defaults of its kind', async () => {
  const topic = new FakeTopic(1);
  const connections: ConnectionOptions[] = [];
  const client = (options: ConnectionOptions) => {
    connections.push(options);
    return topic.client();
  };
  const publisher = createPublisher('shop', { destination: 'kafka://topic/orders' }, { client });
  const place = await publisher.publish({ id: 1 }, { key: 'k' });
  expect(place).toMatchObject({ topic: 'orders', offset: 0n });
  const [batch] = tableFromArrays({ id: Int32Array.of(2, 3) }).batches;
  expect((await publisher.publish(batch!)).map(({ offset }) => offset)).toEqual([1n, 2n]);
  await publisher.stop();
  expect(topic.values(0)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  expect(connections[0]).toMatchObject({ brokers: ['localhost:9092'], clientId: 'shop' });
  expect(publisher.stats()).toMatchObject({ sent: 3, delivered: 3 });
});

it('takes the names of other clients, and ours above them', async () => {
  const connections: ConnectionOptions[] = [];
  const topic = new FakeTopic(1);
  const client = (options: ConnectionOptions) => {
    connections.push(options);
    return topic.client();
  };
  const publisher = createPublisher(
    'shop',
    {
      destination: 'kafka://topic/orders',
      config: { bootstrap_servers: ['a:1', 'b:2'], 'client.id': 'other', 'linger.ms': 1 },
      clientId: 'mine',
    },
    { client },
  );
  await publisher.publish({ id: 1 });
  await publisher.stop();
  expect(connections[0]).toMatchObject({ brokers: ['a:1', 'b:2'], clientId: 'mine' });
});

it('recovers from a broker that was not there at first', async () => {
  const topic = new FakeTopic(1);
  topic.missing = true;
  const publisher = createPublisher(
    'shop',
    { destination: 'kafka://topic/orders' },
    { client: topic.client },
  );
  await expect(publisher.start()).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
  topic.missing = false;
  expect(await publisher.publish({ id: 1 })).toMatchObject({ offset: 0n });
  await publisher.stop();
});

it.each([
  [undefined, 'undefined'],
  ['orders', '"orders"'],
  ['kafka://queue/orders', '"kafka://queue/orders"'],
  ['kafka://topic/', 'names the topic ""'],
  ['kafka://topic/a b', 'names the topic "a b"'],
])('refuses %s in the place of a URL', (url, text) => {
  const refusal = expect.objectContaining({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(text),
  });
  expect(() => createPublisher('p', { destination: url as string })).toThrow(refusal);
  expect(() => createSubscriber('s', { source: url as string })).toThrow(refusal);
});

it('refuses names that nobody has', () => {
  const destination = 'kafka://topic/orders';
  const misspelt = { destination, config: { 'lingr.ms': 5 } };
  expect(() => createPublisher('p', misspelt)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('linger') }),
  );
  expect(() => createSubscriber('s', { source: destination, batchSize: 3 } as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  );
});
