/** Listeners of the embedded Kafka that encrypt and ask who is there. */
import { MillraceError } from '../errors.ts';
import type { KafkaConfig } from './node-config.ts';

/** TLS of a listener; all are PEM texts. */
export interface ListenerTls {
  /** The broker's certificate, with its chain. */
  readonly cert: string;
  /** Its private key, PKCS #8, not encrypted. */
  readonly key: string;
  /** Clients must show a certificate of this authority (mTLS); default: they need none. */
  readonly clientCa?: string;
}

/** Who may log in at a listener, and how. Users are password by name. */
export interface ListenerSasl {
  /** PLAIN. */
  readonly plain?: Readonly<Record<string, string>>;
  /** SCRAM-SHA-256 and SCRAM-SHA-512; the users are those of the cluster, whatever the listener. */
  readonly scram?: Readonly<Record<string, string>>;
  /** OAUTHBEARER with unsecured JSON Web Tokens (`alg: none`), which anybody can make. */
  readonly oauthbearer?: boolean;
}

/** One listener beside the one without encryption and log-in that every broker has. */
export interface SecureListener {
  /** Default: no encryption. */
  readonly tls?: ListenerTls;
  /** Default: anybody is let in. */
  readonly sasl?: ListenerSasl;
  /** The host that brokers give to clients as their own; default `127.0.0.1`. */
  readonly advertisedHost?: string;
  /** Further settings of this listener, by Kafka's names without `listener.name.<name>.`. */
  readonly config?: KafkaConfig;
}

/** Listeners by name: upper-case letters, digits and `_`, such as `SECURE`. */
export type SecureListeners = Readonly<Record<string, SecureListener>>;

const RESERVED = ['PLAINTEXT', 'CONTROLLER'];
/** Kafka's names of both. */
export const SCRAM_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const PLAIN_MODULE = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const SCRAM_MODULE = 'org.apache.kafka.common.security.scram.ScramLoginModule';
const OAUTH_MODULE = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule';

/** @throws {@link MillraceError} `INVALID_OPTION` for a name that cannot be used */
export function checkListenerNames(listeners: SecureListeners): void {
  for (const name of Object.keys(listeners)) {
    if (/^[A-Z][A-Z0-9_]*$/.test(name) && !RESERVED.includes(name)) continue;
    throw new MillraceError(
      `listeners has the name "${name}": give upper-case letters, digits and _, such as SECURE, ` +
        `and not ${RESERVED.join(' or ')}`,
      { code: 'INVALID_OPTION', context: { listener: name } },
    );
  }
}

/** Kafka's name for what a listener speaks. */
export function listenerProtocol({ tls, sasl }: SecureListener): string {
  if (tls === undefined) return sasl === undefined ? 'PLAINTEXT' : 'SASL_PLAINTEXT';
  return sasl === undefined ? 'SSL' : 'SASL_SSL';
}

/** The settings of one listener, by Kafka's full names. */
export function listenerConfig(name: string, listener: SecureListener): KafkaConfig {
  const settings = {
    ...(listener.tls === undefined ? {} : tlsConfig(listener.tls)),
    ...(listener.sasl === undefined ? {} : saslConfig(listener.sasl)),
    ...listener.config,
  };
  const prefix = `listener.name.${name.toLowerCase()}.`;
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [prefix + key, value]));
}

/** Every user of SCRAM, password by name. */
export function scramUsers(listeners: SecureListeners): Readonly<Record<string, string>> {
  return Object.assign({}, ...Object.values(listeners).map(({ sasl }) => sasl?.scram ?? {}));
}

function tlsConfig({ cert, key, clientCa }: ListenerTls): KafkaConfig {
  const client: KafkaConfig =
    clientCa === undefined
      ? {}
      : {
          'ssl.client.auth': 'required',
          'ssl.truststore.type': 'PEM',
          'ssl.truststore.certificates': clientCa,
        };
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': cert,
    'ssl.keystore.key': key,
    ...client,
  };
}

function saslConfig({ plain, scram, oauthbearer }: ListenerSasl): KafkaConfig {
  const mechanisms: string[] = [];
  const settings: Record<string, string> = {};
  if (plain !== undefined) {
    mechanisms.push('PLAIN');
    const users = Object.entries(plain).map(
      ([user, password]) => `user_${user}=${quoted(password)}`,
    );
    settings['plain.sasl.jaas.config'] = `${PLAIN_MODULE} required ${users.join(' ')};`;
  }
  if (scram !== undefined) {
    for (const mechanism of SCRAM_MECHANISMS) {
      mechanisms.push(mechanism);
      settings[`${mechanism.toLowerCase()}.sasl.jaas.config`] = `${SCRAM_MODULE} required;`;
    }
  }
  if (oauthbearer === true) {
    mechanisms.push('OAUTHBEARER');
    settings['oauthbearer.sasl.jaas.config'] = `${OAUTH_MODULE} required;`;
  }
  return { 'sasl.enabled.mechanisms': mechanisms.join(','), ...settings };
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
