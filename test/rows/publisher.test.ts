import { tableFromArrays } from 'apache-arrow';
import { afterEach, expect, it, vi } from 'vitest';
import { configFrom } from '../../src/config/load.ts';
import type { ConnectionOptions } from '../../src/ingest/client.ts';
import { CONFIG_NOTE, endConfig, toRowSinkOptions } from '../../src/rows/configured.ts';
import { createPublisher } from '../../src/rows/publisher.ts';
import { createSubscriber } from '../../src/rows/subscriber.ts';
import { FakeTopic } from './fake-topic.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

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

it('stop() stores what was published and not awaited', async () => {
  const topic = new FakeTopic(1);
  const io = { client: topic.client };
  const options = { destination: 'kafka://topic/orders', lingerMs: 60_000 };
  const publisher = createPublisher('shop', options, io);
  await publisher.start();
  const published = [publisher.publish({ id: 1 }), publisher.publish({ id: 2 })];
  await new Promise(setImmediate);
  expect(topic.messages).toEqual([]);
  await publisher.stop();
  expect(topic.values(0)).toEqual([{ id: 1 }, { id: 2 }]);
  expect(await Promise.all(published)).toMatchObject([{ offset: 0n }, { offset: 1n }]);
  // Nor does it lose what came before it was open.
  const early = createPublisher('shop', options, io);
  void early.publish({ id: 3 });
  await early.stop();
  expect(topic.values(0)).toHaveLength(3);
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

it('an option that is undefined says nothing', async () => {
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
      config: { bootstrap_servers: 'a:1' },
      ...({ brokers: undefined, clientId: undefined, ssl: undefined } as object),
    },
    { client },
  );
  await publisher.publish({ id: 1 });
  await publisher.stop();
  expect(connections[0]).toMatchObject({ brokers: ['a:1'], clientId: 'shop' });

  // Without a group it would be INVALID_OPTION before anything connects.
  const source = 'kafka://topic/orders';
  const given = { groupId: undefined, offsetReset: undefined } as object;
  const config = { bootstrap_servers: '127.0.0.1:1', retries: 0 };
  const subscriber = createSubscriber('billing', { source, config, ...given });
  await expect(subscriber.commit()).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
  await subscriber.stop();
});

it('has the buffer of other clients', async () => {
  const topic = new FakeTopic(1);
  const publisher = createPublisher(
    'shop',
    {
      destination: 'kafka://topic/orders',
      config: { 'queue.buffering.max.messages': 2, 'linger.ms': 50, topic: 'orders' },
    },
    { client: topic.client },
  );
  await publisher.start();
  const sent = [1, 2, 3, 4].map((id) => publisher.publish({ id }));
  // Two are in the buffer, two wait for room, and there is none for the fifth.
  await expect(publisher.publish({ id: 5 })).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' });
  await Promise.all(sent);
  await publisher.stop();
  expect(topic.values(0)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }]);
});

it('a sink of rows takes its buffer from a configuration', () => {
  const names = { 'queue.buffering.max.kbytes': 2_048, 'queue.buffering.max.messages': 7 };
  const config = configFrom({ ...names, topic: 'orders', 'linger.ms': 5 });
  const key = (value: { id: number }) => value.id;
  expect(toRowSinkOptions(config, { topic: 'copies', key })).toEqual({
    topic: 'copies',
    key,
    lingerMs: 5,
    maxBufferBytes: 2_097_152,
    maxBufferMessages: 7,
  });
  const given = { topic: 'copies', maxBufferMessages: 8, maxBufferBytes: undefined } as object;
  expect(toRowSinkOptions(config, given)).toMatchObject({
    maxBufferBytes: 2_097_152,
    maxBufferMessages: 8,
  });
  expect(() => configFrom({ 'queue.buffering.max.messages': -1 })).toThrow(
    'KafkaSink: maxBufferMessages is -1; give a whole number from 1 to 100000000 ' +
      '(given as queue.buffering.max.messages in configFrom)',
  );
});

it.each([
  [{ topic: 'other' }, "topic in createPublisher's config is other, but it writes 'orders'"],
  [{ 'producer.topic': 'other' }, "is other, but it writes 'orders', its destination; leave one"],
  [{ topics: ['orders', 'other'] }, "is other, but it writes 'orders'"],
  [
    { 'max.poll.records': 5_000 },
    "max.poll.records in createPublisher's config: source.batch.maxRows is a reader's option, " +
      'and a publisher only writes; leave it out',
  ],
  [{ group_id: 'g' }, "source.groupId is a reader's option"],
  [{ run: { workers: 2 } }, "run.workers is a reader's option"],
  [{ run: { maxInFlightBytes: 2_097_152 } }, "run.maxInFlightBytes is a reader's option"],
])('a publisher refuses what would change nothing: %o', (config, expected) => {
  expect(() => createPublisher('p', { destination: 'kafka://topic/orders', config })).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(expected),
    }),
  );
});

it.each([
  [{ topic: 'other' }, "topic in createSubscriber's config is other, but it reads 'orders'"],
  [{ topics: '^ord' }, "is /^ord.*/, but it reads 'orders', its source; leave one of them out"],
  [
    { acks: 'all' },
    "acks in createSubscriber's config: sink.acks is a writer's option, and a subscriber only " +
      'reads; leave it out',
  ],
  [{ 'linger.ms': 5 }, "sink.lingerMs is a writer's option"],
  [{ 'buffer.memory': 2_097_152 }, "sink.maxBufferBytes is a writer's option"],
  [{ 'producer.retries': 5 }, "sink.retries is a writer's option"],
  [{ source: { partitions: [{ topic: 'orders', partition: 0 }] } }, 'source.partitions'],
])('a subscriber refuses what would change nothing: %o', (config, expected) => {
  expect(() => createSubscriber('s', { source: 'kafka://topic/orders', config })).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(expected),
    }),
  );
});

it('parts of options and of a configuration go together, a preset may lie beneath', () => {
  expect(() =>
    createSubscriber('s', {
      source: 'kafka://topic/orders',
      config: { preset: 'throughput', 'fetch.min.bytes': 10_000, topic: 'orders' },
      fetch: { maxBytes: 5_000_000 },
    }),
  ).not.toThrow();
  // The minimum of the configuration still holds beside it.
  expect(() =>
    createSubscriber('s', {
      source: 'kafka://topic/orders',
      config: { 'session.timeout.ms': 9_000 },
      group: { heartbeatIntervalMs: 10_000 },
    }),
  ).toThrow('heartbeatIntervalMs');
});

it('says what is taken with a remark', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const config = { 'check.crcs': true, 'queue.buffering.max.messages': 0 };
  expect(endConfig('publisher', 'orders', config).sink.maxBufferMessages).toBe(100_000_000);
  const type = 'MillraceWarning';
  expect(warn.mock.calls).toEqual([
    [
      "check.crcs in createPublisher's config: checksums are always checked",
      { type, code: CONFIG_NOTE },
    ],
    [
      "queue.buffering.max.messages in createPublisher's config: taken as 100000000, the most " +
        'that there is',
      { type, code: CONFIG_NOTE },
    ],
  ]);
  warn.mockClear();
  endConfig('publisher', 'orders', { 'queue.buffering.max.messages': 7, 'linger.ms': 5 });
  expect(warn).not.toHaveBeenCalled();
});
