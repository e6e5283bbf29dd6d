/** A connection in the place of any argument and any option: no error has its password. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import * as millrace from '../src/index.ts';

type Call = (...given: readonly unknown[]) => unknown;

const PASSWORD = 'hunter2secret';
const sasl = { mechanism: 'plain', username: 'u', password: PASSWORD };
const ssl = { cert: 'c', key: PASSWORD, passphrase: PASSWORD };

class Login {
  readonly saslPassword = { is: PASSWORD };
}

const OBJECTS: readonly unknown[] = [
  { brokers: 'h:1', sasl, topic: 't' },
  { sasl },
  { ssl },
  sasl,
  [sasl],
  [[sasl]],
  { connection: { sasl } },
  { a: { password: PASSWORD } },
  { mechanism: { pass: PASSWORD } },
  new Map([['password', PASSWORD]]),
  new Set([sasl]),
  new Login(),
  Object.assign(() => 1, sasl),
  new Error(`kafka://u:${PASSWORD}@h`),
];
const TEXTS: readonly unknown[] = [
  `kafka://u:${PASSWORD}@h:1/a`,
  [`u:${PASSWORD}@h:1`],
  `u:a,${PASSWORD}@h:1`,
  `u:${PASSWORD},b@h:1`,
  `h:1?password=${PASSWORD}`,
  `org.x.PlainLoginModule required username="u:v" password="a@${PASSWORD}";`,
  `-----BEGIN PRIVATE KEY-----\n${PASSWORD}`,
];

/** Takes texts that name columns or files, which are named in its errors. */
const NAMING = ['Stream.fromIpc', 'select', 'drop', 'distinct', 'unnest'];
const NAMING_OPTIONS = ['file', 'columns', 'key', 'headers'];

const BROKERS = { brokers: '127.0.0.1:1', bootstrapTimeoutMs: 1, connectTimeoutMs: 1 };
const SCHEMA = { a: 'int64', b: 'utf8', list: ['utf8'] };
const config = { source: { topic: 't' }, sink: { topic: 't' } };

const source = () => millrace.fromKafka({ ...BROKERS, topic: 't' });
const sink = () => millrace.toKafka({ ...BROKERS, topic: 't', schema: { a: 'int64' } });
const stream = () => millrace.Stream.fromKafka({ ...BROKERS, topic: 't', schema: SCHEMA as never });
const ended = () => stream().toKafka({ topic: 'o' });
const publisher = () =>
  millrace.createPublisher('p', { ...BROKERS, destination: 'kafka://topic/t' });
const subscriber = () => millrace.createSubscriber('s', { ...BROKERS, source: 'kafka://topic/t' });

const { col } = millrace;
const method = (object: object, name: string): Call =>
  ((object as Record<string, Call>)[name] as Call).bind(object);

/** Each with arguments that are right; every one of them is replaced. */
const CALLS: Readonly<Record<string, readonly [call: unknown, ...right: readonly unknown[]]>> = {
  fromKafka: [millrace.fromKafka, 'h:1', 't', 'g'],
  'fromKafka of options': [millrace.fromKafka, { topic: 't' }, undefined],
  toKafka: [millrace.toKafka, { topic: 't' }, undefined],
  KafkaSource: [(...all: [never]) => new millrace.KafkaSource(...all), { topic: 't' }],
  KafkaSink: [(...all: [never]) => new millrace.KafkaSink(...all), { topic: 't' }],
  createPublisher: [millrace.createPublisher, 'p', { destination: 'kafka://topic/t' }],
  createSubscriber: [millrace.createSubscriber, 's', { source: 'kafka://topic/t' }],
  pipe: [millrace.pipe, undefined, String, undefined, {}],
  'Stream.fromKafka': [millrace.Stream.fromKafka, 'h:1', 't', undefined],
  'Stream.fromKafka of options': [millrace.Stream.fromKafka, { topic: 't', schema: SCHEMA }],
  'Stream.fromBatches': [millrace.Stream.fromBatches, [], { schema: SCHEMA }],
  'Stream.fromIpc': [millrace.Stream.fromIpc, new Uint8Array(8), {}],
  runTogether: [millrace.runTogether, ended(), undefined],
  inferSchema: [millrace.inferSchema, ['{"a":1}'], {}],
  schemaFromArrowJson: [millrace.schemaFromArrowJson, undefined],
  map: [(value: never) => stream().map({ a: millrace.map(value) as never }), 'utf8'],
  configFrom: [millrace.configFrom, {}],
  loadConfig: [millrace.loadConfig, {}],
  defineConfig: [millrace.defineConfig, {}],
  describeConfig: [millrace.describeConfig, config],
  explainPreset: [millrace.explainPreset, 'durable'],
  confluentCloud: [
    millrace.confluentCloud,
    { bootstrapServers: 'h:1', apiKey: 'k', apiSecret: 's' },
  ],
  clientInfo: [millrace.clientInfo, 'kafkajs'],
  toSourceOptions: [millrace.toSourceOptions, config, {}],
  toSinkOptions: [millrace.toSinkOptions, config, {}],
  toRowSinkOptions: [millrace.toRowSinkOptions, config, {}],
  decimalFromString: [millrace.decimalFromString, '1', 2, 3],
  decimalToString: [millrace.decimalToString, undefined, 2],
  duration: [millrace.duration, 'PT1S'],
  udf: [millrace.udf, { a: 'int64' }, 'int64', (a: unknown) => a, {}],
  when: [millrace.when, col('a').gt(1), 1],
  lit: [millrace.lit, 5, 'int64'],
  col: [millrace.col, 'a'],
  header: [millrace.header, 'a'],
  coalesce: [millrace.coalesce, col('a'), 1],
  concat: [millrace.concat, col('b'), 'x'],
  greatest: [millrace.greatest, col('a'), 1],
  struct: [millrace.struct, { a: col('a') }],
  'col.eq': [method(col('a'), 'eq'), 1],
  'col.in': [method(col('a'), 'in'), [1, 2]],
  'col.cast': [method(col('a'), 'cast'), 'int32', {}],
  'stream.filter': [method(stream(), 'filter'), col('a').gt(1)],
  'stream.map': [method(stream(), 'map'), { c: col('a') }, {}],
  'stream.select': [method(stream(), 'select'), 'a', 'b'],
  'stream.drop': [method(stream(), 'drop'), 'a'],
  'stream.rename': [method(stream(), 'rename'), { a: 'c' }],
  'stream.limit': [method(stream(), 'limit'), 5],
  'stream.distinct': [method(stream(), 'distinct'), 'a'],
  'stream.sample': [method(stream(), 'sample'), 0.5, { seed: 1 }],
  'stream.unnest': [method(stream(), 'unnest'), 'list', {}],
  'stream.union': [method(stream(), 'union'), stream()],
  'stream.split': [method(stream(), 'split'), { a: col('a').gt(1) }],
  'stream.tap': [method(stream(), 'tap'), () => undefined, {}],
  'stream.toKafka': [method(stream(), 'toKafka'), { topic: 'o' }],
  'stream.forEach': [method(stream(), 'forEach'), () => undefined, {}],
  'stream.batches': [method(stream(), 'batches'), {}],
  'stream.collect': [method(stream(), 'collect'), {}],
  'runnable.with': [method(ended(), 'with'), ended()],
  'runnable.run': [method(ended(), 'run'), {}],
  'source.poll': [method(source(), 'poll'), { timeoutMs: 1 }],
  'source.commit': [method(source(), 'commit'), []],
  'source.seek': [method(source(), 'seek'), []],
  'source.pause': [method(source(), 'pause'), []],
  'source.resume': [method(source(), 'resume'), []],
  'sink.send': [method(sink(), 'send'), { a: 1 }, { key: 'k' }],
  'sink.sendBatch': [method(sink(), 'sendBatch'), [{ a: 1 }], {}],
  'publisher.publish': [method(publisher(), 'publish'), { a: 1 }, {}],
  'subscriber.get': [method(subscriber(), 'get'), { timeoutMs: 1 }],
};

/** What can be seen of the error of a call; nothing where it is none. */
async function seen(call: () => unknown): Promise<string> {
  try {
    const made = (await call()) as { next?: () => unknown; stop?: () => unknown } | undefined;
    // Generators begin at their first turn.
    if (typeof made?.next === 'function') await made.next();
  } catch (error) {
    const json = JSON.stringify(error, (_, one) => (typeof one === 'bigint' ? `${one}` : one));
    const plain = error instanceof millrace.MillraceError ? inspect(error.toPlain()) : '';
    return [inspect(error, { depth: 20 }), json, String(error), plain].join('\n');
  }
  return '';
}

/** The names of options that a call takes, as its error about an unknown one says. */
async function optionsOf(call: (options: object) => unknown): Promise<string[]> {
  const error = await seen(() => call({ noSuchOptionAtAll: 1 }));
  const names = /noSuchOptionAtAll.*?it has ([\w., ]*\w)/.exec(error)?.[1];
  return names?.split(', ') ?? [];
}

describe.each(Object.entries(CALLS))('%s', (title, [made, ...right]) => {
  const call = made as Call;

  test.each(right.map((__, i) => i))('argument %i', async (i) => {
    const leaks: string[] = [];
    for (const wrong of NAMING.includes(title.replace('stream.', ''))
      ? OBJECTS
      : [...OBJECTS, ...TEXTS]) {
      const error = await seen(() => call(...right.with(i, wrong)));
      if (error.includes(PASSWORD)) leaks.push(`${inspect(wrong)}: ${error.slice(0, 200)}`);
    }
    expect(leaks).toEqual([]);
  });

  test('each option', async () => {
    const leaks: string[] = [];
    for (const [i, options] of right.entries()) {
      if (Object.getPrototypeOf(options ?? 0) !== Object.prototype) continue;
      const with_ = (more: object) => call(...right.with(i, { ...(options as object), ...more }));
      for (const name of await optionsOf(with_)) {
        for (const wrong of NAMING_OPTIONS.includes(name) ? OBJECTS : [...OBJECTS, ...TEXTS]) {
          const error = await seen(() => with_({ [name]: wrong }));
          if (!error.includes(PASSWORD)) continue;
          leaks.push(`${name}: ${inspect(wrong)}: ${error.slice(0, 200)}`);
        }
      }
    }
    expect(leaks).toEqual([]);
  });
});
