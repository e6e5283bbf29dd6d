import { describe, expect, test } from 'vitest';
import { configFrom, loadConfig } from '../../src/config/load.ts';
import { fitsRole, KNOWN_NAMES } from '../../src/config/names.ts';
import { OPTION_READERS, OWN_OPTIONS } from '../../src/config/options.ts';
import type { Section } from '../../src/config/setting.ts';
import { toSinkOptions } from '../../src/config/stream-options.ts';

/** What comes of names, without what messages are made of. */
function sections(input: Readonly<Record<string, unknown>>) {
  const { connection, source, sink, run } = configFrom(input);
  const parts = Object.entries({ connection, source, sink, run });
  return Object.fromEntries(parts.filter(([, part]) => Object.keys(part).length > 0));
}

describe('the table', () => {
  test.each(['consumer', 'producer'] as const)('has each name once for a %s', (role) => {
    const names = KNOWN_NAMES.filter((known) => fitsRole(known, role)).flatMap(
      ({ names }) => names,
    );
    expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
  });

  test('leads to options that there are, and says something of each', () => {
    const folded = ['connection.securityProtocol', 'connection.sasl.jaas', 'config.preset'];
    const lost = KNOWN_NAMES.filter(
      ({ side, option }) =>
        option !== undefined &&
        !folded.includes(`${side}.${option}`) &&
        !(option in OPTION_READERS[side as Section]),
    );
    expect(lost).toEqual([]);
    expect(KNOWN_NAMES.filter(({ doc }) => !/\S\.$/.test(doc))).toEqual([]);
  });

  test('own options have each a name of their own in the environment', () => {
    const names = OWN_OPTIONS.map(({ canonical }) => canonical);
    expect(names.length).toBeGreaterThan(80);
    expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
  });

  test('a spelling is as good as any other', () => {
    for (const name of [
      'max.poll.records',
      'max_poll_records',
      'maxPollRecords',
      'MAX-POLL-RECORDS',
    ]) {
      expect(sections({ [name]: 10_000 })).toEqual({ source: { batch: { maxRows: 10_000 } } });
      expect(sections({ kafka: { consumer: { [name]: '10000' } } })).toEqual({
        source: { batch: { maxRows: 10_000 } },
      });
    }
  });
});

describe('settings of kafka-python', () => {
  test('a consumer', () => {
    const config = configFrom({
      bootstrap_servers: 'a:9092, b:9092',
      group_id: 'workers',
      topics: ['jobs', 'urgent-jobs'],
      auto_offset_reset: 'earliest',
      enable_auto_commit: true,
      auto_commit_interval_ms: 5000,
      max_poll_records: 500,
      fetch_min_bytes: 1024,
      fetch_max_wait_ms: 500,
      session_timeout_ms: 30_000,
      heartbeat_interval_ms: 3000,
      max_poll_interval_ms: 600_000,
    });
    expect(config.connection).toEqual({ brokers: ['a:9092', 'b:9092'] });
    expect(config.source).toEqual({
      groupId: 'workers',
      topics: ['jobs', 'urgent-jobs'],
      offsetReset: 'earliest',
      autoCommit: true,
      commitIntervalMs: 5000,
      batch: { maxRows: 500 },
      fetch: { minBytes: 1024, maxWaitMs: 500 },
      group: {
        sessionTimeoutMs: 30_000,
        heartbeatIntervalMs: 3000,
        rebalanceTimeoutMs: 600_000,
      },
    });
    expect(config.notes).toEqual([
      'max_poll_records in configFrom: morsels this small cost speed; the default is 65,536 rows',
    ]);
  });

  test('a producer', () => {
    const config = configFrom({
      kafka_library: 'kafka-python',
      bootstrap_servers: ['a:9092'],
      producer_config: {
        acks: 'all',
        retries: 3,
        batch_size: 16_384,
        linger_ms: 10,
        compression_type: 'gzip',
        max_in_flight_requests_per_connection: 5,
        buffer_memory: 33_554_432,
        retry_backoff_ms: 100,
      },
      confluent_config: {},
    });
    expect(config.connection).toEqual({ client: 'auto', brokers: ['a:9092'] });
    expect(config.sink).toEqual({
      acks: 'all',
      retries: 3,
      batchBytes: 16_384,
      lingerMs: 10,
      compression: 'gzip',
      maxBufferBytes: 33_554_432,
      retryDelayMs: 100,
    });
    expect(config.run).toEqual({ maxInFlightBytes: 33_554_432 });
    expect(config.notes.map((note) => note.split(' ')[0])).toEqual([
      'kafka_library',
      'producer_config.batch_size',
      'producer_config.max_in_flight_requests_per_connection',
    ]);
  });

  test('a batch size of 0 is a batch for each message, a large one no reason for a note', () => {
    expect(configFrom({ batch_size: 0 }).sink).toEqual({ batchBytes: 1 });
    const large = configFrom({ batch_size: 262_144, 'batch.num.messages': 10_000 });
    expect(large.sink).toEqual({ batchBytes: 262_144, batchMessages: 10_000 });
    expect(large.notes).toEqual([]);
    expect(configFrom({ 'batch.num.messages': 100 }).notes).toHaveLength(1);
  });

  test('of Python, None and tuples are JSON', () => {
    expect(sections({ group_id: null, compression_type: 'none', api_version: [3, 9] })).toEqual({
      sink: { compression: 'none' },
    });
  });
});

describe('settings of librdkafka', () => {
  test('a consumer', () => {
    expect(
      sections({
        'metadata.broker.list': 'a:9092',
        'auto.offset.reset': 'beginning',
        'fetch.min.bytes': 100_000,
        'fetch.wait.max.ms': 100,
        'fetch.max.bytes': 52_428_800,
        'max.partition.fetch.bytes': 1_048_576,
        'socket.timeout.ms': 60_000,
        'session.timeout.ms': 30_000,
        'heartbeat.interval.ms': 10_000,
        'request.timeout.ms': 30_000,
        'partition.assignment.strategy': 'roundrobin,range',
        'client.rack': 'eu-1a',
        'check.crcs': true,
      }),
    ).toEqual({
      connection: {
        brokers: ['a:9092'],
        socketTimeoutMs: 60_000,
        requestTimeoutMs: 30_000,
        rack: 'eu-1a',
      },
      source: {
        offsetReset: 'earliest',
        fetch: { minBytes: 100_000, maxWaitMs: 100, maxBytes: 52_428_800 },
        batch: { maxBytes: 1_048_576 },
        group: {
          sessionTimeoutMs: 30_000,
          heartbeatIntervalMs: 10_000,
          assignors: ['round-robin', 'range'],
        },
      },
    });
  });

  test('a producer', () => {
    const config = configFrom({
      'queue.buffering.max.messages': 500_000,
      'queue.buffering.max.ms': 10,
      'queue.buffering.max.kbytes': 65_536,
      'batch.num.messages': 50_000,
      'compression.codec': 'lz4',
      'message.send.max.retries': 2_147_483_647,
      'message.timeout.ms': 300_000,
      'enable.idempotence': 'true',
      partitioner: 'murmur2_random',
    });
    expect(config.sink).toEqual({
      lingerMs: 10,
      batchMessages: 50_000,
      compression: 'lz4',
      deliveryTimeoutMs: 300_000,
      idempotent: true,
      partitioner: 'murmur2',
      maxBufferBytes: 67_108_864,
      maxBufferMessages: 500_000,
    });
    expect(config.run).toEqual({ maxInFlightBytes: 67_108_864 });
    expect(config.connection).toEqual({ retries: 1_000 });
    expect(config.notes).toContain(
      'message.send.max.retries in configFrom: taken as 1000, the most that there is',
    );
    expect(config.notes).toContain(
      'queue.buffering.max.messages in configFrom: it holds for a publisher, and by ' +
        'toRowSinkOptions for a KafkaSink; the memory of a stream is bounded by ' +
        'run.maxInFlightBytes',
    );
    expect(toSinkOptions(config, { topic: 't' })).not.toHaveProperty('maxBufferMessages');
  });

  test('a message.timeout.ms of 0, which is no bound, is the longest that there is', () => {
    const { sink, notes } = configFrom({ 'message.timeout.ms': 0 });
    expect(sink).toEqual({ deliveryTimeoutMs: 2_147_483_647 });
    expect(notes).toEqual([
      'message.timeout.ms in configFrom: taken as 2147483647, the most that there is',
    ]);
    expect(configFrom({ delivery_timeout_ms: '2147483647' }).sink).toEqual(sink);
  });

  test('^ begins a regular expression, which matches whatever begins so', () => {
    const { topics } = configFrom({ topics: 'orders,^audit-,^log\\.[a-z]+$' }).source;
    expect(topics).toEqual(['orders', /^audit-.*/, /^log\.[a-z]+$/]);
  });

  test('is the same in an own section, and in text that is a list in JSON', async () => {
    const wanted = ['orders', /^a{1,2}$/, /^log.*/];
    const list = ['orders', '^a{1,2}$', '^log'];
    const env = (name: string) => ({ file: false as const, env: { [name]: JSON.stringify(list) } });
    const all = [
      configFrom({ source: { topics: list } }),
      configFrom({ source: { topics: wanted } }),
      configFrom({ topics: list }),
      await loadConfig(env('KAFKA_TOPICS')),
      await loadConfig(env('MILLRACE_SOURCE_TOPICS')),
    ];
    for (const { source } of all) expect(source.topics).toEqual(wanted);
    const text = { file: false as const, env: { MILLRACE_SOURCE_TOPICS: '^a.*, b' } };
    expect((await loadConfig(text)).source.topics).toEqual([/^a.*.*/, 'b']);
  });

  test.each([
    ['^a{1,2}$', "'^a{1' is no regular expression; where it has a comma, give a JSON list"],
    ['^a[b', "'^a[b' is no regular expression; where it has a comma, give a JSON list"],
    ['["^a', 'this is no valid JSON; give a JSON list, such as'],
    [['^a('], "'^a(' is no regular expression"],
  ])('%j is an error that says how patterns are written', (topics, message) => {
    expect(() => configFrom({ topics })).toThrow(message);
    expect(() => configFrom({ source: { topics } })).toThrow(message);
  });
});

test("settings of Kafka's Java client", () => {
  expect(
    sections({
      'group.protocol': 'consumer',
      'group.instance.id': 'worker-1',
      'isolation.level': 'read_uncommitted',
      'key.deserializer': 'org.apache.kafka.common.serialization.StringDeserializer',
      'partitioner.class': 'org.apache.kafka.clients.producer.RoundRobinPartitioner',
      acks: '-1',
      'client.id': 'app',
    }),
  ).toEqual({
    connection: { clientId: 'app' },
    source: {
      group: { protocol: 'consumer', instanceId: 'worker-1' },
      isolation: 'read_uncommitted',
    },
    sink: { partitioner: 'round-robin', acks: 'all' },
  });
  expect(
    sections({
      'partition.assignment.strategy': [
        'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
        'org.apache.kafka.clients.consumer.RangeAssignor',
      ],
    }),
  ).toEqual({ source: { group: { assignors: ['cooperative-sticky', 'range'] } } });
});

test('a partitioner of which keys are none of its business stays one', () => {
  for (const name of ['UniformStickyPartitioner', 'a.b.UniformStickyPartitioner']) {
    const { sink, notes } = configFrom({ 'partitioner.class': name });
    expect(sink).toEqual({ partitioner: 'round-robin' });
    expect(notes).toEqual([
      'partitioner.class in configFrom: keys are not looked at, and messages take turns',
    ]);
  }
});

test('internal topics, and how long brokers are awaited', () => {
  expect(configFrom({ 'exclude.internal.topics': 'true' }).notes).toHaveLength(1);
  expect(() => configFrom({ exclude_internal_topics: false })).toThrow(
    'exclude_internal_topics is false; a pattern never matches internal topics; name those',
  );
  expect(sections({ bootstrap_timeout_ms: '2000' })).toEqual({
    connection: { bootstrapTimeoutMs: 2_000 },
  });
});

test('a kind of broker', () => {
  const { source, sink, run, connection, notes } = configFrom({ broker_type: 'kafka' });
  expect({ source, sink, run, connection }).toEqual({
    source: {},
    sink: {},
    run: {},
    connection: {},
  });
  expect(notes).toEqual(['broker_type in configFrom: Kafka is the only one that there is']);
});

test('a setting of the connection may be said of one side', () => {
  const { connection, source, sink } = configFrom({
    retries: 5,
    'producer.retries': 3,
    'consumer.client.id': 'reader',
    'producer.topic': 'out',
    'consumer.topic': 'in',
  });
  expect(connection).toEqual({ retries: 5 });
  expect(source).toEqual({ clientId: 'reader', topics: ['in'] });
  expect(sink).toEqual({ retries: 3, topic: 'out' });
});

test('own sections lie beside names of others', () => {
  expect(
    sections({
      source: { startFrom: { offsets: [{ topic: 't', partition: 0, offset: 17 }] } },
      'group.id': 'g',
    }),
  ).toEqual({
    source: { startFrom: { offsets: [{ topic: 't', partition: 0, offset: 17n }] }, groupId: 'g' },
  });
  const at = { source: { startFrom: { timestamp: '2026-03-01T12:00:00Z' } } };
  expect(sections(at)).toEqual({
    source: { startFrom: { timestamp: new Date('2026-03-01T12:00:00Z') } },
  });
});
