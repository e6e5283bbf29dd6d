/** Why a connection did not come about, told apart by what can mend it. */
import { AuthenticationError, NetworkError, TimeoutError, UserError } from '@platformatic/kafka';
import { MillraceError } from '../../../errors.ts';
import type { ConnectionOptions, SslOptions } from '../../client.ts';
import {
  causesOf,
  failedToken,
  NO_TLS,
  SASL_ERRORS,
  SILENT_END,
  tlsReasonOf,
  unknownHost,
} from '../connect-reasons.ts';
import type { BrokerAddress } from './connections.ts';
import { toMillraceError } from './errors.ts';

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
    failedToken(causes, what, broker) ??
    refusedCredentials(causes, what, broker, options, error) ??
    failedTls(chain, what, broker, options, error) ??
    unknownHost(chain, what, broker, address.host, error) ??
    toMillraceError(withReason(error, heard), what, { broker })
  );
}

// To a request the library says only that the connection is closed.
function withReason(error: unknown, heard: unknown): unknown {
  if (!(error instanceof NetworkError) || error.cause !== undefined) return error;
  if (!(heard instanceof Error)) return error;
  const reason = heard.cause instanceof Error ? heard.cause : heard;
  return new NetworkError(error.message, { cause: reason });
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
    return NO_TLS;
  }
  return tlsReasonOf(link, ssl);
}

/** Kafka's own error inside one of the library's. */
function kafkaErrorIn(link: Error): { name: string; message: string } | undefined {
  if (!('apiId' in link) || typeof link.apiId !== 'string') return undefined;
  const { serverErrorMessage } = link as { serverErrorMessage?: unknown };
  const said = typeof serverErrorMessage === 'string' ? serverErrorMessage : link.message;
  return { name: link.apiId, message: said };
}
