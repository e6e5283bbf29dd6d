import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { describeConfig } from '../../src/config/describe.ts';
import { configFrom } from '../../src/config/load.ts';
import { KNOWN_NAMES } from '../../src/config/names.ts';
import { toSinkOptions, toSourceOptions } from '../../src/config/stream-options.ts';
import { MillraceError } from '../../src/errors.ts';
import { Secret } from '../../src/ingest/secret.ts';

const PASSWORD = 'hunter2-very-secret';
const LOGIN = { 'sasl.mechanism': 'PLAIN', 'sasl.username': 'app', 'sasl.password': PASSWORD };

const shownEverywhere = (value: unknown) => {
  const json = JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}` : one));
  return `${inspect(value, { depth: 9, showHidden: true })}${json}`;
};

function messageOf(input: Readonly<Record<string, unknown>>): string {
  try {
    configFrom(input);
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError);
    expect(shownEverywhere((error as MillraceError).toPlain())).not.toContain(PASSWORD);
    expect(inspect(error)).not.toContain(PASSWORD);
    return (error as MillraceError).message.replace(/^configFrom: /, '');
  }
  throw new Error('nothing was thrown');
}

describe('security.protocol', () => {
  test.each([
    ['PLAINTEXT', {}, false],
    ['SSL', {}, true],
    ['SASL_PLAINTEXT', LOGIN, false],
    ['sasl_ssl', LOGIN, true],
  ])('%s', (protocol, login, ssl) => {
    const { connection } = configFrom({ 'security.protocol': protocol, ...login });
    expect(connection.ssl).toBe(ssl);
    expect(connection.sasl?.mechanism).toBe('sasl.mechanism' in login ? 'plain' : undefined);
    expect(Object.keys(connection)).not.toContain('securityProtocol');
  });

  test('a certificate of the authority goes with TLS', () => {
    const pem = '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----';
    const { connection } = configFrom({ 'security.protocol': 'SSL', ssl_ca_location: pem });
    expect(connection.ssl).toEqual({ ca: pem });
    expect(messageOf({ security_protocol: 'SSL', ssl_cafile: '/nowhere/ca.pem' })).toBe(
      "ssl.ca: '/nowhere/ca.pem' is no PEM text and cannot be read as a file (ENOENT). (given as " +
        'ssl_cafile in configFrom)',
    );
  });

  test.each([
    [
      { 'security.protocol': 'PLAINTEXT', 'ssl.ca.location': 'ca.pem' },
      "security.protocol='PLAINTEXT' and ssl.ca.location='ca.pem' contradict each " +
        'other; give SSL ' +
        'to encrypt, or take ssl.ca.location away',
    ],
    [
      { security_protocol: 'SASL_PLAINTEXT', ssl_key_password: PASSWORD, ...LOGIN },
      "security_protocol='SASL_PLAINTEXT' and ssl_key_password contradict each " +
        'other; give SASL_SSL ' +
        'to encrypt, or take ssl_key_password away',
    ],
    [
      { 'security.protocol': 'SSL', ...LOGIN },
      "security.protocol='SSL' and sasl.mechanism='plain' contradict each other; " +
        'give SASL_SSL to ' +
        'log in, or take sasl.mechanism away',
    ],
    [
      { 'security.protocol': 'SSL', connection: { ssl: false } },
      "security.protocol='SSL' and connection.ssl=false contradict each other; take " +
        'one of them away',
    ],
    [
      { 'millrace.connection.ssl': 'false', 'ssl.ca.location': 'ca.pem' },
      "millrace.connection.ssl=false and ssl.ca.location='ca.pem' contradict each other; take " +
        'one of them away',
    ],
    [
      { 'security.protocol': 'SASL_SSL' },
      "security.protocol='SASL_SSL' takes a login; give sasl.mechanism, sasl.username and " +
        'sasl.password, too',
    ],
    [
      LOGIN,
      'sasl.mechanism takes security.protocol, too; give SASL_SSL, or SASL_PLAINTEXT where the ' +
        'network is yours alone',
    ],
    [
      { 'security.protocol': 'SASL_SSL', 'sasl.username': 'a', 'sasl.password': PASSWORD },
      'sasl.username takes sasl.mechanism, too; give PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512',
    ],
    [
      { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'PLAIN', 'sasl.username': 'a' },
      "sasl.mechanism='plain' takes sasl.password, too",
    ],
    [
      { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'OAUTHBEARER' },
      "sasl.mechanism='oauthbearer': a token comes from a function: give connection.sasl " +
        '{ mechanism, token } in millrace.config.ts',
    ],
    [
      { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'GSSAPI' },
      "sasl.mechanism is 'GSSAPI'; Millrace does not speak Kerberos; use SCRAM, " +
        'PLAIN, OAUTHBEARER ' +
        'or mTLS',
    ],
    [
      { 'ssl.endpoint.identification.algorithm': '' },
      "ssl.endpoint.identification.algorithm is ''; a certificate's host is always checked; give " +
        'connection.ssl.servername the name that it is for',
    ],
  ])('%j', (input, expected) => {
    expect(messageOf(input)).toBe(expected);
  });

  test('a function in code completes OAUTHBEARER', () => {
    const token = () => 'token';
    const { connection } = configFrom({
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'OAUTHBEARER',
      connection: { sasl: { token } },
    });
    expect(connection).toEqual({ ssl: true, sasl: { mechanism: 'oauthbearer', token } });
  });

  test('each side may have its own', () => {
    const config = configFrom({
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'consumer.sasl.username': 'reader',
      'consumer.sasl.password': PASSWORD,
      'producer.sasl.username': 'writer',
      'producer.sasl.password': PASSWORD,
    });
    const login = (username: string) => ({
      mechanism: 'scram-sha-512',
      username,
      password: new Secret(PASSWORD),
    });
    expect(toSourceOptions(config)).toEqual({ ssl: true, sasl: login('reader') });
    expect(toSinkOptions(config, { topic: 't' })).toEqual({
      topic: 't',
      ssl: true,
      sasl: login('writer'),
    });
  });
});

describe('sasl.jaas.config', () => {
  const jaas = (rest: string, module = 'plain.PlainLoginModule') =>
    `org.apache.kafka.common.security.${module} required${rest}`;
  const read = (line: string, mechanism = 'PLAIN') =>
    configFrom({
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': mechanism,
      'sasl.jaas.config': line,
    }).connection.sasl as { mechanism: string; username: string; password: Secret };

  test.each([
    [jaas(' username="app" password="p\\"w\\\\;d";'), 'app', 'p"w\\;d'],
    [jaas('\n  username = app\n  password=secret'), 'app', 'secret'],
    [jaas(" username='a b' password='x=y' ;"), 'a b', 'x=y'],
  ])('%j', (line, username, password) => {
    const sasl = read(line);
    expect(sasl.username).toBe(username);
    expect(sasl.password.reveal()).toBe(password);
    expect(read(line.replace('plain.Plain', 'scram.Scram'), 'SCRAM-SHA-256').mechanism).toBe(
      'scram-sha-256',
    );
  });

  test('messages name it, and never quote it', () => {
    const base = { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'PLAIN' };
    const of = (line: string) => messageOf({ ...base, 'sasl.jaas.config': line });
    expect(of(`username=a password=${PASSWORD}`)).toBe(
      'sasl.jaas.config: write \'<login module> required username="…" password="…";\'',
    );
    expect(of(jaas(` password="${PASSWORD}";`))).toBe(
      'sasl.jaas.config: it must say both username="…" and password="…"',
    );
    expect(of(jaas(` a="${PASSWORD}";`, 'oauthbearer.OAuthBearerLoginModule'))).toMatch(
      /^sasl\.jaas\.config: of the login modules Plain and Scram can be read; a token comes/,
    );
    // The module is Plain's, the mechanism is not.
    expect(
      messageOf({
        'security.protocol': 'SASL_SSL',
        'sasl.mechanism': 'SCRAM-SHA-256',
        'sasl.jaas.config': jaas(` username="a" password="${PASSWORD}";`),
      }),
    ).toMatch(/^sasl\.mechanism='scram-sha-256' and sasl\.jaas\.config='plain' contradict/);
    // Another password beside it.
    expect(
      messageOf({
        ...base,
        'sasl.password': PASSWORD,
        'sasl.jaas.config': jaas(' username="a" password="other";'),
      }),
    ).toBe(
      'sasl.password and sasl.jaas.config contradict each other, both are ' +
        'connection.sasl.password; ' +
        'keep one',
    );
  });
});

test('secrets are nowhere in what is printed', () => {
  const config = configFrom({
    'security.protocol': 'SASL_SSL',
    ...LOGIN,
    'producer.sasl.password': `${PASSWORD}-2`,
  });
  const source = toSourceOptions(config);
  const sink = toSinkOptions(config, { topic: 't' });
  for (const value of [config, source, sink]) {
    expect(shownEverywhere(value)).not.toContain(PASSWORD);
  }
  const text = describeConfig(config);
  expect(text).not.toContain(PASSWORD);
  expect(text).toMatch(
    /^connection\.sasl\.password = \[secret\] +# sasl\.password in configFrom$/m,
  );
  // And still there for who must know them.
  expect((source.sasl as { password: Secret }).password.reveal()).toBe(PASSWORD);
  expect((sink.sasl as { password: Secret }).password.reveal()).toBe(`${PASSWORD}-2`);
  const own = { connection: { sasl: { mechanism: 'plain', username: 'a', password: PASSWORD } } };
  expect(describeConfig(own as never)).not.toContain(PASSWORD);
  expect(shownEverywhere(configFrom(own))).not.toContain(PASSWORD);
});

describe('a secret in the wrong place', () => {
  const names = KNOWN_NAMES.filter(({ isSecret, option }) => isSecret && option !== 'ssl.key')
    .flatMap(({ names }) => names)
    .map((name) => name.replace('*', 'password'));
  const own = ['connection.sasl.password', 'sink.ssl.passphrase', 'source.sasl.token'];
  const all = [...names, 'sasl.pasword', ...own.map((path) => `millrace.${path}`)];
  // An object, a list, and text: whatever is wrong with it, it is not quoted.
  const values = [PASSWORD, [PASSWORD], { deep: PASSWORD }];

  test.each(all)('as %s, is in no message', (name) => {
    expect(all.length).toBeGreaterThan(15);
    for (const value of values) {
      // A passphrase that no key needs is no mistake.
      const isFine = value === PASSWORD && /ssl\.(key\.|pass)(?!store)/.test(name);
      if (isFine) expect(shownEverywhere(configFrom({ [name]: value }))).not.toContain(PASSWORD);
      else messageOf({ [name]: value });
      messageOf({ 'security.protocol': 'SSL', 'ssl.cert': 'x', [name]: value });
    }
  });
});

test('a key is secret, the path of one is not', () => {
  const path = { connection: { ssl: { cert: 'client.pem', key: 'client.key' } } };
  expect(describeConfig(path)).toContain("connection.ssl.key = 'client.key'");
  const key = `-----BEGIN PRIVATE KEY-----\n${PASSWORD}\n-----END PRIVATE KEY-----`;
  expect(describeConfig({ connection: { ssl: { cert: 'client.pem', key } } })).toContain(
    'connection.ssl.key = [secret]',
  );
  expect(messageOf({ 'ssl.key.pem': key, 'ssl.certificate.pem': 'nowhere.pem' })).toMatch(
    /^ssl\.cert: 'nowhere\.pem' is no PEM text/,
  );
});

test('a side with brokers of its own gets no credentials of the common connection', () => {
  const config = configFrom({
    'bootstrap.servers': 'a:1',
    'security.protocol': 'SASL_SSL',
    ...LOGIN,
    'producer.bootstrap.servers': 'elsewhere:1',
  });
  expect(toSinkOptions(config, { topic: 't' })).toEqual({ topic: 't', brokers: ['elsewhere:1'] });
  expect(toSourceOptions(config)).toMatchObject({ brokers: ['a:1'], ssl: true });
});
