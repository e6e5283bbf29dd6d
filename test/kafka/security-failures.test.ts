import dns from 'node:dns';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { MillraceError, Stream } from '../../src/index.ts';
import type { KafkaClient } from '../../src/ingest/client.ts';
import type { ClientName } from '../../src/ingest/clients/info.ts';
import {
  type ConnectionInput,
  resolveConnectionOptions,
} from '../../src/ingest/connection-options.ts';
import { CLIENTS, clientFor, libraryOf, VARIANTS, type Variant } from './conformance-harness.ts';
import {
  ALICE,
  BOB,
  CountingProxy,
  PASSPHRASE,
  type SecuredKafka,
  startSecured,
  unsecuredToken,
} from './security-harness.ts';

let secured: SecuredKafka;

beforeAll(async () => {
  secured = await startSecured();
});

afterAll(() => secured?.stop());

/** A way to fail: the listener, what is given, and what comes of it. */
interface Failure {
  readonly listener: string;
  readonly input: () => ConnectionInput;
  readonly code: string;
  readonly text: string;
  /** How many connections it takes to know; default 1. */
  readonly attempts?: number | Readonly<Record<ClientName, number>>;
}

const WRONG = 'a-wrong-password';
const TOKEN = 'dXNlcjpzZWNyZXQ=';
const plain = (password: string) => ({ sasl: { mechanism: 'plain', ...ALICE, password } as const });
const scram = (mechanism: 'scram-sha-256' | 'scram-sha-512') => ({
  sasl: { mechanism, ...BOB, password: WRONG } as const,
});
const oauth = (token: () => string) => ({ sasl: { mechanism: 'oauthbearer', token } as const });
const trusting = () => ({ ca: secured.ca });

const login = { code: 'AUTHENTICATION_FAILED' };
const tls = { code: 'TLS_FAILED' };

const FAILURES: Record<string, Failure> = {
  'a wrong password (PLAIN)': {
    listener: 'SASL',
    input: () => plain(WRONG),
    ...login,
    text: "the log-in of user 'alice' (plain) failed. Authentication failed: Invalid username",
  },
  'a wrong password (PLAIN over TLS)': {
    listener: 'SASL_TLS',
    input: () => ({ ssl: trusting(), ...plain(WRONG) }),
    ...login,
    text: "the log-in of user 'alice' (plain) failed",
  },
  'a wrong password (SCRAM-SHA-256)': {
    listener: 'SASL',
    input: () => scram('scram-sha-256'),
    ...login,
    text: "the log-in of user 'bob' (scram-sha-256) failed",
  },
  'a wrong password (SCRAM-SHA-512)': {
    listener: 'SASL',
    input: () => scram('scram-sha-512'),
    ...login,
    text: "the log-in of user 'bob' (scram-sha-512) failed",
  },
  'an expired token': {
    listener: 'SASL',
    input: () => oauth(() => unsecuredToken(-100, -50)),
    ...login,
    text: 'the log-in of the token (oauthbearer) failed. the broker answered {"status":"invalid',
  },
  'a token function that throws': {
    listener: 'SASL',
    input: () =>
      oauth(() => {
        throw new Error('the identity provider is away');
      }),
    ...login,
    text: 'sasl.token failed: Error: the identity provider is away',
  },
  'a token function whose error repeats its request': {
    listener: 'SASL',
    input: () =>
      oauth(() => {
        const request = { headers: { authorization: `Basic ${TOKEN}` }, client_secret: WRONG };
        throw Object.assign(new Error(`401 for ${JSON.stringify(request)}`), { request });
      }),
    ...login,
    text: 'sasl.token failed: Error: 401 for {"headers":{"authorization":"Basic [secret]"},',
  },
  'a token function that gives none': {
    listener: 'SASL',
    input: () => oauth(() => ''),
    ...login,
    text: 'sasl.token gave an empty string, or one with blanks; it must give a token',
  },
  'a mechanism that the listener does not have': {
    listener: 'SHORT',
    input: () => scram('scram-sha-256'),
    ...login,
    text: 'the broker does not take sasl.mechanism',
  },
  'no log-in where one is asked for': {
    listener: 'SASL',
    input: () => ({}),
    ...login,
    text: 'this listener asks for a log-in (plain, scram-sha-512, scram-sha-256, oauthbearer)',
    // The second asks what the first was not told.
    attempts: 2,
  },
  'a log-in where none is asked for': {
    listener: 'PLAINTEXT',
    input: () => plain(ALICE.password),
    ...login,
    text: 'this listener does not ask for a log-in',
  },
  "an expired certificate of the broker's": {
    listener: 'EXPIRED',
    input: () => ({ ssl: trusting() }),
    ...tls,
    text: "the broker's certificate has expired",
  },
  'a certificate for another host': {
    listener: 'ELSEWHERE',
    input: () => ({ ssl: trusting() }),
    ...tls,
    text: "the broker's certificate is for another host",
  },
  'a certificate of an unknown authority': {
    listener: 'TLS',
    input: () => ({ ssl: true }),
    ...tls,
    text: 'of an authority that is not trusted here',
  },
  'no client certificate where one is asked for': {
    listener: 'MTLS',
    input: () => ({ ssl: trusting() }),
    ...tls,
    text: 'the broker asks for a certificate of this client',
  },
  'a client certificate of an unknown authority': {
    listener: 'MTLS',
    input: () => ({ ssl: { ...trusting(), ...secured.stranger } }),
    ...tls,
    text: "the broker does not take this client's certificate",
  },
  'an expired client certificate': {
    listener: 'MTLS',
    input: () => ({ ssl: { ...trusting(), ...secured.oldClient } }),
    ...tls,
    text: "the broker does not take this client's certificate",
  },
  'plain text to a port for TLS': {
    listener: 'TLS',
    input: () => ({}),
    ...tls,
    text: 'the broker speaks TLS on this port; give ssl',
    // kafkajs does not see what the broker says in TLS: it is asked.
    attempts: { platformatic: 1, kafkajs: 2 },
  },
  'plain SASL to a port for TLS': {
    listener: 'SASL_TLS',
    input: () => plain(ALICE.password),
    ...tls,
    text: 'the broker speaks TLS on this port; give ssl',
    attempts: 2,
  },
  'TLS to a port for plain text': {
    listener: 'PLAINTEXT',
    input: () => ({ ssl: trusting() }),
    ...tls,
    text: 'the broker does not speak TLS on this port',
    // A broker that dies in the middle of a handshake looks the same, once.
    attempts: 2,
  },
};

async function failureOf(work: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MillraceError) return error;
  throw new Error('it did not fail with an error of ours', { cause: error });
}

function addressOf(listener: string): string {
  const { kafka } = secured;
  return (listener === 'PLAINTEXT' ? kafka.brokers : kafka.addresses(listener))[0]!;
}

function secrets(): string[] {
  const key = secured.encryptedKey.split('\n')[1]!;
  return [WRONG, TOKEN, ALICE.password, BOB.password, PASSPHRASE, key];
}

function expectNoSecrets(text: string): void {
  for (const secret of secrets()) expect(text).not.toContain(secret);
}

describe.each(VARIANTS)('%s: one clear error, and no further attempt, for', (variant) => {
  const library = libraryOf(variant);

  test.each(Object.keys(FAILURES))('%s', async (name) => {
    const { listener, input, code, text, attempts = 1 } = FAILURES[name]!;
    using proxy = await CountingProxy.start(addressOf(listener));
    const limits = { retries: 5, retryDelayMs: 1, client: library };
    const client = connect({ brokers: [proxy.address], ...limits, ...input() }, variant);
    const error = await failureOf(client.topics(['any']));
    expect(error.message).toContain(text);
    expect(error).toMatchObject({ code, retry: 'never', domain: 'user' });
    expect(proxy.connections).toBe(typeof attempts === 'number' ? attempts : attempts[library]);
    expectNoSecrets(inspect(error, { depth: 20, showHidden: true }));
    expectNoSecrets(JSON.stringify(error.toPlain()));
  });

  test('a host that is not known', async () => {
    const lookups = vi.spyOn(dns, 'lookup');
    onTestFinished(() => lookups.mockRestore());
    const limits = { retries: 5, retryDelayMs: 1, client: library };
    const client = connect({ brokers: 'kafka.invalid:9092', ...limits }, variant);
    const error = await failureOf(client.topics(['any']));
    expect(error).toMatchObject({ code: 'UNKNOWN_HOST', retry: 'never' });
    expect(error.message).toContain("the host 'kafka.invalid' is not known");
    expect(lookups.mock.calls.map(([host]) => host)).toEqual(['kafka.invalid']);
  });

  test('a host that only the broker knows', async () => {
    using proxy = await CountingProxy.start(addressOf('UNKNOWN'));
    const client = connect({ brokers: [proxy.address], client: library }, variant);
    const error = await failureOf(client.fetch(aFetch()));
    expect(error).toMatchObject({ code: 'UNKNOWN_HOST', retry: 'never' });
    expect(error.message).toContain('advertised.listeners');
    expect(proxy.connections).toBe(1);
  });

  test('a group or an offset that is asked for first, without a log-in', async () => {
    using proxy = await CountingProxy.start(addressOf('SASL'));
    const client = connect({ brokers: [proxy.address], retries: 0, client: library }, variant);
    const error = await failureOf(client.committed('any', [{ topic: 'any', partition: 0 }]));
    expect(error).toMatchObject({ ...login, retry: 'never' });
    expect(proxy.connections).toBe(2);
  });
});

describe.each(CLIENTS)('%s: one clear error, and no further attempt, for', (library) => {
  test('a stream that cannot log in', async () => {
    using proxy = await CountingProxy.start(addressOf('SASL'));
    const stream = Stream.fromKafka({
      brokers: [proxy.address],
      client: library,
      topic: 'any',
      until: 'latest',
      schema: { id: 'int64' },
    });
    const error = await failureOf(stream.collect());
    expect(error).toMatchObject({ ...login, retry: 'never' });
    expect(proxy.connections).toBe(2);
  });
});

function connect(input: ConnectionInput, variant?: Variant): KafkaClient {
  const options = resolveConnectionOptions(input);
  const client = clientFor(variant ?? (options.client as ClientName), options);
  onTestFinished(() => client.close());
  return client;
}

function aFetch() {
  const limits = { maxBytes: 1, partitionMaxBytes: 1, minBytes: 1, maxWaitMs: 1 };
  const positions = [{ topic: 'any', partition: 0, offset: 0n }];
  return { node: 1, positions, isolation: 'read_committed', ...limits } as const;
}

describe.each(CLIENTS)('%s: with many retries', (client) => {
  test('a stream with a wrong password ends at once with one error', async () => {
    using proxy = await CountingProxy.start(addressOf('SASL'));
    const stream = Stream.fromKafka({
      brokers: [proxy.address],
      client,
      ...plain(WRONG),
      topic: 'any',
      until: 'latest',
      schema: { id: 'int64' },
    });
    const error = await failureOf(stream.collect());
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', retry: 'never' });
    expectNoSecrets(inspect(error, { depth: 20 }));
    expect(proxy.connections).toBe(1);
  });
});

test.each(CLIENTS)(
  '%s: of bootstrap servers the third is used, the others being dead',
  async (client) => {
    const brokers = ['kafka.invalid:9092', '127.0.0.1:1', addressOf('PLAINTEXT')];
    const connected = connect({ brokers, client, retries: 0 });
    await expect(connected.topics([], { refresh: true })).resolves.toEqual([]);
  },
);

// Long enough to log in on a machine that is busy, short enough for a broker to keep its session.
const HANG_MS = 1_000;

describe.each(CLIENTS)('%s: a broker that hangs fails', (library) => {
  function hang(): void {
    const [pid] = secured.kafka.pids;
    process.kill(pid!, 'SIGSTOP');
    onTestFinished(() => {
      process.kill(pid!, 'SIGCONT');
    });
  }

  const way = () => ({
    client: library,
    brokers: secured.kafka.addresses('SASL_TLS'),
    ssl: trusting(),
    ...plain(ALICE.password),
    retries: 0,
  });

  test.each([
    ['a request after requestTimeoutMs', { requestTimeoutMs: HANG_MS }, /timed out/],
    ['a connection after socketTimeoutMs', { socketTimeoutMs: HANG_MS }, /socketTimeoutMs|timeout/],
  ])('%s', async (_, limits, text) => {
    const client = connect({ ...way(), ...limits });
    await client.topics([], { refresh: true });
    hang();
    const startedMs = performance.now();
    // What was on its way when the broker stopped may still be answered.
    const asked = async () => {
      while (performance.now() - startedMs < 10_000) await client.topics([], { refresh: true });
    };
    const error = await failureOf(asked());
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', retry: 'backoff' });
    expect(error.message).toMatch(text);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  test('connecting after connectTimeoutMs', async () => {
    hang();
    const client = connect({ ...way(), connectTimeoutMs: HANG_MS });
    const startedMs = performance.now();
    const error = await failureOf(client.topics([], { refresh: true }));
    expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', retry: 'backoff' });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});
