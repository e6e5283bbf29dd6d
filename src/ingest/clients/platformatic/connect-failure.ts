/** Why a connection did not come about, told apart by what can mend it. */
import { AuthenticationError, NetworkError, TimeoutError, UserError } from '@platformatic/kafka';
import { MillraceError } from '../../../errors.ts';
import type { ConnectionOptions, SslOptions } from '../../client.ts';
import type { BrokerAddress } from './connections.ts';
import { toMillraceError } from './errors.ts';

/** `context.reason` where the broker ended the handshake of TLS without saying why. */
export const SILENT_END = 'closed';

/** Causes that are looked through, so that a circle of them has an end. */
const CAUSES_MAX = 16;

/** What to do about the certificates' errors that Node.js names in words of OpenSSL. */
const CERTIFICATE_ADVICE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the broker's certificate has expired; it needs a new one",
  CERT_NOT_YET_VALID: "the broker's certificate is not valid yet; check the clocks",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the broker's certificate is for another host; connect by a name that is in it, or give " +
    'ssl.servername',
};
const UNTRUSTED =
  "the broker's certificate is of an authority that is not trusted here; give that one's " +
  'certificate in ssl.ca';
const UNTRUSTED_CODES = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]);

/** The alerts with which a broker turns a client's certificate down. */
const CLIENT_CERTIFICATE_ALERT =
  /ALERT_(CERTIFICATE_(REQUIRED|EXPIRED|REVOKED|UNKNOWN)|BAD_CERTIFICATE|UNKNOWN_CA|NO_CERTIFICATE|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)|ALERT_HANDSHAKE_FAILURE/;

/**
 * `error` as one of ours: `AUTHENTICATION_FAILED`, `TLS_FAILED` or `UNKNOWN_HOST`, none of which
 * passes by trying again, else as `toMillraceError` says.
 *
 * @param heard what the socket itself reported; requests on it know only that it has closed.
 */
export function connectFailure(
  error: unknown,
  heard: unknown,
  address: BrokerAddress,
  options: Pick<ConnectionOptions, 'ssl' | 'sasl'>,
): MillraceError {
  if (error instanceof MillraceError) return error;
  const broker = `${address.host}:${address.port}`;
  const what = `Connecting to ${broker}`;
  const causes = causesOf(error);
  const chain = [...causes, ...causesOf(heard)];
  return (
    refusedCredentials(causes, what, broker, options, error) ??
    failedTls(chain, what, broker, options, error) ??
    unknownHost(chain, what, broker, address.host, error) ??
    toMillraceError(error, what, { broker })
  );
}

function refusedCredentials(
  chain: readonly Error[],
  what: string,
  broker: string,
  { sasl }: Pick<ConnectionOptions, 'sasl'>,
  cause: unknown,
): MillraceError | undefined {
  const refused = chain.findIndex((link) => link instanceof AuthenticationError);
  if (refused < 0 || sasl === undefined) return undefined;
  // The library calls it a refusal, too, where the connection was lost in the middle of a log-in.
  const behind = chain.slice(refused);
  if (behind.some((link) => link instanceof NetworkError || link instanceof TimeoutError)) {
    return undefined;
  }
  const kafka = behind.map(kafkaErrorIn).find((name) => name !== undefined);
  const { mechanism } = sasl;
  const who = sasl.mechanism === 'oauthbearer' ? 'the token' : `user '${sasl.username}'`;
  const said = (kafka?.message ?? behind.at(-1)?.message ?? '').replace(/\.?$/, '.');
  const [reason, wayOut] = SASL_ERRORS.get(kafka?.name ?? '') ?? [
    `the log-in of ${who} (${mechanism}) failed`,
    'Check the mechanism and the credentials in sasl.',
  ];
  return new MillraceError(`${what}: ${reason}. ${said} ${wayOut}`, {
    code: 'AUTHENTICATION_FAILED',
    context: { broker, mechanism, ...(kafka === undefined ? {} : { kafkaError: kafka.name }) },
    cause,
  });
}

/** Kafka's errors of logging in for which it is not the credentials that are wrong. */
const SASL_ERRORS = new Map<string, readonly [reason: string, wayOut: string]>([
  [
    'UNSUPPORTED_SASL_MECHANISM',
    ['the broker does not take sasl.mechanism', 'Give one that this listener has enabled.'],
  ],
  [
    'ILLEGAL_SASL_STATE',
    ['this listener does not ask for a log-in', 'Leave sasl out, or use the listener with SASL.'],
  ],
]);

function failedTls(
  chain: readonly Error[],
  what: string,
  broker: string,
  { ssl }: Pick<ConnectionOptions, 'ssl'>,
  cause: unknown,
): MillraceError | undefined {
  for (const link of chain) {
    const reason = tlsReason(link, ssl);
    if (reason === undefined) continue;
    const { code = 'unknown' } = link as NodeJS.ErrnoException;
    const silent = link instanceof UserError && ssl !== undefined;
    return new MillraceError(`${what}: ${reason}.`, {
      code: 'TLS_FAILED',
      context: { broker, reason: silent ? SILENT_END : code },
      cause,
    });
  }
  return undefined;
}

function tlsReason(link: Error, ssl: SslOptions | undefined): string | undefined {
  if (link instanceof UserError) {
    if (/requires TLS/.test(link.message)) return 'the broker speaks TLS on this port; give ssl';
    if (!/TLS handshake failed/.test(link.message)) return undefined;
    return 'the broker does not speak TLS on this port; leave ssl out, or use its port for TLS';
  }
  const { code } = link as NodeJS.ErrnoException;
  if (ssl === undefined || typeof code !== 'string') return undefined;
  const advice = CERTIFICATE_ADVICE[code] ?? (UNTRUSTED_CODES.has(code) ? UNTRUSTED : undefined);
  if (advice !== undefined) return advice;
  if (CLIENT_CERTIFICATE_ALERT.test(code)) {
    return ssl.cert === undefined
      ? 'the broker asks for a certificate of this client; give ssl.cert and ssl.key'
      : "the broker does not take this client's certificate, ssl.cert: it has expired, or is of " +
          'an authority that the broker does not trust';
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return 'the broker does not speak TLS on this port; leave ssl out, or use its port for TLS';
  }
  const isTls = /^(ERR_SSL_|ERR_TLS_|CERT_|EPROTO$|UNABLE_TO_|INVALID_CA|PATH_LENGTH|CRL_)/;
  return isTls.test(code) ? `the TLS handshake failed (${link.message})` : undefined;
}

function unknownHost(
  chain: readonly Error[],
  what: string,
  broker: string,
  host: string,
  cause: unknown,
): MillraceError | undefined {
  // EAI_AGAIN, a name server that does not answer, passes.
  const isUnknown = chain.some((link) => (link as NodeJS.ErrnoException).code === 'ENOTFOUND');
  if (!isUnknown) return undefined;
  const message =
    `${what}: the host '${host}' is not known. Check the name; where it is not one of brokers, ` +
    'the broker gives it to its clients (advertised.listeners).';
  return new MillraceError(message, { code: 'UNKNOWN_HOST', context: { broker, host }, cause });
}

/** Kafka's own error inside one of the library's. */
function kafkaErrorIn(link: Error): { name: string; message: string } | undefined {
  if (!('apiId' in link) || typeof link.apiId !== 'string') return undefined;
  const { serverErrorMessage } = link as { serverErrorMessage?: unknown };
  const said = typeof serverErrorMessage === 'string' ? serverErrorMessage : link.message;
  return { name: link.apiId, message: said };
}

/** The error, what lies behind it, and the parts of those that are several. */
function causesOf(error: unknown): Error[] {
  const found: Error[] = [];
  const open: unknown[] = [error];
  while (open.length > 0 && found.length < CAUSES_MAX) {
    const next = open.shift();
    if (!(next instanceof Error)) continue;
    found.push(next);
    if (next instanceof AggregateError) open.push(...next.errors);
    open.push(next.cause);
  }
  return found;
}
