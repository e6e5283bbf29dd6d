/** Why connections do not come about, as sockets and brokers tell it: for every client library. */
import { MillraceError } from '../../errors.ts';
import type { SslOptions } from '../client.ts';
import { TokenError } from './bearer-token.ts';

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

/** `context.reason` where the broker ended the handshake of TLS without saying why. */
export const SILENT_END = 'closed';
/** What that means. */
export const NO_TLS =
  'the broker does not speak TLS on this port; leave ssl out, or use its port for TLS';

/** The alerts with which a broker turns a client's certificate down. */
const CLIENT_CERTIFICATE_ALERTS = [
  'CERTIFICATE_REQUIRED',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_REVOKED',
  'CERTIFICATE_UNKNOWN',
  'UNSUPPORTED_CERTIFICATE',
  'BAD_CERTIFICATE',
  'NO_CERTIFICATE',
  'UNKNOWN_CA',
  'ACCESS_DENIED',
  // What remains where a broker with TLS 1.2 gets no certificate.
  'HANDSHAKE_FAILURE',
].map((alert) => `ALERT_${alert}`);

/** What to do about a socket's error of TLS; `undefined` where it is none. */
export function tlsReasonOf(link: Error, ssl: SslOptions | undefined): string | undefined {
  const { code } = link as NodeJS.ErrnoException;
  if (ssl === undefined || typeof code !== 'string') return undefined;
  const advice = CERTIFICATE_ADVICE[code] ?? (UNTRUSTED_CODES.has(code) ? UNTRUSTED : undefined);
  if (advice !== undefined) return advice;
  if (CLIENT_CERTIFICATE_ALERTS.some((alert) => code.endsWith(alert))) {
    return ssl.cert === undefined
      ? 'the broker asks for a certificate of this client; give ssl.cert and ssl.key'
      : "the broker does not take this client's certificate, ssl.cert: it has expired, or is of " +
          'an authority that the broker does not trust';
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return NO_TLS;
  }
  const isTls = /^(ERR_SSL_|ERR_TLS_|CERT_|EPROTO$|UNABLE_TO_|INVALID_CA|PATH_LENGTH|CRL_)/;
  return isTls.test(code) ? `the TLS handshake failed (${link.message})` : undefined;
}

/** The error of a name that does not resolve, where the chain has one. */
export function unknownHost(
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

/** The error where it is the caller's own function that gave no token. */
export function failedToken(
  chain: readonly Error[],
  what: string,
  broker: string,
): MillraceError | undefined {
  const failed = chain.find((link) => link instanceof TokenError);
  if (failed === undefined) return undefined;
  const message =
    `${what}: ${failed.message.replace(/\.?$/, '.')} The function is called for each connection: ` +
    'mend it, or what it asks for the token.';
  const context = { broker, mechanism: 'oauthbearer' };
  return new MillraceError(message, { code: 'AUTHENTICATION_FAILED', context, cause: failed });
}

/** Kafka's errors of logging in for which it is not the credentials that are wrong. */
export const SASL_ERRORS = new Map<string, readonly [reason: string, wayOut: string]>([
  [
    'UNSUPPORTED_SASL_MECHANISM',
    ['the broker does not take sasl.mechanism', 'Give one that this listener has enabled.'],
  ],
  [
    'ILLEGAL_SASL_STATE',
    ['this listener does not ask for a log-in', 'Leave sasl out, or use the listener with SASL.'],
  ],
]);

/** The error, what lies behind it, and the parts of those that are several. */
export function causesOf(error: unknown): Error[] {
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

/** Failures to connect for which another broker may be asked. */
export const TRY_ELSEWHERE: ReadonlySet<string> = new Set([
  'BROKER_UNREACHABLE',
  'KAFKA_RETRIABLE',
  'UNKNOWN_HOST',
  'TLS_FAILED',
]);

/** The error where no broker can be connected to; `failures` has one of each that was tried. */
export function unreachable(
  failures: readonly MillraceError[],
  bootstrap: readonly string[],
): MillraceError {
  const insecure = failures.find(({ code }) => code === 'TLS_FAILED');
  if (insecure !== undefined) return insecure;
  const brokers = bootstrap.join(', ');
  const unknown = failures.every(({ code }) => code === 'UNKNOWN_HOST');
  if (unknown && failures.length === 1) return failures[0]!;
  const reasons = failures.map(({ message }) => message.replace(/\.$/, '')).join('; ');
  return new MillraceError(
    `None of the brokers can be reached (bootstrap servers: ${brokers}). ` +
      `${reasons}. Check the addresses and that the brokers run.`,
    {
      code: unknown ? 'UNKNOWN_HOST' : 'BROKER_UNREACHABLE',
      context: { brokers },
      cause: failures.at(-1),
    },
  );
}
