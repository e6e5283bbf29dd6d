import diagnostics from 'node:diagnostics_channel';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { COPYING_KAFKAJS } from '../../bench/broker/copying-kafkajs.ts';
import { confluentCloud, Stream } from '../../src/index.ts';
import type { KafkaClient } from '../../src/ingest/client.ts';
import { createClient } from '../../src/ingest/clients/choose.ts';
import {
  type ConnectionInput,
  resolveConnectionOptions,
} from '../../src/ingest/connection-options.ts';
import { createTopic, readMessages, uniqueName } from './cluster.ts';
import { CLIENTS, clientFor } from './conformance-harness.ts';
import { writeMessages } from './pipeline-harness.ts';
import {
  ALICE,
  BOB,
  CountingProxy,
  goodWays,
  type SecuredKafka,
  SHORT_SESSION_MS,
  startSecured,
  unsecuredToken,
  WAYS,
} from './security-harness.ts';

const REFRESH = { refresh: true };

let secured: SecuredKafka;

beforeAll(async () => {
  secured = await startSecured();
});

afterAll(() => secured?.stop());

function way(name: (typeof WAYS)[number]): ConnectionInput {
  const [listener, input] = goodWays(secured)[name];
  return { brokers: secured.kafka.addresses(listener), ...input };
}

function connect(input: ConnectionInput): KafkaClient {
  const made = createClient(resolveConnectionOptions(input));
  onTestFinished(() => made.close());
  return made;
}

/** Messages to `topic` by the listener without encryption. */
async function fill(topic: string, count: number, padding = ''): Promise<void> {
  const messages = Array.from({ length: count }, (_, id) => ({
    value: JSON.stringify({ id, padding }),
  }));
  await writeMessages(topic, messages, { brokers: secured.kafka.brokers, perRequest: 500 });
}

/** Copies `count` messages to a topic of its own over `connection`; answers the topic. */
async function copyOver(connection: ConnectionInput, count: number, padding = ''): Promise<string> {
  const { brokers } = secured.kafka;
  const input = await createTopic('secret-in', { partitions: 3, brokers });
  const output = await createTopic('secret-out', { partitions: 2, brokers });
  await fill(input, count, padding);
  const run = await Stream.fromKafka({
    ...connection,
    topic: input,
    groupId: uniqueName('secret'),
    until: 'latest',
    schema: { id: 'int64', padding: 'utf8' },
  })
    .toKafka({ topic: output })
    .run();
  const stats = await run.closed;
  const name = connection.client === 'kafkajs' ? 'kafkajs' : '@platformatic/kafka';
  expect(stats).toMatchObject({ messagesIn: count, messagesOut: count, client: { name } });
  return output;
}

function idsOf(values: readonly string[]): number[] {
  const ids = values.map((value) => (JSON.parse(value) as { id: number }).id);
  return ids.sort((a, b) => a - b);
}

const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);

describe.each(CLIENTS)('%s: a stream reads, writes and commits over', (client) => {
  test.each(WAYS)('%s', async (name) => {
    const output = await copyOver({ ...way(name), client }, 120);
    const read = await readMessages(output, 120, secured.kafka.brokers);
    expect(idsOf(read.map(({ value }) => String(value)))).toEqual(upTo(120));
  });

  test('what confluentCloud makes of a key', async () => {
    const { kafka, ca } = secured;
    const cloud = confluentCloud({
      bootstrapServers: [...kafka.addresses('SASL_TLS')],
      apiKey: ALICE.username,
      apiSecret: ALICE.password,
    });
    // Its authority is one that Node.js trusts; ours is not.
    const output = await copyOver({ ...cloud, client, ssl: { ca } }, 60);
    const read = await readMessages(output, 60, kafka.brokers);
    expect(idsOf(read.map(({ value }) => String(value)))).toEqual(upTo(60));
  });
});

test.each(WAYS)('a kafkajs that copies each message connects over %s', async (name) => {
  const options = resolveConnectionOptions({ ...way(name), client: 'kafkajs', retries: 0 });
  const copying = clientFor(COPYING_KAFKAJS, options);
  onTestFinished(() => copying.close());
  await expect(copying.topics([], REFRESH)).resolves.toEqual([]);
});

test.each(CLIENTS)('%s: megabytes of record batches go over TLS as they are', async (client) => {
  const padding = 'x'.repeat(4_000);
  const connection = { ...way('SASL SCRAM-SHA-512 over TLS'), client };
  const output = await copyOver(connection, 5_000, padding);
  const read = await readMessages(output, 5_000, secured.kafka.brokers);
  const values = read.map(({ value }) => String(value));
  expect(idsOf(values)).toEqual(upTo(5_000));
  for (const value of values) {
    expect((JSON.parse(value) as { padding: string }).padding).toBe(padding);
  }
});

test("Kafka's own consumer reads over SASL and TLS what a stream wrote there", async () => {
  const output = await copyOver(way('SASL SCRAM-SHA-512 over TLS'), 50);
  const folder = await mkdtemp(join(tmpdir(), 'millrace-witness-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const trust = join(folder, 'ca.pem');
  const config = join(folder, 'client.properties');
  await writeFile(trust, secured.ca);
  const login = `username="${BOB.username}" password="${BOB.password}"`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule';
  await writeFile(
    config,
    'security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\nssl.truststore.type=PEM\n' +
      `ssl.truststore.location=${trust}\nsasl.jaas.config=${scram} required ${login};\n`,
  );
  const servers = ['--bootstrap-server', secured.kafka.addresses('SASL_TLS').join(',')];
  const limits = ['--from-beginning', '--max-messages', '50', '--timeout-ms', '60000'];
  const { stdout } = await secured.kafka.runTool(
    'org.apache.kafka.tools.consumer.ConsoleConsumer',
    [...servers, '--topic', output, ...limits, '--command-config', config],
  );
  expect(idsOf(stdout.trim().split('\n'))).toEqual(upTo(50));
});

describe.each(CLIENTS)('%s', (client) => {
  test('a certificate that is for another host is taken where servername says so', async () => {
    const ssl = { ca: secured.ca, servername: 'kafka.example.org' };
    const brokers = secured.kafka.addresses('ELSEWHERE');
    await expect(connect({ brokers, client, ssl }).topics([], REFRESH)).resolves.toEqual([]);
  });

  test('rejectUnauthorized: false takes any certificate', async () => {
    const brokers = secured.kafka.addresses('EXPIRED');
    const ssl = { rejectUnauthorized: false };
    await expect(connect({ brokers, client, ssl }).topics([], REFRESH)).resolves.toEqual([]);
  });

  test('a token is asked for anew by each connection, extensions go with it', async () => {
    using proxy = await CountingProxy.start(secured.kafka.addresses('SASL')[0]!);
    let asked = 0;
    const token = () => {
      asked += 1;
      return unsecuredToken();
    };
    const extensions = { logicalCluster: 'lkc-1', traceId: '123' };
    const sasl = { mechanism: 'oauthbearer', token, extensions } as const;
    let made = 0;
    // The first goes by the proxy, which is a second socket of this process; others do not.
    const count = () => {
      made += 1;
    };
    diagnostics.subscribe('net.client.socket', count);
    onTestFinished(() => void diagnostics.unsubscribe('net.client.socket', count));
    const connected = connect({ brokers: [proxy.address], client, sasl });
    await connected.topics([], REFRESH);
    await connected.initProducerId();
    await connected.committed('any', [{ topic: 'any', partition: 0 }]);
    expect(asked).toBe(made - proxy.connections);
    expect(asked).toBeGreaterThan(1);
    const sent = Buffer.concat(proxy.sent).toString('latin1');
    expect(sent).toContain('\x01logicalCluster=lkc-1\x01traceId=123\x01\x01');
  });

  test('requests go on while sessions end one after the other', async () => {
    const topic = await createTopic('sessions', { brokers: secured.kafka.brokers });
    const connected = connect({
      brokers: secured.kafka.addresses('SHORT'),
      client,
      sasl: { mechanism: 'plain', ...ALICE },
      retries: 0,
    });
    const end = Date.now() + 3 * SHORT_SESSION_MS;
    let answers = 0;
    while (Date.now() < end) {
      const two = Array.from({ length: 2 }, () => connected.topics([topic], REFRESH));
      for (const infos of await Promise.all(two)) expect(infos[0]!.topic).toBe(topic);
      answers += 2;
      await delay(10);
    }
    expect(answers).toBeGreaterThan(20);
  });
});
