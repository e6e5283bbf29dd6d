import { expect, test } from 'vitest';
import { type KafkaSourceOptions, readKafkaSource } from '../../src/stream/source-options.ts';

const SCHEMA = { id: 'int64' } as const;
const read = (options: object) => readKafkaSource(options as KafkaSourceOptions);

test('every option has the default that the documentation says', () => {
  const { source, settings } = read({ topic: 'orders', schema: SCHEMA });
  expect(source).toEqual({
    kind: 'kafka',
    connection: {
      client: 'auto',
      brokers: ['localhost:9092'],
      clientId: 'millrace',
      requestTimeoutMs: 30_000,
      connectTimeoutMs: 5_000,
      socketTimeoutMs: 60_000,
      retries: 10,
      retryDelayMs: 100,
      bootstrapTimeoutMs: 10_000,
    },
    topics: ['orders'],
    offsetReset: 'earliest',
    until: 'forever',
    isolation: 'read_committed',
    codec: 'json',
    schema: { fields: [{ name: 'id', type: { kind: 'int64' }, nullable: false }] },
    validate: 'projected',
    unknown: 'ignore',
    batch: { maxRows: 65_536, maxBytes: 4_194_304, maxWaitMs: 50 },
    fetch: { minBytes: 1, maxBytes: 16_777_216, maxWaitMs: 500 },
    startFrom: 'committed',
    group: {
      protocol: 'classic',
      assignors: ['cooperative-sticky'],
      sessionTimeoutMs: 30_000,
      heartbeatIntervalMs: 3_000,
      rebalanceTimeoutMs: 60_000,
    },
    autoCommit: true,
    commitIntervalMs: 1_000,
  });
  expect(settings.maxInFlightBytes).toBe(67_108_864);
  expect(settings.workers).toBeGreaterThanOrEqual(1);
  expect(structuredClone(source)).toEqual(source);
});

test('what is given holds, and the rest of a part keeps its default', () => {
  const { source, settings } = read({
    brokers: 'a:1, b:2',
    topics: ['x', 'y', 'x'],
    groupId: 'g',
    schema: SCHEMA,
    batch: { maxRows: 10 },
    workers: 3,
  });
  expect(source.connection.brokers).toEqual(['a:1', 'b:2']);
  expect(source.topics).toEqual(['x', 'y']);
  expect(source.groupId).toBe('g');
  expect(source.batch).toEqual({ maxRows: 10, maxBytes: 4_194_304, maxWaitMs: 50 });
  expect(settings.workers).toBe(3);
});

test.each([
  ['string', 'utf8'],
  ['bytes', 'binary'],
])('the %s codec has one nullable column of %s', (codec, kind) => {
  const { source } = read({ topic: 't', codec });
  expect(source.schema.fields).toEqual([{ name: 'value', type: { kind }, nullable: true }]);
  expect(() => read({ topic: 't', codec, schema: SCHEMA })).toThrow(/leave schema out/);
});

const base = { topic: 't', schema: SCHEMA };

test.each([
  [{ ...base, topics: ['a'] }, 'topics', 'either topic or topics'],
  [{ schema: SCHEMA }, 'topic', 'name the topic'],
  [{ schema: SCHEMA, topics: [] }, 'topics', 'a list of names'],
  [{ topic: 't' }, 'schema', 'which columns'],
  [{ ...base, tpoic: 't' }, 'tpoic', "did you mean 'topic'?"],
  [{ ...base, batch: { maxrows: 1 } }, 'maxrows', "did you mean 'maxRows'?"],
  [{ ...base, batch: { maxRows: 0 } }, 'maxRows', 'from 1 to'],
  [{ ...base, batch: 5 }, "Stream.fromKafka's batch", 'an object of options, not 5'],
  [{ ...base, until: 'now' }, 'until', "'latest', 'forever'"],
  [{ ...base, workers: 1.5 }, 'workers', 'whole number from 1 to 256'],
  [{ ...base, maxInFlightBytes: '1GB' }, 'maxInFlightBytes', "is '1GB'"],
  [{ ...base, groupId: '' }, 'groupId', 'not empty'],
  [{ ...base, brokers: 'nonsense' }, 'brokers', "'nonsense'"],
  [{ ...base, group: { heartbeatIntervalMs: 30_000 } }, 'heartbeatIntervalMs', 'sessionTimeoutMs'],
  [
    { ...base, group: { sessionTimeoutMs: 3_000 } },
    'sessionTimeoutMs',
    'is 3000; it must be above heartbeatIntervalMs, by default 3000; raise it, or give a smaller',
  ],
  [{ ...base, ssl: 'yes' }, 'ssl', 'it is of type string; give true or an object'],
  [{ ...base, sasl: {} }, 'sasl.mechanism', 'it is missing; give one of plain, scram-sha-256'],
  [{ ...base, batch: { compression: 1 } }, 'compression', 'it has maxRows, maxBytes, maxWaitMs'],
  [{ schema: SCHEMA, topic: 'my orders' }, 'topic', "Kafka's topic names have"],
  [{ schema: SCHEMA, topic: '..' }, 'topic', "not '.' or '..'"],
  [{ schema: SCHEMA, topic: 'a'.repeat(250) }, 'topic', '1 to 249 letters'],
  [{ schema: SCHEMA, topics: ['a', 'b/c'] }, 'topics', "Kafka's topic names have"],
])('%j is refused by the name of the option', (options, option, text) => {
  expect(() => read(options)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(text),
      context: { option },
    }),
  );
});

test('names of metadata columns are refused', () => {
  const reserved = { topic: 't', schema: { _offset: 'int64' } };
  expect(() => read(reserved)).toThrow(/'_offset' has the name of a metadata column/);
});
