import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LoadOptions, loadConfig } from '../../src/config/load.ts';
import { root } from '../house/source-tree.ts';

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'millrace-config-'));
});

afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

const write = (name: string, text: string) => writeFile(join(cwd, name), text);
const load = (options: LoadOptions = {}) => loadConfig({ cwd, env: {}, ...options });
const entry = pathToFileURL(join(root, 'src', 'index.ts')).href;

/** One configuration, as each kind of file has it. */
const SAME: Readonly<Record<string, string>> = {
  'millrace.properties': `
# A line of another part of the application, which is none of our business:
server.port = 8080
kafka.library = kafkajs
kafka.bootstrap.servers = a:9092,\\
                          b:9092
kafka.producer.acks = all
kafka.producer.retries = 3
kafka.consumer.group.id = my_app_group
kafka.consumer.auto.offset.reset = earliest
millrace.source.batch.maxRows = 10000
`,
  'millrace.config.json': JSON.stringify({
    kafka_library: 'kafkajs',
    bootstrap_servers: 'a:9092,b:9092',
    group_id: 'my_app_group',
    producer: { acks: 'all', retries: 3 },
    consumer: { auto_offset_reset: 'earliest' },
    source: { batch: { maxRows: 10_000 } },
  }),
  'millrace.config.mjs': `export const config = Promise.resolve({
    connection: { client: 'kafkajs', brokers: ['a:9092', 'b:9092'] },
    source: { groupId: 'my_app_group', offsetReset: 'earliest', 'batch': { maxRows: 10_000 } },
    sink: { acks: 'all', retries: 3 },
  });`,
  'millrace.config.ts': `import { defineConfig } from '${entry}';
  const brokers: string[] = ['a:9092', 'b:9092'];
  export default defineConfig({
    connection: { client: 'kafkajs', brokers },
    source: { groupId: 'my_app_group', offsetReset: 'earliest', batch: { maxRows: 10_000 } },
    sink: { acks: 'all', retries: 3 },
  });`,
};

const ENVIRONMENT = {
  PATH: '/bin',
  KAFKA_CLIENT: 'kafkajs',
  KAFKA_BOOTSTRAP_SERVERS: 'a:9092,b:9092',
  KAFKA_PRODUCER_ACKS: 'all',
  KAFKA_PRODUCER_RETRIES: '3',
  KAFKA_GROUP_ID: 'my_app_group',
  KAFKA_CONSUMER_AUTO_OFFSET_RESET: 'earliest',
  MILLRACE_SOURCE_BATCH_MAX_ROWS: '10000',
};

const EXPECTED = {
  connection: { client: 'kafkajs', brokers: ['a:9092', 'b:9092'] },
  source: { groupId: 'my_app_group', offsetReset: 'earliest', batch: { maxRows: 10_000 } },
  sink: { acks: 'all', retries: 3 },
  run: {},
  notes: [],
};

describe('the same configuration', () => {
  test.each(Object.entries(SAME))('as %s', async (name, text) => {
    await write(name, text);
    expect(await load()).toMatchObject(EXPECTED);
  });

  test('from the environment', async () => {
    expect(await load({ env: ENVIRONMENT })).toMatchObject(EXPECTED);
  });

  test("as the file that Kafka's tools take", async () => {
    await write('client.properties', 'bootstrap.servers=a:9092,b:9092\nlibrary kafkajs\n');
    const { connection } = await load({ file: 'client.properties' });
    expect(connection).toEqual(EXPECTED.connection);
  });
});

test('code stands above the environment, that above the file, that above the preset', async () => {
  await write(
    'millrace.properties',
    'millrace.preset=throughput\nkafka.group.id=file\nkafka.linger.ms=1\nkafka.client.id=file\n' +
      'kafka.fetch.max.wait.ms=7',
  );
  const env = { KAFKA_GROUP_ID: 'environment', KAFKA_LINGER_MS: '2' };
  const config = await load({ env, config: { sink: { lingerMs: 3 } } });
  expect(config.sink).toEqual({ acks: 1, compression: 'lz4', lingerMs: 3 });
  expect(config.source.groupId).toBe('environment');
  expect(config.connection.clientId).toBe('file');
  expect(config.source.fetch).toEqual({ minBytes: 100_000, maxBytes: 52_428_800, maxWaitMs: 7 });
  expect(config.origins).toMatchObject({
    'sink.lingerMs': 'loadConfig',
    'source.groupId': 'KAFKA_GROUP_ID in the environment',
    'connection.clientId': 'kafka.client.id in millrace.properties',
    'source.fetch.minBytes': "preset 'throughput'",
  });
});

test('the preset of the strongest place holds, and lies beneath every other', async () => {
  await write('millrace.config.json', '{ "preset": "throughput", "sink": { "lingerMs": 1 } }');
  const config = await load({ env: { MILLRACE_PRESET: 'low_latency' } });
  expect(config.sink).toEqual({ acks: 1, compression: 'none', lingerMs: 1 });
  expect(config.source.fetch).toEqual({ minBytes: 1 });
});

test('a stronger place says anew which topics, and how to log in', async () => {
  await write(
    'millrace.properties',
    'kafka.topics=a,b\nkafka.session.timeout.ms=10000\nkafka.security.protocol=SASL_SSL\n' +
      'kafka.sasl.mechanism=PLAIN\nkafka.sasl.username=app\nkafka.sasl.password=x',
  );
  const token = () => 'token';
  const config = await load({
    config: {
      connection: { sasl: { mechanism: 'oauthbearer', token } },
      source: { partitions: [{ topic: 'a', partition: 0 }] },
    },
  });
  expect(config.source).toEqual({ partitions: [{ topic: 'a', partition: 0 }] });
  expect(config.connection).toEqual({ ssl: true, sasl: { mechanism: 'oauthbearer', token } });
  // A password alone completes what the file says.
  const env = { KAFKA_SASL_PASSWORD: 'from the environment' };
  expect((await load({ env })).connection.sasl).toMatchObject({ username: 'app' });
});

test('what is said of one side stands above what is said of both', async () => {
  await write(
    'millrace.properties',
    'kafka.linger.ms=1\nkafka.producer.linger.ms=2\nkafka.retries=3\nkafka.producer.retries=4\n' +
      'kafka.consumer.group.id=side\nkafka.group.id=both\nkafka.acks=1\nkafka.producer.acks=1',
  );
  const config = await load();
  expect(config.sink).toEqual({ lingerMs: 2, retries: 4, acks: 1 });
  expect(config.source).toEqual({ groupId: 'side' });
  expect(config.origins['sink.lingerMs']).toBe('kafka.producer.linger.ms in millrace.properties');
  expect(config.origins['sink.acks']).toBe('kafka.producer.acks in millrace.properties');
  const both = await load({ env: { KAFKA_LINGER_MS: '5', KAFKA_RETRIES: '6', KAFKA_ACKS: '0' } });
  // What only one side has is one option, and the environment's stands above the file's; an option
  // of the connection is one for both sides, and another for each.
  expect(both.sink).toEqual({ lingerMs: 5, retries: 4, acks: 0 });
  expect(both.connection.retries).toBe(6);
  expect((await load({ env: { KAFKA_GROUP_ID: 'b' } })).source.groupId).toBe('b');
  const side = await load({ env: { KAFKA_PRODUCER_LINGER_MS: '5', KAFKA_LINGER_MS: '7' } });
  expect(side.sink.lingerMs).toBe(5);
  // The code's own option stands above both; so does another of the same rank, further up.
  expect((await load({ config: { sink: { lingerMs: 9 } } })).sink.lingerMs).toBe(9);
  expect((await load({ env: { MILLRACE_SINK_LINGER_MS: '8' } })).sink.lingerMs).toBe(8);
});

test('a preset gives way to security.protocol', async () => {
  const env = { KAFKA_PRESET: 'production', KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT' };
  expect((await load({ env })).connection).toEqual({
    retries: 100,
    bootstrapTimeoutMs: 60_000,
    ssl: false,
  });
  expect((await load({ env: { KAFKA_PRESET: 'production' } })).connection.ssl).toBe(true);
});

test('places that contradict each other are both named', async () => {
  await write('millrace.properties', 'kafka.enable.idempotence=true');
  await expect(load({ env: { KAFKA_ACKS: '1' } })).rejects.toThrow(
    'KAFKA_ACKS=1 and kafka.enable.idempotence=true (the environment and millrace.properties) ' +
      'contradict each other',
  );
  const durable = load({ env: { KAFKA_ACKS: '1' }, file: false, config: { preset: 'durable' } });
  await expect(durable).rejects.toThrow(
    "KAFKA_ACKS=1 and sink.idempotent=true (the environment and preset 'durable') contradict",
  );
});

describe('a properties file', () => {
  test('that says one name twice, with two values, is an error that names the lines', async () => {
    await write('millrace.properties', '# a comment\nkafka.acks=all\n\nkafka.acks=1\n');
    await expect(load()).rejects.toThrow(
      'millrace.properties: kafka.acks is given twice: in line 2 and, with another value, in ' +
        'line 4; keep one',
    );
    await write('client.properties', 'sasl.password=hunter2\nsasl.password=hunter3');
    await expect(load({ file: 'client.properties' })).rejects.toThrow(
      'client.properties: sasl.password is given twice: in line 1 and, with another value, in ' +
        'line 2; keep one',
    );
    await write('client.properties', 'kafka.acks=all\nkafka.acks=all\na.b=1\na.b=2');
    expect((await load({ file: 'client.properties' })).sink).toEqual({ acks: 'all' });
  });

  test('says how it was read where a name in it is unknown', async () => {
    await write('millrace.properties', 'group.id=a\nserver.port=80');
    await expect(load()).rejects.toThrow(
      /unknown name server\.port; the nearest known is \S+ \(no name in the file begins with /,
    );
    await expect(load()).rejects.toThrow(
      "so all are read as Kafka's own; in the file of an application put kafka. before those that",
    );
    await write('millrace.properties', 'kafka.grop.id=a\nserver.port=80');
    await expect(load()).rejects.toThrow(
      'unknown name kafka.grop.id; the nearest known is kafka.group.id (the file has names that ' +
        "begin with kafka. or millrace., so only those are read; the others are the application's)",
    );
    await write('millrace.properties', 'millrace.sink.acs=1');
    await expect(load()).rejects.toThrow(/is millrace\.sink\.acks \(the file has names that begin/);
  });

  test('has notes on names that may have lost their kafka.', async () => {
    await write('millrace.properties', 'kafka.group.id=a\nbootstrap.server=b:1\nacks=1\nport=7');
    const { notes, sink, connection } = await load();
    expect({ sink, connection }).toEqual({ sink: {}, connection: {} });
    const note =
      "in millrace.properties: left alone, as the application's; if it is Kafka's, write";
    expect(notes).toEqual([
      `bootstrap.server ${note} kafka.bootstrap.servers`,
      `acks ${note} kafka.acks`,
    ]);
  });
});

describe('the environment', () => {
  test('is everybody’s: what is not ours is left alone', async () => {
    const { notes, origins } = await load({
      env: {
        KAFKA_HOME: '/opt/kafka',
        KAFKA_HEAP_OPTS: '-Xmx1g',
        KAFKA_PORT_9092_TCP: 'tcp://10.0.0.1:9092',
        KAFKA_SERVICE_HOST: '10.0.0.1',
        KAFKA_BROKER_PORT: 'tcp://10.0.0.1:9092',
        KAFKA_BROKER_PORT_9092_TCP_ADDR: '10.0.0.1',
        KAFKA_BROKER_SERVICE_PORT_CLIENT: '9092',
        KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://:9092',
        MILLRACE_CACHE: '/tmp',
        KAFKA_UI_DASHBOARD_THEME_COLOUR: 'blue',
        KAFKA_CLIENT_ID: '',
      },
    });
    expect(origins).toEqual({});
    expect(notes).toEqual([
      'KAFKA_UI_DASHBOARD_THEME_COLOUR in the environment: not known here, left alone',
    ]);
  });

  test('says security as it says all else', async () => {
    const { connection } = await load({
      env: {
        KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
        KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
        KAFKA_USERNAME: 'app',
        KAFKA_PASSWORD: 'x',
        KAFKA_SSL_CHECK_HOSTNAME: 'true',
      },
    });
    expect(connection).toMatchObject({ ssl: true, sasl: { mechanism: 'scram-sha-512' } });
  });

  test('is process.env where none is given', async () => {
    const had = process.env.KAFKA_GROUP_ID;
    process.env.KAFKA_GROUP_ID = 'of the process';
    try {
      expect((await loadConfig({ cwd })).source.groupId).toBe('of the process');
      expect((await loadConfig({ cwd, env: false })).source).toEqual({});
    } finally {
      if (had === undefined) delete process.env.KAFKA_GROUP_ID;
      else process.env.KAFKA_GROUP_ID = had;
    }
  });
});

describe('the file', () => {
  test('is the one that is named, in code or by MILLRACE_CONFIG, or none', async () => {
    await write('a.json', '{ "group_id": "a" }');
    await write('b.properties', '\uFEFFgroup.id=b');
    await write('millrace.config.json', '{ "group_id": "found" }');
    const env = { MILLRACE_CONFIG: 'b.properties' };
    expect((await load()).source.groupId).toBe('found');
    expect((await load({ env })).source.groupId).toBe('b');
    expect((await load({ env, file: 'a.json' })).source.groupId).toBe('a');
    expect((await load({ env, file: false })).source.groupId).toBeUndefined();
  });

  test('is one: two are an error that names both', async () => {
    await write('millrace.config.json', '{}');
    await write('millrace.properties', '');
    await expect(load()).rejects.toThrow(
      /there are both millrace\.config\.json and millrace\.properties; keep one, or name the one/,
    );
  });

  const secret = 'hunter2';
  test.each([
    ['missing.json', undefined, /^missing\.json: \/.*missing\.json cannot be read \(ENOENT\)$/],
    ['missing.mjs', undefined, /^missing\.mjs: \/.*missing\.mjs cannot be read \(ENOENT\)$/],
    ['a.yaml', 'x: 1', /^a\.yaml: its ending is none of \.properties, \.json, \.ts, /],
    ['a.json', '[1]', 'a.json: it holds no object; write { "source": { … }, … }'],
    [
      'a.json',
      `{\n "sasl_password": "${secret}"\n "x": 1 }`,
      /^a\.json: it is no valid JSON at line 3$/,
    ],
    ['a.json', `{ "sasl_password": ${secret} }`, /^a\.json: it is no valid JSON/],
    ['a.mjs', 'export const other = 1;', /^a\.mjs: it exports nothing; write export default/],
    ['b.mjs', 'throw new Error("not today");', 'b.mjs: it cannot be loaded: not today'],
    [
      'c.mjs',
      'export const config = 7;',
      'c.mjs: it holds no object; write { "source": { … }, … }',
    ],
    [
      'd.mjs',
      'export const config = { sourc: {}, source: [] };',
      /^d\.mjs: source is a list; give/,
    ],
    [
      'a.properties',
      'kafka.acks=all\nbootstrap.servers=a:1',
      'a.properties: bootstrap.servers stands beside names that begin with kafka.; ' +
        'write kafka.bootstrap.servers',
    ],
    [
      'a.properties',
      'kafak.acks=all',
      /^a\.properties: unknown name kafak\.acks; the nearest known is /,
    ],
  ])('%s with %j is an error', async (name, text, message) => {
    if (text !== undefined) await write(name, text);
    const error: unknown = await load({ file: name }).catch((one: unknown) => one);
    expect(error).toMatchObject({ code: 'INVALID_OPTION' });
    const said = (error as Error).message;
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
    expect(said).not.toContain(secret);
  });
});

test('the files that the reference shows are files, and agree', async () => {
  const page = await readFile(join(root, 'docs', 'configuration.md'), 'utf8');
  const code = /^```typescript\n(\/\/ millrace\.config\.ts\n[\s\S]*?)^```$/m.exec(page)?.[1];
  const properties = /^```properties\n([\s\S]*?)^```$/m.exec(page)?.[1];
  await write('a.ts', code!.replace("'millrace'", `'${entry}'`));
  await write('b.properties', properties!);
  const { origins: _, ...one } = await load({ file: 'a.ts' });
  const { origins: __, ...other } = await load({ file: 'b.properties' });
  const { topic, ...source } = one.source;
  expect({ ...one, source: { ...source, topics: [topic] } }).toEqual({
    ...other,
    connection: { ...other.connection, brokers: other.connection.brokers!.toString() },
  });
  expect(one.sink).toEqual({
    acks: 'all',
    idempotent: true,
    topic: 'invoices',
    compression: 'lz4',
    deliveryTimeoutMs: 480_000,
  });
});
