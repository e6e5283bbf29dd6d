/**
 * kafkajs's connections to brokers, one per broker and purpose.
 *
 * A broker answers the requests of one connection strictly in turn, so whatever may wait at the
 * broker (a fetch, a JoinGroup) has a connection of its own. Their number is bounded by
 * brokers x (3 + 2 x members).
 */
import { MillraceError } from '../../../errors.ts';
import type { ConnectionOptions } from '../../client.ts';
import { ConnectJudge } from '../connect-judge.ts';
import { gatherWrites } from '../gathered-writes.ts';
import { throwIfAborted } from '../retry.ts';
import { askSilentBroker } from '../silent-broker.ts';
import { WireReader } from '../wire.ts';
import { connectFailure } from './connect-failure.ts';
import { toMillraceError } from './errors.ts';
import type { Kafkajs, KafkajsBroker, KafkajsConnection } from './internals.ts';
import type { OwnRequest } from './own-requests.ts';
import { heedRefusedTokens, kafkajsSasl, kafkajsSsl } from './security.ts';
import { socketFactory } from './socket-factory.ts';
import { SocketStory } from './socket-story.ts';

/** Where a broker listens. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** A request in one version of the protocol. */
interface RequestVersion {
  readonly apiKey: number;
  readonly apiName: string;
  readonly apiVersion: number;
  /** The way out where a broker does not know the version; default: a newer Kafka. */
  readonly wayOut?: string;
}

/** One that is written and read by us. */
export interface RawCall<Answer> extends RequestVersion {
  /** The request behind its header. */
  readonly body: Buffer;
  /** False: nothing is answered, and the call settles when the request was written. */
  readonly answered?: boolean;
  /** Reads an answer, whose buffer it may keep views of, and detach where nothing else is in it. */
  read(reader: WireReader, payload: Buffer): Answer;
}

/** The purpose whose connections send tickets of `gathered-writes.ts`. */
export const GATHERING_PURPOSE = 'produce';

/**
 * Requests that may be on their way on one connection; more wait in order. Kafka keeps the order
 * of idempotent batches for at most five in flight.
 */
const IN_FLIGHT_MAX = 5;

/** Share of a log-in's life after which a connection takes no more requests. */
const SESSION_SHARE = 0.8;
/** The longest time of a timer of Node.js. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** One live connection, and the broker behind it with kafkajs's own requests. */
export class BrokerConnection {
  readonly broker: KafkajsBroker;
  readonly #address: BrokerAddress;
  readonly #isKnown: boolean;
  #isRetired = false;
  /** We ended it ourselves. */
  #isEnded = false;

  /** @param isKnown whether kafkajs's handling of memory is. */
  constructor(broker: KafkajsBroker, address: BrokerAddress, isKnown: boolean) {
    this.broker = broker;
    this.#address = address;
    this.#isKnown = isKnown;
  }

  get isOpen(): boolean {
    const { socket } = this.#connection;
    if (this.#isRetired) return false;
    return this.#connection.isConnected() && socket !== undefined && !socket.destroyed;
  }

  /** The first of `versions` that the broker knows; where it knows none, the last. */
  newestOf(apiKey: number, versions: readonly number[]): number {
    const { minVersion = 0, maxVersion = -1 } = this.broker.versions?.[apiKey] ?? {};
    const known = versions.find((version) => minVersion <= version && version <= maxVersion);
    return known ?? versions.at(-1)!;
  }

  /** Sends a request of ours; `undefined` where none is answered. Rejects with kafkajs's errors. */
  call<Answer>(request: RawCall<Answer>): Promise<Answer | undefined> {
    const { apiKey, apiName, apiVersion, body, answered = true, read } = request;
    this.#checkVersion(request);
    return this.#connection.send<Answer>({
      request: {
        apiKey,
        apiName,
        apiVersion,
        expectResponse: () => answered,
        encode: async () => ({ buf: body, buffer: body }),
      },
      response: {
        // Throttling is the broker's to enforce: it mutes the connection.
        decode: async (payload) => {
          this.#forgetRest();
          return { clientSideThrottleTime: 0, answer: read(new WireReader(payload), payload) };
        },
        parse: async ({ answer }) => answer,
      },
      logResponseError: false,
    });
  }

  /** Sends a request of kafkajs's own; errors of single partitions are left in the answer. */
  ask<Answer>({ request, response }: OwnRequest<Answer>): Promise<Answer | undefined> {
    this.#checkVersion(request);
    return this.#connection.send<Answer>({
      request,
      response: {
        decode: async (payload) => ({
          clientSideThrottleTime: 0,
          answer: await response.decode(payload),
        }),
        parse: async ({ answer }) => answer,
      },
      logResponseError: false,
    });
  }

  /** Settles when the socket has taken what was written, or is gone. */
  async drained(): Promise<void> {
    const { socket } = this.#connection;
    if (!socket?.writableNeedDrain) return;
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

  /**
   * Asks with `askWhy`, once, why this connection was ended where nothing at all was answered on it
   * since it was made; its requests then fail by that.
   */
  explainSilence(askWhy: () => Promise<MillraceError | undefined>): void {
    const connection = this.#connection;
    const send = connection.send.bind(connection);
    let asked: Promise<MillraceError | undefined> | undefined;
    connection.send = async (protocol) => {
      try {
        const answer = await send(protocol);
        if (answer !== undefined) connection.send = send;
        return answer;
      } catch (error) {
        if (!wasLost(error)) connection.send = send;
        else if (!this.#isEnded && connection.send !== send) asked ??= askWhy();
        throw (await asked) ?? error;
      }
    };
  }

  /** Ends at once; requests under way reject. */
  destroy(): Promise<void> {
    this.#isEnded = true;
    return this.#endAll();
  }

  async #endAll(): Promise<void> {
    const { host, port } = this.#address;
    const gone = new MillraceError(`The connection to ${host}:${port} was closed.`, {
      code: 'BROKER_UNREACHABLE',
      context: { broker: `${host}:${port}` },
    });
    await Promise.all(this.broker.connectionPool.pool.map((one) => end(one, gone)));
  }

  /** Has what is written in tickets sent from where it lies. */
  gatherWrites(): void {
    if (this.#connection.socket !== undefined) gatherWrites(this.#connection.socket);
  }

  /**
   * Has a fresh connection take the place of this one before its log-in runs out; what is under way
   * then has `maxMs` to be answered.
   */
  retireInTime(maxMs: number): void {
    const lifetimeMs = this.#connection.sessionLifetime.toNumber();
    if (lifetimeMs <= 0) return;
    const retire = () => {
      this.#isRetired = true;
      setTimeout(() => void this.destroy(), maxMs).unref();
    };
    setTimeout(retire, Math.min(lifetimeMs * SESSION_SHARE, TIMER_MAX_MS)).unref();
  }

  /** Makes a socket that has been lost without an `end` or an `error` fail its requests. */
  watch(): void {
    const { socket } = this.#connection;
    socket?.once('close', () => void this.#endAll());
  }

  /** Lets go of the last answer's memory, of which kafkajs keeps an empty view. */
  #forgetRest(): void {
    if (!this.#isKnown) return;
    const connection = this.#connection;
    if (connection.chunks.length === 1 && connection.chunks[0]!.length === 0) {
      connection.chunks = [];
    }
  }

  get #connection(): KafkajsConnection {
    return this.broker.connectionPool.pool[0]!;
  }

  #checkVersion(request: RequestVersion): void {
    const { apiKey, apiName, apiVersion, wayOut = 'use Kafka 3.0 or later.' } = request;
    const known = this.broker.versions?.[apiKey];
    if (known && known.minVersion <= apiVersion && apiVersion <= known.maxVersion) return;
    const theirs = known ? `${known.minVersion} to ${known.maxVersion}` : 'none';
    const message =
      `The broker knows ${apiName} in versions ${theirs}, Millrace (with kafkajs) in ` +
      `${apiVersion}: ${wayOut}`;
    throw new MillraceError(message, { code: 'KAFKA_ERROR', context: { apiName } });
  }
}

/** Whether it is the connection that failed, and no time-out. */
function wasLost(error: unknown): boolean {
  const { code, cause } = toMillraceError(error, 'Sending a request');
  const isLate = cause instanceof Error && cause.name === 'KafkaJSRequestTimeoutError';
  return code === 'BROKER_UNREACHABLE' && !isLate;
}

// kafkajs waits for requests under way before it lets go of the socket: they are told first.
async function end(connection: KafkajsConnection, reason: Error): Promise<void> {
  connection.rejectRequests(reason);
  await connection.disconnect();
  connection.socket?.destroy();
}

/** `connection` is there once `ready` has resolved. */
interface Slot {
  readonly ready: Promise<BrokerConnection>;
  connection: BrokerConnection | undefined;
}

/** Makes connections where there are none, and keeps them. */
export class Connections {
  readonly #kafkajs: Kafkajs;
  readonly #options: ConnectionOptions;
  readonly #signal: AbortSignal;
  readonly #slots = new Map<string, Slot>();
  readonly #judge = new ConnectJudge();

  constructor(kafkajs: Kafkajs, options: ConnectionOptions, signal: AbortSignal) {
    this.#kafkajs = kafkajs;
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
    const { clientId, connectTimeoutMs, socketTimeoutMs } = this.#options;
    const story = new SocketStory();
    let isLate = false;
    // A connection for requests that wait longer than others may be silent for as long.
    const longer = requestTimeoutMs > this.#options.requestTimeoutMs ? requestTimeoutMs : 0;
    const sockets = socketFactory(Math.max(socketTimeoutMs, longer));
    const broker = this.#kafkajs.broker(
      {
        host,
        port,
        clientId,
        ssl: kafkajsSsl(this.#options),
        sasl: kafkajsSasl(this.#options),
        connectionTimeout: connectTimeoutMs,
        requestTimeout: requestTimeoutMs,
        enforceRequestTimeout: true,
        maxInFlightRequests: IN_FLIGHT_MAX,
        // Brokers end a connection that logs in again with other requests under way.
        reauthenticationThreshold: 0,
        socketFactory: (request) => story.watch(sockets(request)),
      },
      connectTimeoutMs,
    );
    if (this.#options.sasl?.mechanism === 'oauthbearer') {
      heedRefusedTokens(broker.connectionPool.pool);
    }
    const made = new BrokerConnection(broker, address, this.#kafkajs.copying === undefined);
    // A broker that hangs takes connections all the same: the first answer belongs to connecting.
    const timeout = setTimeout(() => {
      isLate = true;
      void made.destroy();
    }, connectTimeoutMs);
    try {
      await broker.connect();
      made.watch();
      if (!this.#options.sasl) made.explainSilence(() => this.#askWhy(address));
      this.#judge.reached(address);
      made.retireInTime(requestTimeoutMs);
      if (gathers) made.gatherWrites();
      throwIfAborted(this.#signal);
      return made;
    } catch (error) {
      await made.destroy();
      const failure = connectFailure(error, story, address, this.#options);
      const reason = isLate ? undefined : await this.#hungUp(failure, story, address);
      throw this.#judge.judge(reason ?? failure, address);
    } finally {
      clearTimeout(timeout);
    }
  }

  #askWhy(address: BrokerAddress): Promise<MillraceError | undefined> {
    if (this.#signal.aborted) return noReason();
    return askSilentBroker(address, this.#options, kafkajsSsl(this.#options));
  }

  // Somebody took the connection and ended it: a port for TLS does so with plain text.
  async #hungUp(
    { code }: MillraceError,
    { isConnected }: SocketStory,
    address: BrokerAddress,
  ): Promise<MillraceError | undefined> {
    const { ssl, sasl } = this.#options;
    if (code !== 'BROKER_UNREACHABLE' || ssl !== undefined || !isConnected) return undefined;
    const reason = await this.#askWhy(address);
    return sasl === undefined || reason?.code === 'TLS_FAILED' ? reason : undefined;
  }
}

async function noReason(): Promise<undefined> {}

async function destroyAll(connections: readonly Promise<BrokerConnection>[]): Promise<void> {
  for (const result of await Promise.allSettled(connections)) {
    if (result.status === 'fulfilled') await result.value.destroy();
  }
}
