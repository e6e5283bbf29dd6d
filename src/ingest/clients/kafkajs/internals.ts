/**
 * The parts of kafkajs that Millrace stands on, and the check that they are what we know.
 *
 * kafkajs's public API makes an object per message and cannot be told a position to read from, so
 * its connections are used below it: `src/broker` (connecting, API versions, SASL) and
 * `src/network/connectionPool` (sockets, TLS, request queue). They are not public. Hence a look at
 * their shape before they are used, and one fixed version whose memory and sockets are relied on;
 * and its code compared with what was read (`known-code.ts`); with the others kafkajs makes an
 * object of each message, as `own-requests.ts` says.
 */
import type { Socket } from 'node:net';
import { MillraceError } from '../../../errors.ts';
import { alteredModules } from './known-code.ts';
import { addCodecs } from './own-codecs.ts';
import { type OwnRequests, ownRequests } from './own-requests.ts';
import { type SocketFactory, socketFactory } from './socket-factory.ts';

/** The one version whose internals are known well enough to pass record batches as bytes. */
export const KAFKAJS_VERSION = '2.2.4';
/** The versions that can be used at all. */
const USABLE = /^2\.\d+\.\d+/;

/** What `connection.send` takes as a request. */
export interface ProtocolRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  /** Where it answers false, nothing is waited for. */
  expectResponse?(): boolean;
  /** Something like kafkajs's `Encoder`, of which it reads `buf` and `buffer`. */
  encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
}

/** What `connection.send` decodes an answer with: first `decode`, then `parse` of the outcome. */
export interface ProtocolResponse<Answer> {
  decode(payload: Buffer): Promise<{ clientSideThrottleTime: number; answer: Answer }>;
  parse(decoded: { answer: Answer }): Promise<Answer>;
}

/** `src/network/connection`. */
export interface KafkajsConnection {
  isConnected(): boolean;
  send<Answer>(protocol: {
    readonly request: ProtocolRequest;
    readonly response: ProtocolResponse<Answer>;
    readonly logResponseError: boolean;
  }): Promise<Answer | undefined>;
  /** Waits for requests under way, hence {@link rejectRequests} first. */
  disconnect(): Promise<unknown>;
  rejectRequests(error: Error): void;
  /** There once it has begun to connect. */
  socket?: Socket;
  /** What has come of an answer so far; after a whole one, an empty view that holds its memory. */
  chunks: Buffer[];
  /** How long the broker takes this log-in for good, ms; 0: for ever. */
  readonly sessionLifetime: { toNumber(): number };
  readonly requestQueue: {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  };
}

/** A topic's partitions in kafkajs's requests. */
interface TopicPartitions<P> {
  readonly topic: string;
  readonly partitions: readonly P[];
}

/** Offsets as kafkajs gives them, in decimal. */
export interface ListedOffsets {
  readonly responses: readonly TopicPartitions<{
    readonly partition: number;
    readonly offset: string;
  }>[];
}

/** `src/broker`: one broker, and Kafka's requests with kafkajs's own encoders. */
export interface KafkajsBroker {
  readonly versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>> | null;
  readonly connectionPool: { readonly pool: readonly KafkajsConnection[] };
  connect(): Promise<void>;
  findGroupCoordinator(request: { groupId: string; coordinatorType: number }): Promise<{
    readonly coordinator: { readonly nodeId: number; readonly host: string; readonly port: number };
  }>;
  listOffsets(request: {
    readonly replicaId: number;
    readonly isolationLevel: number;
    readonly topics: readonly TopicPartitions<{ partition: number; timestamp: string }>[];
  }): Promise<ListedOffsets>;
  createTopics(request: {
    readonly topics: readonly {
      readonly topic: string;
      readonly numPartitions: number;
      readonly replicationFactor: number;
      readonly configEntries: readonly { readonly name: string; readonly value: string }[];
    }[];
    readonly timeout: number;
  }): Promise<unknown>;
  describeConfigs(request: {
    readonly resources: readonly {
      readonly type: number;
      readonly name: string;
      readonly configNames: readonly string[];
    }[];
  }): Promise<{
    readonly resources: readonly {
      readonly configEntries: readonly {
        readonly configName: string;
        readonly configValue: string | null;
      }[];
    }[];
  }>;
  initProducerId(request: { transactionalId: string | null; transactionTimeout: number }): Promise<{
    readonly producerId: string;
    readonly producerEpoch: number;
  }>;
}

/** What a connection pool of kafkajs is made with. */
export interface PoolOptions {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly ssl?: object | undefined;
  readonly sasl?: object | undefined;
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly enforceRequestTimeout: boolean;
  readonly maxInFlightRequests: number;
  /** How long before its end a log-in is done again on the same connection, ms. */
  readonly reauthenticationThreshold: number;
  readonly socketFactory: SocketFactory;
}

/** How a version of kafkajs moves messages that cannot pass as bytes. */
export interface Copying {
  readonly requests: OwnRequests;
  /** In words, for logs and `stats()`. */
  readonly why: string;
}

/** kafkajs, as far as it is used. */
export interface Kafkajs {
  readonly version: string;
  /** Absent: record batches pass as bytes. */
  readonly copying?: Copying;
  /** Makes a broker that is not connected. */
  broker(options: PoolOptions, authenticationTimeoutMs: number): KafkajsBroker;
}

/** Loads a CommonJS module or JSON by its name; injected so that tests can take packages away. */
export type Require = (specifier: string) => unknown;

type Constructor<T> = new (options: object) => T;
type CreateLogger = (options: object) => unknown;

/** Methods of `src/broker` that are called. */
const BROKER_METHODS = [
  'connect',
  'findGroupCoordinator',
  'listOffsets',
  'createTopics',
  'describeConfigs',
  'initProducerId',
];
/** Methods of `src/network/connection` that are called. */
const CONNECTION_METHODS = ['isConnected', 'send', 'disconnect', 'rejectRequests'];

/** A level that kafkajs's logger never reaches: what failed is told by our errors. */
const LOG_NOTHING = 0;

/** Whether a version of kafkajs can be used, whatever its shape. */
export function isUsableKafkajs(version: string): boolean {
  return USABLE.test(version);
}

/**
 * Loads kafkajs's internals and looks at them. What is not {@link KAFKAJS_VERSION} as it was
 * published copies each message, with snappy, LZ4 and zstd added to kafkajs's codecs.
 *
 * Throws `MISSING_DEPENDENCY` where the version is not one of kafkajs 2, or where something is
 * not what we know; what `load` throws where there is no kafkajs passes.
 */
export function loadKafkajs(load: Require): Kafkajs {
  const manifest = load('kafkajs/package.json') as { version?: unknown };
  const version = String(manifest.version);
  if (!isUsableKafkajs(version)) throw unfit(version, 'only versions 2 are known');
  const part = (name: string) => loadPart(load, version, name);
  const Broker = part('kafkajs/src/broker/index.js') as Constructor<KafkajsBroker>;
  const Pool = part('kafkajs/src/network/connectionPool.js') as Constructor<
    KafkajsBroker['connectionPool']
  >;
  const loggers = part('kafkajs/src/loggers/index.js') as { createLogger?: CreateLogger };
  const kafkajs = fromParts(version, Broker, Pool, loggers.createLogger);
  const missing = checkShape(kafkajs);
  const altered = version === KAFKAJS_VERSION ? alteredModules(load) : [];
  if (version === KAFKAJS_VERSION && missing.length + altered.length === 0) return kafkajs;
  const requests = ownRequests(part);
  if (requests === undefined || !addCodecs(part)) {
    throw unfit(
      version,
      'its requests to fetch and produce, or its codecs, are not what they were',
    );
  }
  const raw =
    version === KAFKAJS_VERSION
      ? `a ${KAFKAJS_VERSION} as it was published (this one has ${
          missing.length > 0 ? `no ${missing.join(', ')}` : `other code in ${altered.join(', ')}`
        })`
      : `kafkajs ${KAFKAJS_VERSION}`;
  const why = `kafkajs ${version} copies each message; ${raw} passes record batches as bytes`;
  return { ...kafkajs, copying: { requests, why } };
}

function loadPart(load: Require, version: string, name: string): unknown {
  try {
    return load(name);
  } catch (error) {
    throw unfit(version, `${name} cannot be loaded (${(error as Error).message})`);
  }
}

function fromParts(
  version: string,
  Broker: Constructor<KafkajsBroker>,
  Pool: Constructor<KafkajsBroker['connectionPool']>,
  createLogger: CreateLogger | undefined,
): Kafkajs {
  if (![Broker, Pool, createLogger].every((part) => typeof part === 'function')) {
    throw unfit(version, 'its broker, connection pool or logger is not where it was');
  }
  return {
    version,
    broker(options, authenticationTimeoutMs) {
      const logger = createLogger!({ level: LOG_NOTHING, logCreator: () => () => undefined });
      const connectionPool = new Pool({ ...options, logger });
      const broker = new Broker({
        connectionPool,
        logger,
        authenticationTimeout: authenticationTimeoutMs,
        allowAutoTopicCreation: false,
      });
      for (const connection of connectionPool.pool ?? []) quietTimers(connection);
      return broker;
    },
  };
}

// kafkajs sets a timer to a time in the past after each answer, of which Node warns. Only where
// requests wait is there something to look after.
function quietTimers({ requestQueue }: KafkajsConnection): void {
  if (!hasMethod(requestQueue, 'scheduleCheckPendingRequests')) return;
  const check = requestQueue.scheduleCheckPendingRequests.bind(requestQueue);
  requestQueue.scheduleCheckPendingRequests = () => {
    if (requestQueue.pending.length > 0) check();
  };
}

/**
 * Makes one that never connects, and looks whether it has what is used; answers what it lacks of
 * what only raw requests use.
 */
function checkShape(kafkajs: Kafkajs): string[] {
  const pool = {
    host: '127.0.0.1',
    port: 9,
    clientId: 'millrace',
    connectionTimeout: 1,
    requestTimeout: 1,
    enforceRequestTimeout: false,
    maxInFlightRequests: 1,
    reauthenticationThreshold: 0,
    socketFactory: socketFactory(1),
  };
  let broker: KafkajsBroker;
  try {
    broker = kafkajs.broker(pool, 1);
  } catch (error) {
    throw unfit(kafkajs.version, `its broker cannot be made (${(error as Error).message})`);
  }
  const connection = broker.connectionPool?.pool?.[0] as Partial<KafkajsConnection> | undefined;
  const missing = [
    ...BROKER_METHODS.filter((name) => !hasMethod(broker, name)).map((name) => `broker.${name}`),
    ...CONNECTION_METHODS.filter((name) => !hasMethod(connection, name)).map(
      (name) => `connection.${name}`,
    ),
    ...(hasMethod(connection?.sessionLifetime, 'toNumber') ? [] : ['connection.sessionLifetime']),
  ];
  if (missing.length > 0) throw unfit(kafkajs.version, `it has no ${missing.join(', ')}`);
  const queue = connection?.requestQueue;
  const queueIsKnown =
    hasMethod(queue, 'scheduleCheckPendingRequests') && Array.isArray(queue?.pending);
  return [
    ...(Array.isArray(connection?.chunks) ? [] : ['connection.chunks']),
    ...(queueIsKnown ? [] : ['connection.requestQueue']),
  ];
}

function hasMethod(target: unknown, name: string): boolean {
  return typeof (target as Record<string, unknown> | undefined)?.[name] === 'function';
}

function unfit(version: string, why: string): MillraceError {
  const message =
    `kafkajs ${version} cannot be used: ${why}. ` +
    `Install the one that fits: npm install kafkajs@${KAFKAJS_VERSION}`;
  return new MillraceError(message, { code: 'MISSING_DEPENDENCY', context: { version } });
}
