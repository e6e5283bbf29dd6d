import { expect, it } from 'vitest';
import { fromKafka, PRESETS, toKafka } from '../../src/index.ts';
import { type RowSinkOptions, readRowSink } from '../../src/rows/row-sink-options.ts';
import { type RowSourceOptions, readRowSource } from '../../src/rows/row-source-options.ts';

const none = () => undefined;
const HOLDER = { forget: none, lose: none, move: none, commit: async () => undefined };
const source = (options: object) => readRowSource(options as RowSourceOptions, HOLDER);
const sink = (options: object) => readRowSink(options as RowSinkOptions<never>);

it('a sink has the defaults that the documentation says', () => {
  const { plan, write, ...rest } = sink({ topic: 'orders' });
  expect(write({ id: 7n })).toBe('{"id":7}');
  expect(rest).toEqual({
    ...{ key: undefined, partitioner: 'murmur2', lingerMs: 0, onDelivery: undefined },
    fields: undefined,
    ...{ maxBufferBytes: 32 * 1024 * 1024, maxBufferMessages: 100_000 },
  });
  expect(plan).toMatchObject({ codec: 'json', acks: -1, idempotent: true, compression: 'none' });
  expect(plan.connection.brokers).toEqual(['localhost:9092']);
});

it('a sink of a schema leaves out of the value what a stream leaves out', () => {
  const schema = { id: 'int8', key: 'utf8', shard: 'int32' };
  const value = { id: 1, key: 'a', shard: 3 };
  const options = { topic: 'o', schema, key: 'key' };
  expect(sink(options).write(value)).toBe('{"id":1,"key":"a","shard":3}');
  const less = sink({ ...options, keyInValue: false, partitioner: { partitionColumn: 'shard' } });
  expect(less.write({ id: 1 })).toBe('{"id":1}');
  expect(() => sink({ ...options, schema: { id: 'int9' } })).toThrow(/INVALID_SCHEMA|'int9'/);
});

it('a source reads few rows at a time, and only the columns of its schema', () => {
  const { stream, shape } = source({ topic: 'orders', schema: { id: 'int64' } });
  expect(shape).toBe('fields');
  expect(stream.explain()).toContain('batch 4096 rows');
  const whole = source({ topic: 'orders', codecOptions: { schema: { id: 'int64' } } });
  expect(whole.columns).toEqual(['id']);
  expect(source({ topic: 'orders' })).toMatchObject({ shape: 'json', columns: ['value'] });
  expect(source({ topic: 'orders', codec: 'bytes' })).toMatchObject({ shape: 'whole' });
  const lenient = source({ topic: 'orders', codec: 'string', onBadMessage: () => undefined });
  expect(lenient.shape).toBe('text');
});

it('codec options may stand apart, not in both places', () => {
  expect(sink({ topic: 'o', codecOptions: { keyInValue: false } }).plan.keyInValue).toBe(false);
  const twice = { topic: 'o', tombstones: true, codecOptions: { tombstones: true } };
  expect(() => sink(twice)).toThrow('tombstones is given twice');
  expect(() => sink({ topic: 'o', codecOptions: { schema: {} } })).toThrow("no option 'schema'");
});

it.each([
  [source, { topic: 'o', onBadMessage: 3 }, 'onBadMessage'],
  [source, { topic: 'o', codec: 'bytes', onBadMessage: String }, 'onBadMessage'],
  [source, { topic: 'o', schema: { id: 'int8' }, onBadMessage: String }, 'onBadMessage'],
  [source, { topic: 'o', validate: 'full' }, 'validate'],
  [source, { topic: 'o', onRevoke: 'commit' }, 'onRevoke'],
  [source, { topics: [] }, 'topics'],
  [source, { topic: 'o', maxRows: 5 }, 'maxRows'],
  [source, null, 'KafkaSource'],
  [sink, { topic: 'o', partitioner: () => 1 }, 'partitioner'],
  [sink, { topic: 'o', partitioner: { row: 1 } }, 'row'],
  [sink, { topic: 'o', partitioner: { row: () => 1, batch: () => 1 } }, 'partitioner'],
  [sink, { topic: 'o', partitioner: 'random' }, 'partitioner'],
  [sink, { topic: 'o', key: 3 }, 'key'],
  [sink, { topic: 'o', maxBufferBytes: 5 }, 'maxBufferBytes'],
  [sink, { topic: 'o', onDelivery: true }, 'onDelivery'],
  [sink, { topic: 'o', compresion: 'lz4' }, 'compresion'],
  [sink, { key: 'id' }, 'topic'],
  [sink, { topic: 'o', codec: 'string', schema: { id: 'int8' } }, 'schema'],
  [sink, { topic: 'o', key: String, keyInValue: false }, 'keyInValue'],
  [sink, { topic: 'o', key: String, codecOptions: { keyInValue: false } }, 'keyInValue'],
  [source, { topic: 'o', codec: 'string', validate: 'full' }, 'validate'],
  [source, { topic: 'o', codec: 'string', onBadMessage: String, unknown: 'error' }, 'unknown'],
  [source, { topic: 'o', codec: 'bytes', codecOptions: { unknown: 'error' } }, 'unknown'],
  [source, { topic: 'o', codec: 'bytes', codecOptions: { schema: { id: 'int8' } } }, 'schema'],
  [source, { topic: 'o', autoCommit: true }, 'autoCommit'],
  [source, { topic: 'o', group: { instanceId: 'one' } }, 'group'],
  [source, { topic: 'o', group: { protocol: 'consumer' } }, 'group'],
  [source, { topic: 'o', group: { assignors: ['range'] } }, 'group'],
])('%o refuses %o by the name of the option', (read, options, option) => {
  expect(() => read(options as object)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', context: { option } }),
  );
});

it('what does nothing without a group, and means none, is no mistake', () => {
  const options = { topic: 'o', autoCommit: false, commitIntervalMs: 5, ...PRESETS.durable.source };
  expect(source(options)).toMatchObject({ groupId: undefined, autoCommit: false });
});

it('null is a default, as in streams', () => {
  expect(source({ topic: 'o', groupId: 'g', autoCommit: null }).autoCommit).toBe(true);
  expect(sink({ topic: 'o', partitioner: null }).partitioner).toBe('murmur2');
});

it('the short form takes nothing besides', () => {
  const loosely = fromKafka as (...given: unknown[]) => unknown;
  const refused = expect.objectContaining({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(/^fromKafka takes brokers, topic and groupId, or one object/),
  });
  expect(() => loosely('b:1', 't', 'g', { offsetReset: 'latest' })).toThrow(refused);
  expect(() => loosely({ topic: 't' }, 'g')).toThrow(refused);
});

it('factories make sources and sinks', async () => {
  expect(toKafka({ topic: 'orders' }).topic).toBe('orders');
  const made = fromKafka({ topic: 'orders' });
  expect(made.stats()).toBeUndefined();
  expect(made.assignment()).toEqual([]);
  await made.stop();
  await expect(made.start()).rejects.toMatchObject({ code: 'ABORTED' });
});
