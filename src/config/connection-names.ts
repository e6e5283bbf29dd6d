/** Names of a connection's settings in other clients: servers, security, time-outs. */
import { parseJaas } from './jaas.ts';
import type { KnownName } from './known-name.ts';
import {
  byValue,
  list,
  noted,
  oneOf,
  type Reading,
  refused,
  text,
  trueOrFalse,
  wholeNumber,
} from './reading.ts';

const RETRIES_MAX = 1_000;
const PYTHON = 'it names a Python library; Millrace uses the first of its own that is installed';
/** What OAUTHBEARER takes, which text cannot say. */
export const TOKEN =
  'a token comes from a function: give connection.sasl { mechanism, token } in millrace.config.ts';
const KERBEROS = 'Millrace does not speak Kerberos; use SCRAM, PLAIN, OAUTHBEARER or mTLS';
const JKS =
  'key stores of Java cannot be read; make PEM files of it with keytool -importkeystore ' +
  '-deststoretype PKCS12 and openssl pkcs12';

/** The rows for connections. */
export const CONNECTION_NAMES: readonly KnownName[] = [
  {
    names: ['bootstrap.servers', 'brokers', 'metadata.broker.list'],
    side: 'connection',
    option: 'brokers',
    read: list,
    doc: 'A list, or text with commas.',
  },
  {
    names: ['client', 'library', 'kafka.client'],
    side: 'connection',
    option: 'client',
    read: byValue(
      {
        'kafka-python': () => ({ value: 'auto', note: PYTHON }),
        'confluent-kafka': () => ({ value: 'auto', note: PYTHON }),
        confluent: () => ({ value: 'auto', note: PYTHON }),
        '@platformatic/kafka': () => ({ value: 'platformatic' }),
      },
      oneOf({ auto: 'auto', platformatic: 'platformatic', kafkajs: 'kafkajs' }),
    ),
    doc: 'auto, platformatic or kafkajs; kafka-python and confluent-kafka mean auto.',
  },
  {
    names: ['broker.type'],
    side: 'connection',
    read: byValue(
      { kafka: noted('Kafka is the only one that there is') },
      refused("Kafka is the only one that there is; give 'kafka', or leave it out"),
    ),
    doc: 'kafka, and nothing else.',
  },
  {
    names: ['client.id'],
    side: 'connection',
    option: 'clientId',
    read: text,
    doc: 'As it is.',
  },
  {
    names: ['client.rack'],
    side: 'connection',
    option: 'rack',
    read: text,
    doc: 'As it is.',
  },
  {
    names: ['security.protocol'],
    side: 'connection',
    option: 'securityProtocol',
    read: oneOf({
      plaintext: 'PLAINTEXT',
      ssl: 'SSL',
      sasl_plaintext: 'SASL_PLAINTEXT',
      sasl_ssl: 'SASL_SSL',
    }),
    doc: 'Turns ssl on or off, and says whether there must be sasl.',
  },
  {
    names: ['sasl.mechanism', 'sasl.mechanisms'],
    side: 'connection',
    option: 'sasl.mechanism',
    read: byValue(
      { gssapi: refused(KERBEROS) },
      oneOf({
        plain: 'plain',
        'scram-sha-256': 'scram-sha-256',
        'scram-sha-512': 'scram-sha-512',
        oauthbearer: 'oauthbearer',
      }),
    ),
    doc: 'PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, or OAUTHBEARER beside sasl.token in code.',
  },
  {
    names: ['sasl.username', 'sasl.plain.username', 'username'],
    side: 'connection',
    option: 'sasl.username',
    read: text,
    doc: 'As it is.',
  },
  {
    names: ['sasl.password', 'sasl.plain.password', 'password'],
    side: 'connection',
    option: 'sasl.password',
    read: text,
    isSecret: true,
    doc: 'As it is.',
  },
  {
    names: ['sasl.jaas.config'],
    side: 'connection',
    option: 'sasl.jaas',
    read: jaas,
    isSecret: true,
    doc: 'User name and password of PlainLoginModule or ScramLoginModule.',
  },
  {
    names: ['ssl.ca.location', 'ssl.cafile', 'ssl.ca.pem', 'ssl.ca', 'ssl.truststore.certificates'],
    side: 'connection',
    option: 'ssl.ca',
    read: text,
    doc: 'A path, or PEM text.',
  },
  {
    names: [
      'ssl.certificate.location',
      'ssl.certfile',
      'ssl.certificate.pem',
      'ssl.certificate',
      'ssl.keystore.certificate.chain',
    ],
    side: 'connection',
    option: 'ssl.cert',
    read: text,
    doc: 'A path, or PEM text.',
  },
  {
    names: ['ssl.key.location', 'ssl.keyfile', 'ssl.key.pem', 'ssl.key', 'ssl.keystore.key'],
    side: 'connection',
    option: 'ssl.key',
    read: text,
    isSecret: true,
    doc: 'A path, or PEM text.',
  },
  {
    names: ['ssl.key.password', 'ssl.password'],
    side: 'connection',
    option: 'ssl.passphrase',
    read: text,
    isSecret: true,
    doc: 'As it is.',
  },
  {
    names: ['enable.ssl.certificate.verification'],
    side: 'connection',
    option: 'ssl.rejectUnauthorized',
    read: trueOrFalse,
    doc: 'As it is.',
  },
  {
    names: ['ssl.endpoint.identification.algorithm', 'ssl.check.hostname'],
    side: 'connection',
    read: byValue(
      {
        https: noted("a certificate's host is always checked"),
        true: noted("a certificate's host is always checked"),
      },
      refused(
        "a certificate's host is always checked; give connection.ssl.servername the name that it " +
          'is for',
      ),
    ),
    doc: 'https or true. To accept another name, connection.ssl.servername.',
  },
  {
    names: ['ssl.truststore.location', 'ssl.truststore.password'],
    side: 'connection',
    read: refused(`${JKS}, and give ssl.ca.location`),
    isSecret: true,
    doc: "Java's key stores cannot be read; give PEM files.",
  },
  {
    names: ['ssl.keystore.location', 'ssl.keystore.password'],
    side: 'connection',
    read: refused(`${JKS}, and give ssl.certificate.location and ssl.key.location`),
    isSecret: true,
    doc: "Java's key stores cannot be read; give PEM files.",
  },
  {
    names: ['ssl.truststore.type', 'ssl.keystore.type'],
    side: 'connection',
    read: byValue({ pem: noted('certificates are always PEM') }, refused(JKS)),
    doc: 'PEM, and nothing else.',
  },
  {
    names: ['sasl.kerberos.*'],
    side: 'connection',
    read: refused(KERBEROS),
    isSecret: true,
    doc: 'There is no Kerberos.',
  },
  {
    names: [
      'sasl.oauthbearer.*',
      'sasl.login.*',
      'sasl.oauth.token.provider',
      'oauthbearer.token.refresh.cb',
      'oauth.cb',
      'https.ca.location',
      'https.ca.pem',
      'sasl.client.callback.handler.class',
      'enable.sasl.oauthbearer.*',
    ],
    side: 'connection',
    read: refused(TOKEN),
    isSecret: true,
    doc: 'A token comes from a function, in code.',
  },
  {
    names: ['request.timeout.ms'],
    side: 'connection',
    option: 'requestTimeoutMs',
    read: wholeNumber(),
    doc: 'As it is.',
  },
  {
    names: ['socket.timeout.ms'],
    side: 'connection',
    option: 'socketTimeoutMs',
    read: wholeNumber(),
    doc: 'As it is.',
  },
  {
    names: ['socket.connection.setup.timeout.ms'],
    side: 'connection',
    option: 'connectTimeoutMs',
    read: wholeNumber(),
    doc: 'As it is.',
  },
  {
    names: ['retries', 'message.send.max.retries'],
    side: 'connection',
    option: 'retries',
    read: retries,
    doc: `More than ${RETRIES_MAX} is taken as ${RETRIES_MAX}.`,
  },
  {
    names: ['bootstrap.timeout.ms'],
    side: 'connection',
    option: 'bootstrapTimeoutMs',
    read: wholeNumber(),
    doc: 'As it is.',
  },
  {
    names: ['retry.backoff.ms'],
    side: 'connection',
    option: 'retryDelayMs',
    read: wholeNumber(),
    doc: 'As it is.',
  },
];

// Kafka's own default is 2,147,483,647, which people write out.
function retries(value: unknown): Reading {
  const reading = wholeNumber()(value);
  if (!('value' in reading) || (reading.value as number) <= RETRIES_MAX) return reading;
  return { value: RETRIES_MAX, note: `taken as ${RETRIES_MAX}, the most that there is` };
}

function jaas(value: unknown): Reading {
  const login = typeof value === 'string' ? parseJaas(value) : undefined;
  if (login === undefined) {
    return { problem: 'write \'<login module> required username="…" password="…";\'' };
  }
  if (!['PlainLoginModule', 'ScramLoginModule'].includes(login.module)) {
    const other = login.module === 'OAuthBearerLoginModule' ? TOKEN : KERBEROS;
    return { problem: `of the login modules Plain and Scram can be read; ${other}` };
  }
  const username = login.options.get('username');
  const password = login.options.get('password');
  if (username === undefined || password === undefined) {
    return { problem: 'it must say both username="…" and password="…"' };
  }
  const isPlain = login.module === 'PlainLoginModule';
  return { value: { username, password, isPlain } };
}
