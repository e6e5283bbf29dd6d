/**
 * TCP connections to brokers, one per broker and purpose.
 *
 * A broker answers the requests of one connection strictly in turn: behind a fetch that waits for
 * data, or a JoinGroup that waits for other members, everything else would wait too. Hence a
 * `purpose` per connection: `control`, `fetch`, `produce`, and two for each group member. Their
 * number is bounded by brokers x (3 + 2 x members).
 */

import { apiVersionsV3, Connection } from '@platformatic/kafka';
import type { ConnectionOptions } from '../../client.ts';
import { type ApiVersions, type BrokerVersions, pickVersion } from './apis.ts';
import { toMillraceError } from './errors.ts';
import { gatherWrites } from './gathered-writes.ts';
import { throwIfAborted } from './retry.ts';

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

/** One live connection and what the broker behind it can do. */
export class BrokerConnection {
  readonly address: BrokerAddress;
  readonly #connection: Connection;
  readonly #versions: BrokerVersions;

  constructor(connection: Connection, address: BrokerAddress, versions: BrokerVersions) {
    this.#connection = connection;
    this.address = address;
    this.#versions = versions;
  }

  get isOpen(): boolean {
    return this.#connection.isConnected();
  }

  /** Sends in the newest version that both know. Rejects with the library's own errors. */
  call<Args extends unknown[], Answer>(
    api: ApiVersions<Args, Answer>,
    ...args: Args
  ): Promise<Answer> {
    return pickVersion(api, this.#versions).async(this.#connection, ...args);
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

  constructor(options: ConnectionOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /**
   * The connection to `address` for `purpose`, made anew where it was lost. Rejects with
   * `BROKER_UNREACHABLE` where it cannot be made; the next call tries again.
   */
  async get(
    purpose: string,
    address: BrokerAddress,
    requestTimeoutMs = this.#options.requestTimeoutMs,
  ): Promise<BrokerConnection> {
    throwIfAborted(this.#signal);
    const key = `${purpose}@${address.host}:${address.port}`;
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
    const connection = new Connection(this.#options.clientId, {
      connectTimeout: this.#options.connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      maxInflights: IN_FLIGHT_MAX,
    });
    // Each request rejects by itself when its connection fails; without a listener the emitter
    // would throw the same failure a second time, at nobody.
    connection.on('error', () => undefined);
    // A broker that hangs takes connections all the same: the first answer belongs to connecting.
    const timeout = setTimeout(() => connection.socket?.destroy(), this.#options.connectTimeoutMs);
    try {
      await connection.connect(host, port);
      const answer = await apiVersionsV3.api.async(connection, 'millrace', '1');
      const versions = new Map<number, readonly [number, number]>();
      for (const api of answer.apiKeys) versions.set(api.apiKey, [api.minVersion, api.maxVersion]);
      const made = new BrokerConnection(connection, address, versions);
      if (gathers) gatherWrites(connection.socket);
      if (this.#signal.aborted) made.destroy();
      throwIfAborted(this.#signal);
      return made;
    } catch (error) {
      connection.socket?.destroy();
      throw toMillraceError(error, `Connecting to ${host}:${port}`, { broker: `${host}:${port}` });
    } finally {
      clearTimeout(timeout);
    }
  }
}

async function destroyAll(connections: readonly Promise<BrokerConnection>[]): Promise<void> {
  for (const result of await Promise.allSettled(connections)) {
    if (result.status === 'fulfilled') result.value.destroy();
  }
}
