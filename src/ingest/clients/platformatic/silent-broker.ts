/**
 * What a broker would have said that hung up without a word.
 *
 * A listener that asks for a log-in ends the connection at the first request of somebody who has
 * not logged in, and one that speaks TLS at the first byte that is not. Neither says so in a way
 * that can be told from a broker that died, so it is asked, on a connection of its own.
 */
import {
  apiVersionsV3,
  Connection,
  ResponseError,
  saslHandshakeV1,
  UserError,
} from '@platformatic/kafka';
import { MillraceError } from '../../../errors.ts';
import type { ConnectionOptions } from '../../client.ts';
import type { BrokerAddress } from './connections.ts';

/** A broker that is there answers at once; one that hangs must not hold the error up, ms. */
const ASK_MAX_MS = 1_000;

/** Why nothing was answered, where that is found out; `undefined` where it is not. */
export async function askSilentBroker(
  { host, port }: BrokerAddress,
  options: Pick<ConnectionOptions, 'clientId' | 'connectTimeoutMs' | 'ssl'>,
  libraryOptions: NonNullable<ConstructorParameters<typeof Connection>[1]>,
): Promise<MillraceError | undefined> {
  const broker = `${host}:${port}`;
  const { sasl: _, ...anonymous } = libraryOptions;
  const maxMs = Math.min(ASK_MAX_MS, options.connectTimeoutMs);
  const limits = { connectTimeout: maxMs, requestTimeout: maxMs };
  const connection = new Connection(options.clientId, { ...anonymous, ...limits });
  // What goes wrong is seen by the calls below.
  connection.on('error', () => undefined);
  try {
    await connection.connect(host, port);
    await apiVersionsV3.api.async(connection, 'millrace', '1');
    const { mechanisms } = await saslHandshakeV1.api.async(connection, 'PLAIN');
    return needsLogin(broker, mechanisms ?? []);
  } catch (error) {
    if (error instanceof UserError && options.ssl === undefined) {
      const message = `Connecting to ${broker}: the broker speaks TLS on this port; give ssl.`;
      return new MillraceError(message, {
        code: 'TLS_FAILED',
        context: { broker, reason: error.code },
        cause: error,
      });
    }
    if (!(error instanceof ResponseError)) return undefined;
    // The broker takes other mechanisms than the one that was asked for, and names them.
    const { mechanisms = [] } = error.response as { mechanisms?: readonly string[] };
    return mechanisms.length === 0 ? undefined : needsLogin(broker, mechanisms);
  } finally {
    connection.socket?.destroy();
  }
}

function needsLogin(broker: string, mechanisms: readonly string[]): MillraceError {
  const known = mechanisms.map((mechanism) => mechanism.toLowerCase()).join(', ');
  return new MillraceError(
    `Connecting to ${broker}: this listener asks for a log-in (${known}); give sasl.`,
    { code: 'AUTHENTICATION_FAILED', context: { broker, mechanisms: known } },
  );
}
