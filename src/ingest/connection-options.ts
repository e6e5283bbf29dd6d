/** Defaults and checks of what a user says about a connection. */

import { MillraceError } from '../errors.ts';
import { meantName } from '../nearest-name.ts';
import { shownJson, withoutSecrets } from '../shown-value.ts';
import type { ConnectionOptions } from './client.ts';
import { readSasl, readSsl, type SaslInput, type SslInput } from './security-options.ts';

/** What a user may write: every option can be left out, and brokers may be a comma list. */
export interface ConnectionInput
  extends Partial<Omit<ConnectionOptions, 'brokers' | 'ssl' | 'sasl'>> {
  readonly brokers?: string | readonly string[];
  /** `true` trusts whom Node.js trusts. Default: plain text. */
  readonly ssl?: boolean | SslInput;
  readonly sasl?: SaslInput;
}

/** What holds where nothing was said. */
export const CONNECTION_DEFAULTS: ConnectionOptions = Object.freeze({
  client: 'auto',
  brokers: Object.freeze(['localhost:9092']),
  clientId: 'millrace',
  requestTimeoutMs: 30_000,
  connectTimeoutMs: 5_000,
  socketTimeoutMs: 60_000,
  retries: 10,
  retryDelayMs: 100,
  bootstrapTimeoutMs: 10_000,
});

/** Smallest and largest value of each number; all are whole. */
const NUMBER_RANGES = {
  requestTimeoutMs: [1, 3_600_000],
  connectTimeoutMs: [1, 600_000],
  socketTimeoutMs: [1, 3_600_000],
  retries: [0, 1_000],
  retryDelayMs: [1, 60_000],
  bootstrapTimeoutMs: [0, 3_600_000],
} as const;

const CLIENTS = ['auto', 'platformatic', 'kafkajs'] as const;

/** Every name, those without a default among them. */
export const CONNECTION_OPTION_NAMES: readonly string[] = Object.freeze([
  ...Object.keys(CONNECTION_DEFAULTS),
  'ssl',
  'sasl',
  'rack',
]);

/**
 * Fills in the defaults, reads the files of certificates and checks every option. What it has made
 * may be given to it again.
 *
 * Throws `INVALID_OPTION` for a wrong type or range, and for an unknown name, where it says which
 * known name was probably meant.
 */
export function resolveConnectionOptions(input: ConnectionInput = {}): ConnectionOptions {
  for (const name of Object.keys(input)) {
    if (CONNECTION_OPTION_NAMES.includes(name)) continue;
    const meant = meantName(name, CONNECTION_OPTION_NAMES);
    throw invalid(name, `Unknown connection option '${name}'; ${meant}`);
  }
  const ssl = readSsl(input.ssl);
  const sasl = readSasl(input.sasl);
  return Object.freeze({
    client: clientName(input.client ?? CONNECTION_DEFAULTS.client),
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    ...(input.rack === undefined ? {} : { rack: text('rack', input.rack) }),
    brokers: brokerList(input.brokers ?? CONNECTION_DEFAULTS.brokers),
    clientId: text('clientId', input.clientId ?? CONNECTION_DEFAULTS.clientId),
    requestTimeoutMs: wholeNumber('requestTimeoutMs', input),
    connectTimeoutMs: wholeNumber('connectTimeoutMs', input),
    socketTimeoutMs: wholeNumber('socketTimeoutMs', input),
    retries: wholeNumber('retries', input),
    retryDelayMs: wholeNumber('retryDelayMs', input),
    bootstrapTimeoutMs: wholeNumber('bootstrapTimeoutMs', input),
  });
}

/**
 * The options of a sink that goes on with the connection of its source but for what `input` says.
 * Other `brokers` are another cluster, perhaps somebody else's: they do not get our credentials.
 */
export function continueConnection(
  source: ConnectionOptions | undefined,
  input: ConnectionInput,
): ConnectionOptions {
  const { ssl, sasl, ...rest } = source ?? {};
  const secured = { ...(ssl && { ssl }), ...(sasl && { sasl }) };
  const elsewhere = input.brokers !== undefined;
  return resolveConnectionOptions({ ...rest, ...(elsewhere ? {} : secured), ...input });
}

/**
 * Whether both are the same connection, secrets included: those do not show in JSON, and a client
 * must never be shared with somebody who has given other ones.
 */
export function isSameConnection(a: ConnectionOptions, b: ConnectionOptions): boolean {
  if (a === b) return true;
  if (JSON.stringify(a) !== JSON.stringify(b)) return false;
  const [mine, theirs] = [a, b].map(hiddenParts);
  return mine!.every((part, i) => part === theirs![i]);
}

function hiddenParts({ ssl, sasl }: ConnectionOptions): unknown[] {
  const login = sasl?.mechanism === 'oauthbearer' ? sasl.token : sasl?.password.reveal();
  return [login, ssl?.key?.reveal(), ssl?.passphrase?.reveal()];
}

/** Splits `host:port`, IPv6 hosts in brackets. Throws `INVALID_OPTION` where it is not one. */
export function parseBroker(broker: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:\s[\]/]+)):(\d{1,5})$/.exec(broker);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port < 1 || port > 65_535) {
    throw noBroker(withoutSecrets(broker));
  }
  return { host, port };
}

function brokerList(brokers: unknown): readonly string[] {
  const list = typeof brokers === 'string' ? brokers.split(',') : brokers;
  if (!Array.isArray(list) || list.length === 0 || !list.every((b) => typeof b === 'string')) {
    const shown = shownJson(brokers);
    const ask = typeof brokers === 'function' ? ' Call it, and give what it answers.' : '';
    throw invalid('brokers', `brokers is ${shown}; give 'host:port' or a list of them.${ask}`);
  }
  const trimmed = list.map((broker: string) => broker.trim());
  const all = trimmed.join(',');
  // A login in an address, whose password may have commas: the parts are not to be shown by
  // themselves. Whoever writes one must not find it in a log.
  if (all.includes('@')) throw noBroker(withoutSecrets(all).replace(/^.*@/s, '…@'));
  for (const broker of trimmed) parseBroker(broker);
  return Object.freeze([...new Set(trimmed)]);
}

function noBroker(shown: string): MillraceError {
  return invalid('brokers', `'${shown}' is no broker address; write 'host:port'.`);
}

function clientName(value: unknown): ConnectionOptions['client'] {
  const found = CLIENTS.find((name) => name === value);
  if (found !== undefined) return found;
  throw invalid('client', `client is ${shownJson(value)}; give one of ${CLIENTS.join(', ')}.`);
}

function text(option: 'clientId' | 'rack', value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(option, `${option} is ${shownJson(value)}; give a string that is not empty.`);
}

function wholeNumber(name: keyof typeof NUMBER_RANGES, input: ConnectionInput): number {
  const value: unknown = input[name] ?? CONNECTION_DEFAULTS[name];
  const [least, most] = NUMBER_RANGES[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
    return value;
  }
  const wayOut = `give a whole number from ${least} to ${most}.`;
  throw invalid(name, `${name} is ${shownJson(value)}; ${wayOut}`);
}

function invalid(option: string, message: string): MillraceError {
  return new MillraceError(message, { code: 'INVALID_OPTION', context: { option } });
}
