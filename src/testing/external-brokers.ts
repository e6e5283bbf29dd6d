import { once } from 'node:events';
import { connect } from 'node:net';
import { MillraceError } from '../errors.ts';

const CONNECT_MAX_MS = 5_000;

/** The addresses in `KAFKA_BROKERS` (`host:port`, comma-separated); undefined where it is unset. */
export function externalBrokers(environment = process.env): string[] | undefined {
  const addresses = (environment.KAFKA_BROKERS ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  return addresses.length === 0 ? undefined : addresses;
}

/**
 * Resolves when at least one of `addresses` takes a TCP connection.
 *
 * @throws {@link MillraceError} `INVALID_OPTION` for an address that is not `host:port`,
 * `BROKER_UNREACHABLE` where none answers
 */
export async function assertReachable(addresses: readonly string[]): Promise<void> {
  try {
    await Promise.any(addresses.map(reach));
  } catch (error) {
    const causes = error instanceof AggregateError ? error.errors : [error];
    const invalid = causes.find((cause) => cause instanceof MillraceError);
    if (invalid !== undefined) throw invalid;
    const list = addresses.join(',');
    throw new MillraceError(
      `no broker of KAFKA_BROKERS=${list} answers (${causes.map(String).join('; ')}): ` +
        'start that cluster, or unset the variable to use the embedded Kafka',
      { code: 'BROKER_UNREACHABLE', context: { brokers: list }, cause: error },
    );
  }
}

async function reach(address: string): Promise<void> {
  const [, host, port] = /^\[?([^\s\]]+)\]?:(\d+)$/.exec(address) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new MillraceError(`KAFKA_BROKERS holds "${address}", which is not host:port`, {
      code: 'INVALID_OPTION',
      context: { address },
    });
  }
  const socket = connect({ host, port: Number(port), signal: AbortSignal.timeout(CONNECT_MAX_MS) });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
