import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { MillraceError, Stream } from '../../src/index.ts';
import type { KafkaClient } from '../../src/ingest/client.ts';
import { createClient } from '../../src/ingest/clients/choose.ts';
import {
  type ConnectionInput,
  resolveConnectionOptions,
} from '../../src/ingest/connection-options.ts';
import { createTopic, readMessages } from './cluster.ts';
import { CLIENTS } from './conformance-harness.ts';
import { writeMessages } from './pipeline-harness.ts';
import {
  ALICE,
  goodWays,
  type SecuredKafka,
  SHORT_SESSION_MS,
  startSecured,
  unsecuredToken,
} from './security-harness.ts';

const WAYS = [
  'TLS with a CA',
  'mTLS with an encrypted key',
  'SASL PLAIN',
  'SASL SCRAM-SHA-256',
  'SASL SCRAM-SHA-512',
  'SASL OAUTHBEARER',
  'SASL SCRAM-SHA-512 over TLS',
  'SASL OAUTHBEARER over TLS',
];
const COUNT = 50;
const WRONG = 'a-wrong-password';

let secured: SecuredKafka;

beforeAll(async () => {
  secured = await startSecured();
});

afterAll(() => secured?.stop());

function connect(input: ConnectionInput): KafkaClient {
  const client = createClient(resolveConnectionOptions(input));
  onTestFinished(() => client.close());
  return client;
}

async function failureOf(client: KafkaClient): Promise<MillraceError> {
  const error: unknown = await client.topicNames().catch((reason: unknown) => reason);
  if (error instanceof MillraceError) return error;
  throw new Error('it did not fail with an error of ours', { cause: error });
}

describe.each(CLIENTS)('%s: a stream reads and writes over', (client) => {
  test.each(WAYS)('%s', async (name) => {
    const [listener, input] = goodWays(secured)[name]!;
    const { brokers } = secured.kafka;
    const from = await createTopic('conf-secret', { brokers });
    const to = await createTopic('conf-secret', { brokers });
    const messages = Array.from({ length: COUNT }, (_, id) => ({ value: JSON.stringify({ id }) }));
    await writeMessages(from, messages, { brokers });
    const run = await Stream.fromKafka({
      brokers: secured.kafka.addresses(listener),
      ...input,
      client,
      topic: from,
      until: 'latest',
      schema: { id: 'int64' },
    })
      .toKafka({ topic: to })
      .run();
    expect(await run.closed).toMatchObject({ messagesIn: COUNT, messagesOut: COUNT });
    expect(await readMessages(to, COUNT, brokers)).toHaveLength(COUNT);
  });
});

describe.each(CLIENTS)('%s: one clear error for', (client) => {
  const plain = {
    sasl: { mechanism: 'plain', username: ALICE.username, password: WRONG },
  } as const;
  const token = (give: () => string) => ({
    sasl: { mechanism: 'oauthbearer', token: give } as const,
  });
  const login = 'AUTHENTICATION_FAILED';
  const refusals: [string, string, () => ConnectionInput, string, string][] = [
    ['a wrong password', 'SASL', () => plain, login, "the log-in of user 'alice' (plain) failed"],
    [
      'an expired token',
      'SASL',
      () => token(() => unsecuredToken(-100, -50)),
      login,
      'the log-in of the token (oauthbearer) failed. the broker answered {"status":"invalid',
    ],
    [
      'a token function that throws',
      'SASL',
      () =>
        token(() => {
          throw new Error('the identity provider is away');
        }),
      login,
      'the identity provider is away',
    ],
    [
      'an unknown authority',
      'TLS',
      () => ({ ssl: true }),
      'TLS_FAILED',
      'of an authority that is not trusted here',
    ],
    [
      'an expired certificate',
      'EXPIRED',
      () => ({ ssl: { ca: secured.ca } }),
      'TLS_FAILED',
      "the broker's certificate has expired",
    ],
    [
      'no client certificate where one is asked for',
      'MTLS',
      () => ({ ssl: { ca: secured.ca } }),
      'TLS_FAILED',
      'the broker asks for a certificate of this client',
    ],
  ];

  test.each(refusals)('%s', async (_name, listener, input, code, text) => {
    const brokers = secured.kafka.addresses(listener);
    const error = await failureOf(connect({ brokers, client, retries: 5, ...input() }));
    expect(error).toMatchObject({ code, retry: 'never', domain: 'user' });
    expect(error.message).toContain(text);
    expect(JSON.stringify(error.toPlain())).not.toContain(WRONG);
  });

  test('a host that is not known', async () => {
    const error = await failureOf(connect({ brokers: 'kafka.invalid:9092', client }));
    expect(error).toMatchObject({ code: 'UNKNOWN_HOST', retry: 'never' });
  });
});

describe.each(CLIENTS)('%s: sessions', (client) => {
  test('requests go on while one ends after the other', async () => {
    const brokers = secured.kafka.addresses('SHORT');
    const connected = connect({
      brokers,
      client,
      sasl: { mechanism: 'plain', ...ALICE },
      retries: 0,
    });
    const end = Date.now() + 3 * SHORT_SESSION_MS;
    for (let answers = 0; Date.now() < end || answers < 20; answers++) {
      const two = [connected.topicNames(), connected.topicNames()];
      for (const names of await Promise.all(two)) expect(names).toBeInstanceOf(Array);
      await delay(10);
    }
  });
});
