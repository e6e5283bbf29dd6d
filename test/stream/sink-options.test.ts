import { expect, test } from 'vitest';
import { col, Stream } from '../../src/index.ts';
import { resolveConnectionOptions } from '../../src/ingest/connection-options.ts';
import { type KafkaSinkOptions, readKafkaSink } from '../../src/stream/sink-options.ts';

const source = resolveConnectionOptions({ brokers: 'there:1', clientId: 'reader' });
const read = (options: object, retries?: number) =>
  readKafkaSink(options as KafkaSinkOptions, {
    connection: source,
    ...(retries === undefined ? {} : { retries }),
  });

test('every option has the default that the documentation says', () => {
  expect(read({ topic: 'out' })).toEqual({
    kind: 'kafka',
    connection: source,
    topic: 'out',
    codec: 'json',
    keyInValue: true,
    partitioner: 'murmur2',
    compression: 'none',
    acks: -1,
    idempotent: true,
    tombstones: false,
    lingerMs: 0,
    requestTimeoutMs: 30_000,
    deliveryTimeoutMs: 120_000,
  });
});

test('retries bound batches where somebody gave them, to the sink above the source', () => {
  expect(read({ topic: 'out' })).not.toHaveProperty('retries');
  expect(read({ topic: 'out', retries: 0 }).retries).toBe(0);
  const schema = { id: 'int64' } as const;
  const sinkOf = (given: object, own: object) =>
    Stream.fromKafka({ topic: 'in', schema, ...given })
      .filter(col('id').gt(0))
      .toKafka({ topic: 'out', ...own }).plan.sink;
  expect(sinkOf({}, {})).not.toHaveProperty('retries');
  expect(sinkOf({ retries: 10 }, {})).toMatchObject({ retries: 10, connection: { retries: 10 } });
  expect(sinkOf({ retries: 3 }, { retries: 0 })).toMatchObject({ retries: 0 });
  expect(sinkOf({ retries: 3 }, { brokers: 'b:1' })).toMatchObject({ retries: 3 });
  expect(sinkOf({ retryDelayMs: 7 }, {})).toMatchObject({ connection: { retryDelayMs: 7 } });
  const once = Stream.fromKafka({ topic: 'in', schema, retries: 0 }).toKafka({ topic: 'out' });
  expect(once.explain()).toContain('acks all, idempotent, retries 0, linger 0 ms');
});

test('the connection is that of the source where nothing else is said', () => {
  const { connection } = read({ topic: 'out', brokers: 'here:2', requestTimeoutMs: 5 });
  expect(connection).toEqual({ ...source, brokers: ['here:2'], requestTimeoutMs: 5 });
  const alone = readKafkaSink({ topic: 'out' }, undefined);
  expect(alone.connection.brokers).toEqual(['localhost:9092']);
});

test('headers are a column', () => {
  expect(read({ topic: 'out', headers: '_headers' })).toMatchObject({ headers: '_headers' });
});

test.each(['sticky', { column: 'customer' }, { partitionColumn: '_partition' }])(
  'partitioner %j',
  (partitioner) => expect(read({ topic: 'out', partitioner })).toMatchObject({ partitioner }),
);

test('fewer acks are not idempotent, and string and bytes write null as a tombstone', () => {
  expect(read({ topic: 'out', acks: 1 })).toMatchObject({ acks: 1, idempotent: false });
  expect(read({ topic: 'out', acks: 0 })).toMatchObject({ acks: 0, idempotent: false });
  expect(read({ topic: 'out', codec: 'string' }).tombstones).toBe(true);
});

test('the size of batches that is wanted stands beside the largest that may be', () => {
  const sizes = { batchBytes: 16_384, batchMessages: 100, maxBatchBytes: 1_000_000 };
  expect(read({ topic: 'out', ...sizes })).toMatchObject(sizes);
  expect(read({ topic: 'out' })).not.toHaveProperty('batchBytes');
  const stream = Stream.fromKafka({ topic: 'in', schema: { id: 'int64' } });
  expect(stream.toKafka({ topic: 'out', ...sizes }).explain()).toContain(
    'batches up to 1000000 bytes, closed at 16 KiB, closed at 100 messages',
  );
});

test.each([
  [{}, 'topic', 'name the topic'],
  [{ topic: 'paid orders' }, 'topic', "Kafka's topic names have"],
  [{ topic: 'o', compresion: 'lz4' }, 'compresion', "did you mean 'compression'?"],
  [{ topic: 'o', compression: 'brotli' }, 'compression', "'zstd'"],
  [{ topic: 'o', acks: -1 }, 'acks', "'all', 1, 0; did you mean 'all'?"],
  [{ topic: 'o', compression: 1 }, 'compression', "is 1; give one of 'none', 'gzip'"],
  [{ topic: 'o', compression: 'GZIP' }, 'compression', "did you mean 'gzip'?"],
  [{ topic: 'o', acks: 1, idempotent: true }, 'idempotent', "acks: 'all'"],
  [{ topic: 'o', codec: 'bytes', tombstones: false }, 'tombstones', 'no other way'],
  [{ topic: 'o', partitioner: 'murmur' }, 'partitioner', "'murmur2', 'round-robin', 'sticky'"],
  [{ topic: 'o', partitioner: {} }, 'partitioner', "{ column: 'name' }"],
  [{ topic: 'o', partitioner: { column: 'a', partitionColumn: 'b' } }, 'partitioner', 'or {'],
  [{ topic: 'o', lingerMs: -1 }, 'lingerMs', 'from 0'],
  [{ topic: 'o', deliveryTimeoutMs: 0 }, 'deliveryTimeoutMs', 'from 1'],
  [{ topic: 'o', maxBatchBytes: 1 }, 'maxBatchBytes', 'is 1;'],
  [{ topic: 'o', batchBytes: 0 }, 'batchBytes', 'from 1 to'],
  [{ topic: 'o', batchBytes: 2_000, maxBatchBytes: 1_000 }, 'batchBytes', 'maxBatchBytes, which'],
  [{ topic: 'o', batchMessages: 1.5 }, 'batchMessages', 'from 1 to'],
  [{ topic: 'o', key: 7 }, 'key', 'is 7'],
  [{ topic: 'o', headers: {} }, 'headers', 'headers'],
])('%j is refused by the name of the option', (options, option, text) => {
  expect(() => read(options)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(text),
      context: { option },
    }),
  );
});
