import { tableFromArrays } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { toSinkOptions, toSourceOptions } from '../../src/config/stream-options.ts';
import { toKafka } from '../../src/rows/factories.ts';
import { KafkaSink } from '../../src/rows/kafka-sink.ts';
import { KafkaSource } from '../../src/rows/kafka-source.ts';
import { pipe } from '../../src/rows/pipe.ts';
import { createPublisher } from '../../src/rows/publisher.ts';
import { createSubscriber } from '../../src/rows/subscriber.ts';
import { Stream } from '../../src/stream.ts';

const brokers = '127.0.0.1:1';
const source = () => new KafkaSource({ brokers, topic: 'a' });
const sink = () => new KafkaSink({ brokers, topic: 'b' });

const run = (options: object) => {
  const stream = Stream.fromBatches(tableFromArrays({ id: Int32Array.of(1) }));
  return stream.toKafka({ brokers, topic: 'b' }).run(options);
};

// What the types forbid, JavaScript does.
const loosely = (call: unknown) => call as (...given: unknown[]) => unknown;

/** The message that a call is refused with; its code is `INVALID_OPTION`, or it is no refusal. */
async function refusal(call: () => unknown, code = 'INVALID_OPTION'): Promise<string> {
  const error: unknown = await (async () => call())().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  return (error as Error).message;
}

describe('what cannot be meant is refused', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['a pipe without function', () => loosely(pipe)(source(), sink()), /second is no function/],
    ['a pipe back to front', () => loosely(pipe)(sink(), String, source()), /no KafkaSource/],
    ['a pipe into nothing', () => loosely(pipe)(source(), String), /third is no KafkaSink/],
    ['a pipe with null', () => loosely(pipe)(source(), String, sink(), null), /^pipe takes an obj/],
    [
      'a publisher without name',
      () => loosely(createPublisher)(undefined, {}),
      /name is undefined/,
    ],
    ['a subscriber without name', () => loosely(createSubscriber)(), /name is undefined; give a/],
    ['a subscriber named so', () => loosely(createSubscriber)({ name: 'x' }, {}), /the name is {/],
    [
      'a destination that is a number',
      () => loosely(createPublisher)('shop', { destination: 1n }),
      /^destination is 1n; write/,
    ],
    ['a publisher of nothing', () => loosely(createPublisher)('shop'), /^destination is undefined/],
    ['a subscriber of nothing', () => loosely(createSubscriber)('shop'), /^source is undefined/],
    [
      'another time limit',
      () => loosely(source().poll.bind(source()))({ timeout: 5 }),
      /timeoutMs/,
    ],
    ['another file', () => loosely(loadConfig)({ files: 'x' }), /did you mean 'file'/],
    [
      'a sink of two objects',
      () => loosely(toKafka)({ topic: 'a' }, { brokers }),
      /^toKafka takes one object of options, not { brokers: .* besides; give all of it in one/,
    ],
    [
      'a run with a misspelt signal',
      () => loosely(run)({ singal: AbortSignal.abort() }),
      /^run has no option 'singal'; did you mean 'signal'/,
    ],
    ['a run with another signal', () => loosely(run)({ signal: {} }), /signal is {}; give an Abo/],
    ['a run that tells nobody', () => loosely(run)({ onProgress: 1 }), /onProgress is 1; give a f/],
    ['a run of nothing', () => loosely(run)(null), /^run takes an object of options, not null/],
    ['no configuration', () => loosely(toSourceOptions)(), /give what loadConfig/],
    ['none for a sink', () => loosely(toSinkOptions)(null), /give what loadConfig/],
  ])('%s', async (_, call, message) => {
    await expect(async () => call()).rejects.toThrow(message);
    await expect(async () => call()).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

describe('names that nobody has, by who was called', () => {
  const at = 'kafka://topic/a';
  const makers = {
    KafkaSource: (options: object) => new KafkaSource({ brokers, topic: 'a', ...options }),
    KafkaSink: (options: object) => new KafkaSink({ brokers, topic: 'a', ...options }),
    createSubscriber: (options: object) =>
      createSubscriber('s', { brokers, source: at, ...options }),
    createPublisher: (options: object) =>
      createPublisher('p', { brokers, destination: at, ...options }),
    toKafka: (options: object) => {
      const stream = Stream.fromBatches(tableFromArrays({ id: Int32Array.of(1) }));
      return stream.toKafka({ topic: 'a', ...options });
    },
    'Stream.fromKafka': (options: object) =>
      Stream.fromKafka({ topic: 'a', codec: 'string', ...options }),
  };
  type Maker = keyof typeof makers;

  test.each<[Maker, object, RegExp]>([
    ['KafkaSource', { batch: 5 }, /KafkaSource's batch takes an object of options, not 5/],
    ['KafkaSource', { batch: { maxRow: 5 } }, /KafkaSource's batch .* did you mean 'maxRows'/],
    ['KafkaSource', { autoCommit: 'no' }, /^KafkaSource: autoCommit is 'no'; give true or false/],
    ['KafkaSource', { onBadMesage: String }, /did you mean 'onBadMessage'/],
    ['KafkaSource', { schema: { id: 'int8' }, onBadMessage: String }, /ends the loop with BAD_/],
    ['KafkaSource', { codec: 'bytes', onBadMessage: String }, /every message is bytes/],
    ['KafkaSource', { deadLetter: 'dlq' }, /BAD_MESSAGE: read codec: 'bytes'.*docs\/json.md/],
    ['KafkaSource', { fromBeginning: true }, /offsetReset: 'earliest'.*startFrom: 'earliest'/],
    ['KafkaSource', { autoCommitInterval: 5 }, /commitIntervalMs/],
    ['KafkaSource', { eachMessage: () => 1 }, /for await \(const record of .*records\(\)\)/],
    ['KafkaSource', { eachBatch: () => 1 }, /for await \(const batch of .*batches\(\)\)/],
    ['KafkaSource', { allowAutoTopicCreation: true }, /a topic must exist/],
    ['KafkaSource', { retry: { retries: 5 } }, /retries and retryDelayMs/],
    ['KafkaSource', { logLevel: 4 }, /nothing is logged/],
    ['KafkaSource', { 'group.id': 'g' }, /configFrom\({ 'group.id': … }\)/],
    ['KafkaSource', { kafkaJS: {} }, /stand at the top/],
    ['KafkaSink', { headers: 'h' }, /^KafkaSink has no option 'headers'; .*send\(value, { headers/],
    ['KafkaSink', { compresion: 'lz4' }, /did you mean 'compression'/],
    ['KafkaSink', { compression: 'lz5' }, /^KafkaSink: compression is 'lz5'/],
    ['KafkaSink', { groupId: 'g' }, /give it to the source/],
    ['KafkaSink', { topics: ['b'] }, /a sink writes one topic/],
    ['KafkaSink', { createPartitioner: String }, /{ row: \(value, partitions\) => number }/],
    ['KafkaSink', { transactionalId: 't' }, /no option writes in transactions/],
    ['KafkaSink', { bootstrap_servers: 'b:1' }, /configFrom/],
    ['KafkaSink', { bootstrapServers: 'b:1' }, /here it is brokers/],
    ['KafkaSink', { batchSize: 16_384 }, /a sink has batchBytes and batchMessages/],
    ['KafkaSource', { sessionTimeoutMs: 9_000 }, /here it is group: { sessionTimeoutMs }/],
    ['createSubscriber', { destination: at }, /a subscriber reads: give source/],
    ['createSubscriber', { topic: 'a' }, /here it is source/],
    ['createSubscriber', { partitions: [] }, /new KafkaSource/],
    ['createSubscriber', { offsetReset: 'first' }, /^createSubscriber: offsetReset is 'first'/],
    ['createSubscriber', { batchSize: 5 }, /^createSubscriber has no option 'batchSize'/],
    ['createPublisher', { source: at }, /a publisher writes: give destination/],
    ['createPublisher', { topic: 'a' }, /here it is destination/],
    ['createPublisher', { headers: {} }, /publish\(value, { headers }\)/],
    ['createPublisher', { bootstrap_servers: 'b:1' }, /go into config: { 'bootstrap_servers': … }/],
    ['createSubscriber', { consumer_config: {} }, /go into config: { 'consumer_config': … }/],
    ['createPublisher', { acks: 2 }, /^createPublisher: acks is 2/],
    ['toKafka', { groupId: 'g' }, /^toKafka has no option 'groupId'; .*the source/],
    ['Stream.fromKafka', { fromBeginning: true }, /^Stream.fromKafka .*offsetReset/],
    [
      'Stream.fromKafka',
      { deadLetter: 'dlq' },
      /BAD_MESSAGE: read codec: 'bytes', decode by tryCast/,
    ],
    ['Stream.fromKafka', { onError: String }, /what fails rejects run.closed; .*tryCast/],
    ['Stream.fromKafka', { onBadMessage: String }, /Messages that do not decode/],
    ['Stream.fromKafka', { badMessages: 'skip' }, /Messages that do not decode/],
  ])('%s refuses %o', async (maker, options, text) => {
    const message = await refusal(() => makers[maker](options));
    expect(message).toMatch(text);
    expect(message).toMatch(new RegExp(`^${maker}\\b`));
  });

  test('names of objects in general are no hints', async () => {
    const message = await refusal(() => makers.KafkaSink({ constructor: 1 }));
    expect(message).toMatch(/^KafkaSink has no option 'constructor'; (it has|did you mean)/);
  });
});

describe('what a source is asked', () => {
  const grouped = () => new KafkaSource({ brokers, topic: 'a', groupId: 'g' });
  const part = { topic: 'a', partition: 0 };

  test.each<[string, unknown, RegExp]>([
    ['commit', [{ offset: '4' }], /^commit takes no \[ { offset: '4' } \]; give one message/],
    ['commit', {}, /^commit takes no {}; give one message/],
    ['commit', null, /^commit takes no null/],
    ['commit', { ...part, offset: '4' }, /the offset is '4'; offsets are bigints: use 4n/],
    ['commit', { ...part, offset: 4 }, /the offset is 4; .* use 4n/],
    ['commit', part, /the offset is undefined; give a bigint .*kafkajs's is the next/],
    ['commit', { ...part, offset: -1n }, /the offset is -1n; give a bigint from 0n on/],
    ['seek', undefined, /^seek takes no undefined; give a position/],
    ['seek', 4n, /^seek takes no 4n/],
    ['seek', { ...part, offset: '4' }, /the offset is '4'; offsets are bigints: use 4n/],
    ['seek', [{ ...part, offset: 'first' }], /is 'first'; .*'earliest' or 'latest'/],
    ['seek', [{ topic: 'a', offset: 4n }], /^seek takes no { topic: 'a', offset: 4n }/],
    ['seek', [{ ...part, partition: '0', offset: 4n }], /partition: '0'/],
    ['pause', part, /^pause takes no {.*}; give a list such as/],
    ['pause', [{ topic: 'a', partitions: [0] }], /name each by itself/],
    ['resume', ['a'], /^resume takes no 'a'/],
    ['resume', [{ ...part, topic: 1 }], /^resume takes no { topic: 1/],
    ['seekToBeginning', 'a', /^seekToBeginning takes no 'a'/],
    ['seekToEnd', [[part]], /^seekToEnd takes no \[ {/],
    ['poll', { timeoutMs: '5' }, /^poll: timeoutMs is '5'; give milliseconds/],
  ])('%s(%o)', async (call, given, text) => {
    const source = grouped();
    const method = loosely(source[call as keyof typeof source]).bind(source);
    expect(await refusal(() => method(given))).toMatch(text);
  });

  test.each<[unknown, RegExp]>([
    [{ block_time: 5 }, /^get has no option 'block_time'; here it is timeoutMs, in milliseconds/],
    [{ timeout: 5 }, /^get has no option 'timeout'; here it is timeoutMs/],
    [{ timeoutMs: '5' }, /^get: timeoutMs is '5'/],
    [5, /^get takes an object of options, not 5/],
  ])('get(%o)', async (given, text) => {
    const subscriber = createSubscriber('s', { brokers, source: 'kafka://topic/a' });
    expect(await refusal(() => loosely(subscriber.get)(given))).toMatch(text);
  });

  test('a commit without a group is no silence', async () => {
    const message = await refusal(() => source().commit(), 'INVALID_PLAN');
    expect(message).toMatch(/no groupId/);
    const record = { ...part, offset: 4n };
    expect(await refusal(() => source().commit(record), 'INVALID_PLAN')).toMatch(/no groupId/);
  });
});
