/** Encryption and authentication as users write them, checked and made what clients take. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { MillraceError } from '../errors.ts';
import { meantName } from '../nearest-name.ts';
import { shownJson } from '../shown-value.ts';
import type { SaslOptions, SslOptions } from './client.ts';
import { Secret } from './secret.ts';

/** How to encrypt. Certificates and keys are PEM texts, or paths of files that hold them. */
export interface SslInput {
  /** Authorities to trust in place of the system's; default those that Node.js trusts. */
  readonly ca?: string | readonly string[];
  /** This client's certificate (mTLS), with its chain; takes `key`. */
  readonly cert?: string;
  /** The certificate's private key. */
  readonly key?: string | Secret;
  /** What an encrypted `key` is encrypted with. */
  readonly passphrase?: string | Secret;
  /** The name that the brokers' certificates must be for; default: the host connected to. */
  readonly servername?: string;
  /** `false` takes any certificate, so anyone can listen in: for trials. Default true. */
  readonly rejectUnauthorized?: boolean;
}

/** How to log in. Mechanisms may be in upper case, as Kafka writes them. */
export type SaslInput =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string | Secret;
    }
  | {
      readonly mechanism: 'oauthbearer';
      /** Called for each connection that is made; keep what it gives while it is valid. */
      readonly token: () => string | Promise<string>;
      /** SASL extensions, such as `logicalCluster`. */
      readonly extensions?: Readonly<Record<string, string>>;
    };

const SSL_NAMES = ['ca', 'cert', 'key', 'passphrase', 'servername', 'rejectUnauthorized'];
const PASSWORD_NAMES = ['mechanism', 'username', 'password'];
const TOKEN_NAMES = ['mechanism', 'token', 'extensions'];
/** Every name that a log-in has, of whatever mechanism. */
export const SASL_NAMES: readonly string[] = [...new Set([...PASSWORD_NAMES, ...TOKEN_NAMES])];
const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;
/** What those who log in by kafkajs write here. */
const SASL_HINTS: Readonly<Record<string, string>> = {
  oauthBearerProvider: 'here it is token, a function that gives the text of the token alone',
  authenticationProvider: `it has no counterpart: mechanism is one of ${MECHANISMS.join(', ')}`,
  authorizationIdentity: 'it has no counterpart: whoever logs in is who acts',
};
const AWS_NAMES = ['accessKeyId', 'secretAccessKey', 'sessionToken'];
const PEM_START = '-----BEGIN ';

/**
 * The options of TLS, files read; `undefined` where there shall be none (`false` or nothing).
 *
 * Throws `INVALID_OPTION` for a file that cannot be read, a certificate without its key, a wrong
 * passphrase, and whatever else OpenSSL does not take.
 */
export function readSsl(input: unknown): SslOptions | undefined {
  if (input === undefined || input === false) return undefined;
  if (input === true) return Object.freeze({ rejectUnauthorized: true });
  const given = record('ssl', input, SSL_NAMES, 'true or an object such as { ca: "ca.pem" }');
  const cert = given.cert === undefined ? undefined : pem('ssl.cert', given.cert);
  const key = given.key === undefined ? undefined : pem('ssl.key', given.key);
  const passphrase =
    given.passphrase === undefined ? undefined : secret('ssl', given, 'passphrase');
  const servername = given.servername === undefined ? undefined : text('ssl', given, 'servername');
  const rejectUnauthorized = given.rejectUnauthorized ?? true;
  if (typeof rejectUnauthorized !== 'boolean') {
    throw invalid('ssl.rejectUnauthorized', 'give true or false.');
  }
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? 'ssl.cert' : 'ssl.key';
    throw invalid(missing, 'is missing: a client certificate takes both cert and key.');
  }
  const options: SslOptions = Object.freeze({
    ...(given.ca === undefined ? {} : { ca: authorities(given.ca) }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key: new Secret(key) }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(servername === undefined ? {} : { servername }),
    rejectUnauthorized,
  });
  checkLoads(options);
  return options;
}

/** The options of SASL; `undefined` where nothing was given. Throws `INVALID_OPTION`. */
export function readSasl(input: unknown): SaslOptions | undefined {
  if (input === undefined) return undefined;
  const given = record(
    'sasl',
    input,
    SASL_NAMES,
    'an object such as { mechanism, username, password }',
  );
  const mechanism = mechanismOf(given.mechanism);
  if (mechanism === 'oauthbearer') {
    record('sasl', input, TOKEN_NAMES, '');
    const { token } = given;
    if (typeof token !== 'function') {
      throw invalid('sasl.token', 'give a function that returns a token, or a promise of one.');
    }
    const extensions = given.extensions === undefined ? {} : { extensions: extensionsOf(given) };
    return Object.freeze({
      mechanism,
      token: token as () => string | Promise<string>,
      ...extensions,
    });
  }
  record('sasl', input, PASSWORD_NAMES, '');
  const username = text('sasl', given, 'username');
  const password = secret('sasl', given, 'password');
  // PLAIN has nothing but NUL between the two.
  if (username.includes('\0') || password.reveal().includes('\0')) {
    throw invalid('sasl', 'username and password cannot hold the character NUL.');
  }
  return Object.freeze({ mechanism, username, password });
}

function mechanismOf(value: unknown): SaslOptions['mechanism'] {
  const wanted = typeof value === 'string' ? value.toLowerCase() : undefined;
  const found = MECHANISMS.find((mechanism) => mechanism === wanted);
  if (found !== undefined) return found;
  const shown = value === undefined ? 'missing' : shownJson(value);
  throw invalid('sasl.mechanism', `it is ${shown}; give one of ${MECHANISMS.join(', ')}.`);
}

function extensionsOf(given: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const { extensions } = given;
  const entries = typeof extensions === 'object' && extensions !== null ? extensions : undefined;
  // RFC 7628: names are letters, values are printable.
  const fits = ([name, value]: [string, unknown]) =>
    /^[a-zA-Z]+$/.test(name) && name !== 'auth' && /^[\x20-\x7e\t\r\n]*$/.test(String(value));
  if (entries === undefined || !Object.entries(entries).every(fits)) {
    throw invalid('sasl.extensions', "give an object such as { logicalCluster: 'lkc-1' }.");
  }
  return Object.freeze({ ...(entries as Record<string, string>) });
}

function authorities(ca: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(ca) ? ca : [ca];
  if (list.length === 0) throw invalid('ssl.ca', 'the list is empty; name one authority at least.');
  return Object.freeze(list.map((one) => pem('ssl.ca', one)));
}

/** What is longer is no path that somebody wrote, but a text that lost its first line. */
const PATH_LENGTH_MAX = 260;

/** A PEM text, from a file where it is not one itself. */
function pem(option: string, value: unknown): string {
  const given = value instanceof Secret ? value.reveal() : value;
  if (typeof given !== 'string' || given === '') {
    throw invalid(option, 'give a PEM text or the path of a file that holds one.');
  }
  if (given.includes(PEM_START)) return given;
  let read: string;
  try {
    read = readFileSync(given, 'utf8');
  } catch (cause) {
    // Where a PEM text was meant and is damaged, the message must not print it.
    const path = looksLikePath(given) ? `'${given}'` : 'the text';
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw invalid(option, `${path} is no PEM text and cannot be read as a file (${reason}).`);
  }
  if (read.includes(PEM_START)) return read;
  throw invalid(option, `the file '${given}' holds no PEM text (it has no ${PEM_START.trim()}).`);
}

function looksLikePath(text: string): boolean {
  const { length } = text;
  return length < PATH_LENGTH_MAX && /[./\\]/.test(text) && !/[\n\r=+]/.test(text);
}

/** Hands everything to OpenSSL once, so that mistakes come out here and not at each connection. */
function checkLoads({ ca, cert, key, passphrase }: SslOptions): void {
  try {
    createSecureContext({
      ...(ca === undefined ? {} : { ca: [...ca] }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key: key.reveal() }),
      ...(passphrase === undefined ? {} : { passphrase: passphrase.reveal() }),
    });
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (/BAD_DECRYPT|INTERRUPTED_OR_CANCELLED|BAD_PASSWORD/.test(code)) {
      throw invalid('ssl.passphrase', 'it does not open the encrypted ssl.key.');
    }
    throw invalid('ssl', `OpenSSL does not take the certificates or the key (${message}).`);
  }
}

function record(
  option: string,
  input: unknown,
  known: readonly string[],
  wanted: string,
): Readonly<Record<string, unknown>> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalid(option, `it is of type ${typeof input}; give ${wanted}.`);
  }
  for (const name of Object.keys(input)) {
    if (known.includes(name)) continue;
    const wayOut = option === 'sasl' ? saslHint(name) : undefined;
    throw invalid(
      `${option}.${name}`,
      `there is no such option; ${wayOut ?? meantName(name, known)}`,
    );
  }
  return input as Readonly<Record<string, unknown>>;
}

function saslHint(name: string): string | undefined {
  if (Object.hasOwn(SASL_HINTS, name)) return SASL_HINTS[name];
  return AWS_NAMES.includes(name) ? SASL_HINTS.authenticationProvider : undefined;
}

function text(owner: string, given: Readonly<Record<string, unknown>>, name: string): string {
  const value = given[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(`${owner}.${name}`, 'give a string that is not empty.');
}

function secret(owner: string, given: Readonly<Record<string, unknown>>, name: string): Secret {
  const value = given[name];
  if (!(value instanceof Secret)) return new Secret(text(owner, given, name));
  text(owner, { [name]: value.reveal() }, name);
  return value;
}

// What was given is not shown: it may be the secret itself, in the wrong place.
function invalid(option: string, wayOut: string): MillraceError {
  return new MillraceError(`${option}: ${wayOut}`, { code: 'INVALID_OPTION', context: { option } });
}
