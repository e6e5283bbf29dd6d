/** Whether a failure to connect is final, by how connecting to the same address went before. */
import { MillraceError } from '../../errors.ts';
import { SILENT_END } from './connect-reasons.ts';

/** Addresses of which it is kept how connecting to them went; a cluster has fewer. */
const ADDRESSES_MAX = 10_000;

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * What is final of an address that never answered may pass with one that did: a name server fails,
 * a broker dies in the middle of a handshake. Ending the handshake without a word is what a port
 * without TLS does, and a dying broker, too: it takes two in a row to be final. Made once per
 * client.
 */
export class ConnectJudge {
  /** Addresses that have answered: what goes wrong with them later may pass. */
  readonly #reached = new Set<string>();
  /** Addresses that ended a TLS handshake without a word, once so far. */
  readonly #silent = new Set<string>();

  /** To be called when a connection was made. */
  reached(address: Address): void {
    remember(this.#reached, address);
  }

  /** Whether any address has ever answered. */
  get hasReached(): boolean {
    return this.#reached.size > 0;
  }

  /** `failure`, as `BROKER_UNREACHABLE` where it may pass. */
  judge(failure: MillraceError, address: Address): MillraceError {
    const key = keyOf(address);
    const { code, context, message, cause } = failure;
    const passing = () =>
      new MillraceError(message, { code: 'BROKER_UNREACHABLE', context, cause });
    if (code === 'UNKNOWN_HOST') return this.#reached.has(key) ? passing() : failure;
    if (code !== 'TLS_FAILED' || context.reason !== SILENT_END) return failure;
    if (!this.#reached.has(key) && this.#silent.has(key)) return failure;
    remember(this.#silent, address);
    return passing();
  }
}

function remember(addresses: Set<string>, address: Address): void {
  if (addresses.size >= ADDRESSES_MAX) addresses.clear();
  addresses.add(keyOf(address));
}

function keyOf({ host, port }: Address): string {
  return `${host}:${port}`;
}
