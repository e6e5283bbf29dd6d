/**
 * TCP connections to brokers, one per broker and purpose.
 *
 * A broker answers the requests of one connection strictly in turn: behind a fetch that waits for
 * data, or a JoinGroup that waits for other members, everything else would wait too. Hence a
 * `purpose` per connection: `control`, `fetch`, `produce`, and two for each group member. Their
 * number is bounded by brokers x (3 + 2 x members).
 */

import { apiVersionsV3, Connection, NetworkError } from '@platformatic/kafka';
import type { MillraceError } from '../../../errors.ts';
import type { ConnectionOptions } from '../../client.ts';
import { ConnectJudge } from '../connect-judge.ts';
import { gatherWrites } from '../gathered-writes.ts';
import { throwIfAborted } from '../retry.ts';
import { askSilentBroker } from '../silent-broker.ts';
import { type ApiVersions, type BrokerVersions, pickVersion } from './apis.ts';
import { connectFailure } from './connect-failure.ts';
import { saslOptions, tlsOptions } from './secure-connection.ts';

/** The purpose whose connections send tickets of `gathered-writes.ts`. */
export const GATHERING_PURPOSE = 'produce';

/** Where a broker listens. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Requests that may be on their way on one connection; more wait in order. Kafka keeps the order
 * of idempotent batches for at most five in flight.
 */
export const IN_FLIGHT_MAX = 5;

type LibraryOptions = NonNullable<ConstructorParameters<typeof Connection>[1]>;
type AskWhy = () => Promise<MillraceError | undefined>;

/** One live connection and what the broker behind it can do. */
export class BrokerConnection {
  readonly address: BrokerAddress;
  readonly #connection: Connection;
  readonly #versions: BrokerVersions;
  /** Asks why nothing at all was answered; gone when something was. */
  #askWhy: AskWhy | undefined;
  #lostBy: Error | undefined;
  #retired = false;

  constructor(
    connection: Connection,
    address: BrokerAddress,
    versions: BrokerVersions,
    askWhy: AskWhy,
  ) {
    this.#connection = connection;
    this.#askWhy = askWhy;
    this.address = address;
    this.#versions = versions;
    connection.on('error', (error) => {
      this.#lostBy ??= error.cause instanceof Error ? error.cause : error;
    });
  }

  get isOpen(): boolean {
    return !this.#retired && this.#connection.isConnected();
  }

  /** Sends in the newest version that both know. Rejects with the library's own errors. */
  async call<Args extends unknown[], Answer>(
    api: ApiVersions<Args, Answer>,
    ...args: Args
  ): Promise<Answer> {
    try {
      const answer = await pickVersion(api, this.#versions).async(this.#connection, ...args);
      this.#askWhy = undefined;
      return answer;
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      // Where we ended it ourselves there is nothing to ask.
      const ours = this.#lostBy !== undefined && !('code' in this.#lostBy);
      const reason = ours ? undefined : await this.#askWhy?.();
      if (reason !== undefined) throw reason;
      // To its requests the library says only that the connection is closed.
      throw this.#lostBy ? new NetworkError(error.message, { cause: this.#lostBy }) : error;
    }
  }

  /** The version that {@link call} would use. */
  versionOf<Args extends unknown[], Answer>(api: ApiVersions<Args, Answer>): number {
    return pickVersion(api, this.#versions).version;
  }

  /** Settles when the socket has taken what was written, or is gone. */
  async drained(): Promise<void> {
    const { socket } = this.#connection;
    if (!socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        socket.off('drain', done);
        socket.off('close', done);
        resolve();
      };
      socket.once('drain', done);
      socket.once('close', done);
    });
  }

  /** Takes no more requests; those under way have so much time to be answered. */
  retire(maxMs: number): void {
    this.#retired = true;
    setTimeout(() => this.destroy(), maxMs).unref();
  }

  /** Ends at once: a close that waited for a broker which does not read would never end. */
  destroy(): void {
    this.#connection.socket?.destroy();
  }
}

/** `connection` is there once `ready` has resolved. */
interface Slot {
  readonly ready: Promise<BrokerConnection>;
  connection: BrokerConnection | undefined;
}

/** Makes connections where there are none, and keeps them. */
export class Connections {
  readonly #options: ConnectionOptions;
  readonly #signal: AbortSignal;
  readonly #slots = new Map<string, Slot>();
  readonly #judge = new ConnectJudge();

  constructor(options: ConnectionOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Whether any broker has ever answered. */
  get hasReached(): boolean {
    return this.#judge.hasReached;
  }

  /**
   * The connection to `address` for `purpose`, made anew where it was lost. Rejects with
   * `BROKER_UNREACHABLE` where it cannot be made, with `UNKNOWN_HOST`, `TLS_FAILED` or
   * `AUTHENTICATION_FAILED` where trying again would not help; the next call does try again.
   */
  async get(
    purpose: string,
    address: BrokerAddress,
    requestTimeoutMs = this.#options.requestTimeoutMs,
  ): Promise<BrokerConnection> {
    throwIfAborted(this.#signal);
    const key = `${purpose}@${keyOf(address)}`;
    const known = this.#slots.get(key);
    // While it is still connecting, everyone waits for the same attempt.
    if (known && (known.connection === undefined || known.connection.isOpen)) return known.ready;
    const ready = this.#connect(address, requestTimeoutMs, purpose === GATHERING_PURPOSE);
    const slot: Slot = { ready, connection: undefined };
    this.#slots.set(key, slot);
    try {
      slot.connection = await slot.ready;
      return slot.connection;
    } catch (error) {
      if (this.#slots.get(key) === slot) this.#slots.delete(key);
      throw error;
    }
  }

  /** Destroys the connections of one purpose; requests on them reject. */
  async drop(purpose: string): Promise<void> {
    const dropped: Promise<BrokerConnection>[] = [];
    for (const [key, slot] of this.#slots) {
      if (!key.startsWith(`${purpose}@`)) continue;
      this.#slots.delete(key);
      dropped.push(slot.ready);
    }
    await destroyAll(dropped);
  }

  /** Destroys all; requests under way reject. */
  async close(): Promise<void> {
    const all = [...this.#slots.values()].map((slot) => slot.ready);
    this.#slots.clear();
    await destroyAll(all);
  }

  async #connect(
    address: BrokerAddress,
    requestTimeoutMs: number,
    gathers: boolean,
  ): Promise<BrokerConnection> {
    const { host, port } = address;
    const options = this.#libraryOptions(requestTimeoutMs);
    const connection = new Connection(this.#options.clientId, options);
    let made: BrokerConnection | undefined;
    // The library would log in again on this connection with other requests under way, for which
    // brokers end it. A fresh connection takes its place instead.
    connection.reauthenticate = () => made?.retire(requestTimeoutMs);
    // Each request rejects by itself when its connection fails; without a listener the emitter
    // would throw the same failure a second time, at nobody.
    let heard: unknown;
    connection.on('error', (error) => {
      heard ??= error;
    });
    // A broker that hangs takes connections all the same: the first answer belongs to connecting.
    const { connectTimeoutMs } = this.#options;
    const late = () => connection.socket?.destroy(tooLate(connectTimeoutMs));
    const timeout = setTimeout(late, connectTimeoutMs);
    try {
      await connection.connect(host, port);
      const answer = await apiVersionsV3.api.async(connection, 'millrace', '1');
      const versions = new Map<number, readonly [number, number]>();
      for (const api of answer.apiKeys) versions.set(api.apiKey, [api.minVersion, api.maxVersion]);
      const askWhy = this.#options.sasl ? noReason : () => this.#askWhy(address);
      made = new BrokerConnection(connection, address, versions, askWhy);
      if (gathers) gatherWrites(connection.socket);
      this.#watchSilence(connection, requestTimeoutMs);
      this.#judge.reached(address);
      if (this.#signal.aborted) made.destroy();
      throwIfAborted(this.#signal);
      return made;
    } catch (error) {
      connection.socket?.destroy();
      const failure = connectFailure(error, heard, address, this.#options);
      throw this.#judge.judge((await this.#loginLost(failure, address)) ?? failure, address);
    } finally {
      clearTimeout(timeout);
    }
  }

  #libraryOptions(requestTimeoutMs: number): LibraryOptions {
    const { connectTimeoutMs, ssl, sasl } = this.#options;
    return {
      connectTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      maxInflights: IN_FLIGHT_MAX,
      ...(ssl === undefined ? {} : { tls: tlsOptions(ssl) }),
      ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
    };
  }

  #askWhy(address: BrokerAddress): Promise<MillraceError | undefined> {
    if (this.#signal.aborted) return noReason();
    const { ssl } = this.#options;
    return askSilentBroker(address, this.#options, ssl && tlsOptions(ssl));
  }

  // In the middle of a log-in the library does not notice that it talks to a port for TLS.
  async #loginLost(
    { code }: MillraceError,
    address: BrokerAddress,
  ): Promise<MillraceError | undefined> {
    const { ssl, sasl } = this.#options;
    if (code !== 'BROKER_UNREACHABLE' || ssl !== undefined || sasl === undefined) return undefined;
    const reason = await this.#askWhy(address);
    return reason?.code === 'TLS_FAILED' ? reason : undefined;
  }

  // Requests that may be answered late, such as JoinGroup, bring the time that they have.
  #watchSilence({ socket }: Connection, requestTimeoutMs: number): void {
    const { socketTimeoutMs } = this.#options;
    const longer = requestTimeoutMs > this.#options.requestTimeoutMs ? requestTimeoutMs : 0;
    const maxMs = Math.max(socketTimeoutMs, longer);
    socket.setTimeout(maxMs, () => {
      socket.destroy(new Error(`nothing came or went for ${maxMs} ms (socketTimeoutMs)`));
    });
  }
}

async function noReason(): Promise<undefined> {}

function keyOf({ host, port }: BrokerAddress): string {
  return `${host}:${port}`;
}

function tooLate(connectTimeoutMs: number): Error {
  return new Error(`no answer within ${connectTimeoutMs} ms (connectTimeoutMs)`);
}

async function destroyAll(connections: readonly Promise<BrokerConnection>[]): Promise<void> {
  for (const result of await Promise.allSettled(connections)) {
    if (result.status === 'fulfilled') result.value.destroy();
  }
}
