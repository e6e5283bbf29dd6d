import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { confluentCloud, MillraceError, Secret, Stream } from '../../src/index.ts';
import {
  type ConnectionInput,
  continueConnection,
  isSameConnection,
  resolveConnectionOptions,
} from '../../src/ingest/connection-options.ts';
import { connectionToString } from '../../src/ingest/connection-text.ts';

const PASSPHRASE = 'open sesame';
const PASSWORD = 'p4ssw0rd!';

let folder: string;
let cert: string;
let key: string;
let encryptedKey: string;
let otherKey: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-pem-'));
  const at = (file: string) => join(folder, file);
  const make = (name: string) => {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)];
    execFileSync('openssl', ['req', '-x509', ...curve, '-subj', `/CN=${name}`, ...files], {
      stdio: 'ignore',
    });
    return [`${name}.pem`, `${name}.key`].map((file) => readFileSync(at(file), 'utf8'));
  };
  [cert, key] = make('own') as [string, string];
  otherKey = make('other')[1]!;
  const cipher = ['-topk8', '-v2', 'aes-256-cbc', '-passout', `pass:${PASSPHRASE}`];
  encryptedKey = String(execFileSync('openssl', ['pkcs8', '-in', at('own.key'), ...cipher]));
  writeFileSync(at('empty.pem'), 'nothing here');
});

afterAll(() => rmSync(folder, { recursive: true }));

function refusal(input: object): MillraceError {
  try {
    resolveConnectionOptions(input as ConnectionInput);
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error(`${inspect(input)} was accepted`);
}

const login = { mechanism: 'plain', username: 'alice', password: PASSWORD } as const;

describe('ssl', () => {
  test('true is TLS with the authorities of Node.js, false is none', () => {
    expect(resolveConnectionOptions({ ssl: true }).ssl).toEqual({ rejectUnauthorized: true });
    expect(resolveConnectionOptions({ ssl: false })).not.toHaveProperty('ssl');
  });

  test('takes PEM texts, and files that hold them', () => {
    const texts = resolveConnectionOptions({ ssl: { ca: cert, cert, key } }).ssl!;
    const files = resolveConnectionOptions({
      ssl: {
        ca: [join(folder, 'own.pem')],
        cert: join(folder, 'own.pem'),
        key: join(folder, 'own.key'),
      },
    }).ssl!;
    expect(files).toEqual(texts);
    expect(files.ca).toEqual([cert]);
    expect(files.key!.reveal()).toBe(key);
  });

  test('opens an encrypted key, and takes what it has made', () => {
    const ssl = { cert, key: encryptedKey, passphrase: PASSPHRASE };
    const resolved = resolveConnectionOptions({ ssl });
    expect(resolved.ssl!.passphrase!.reveal()).toBe(PASSPHRASE);
    expect(resolveConnectionOptions(resolved).ssl!.key!.reveal()).toBe(encryptedKey);
  });

  test.each<[string, () => object, string, string]>([
    ['a file that is not there', () => ({ ca: '/no/such.pem' }), 'ssl.ca', "'/no/such.pem'"],
    ['a file without PEM', () => ({ ca: join(folder, 'empty.pem') }), 'ssl.ca', 'no PEM text'],
    ['an empty list', () => ({ ca: [] }), 'ssl.ca', 'the list is empty'],
    ['a certificate without key', () => ({ cert }), 'ssl.key', 'both cert and key'],
    ['a key without certificate', () => ({ key }), 'ssl.cert', 'both cert and key'],
    ['a key of another certificate', () => ({ cert, key: otherKey }), 'ssl', 'OpenSSL does not'],
    [
      'a wrong passphrase',
      () => ({ cert, key: encryptedKey, passphrase: 'guess' }),
      'ssl.passphrase',
      'does not open',
    ],
    ['no passphrase', () => ({ cert, key: encryptedKey }), 'ssl.passphrase', 'does not open'],
    ['an unknown name', () => ({ CA: cert }), 'ssl.CA', "did you mean 'ca'?"],
    ['a number', () => ({ servername: 5 }), 'ssl.servername', 'give a string'],
    ['a text', () => ({ rejectUnauthorized: 'no' }), 'ssl.rejectUnauthorized', 'true or false'],
  ])('refuses %s', (_, ssl, option, text) => {
    const error = refusal({ ssl: ssl() });
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.context.option).toBe(option);
    expect(error.message).toContain(text);
    expect(error.message).not.toContain('PRIVATE');
  });
});

describe('sasl', () => {
  test('takes mechanisms as Kafka writes them', () => {
    const sasl = { ...login, mechanism: 'SCRAM-SHA-512' } as unknown as typeof login;
    expect(resolveConnectionOptions({ sasl }).sasl!.mechanism).toBe('scram-sha-512');
  });

  const token = () => 'x';
  test.each<[string, object, string]>([
    ['no mechanism', { username: 'a', password: PASSWORD }, 'sasl.mechanism'],
    ['an unknown mechanism', { ...login, mechanism: 'gssapi' }, 'sasl.mechanism'],
    ['no user', { mechanism: 'plain', password: PASSWORD }, 'sasl.username'],
    ['no password', { mechanism: 'plain', username: 'a' }, 'sasl.password'],
    ['a password that is no text', { ...login, password: 5 }, 'sasl.password'],
    ['an unknown name', { ...login, passwort: PASSWORD }, 'sasl.passwort'],
    ['the character NUL', { ...login, password: `${PASSWORD}\0` }, 'sasl'],
    [
      'a password with a token',
      { mechanism: 'oauthbearer', token, password: 'x' },
      'sasl.password',
    ],
    ['a token with a password', { ...login, token }, 'sasl.token'],
    ['a token that is no function', { mechanism: 'oauthbearer', token: PASSWORD }, 'sasl.token'],
    [
      'extensions that cannot be sent',
      { mechanism: 'oauthbearer', token, extensions: { auth: 'x' } },
      'sasl.extensions',
    ],
  ])('refuses %s', (_, sasl, option) => {
    const error = refusal({ sasl });
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.context.option).toBe(option);
    expect(inspect(error)).not.toContain(PASSWORD);
  });
});

test('secrets show nowhere: plan, JSON, inspect, explain', () => {
  const ssl = { cert, key: encryptedKey, passphrase: PASSPHRASE };
  const stream = Stream.fromKafka({ topic: 't', schema: { id: 'int64' }, ssl, sasl: login });
  const { plan } = stream.toKafka({ topic: 'u' });
  const shown = [
    inspect(plan, { depth: 20, showHidden: true, getters: true }),
    JSON.stringify(plan),
    stream.toKafka({ topic: 'u' }).explain(),
    stream.explain(),
    `${plan.source.kind === 'kafka' ? plan.source.connection.sasl : ''}`,
    inspect(structuredClone(plan.source.kind === 'kafka' ? plan.source.connection : {}), {
      depth: 20,
    }),
  ];
  const hidden = [PASSWORD, PASSPHRASE, encryptedKey.split('\n')[1]!];
  for (const text of shown) for (const secret of hidden) expect(text).not.toContain(secret);
  expect(stream.explain()).toContain('TLS with a certificate, log-in as alice (plain)');
});

test('a secret gives its text to nobody who does not ask for it', () => {
  const secret = new Secret(PASSWORD);
  expect([String(secret), JSON.stringify({ secret }), inspect({ secret })]).toEqual([
    '[secret]',
    '{"secret":"[secret]"}',
    '{ secret: [secret] }',
  ]);
  expect(secret.reveal()).toBe(PASSWORD);
});

test('a connection in words says how, and who', () => {
  const token = () => 'x';
  const text = (input: ConnectionInput) => connectionToString(resolveConnectionOptions(input));
  expect(text({ brokers: 'a:1,b:2' })).toBe('a:1, b:2');
  expect(text({ ssl: { rejectUnauthorized: false }, rack: 'r1' })).toBe(
    'localhost:9092, TLS, taking any certificate, rack r1',
  );
  expect(text({ sasl: { mechanism: 'oauthbearer', token } })).toBe(
    'localhost:9092, log-in by token (oauthbearer)',
  );
});

test('credentials go on to a sink, but not to other brokers', () => {
  const source = resolveConnectionOptions({ brokers: 'a:1', ssl: true, sasl: login, retries: 3 });
  expect(continueConnection(source, {})).toEqual(source);
  expect(isSameConnection(continueConnection(source, {}), source)).toBe(true);
  const elsewhere = continueConnection(source, { brokers: 'b:1' });
  expect(elsewhere).toEqual(resolveConnectionOptions({ brokers: 'b:1', retries: 3 }));
});

test('connections that differ in a secret alone are not the same', () => {
  const token = () => 'x';
  const of = (sasl: NonNullable<ConnectionInput['sasl']>) => resolveConnectionOptions({ sasl });
  const other = of({ ...login, password: 'another' });
  expect(JSON.stringify(other)).toBe(JSON.stringify(of(login)));
  expect(isSameConnection(other, of(login))).toBe(false);
  expect(isSameConnection(of(login), of(login))).toBe(true);
  const oauth = { mechanism: 'oauthbearer', token } as const;
  expect(isSameConnection(of(oauth), of({ ...oauth }))).toBe(true);
  expect(isSameConnection(of(oauth), of({ ...oauth, token: () => 'x' }))).toBe(false);
});

describe('confluentCloud', () => {
  const cloud = { bootstrapServers: 'pkc-1.confluent.cloud:9092', apiKey: 'K', apiSecret: 'S3' };

  test('is TLS and SASL PLAIN with the key', () => {
    const options = resolveConnectionOptions(confluentCloud(cloud));
    expect(options).toMatchObject({
      brokers: ['pkc-1.confluent.cloud:9092'],
      ssl: { rejectUnauthorized: true },
      sasl: { mechanism: 'plain', username: 'K' },
    });
    const { sasl } = options;
    expect(sasl!.mechanism === 'plain' && sasl!.password.reveal()).toBe('S3');
    expect(inspect(confluentCloud(cloud), { depth: 9 })).not.toContain('S3');
  });

  test.each([
    ['bootstrapServers', { ...cloud, bootstrapServers: '' }],
    ['apiKey', { ...cloud, apiKey: '' }],
    ['apiSecret', { ...cloud, apiSecret: '' }],
    ['apisecret', { ...cloud, apisecret: 'S3' }],
  ])('refuses a wrong %s', (option, input) => {
    expect(() => confluentCloud(input)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', context: { option } }),
    );
  });
});

test.each(['MHcCAQEEIBkg+4/Xcr3t', 'a key on one line', 'x'.repeat(300)])(
  'a key that lost its first line is not repeated: %s',
  (text) => {
    expect(() => resolveConnectionOptions({ ssl: { cert, key: text } })).toThrow(
      /^ssl\.key: the text is no PEM text/,
    );
  },
);
