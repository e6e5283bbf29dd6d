import { expect, expectTypeOf, test } from 'vitest';
import {
  configFrom,
  defineConfig,
  describeConfig,
  type MetadataRow,
  Stream,
  toSinkOptions,
  toSourceOptions,
} from '../../src/index.ts';

const config = defineConfig({
  connection: { brokers: 'a:1', ssl: { rejectUnauthorized: false }, retries: 5 },
  source: {
    topic: 'in',
    retries: 7,
    batch: { maxRows: 10, maxWaitMs: 3 },
    group: { sessionTimeoutMs: 9_000 },
    groupId: 'g',
  },
  sink: { topic: 'out', ssl: { servername: 'b' }, acks: 1 },
  run: { workers: 2 },
});

test('options of a source are those of connection, run and source, the last the strongest', () => {
  expect(toSourceOptions(config)).toEqual({
    brokers: 'a:1',
    ssl: { rejectUnauthorized: false },
    retries: 7,
    workers: 2,
    topic: 'in',
    groupId: 'g',
    batch: { maxRows: 10, maxWaitMs: 3 },
    group: { sessionTimeoutMs: 9_000 },
  });
});

test('options of a sink are those of connection and sink', () => {
  expect(toSinkOptions(config)).toEqual({
    brokers: 'a:1',
    ssl: { rejectUnauthorized: false, servername: 'b' },
    retries: 5,
    topic: 'out',
    acks: 1,
  });
});

test('what the code gives stands above, parts option by option', () => {
  const options = toSourceOptions(config, {
    topics: ['x', 'y'],
    batch: { maxRows: 20 },
    schema: { id: 'int64' },
  });
  expect(options.topic).toBeUndefined();
  expect(options.batch).toEqual({ maxRows: 20, maxWaitMs: 3 });
  expect(toSinkOptions(config, { topic: 'z', brokers: 'c:1' })).toEqual({
    topic: 'z',
    brokers: 'c:1',
    retries: 5,
    ssl: { servername: 'b' },
    acks: 1,
  });
  // Neither is changed.
  expect(config.source?.batch).toEqual({ maxRows: 10, maxWaitMs: 3 });
});

test('a stream takes them, and its rows have their types', () => {
  const stream = Stream.fromKafka(toSourceOptions(config, { schema: { id: 'int64', n: 'utf8?' } }));
  expectTypeOf(stream).toEqualTypeOf<Stream<{ id: bigint; n: string | null }, MetadataRow>>();
  const strings = Stream.fromKafka(toSourceOptions(config, { codec: 'string' }));
  expectTypeOf(strings).toEqualTypeOf<Stream<{ value: string | null }, MetadataRow>>();
  const bytes = Stream.fromKafka(toSourceOptions(config, { codec: 'bytes' }));
  expectTypeOf(bytes).toEqualTypeOf<Stream<{ value: Uint8Array | null }, MetadataRow>>();
  const { plan } = stream.toKafka(toSinkOptions(config));
  expect(plan.source).toMatchObject({ topics: ['in'], batch: { maxRows: 10 } });
  expect(plan.sink).toMatchObject({ topic: 'out', acks: 1 });
  expect(plan.settings.workers).toBe(2);
  const schema = configFrom({ source: { topic: 't', schema: { id: 'int32' } } });
  expect(Stream.fromKafka(toSourceOptions(schema)).schema.fields).toHaveLength(1);
});

test('without a topic there is nothing to write', () => {
  expect(() => toSinkOptions({})).toThrow(
    'no topic to write: give sink.topic in the configuration, or ' +
      "toSinkOptions(config, { topic: 'name' })",
  );
});

test('a configuration in code has the sections that there are', () => {
  expect(defineConfig(config)).toBe(config);
  expect(Object.isFrozen(config)).toBe(true);
  expect(() => defineConfig({ sources: {} } as never)).toThrow(
    "defineConfig: there is no section 'sources'; did you mean 'source'?",
  );
  // @ts-expect-error: what is misspelt inside a section does not compile
  const misspelt = defineConfig({ source: { batch: { maxRow: 1 } } });
  expect(() => configFrom(misspelt)).toThrow(/'maxRows'/);
  expect(() => defineConfig({ preset: 'fast' } as never)).toThrow(
    "defineConfig: there is no preset 'fast'; it has throughput, lowLatency, durable, production",
  );
});

test('described, each option has a line, and loaded ones say where they come from', () => {
  expect(describeConfig({})).toBe('nothing is set in connection, source, sink, run');
  expect(describeConfig({ preset: 'durable', sink: { partitioner: { column: 'c' } } })).toBe(
    "preset = 'durable'\nsink.partitioner = { column: 'c' }",
  );
  expect(describeConfig(configFrom({ group_id: 'g', batch_size: 1, sink: { acks: 0 } }))).toBe(
    [
      "source.groupId = 'g'  # group_id in configFrom",
      'sink.acks = 0         # configFrom',
      'sink.batchBytes = 1   # batch_size in configFrom',
      'note: batch_size in configFrom: one batch of a partition is under way at a time, so ' +
        "batches this small cost speed (16 KiB were measured at 0.6 times the default's); " +
        "without it batches are as large as a morsel and the topic's max.message.bytes allow",
    ].join('\n'),
  );
});
