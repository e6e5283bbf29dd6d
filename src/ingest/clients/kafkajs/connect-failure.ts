/** Why a connection of kafkajs did not come about, told apart by what can mend it. */
import { MillraceError } from '../../../errors.ts';
import type { ConnectionOptions } from '../../client.ts';
import {
  causesOf,
  failedToken,
  NO_TLS,
  SASL_ERRORS,
  SILENT_END,
  tlsReasonOf,
  unknownHost,
} from '../connect-reasons.ts';
import { kafkaErrorName } from '../kafka-errors.ts';
import type { BrokerAddress } from './connections.ts';
import { protocolCode, toMillraceError } from './errors.ts';
import { LoginError } from './security.ts';
import type { SocketStory } from './socket-story.ts';

const SASL_REFUSED = 'SASL_AUTHENTICATION_FAILED';

/**
 * `error` as one of ours: `AUTHENTICATION_FAILED`, `TLS_FAILED` or `UNKNOWN_HOST`, none of which
 * passes by trying again, else as `toMillraceError` says.
 *
 * @param story what the socket itself reported.
 */
export function connectFailure(
  error: unknown,
  story: SocketStory,
  address: BrokerAddress,
  options: Pick<ConnectionOptions, 'ssl' | 'sasl'>,
): MillraceError {
  if (error instanceof MillraceError) return error;
  const broker = `${address.host}:${address.port}`;
  const what = `Connecting to ${broker}`;
  const chain = causesOf(story.heard);
  return (
    failedToken(causesOf(error), what, broker) ??
    refusedCredentials(error, what, broker, options) ??
    failedTls(story, chain, what, broker, options) ??
    unknownHost(chain, what, broker, address.host, story.heard) ??
    lost(error, chain, what, broker)
  );
}

function refusedCredentials(
  error: unknown,
  what: string,
  broker: string,
  { sasl }: Pick<ConnectionOptions, 'sasl'>,
): MillraceError | undefined {
  if (sasl === undefined || !(error instanceof Error)) return undefined;
  const code = protocolCode(error);
  const kafka = code === undefined ? undefined : kafkaErrorName(code);
  const known = SASL_ERRORS.get(kafka ?? '');
  const refused =
    error instanceof LoginError ||
    error.name === 'KafkaJSSASLAuthenticationError' ||
    kafka === SASL_REFUSED;
  if (!refused && known === undefined) return undefined;
  const { mechanism } = sasl;
  const who = sasl.mechanism === 'oauthbearer' ? 'the token' : `user '${sasl.username}'`;
  const [reason, wayOut] = known ?? [
    `the log-in of ${who} (${mechanism}) failed`,
    'Check the mechanism and the credentials in sasl.',
  ];
  // kafkajs puts what we say already before what the broker said.
  const said = error.message.replace(/^SASL \S+ authentication failed: /, '').replace(/\.?$/, '.');
  return new MillraceError(`${what}: ${reason}. ${said} ${wayOut}`, {
    code: 'AUTHENTICATION_FAILED',
    context: { broker, mechanism, ...(kafka === undefined ? {} : { kafkaError: kafka }) },
    cause: error,
  });
}

function failedTls(
  story: SocketStory,
  chain: readonly Error[],
  what: string,
  broker: string,
  { ssl }: Pick<ConnectionOptions, 'ssl'>,
): MillraceError | undefined {
  for (const link of chain) {
    const silent = ssl !== undefined && story.endedHandshake;
    const reason = silent ? NO_TLS : tlsReasonOf(link, ssl);
    if (reason === undefined) continue;
    const code = silent ? SILENT_END : ((link as NodeJS.ErrnoException).code ?? 'unknown');
    return new MillraceError(`${what}: ${reason}.`, {
      code: 'TLS_FAILED',
      context: { broker, reason: code },
      cause: link,
    });
  }
  return undefined;
}

function lost(
  error: unknown,
  chain: readonly Error[],
  what: string,
  broker: string,
): MillraceError {
  const reason = chain.map(({ message }) => message).find((message) => message !== '');
  const known = toMillraceError(error, what, { broker });
  if (known.code !== 'BROKER_UNREACHABLE') return known;
  const why = reason ?? (error instanceof Error ? error.message : String(error));
  return new MillraceError(`${what}: ${why.replace(/\.?$/, '.')}`, {
    code: known.code,
    context: { broker },
    cause: error,
  });
}
