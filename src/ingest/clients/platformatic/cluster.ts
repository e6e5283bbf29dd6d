/** What is known of the cluster: its brokers, topics, leaders and group coordinators. */

import { FindCoordinatorKeyTypes, type metadataV12, ResponseError } from '@platformatic/kafka';
import { MillraceError } from '../../../errors.ts';
import type { ConnectionOptions, TopicInfo } from '../../client.ts';
import { parseBroker } from '../../connection-options.ts';
import { TRY_ELSEWHERE, unreachable } from '../connect-reasons.ts';
import { type CoordinatorKind, soughtCoordinator } from '../partition-offsets.ts';
import { ReadReplicas } from '../read-replicas.ts';
import { pause, withRetries } from '../retry.ts';
import { FIND_COORDINATOR, METADATA } from './apis.ts';
import { type BrokerAddress, type BrokerConnection, Connections } from './connections.ts';
import { isPassing, kafkaError, kafkaErrorName, toMillraceError } from './errors.ts';

type MetadataResponse = metadataV12.MetadataResponse;

/** Topics kept in the cache; the one that was read longest ago makes room. */
const CACHED_TOPICS_MAX = 10_000;
/** Groups and transactional ids whose coordinator is kept. */
const CACHED_COORDINATORS_MAX = 1_000;
/** A topic that was just created may be unknown to a broker for a moment: ask so often. */
const UNKNOWN_TOPIC_ATTEMPTS = 3;
const COORDINATOR_TYPES = {
  group: FindCoordinatorKeyTypes.GROUP,
  transaction: FindCoordinatorKeyTypes.TRANSACTION,
} as const;

/** Finds brokers and keeps what they said. Made once per client. */
export class Cluster {
  readonly options: ConnectionOptions;
  /** Fires when the client is closed. */
  readonly signal: AbortSignal;
  readonly connections: Connections;
  readonly replicas = new ReadReplicas();
  readonly #bootstrap: readonly BrokerAddress[];
  readonly #nodes = new Map<number, BrokerAddress>();
  readonly #topics = new Map<string, TopicInfo>();
  readonly #coordinators = new Map<string, number>();
  #controller = -1;
  #firstCandidate = 0;

  constructor(options: ConnectionOptions, signal: AbortSignal) {
    this.options = options;
    this.signal = signal;
    this.connections = new Connections(options, signal);
    this.#bootstrap = options.brokers.map(parseBroker);
  }

  /** Runs `attempt` with the client's retries; {@link anyBroker} is another one in each. */
  retrying<T>(attempt: () => Promise<T>): Promise<T> {
    const attempts = async () => {
      try {
        return await attempt();
      } catch (error) {
        // A broker that takes connections but does not answer must not be asked for ever.
        if (isPassing(error)) this.#firstCandidate++;
        throw error;
      }
    };
    // Addresses that never answered are more likely wrong than down.
    const { bootstrapTimeoutMs } = this.options;
    const hasReached = () => this.connections.hasReached;
    const maxMs = () => (hasReached() ? Number.POSITIVE_INFINITY : bootstrapTimeoutMs);
    return withRetries(this.options, this.signal, attempts, maxMs);
  }

  /** Topics in the order asked, from the cache unless `refresh`; rejects with `UNKNOWN_TOPIC`. */
  async topics(names: readonly string[], refresh = false): Promise<TopicInfo[]> {
    if (refresh || names.some((name) => !this.#topics.has(name))) {
      for (let left = UNKNOWN_TOPIC_ATTEMPTS - 1; ; left--) {
        const unknown = await this.retrying(() => this.#readTopics(names));
        if (unknown.length === 0) break;
        if (left <= 0) throw unknownTopic(unknown);
        await pause(this.options.retryDelayMs, this.signal);
      }
    }
    return names.map((name) => this.replicas.applyTo(this.#topics.get(name)!, this.#nodes));
  }

  /** Forgets topics, so that the next call asks the cluster again. */
  forgetTopics(names: Iterable<string>): void {
    for (const name of names) this.#topics.delete(name);
  }

  /** The connection to node `node` for `purpose`. Rejects with `BROKER_UNREACHABLE`. */
  async connection(
    purpose: string,
    node: number,
    requestTimeoutMs?: number,
  ): Promise<BrokerConnection> {
    if (!this.#nodes.has(node)) await this.#readTopics([]);
    const address = this.#nodes.get(node);
    if (address === undefined) {
      const message = `Broker ${node} is not in the cluster now; read the topics again (refresh).`;
      throw new MillraceError(message, { code: 'BROKER_UNREACHABLE', context: { node } });
    }
    return this.connections.get(purpose, address, requestTimeoutMs);
  }

  /** A control connection to whichever broker answers: those known first, then the bootstrap. */
  async anyBroker(): Promise<BrokerConnection> {
    const failures: MillraceError[] = [];
    for (const address of this.#candidates()) {
      try {
        return await this.connections.get('control', address);
      } catch (error) {
        const failure = MillraceError.from(error);
        // Wrong credentials are wrong everywhere, and trying them too often locks accounts.
        if (!TRY_ELSEWHERE.has(failure.code)) throw failure;
        failures.push(failure);
      }
    }
    throw unreachable(failures, this.options.brokers);
  }

  /** A connection to the controller where it is known, else to any broker. */
  async controller(): Promise<BrokerConnection> {
    await this.#readTopics([]);
    return this.#nodes.has(this.#controller)
      ? this.connection('control', this.#controller)
      : this.anyBroker();
  }

  /** Node id of the coordinator of a group or transactional id; one attempt. */
  async coordinator(name: string, kind: CoordinatorKind = 'group'): Promise<number> {
    const { key, what, context } = soughtCoordinator(name, kind);
    const known = this.#coordinators.get(key);
    if (known !== undefined) return known;
    try {
      const broker = await this.anyBroker();
      const answer = await broker.call(FIND_COORDINATOR, COORDINATOR_TYPES[kind], [name]);
      const found = answer.coordinators[0];
      if (found === undefined) throw kafkaError('COORDINATOR_NOT_AVAILABLE', what, context);
      this.#nodes.set(found.nodeId, { host: found.host, port: found.port });
      if (this.#coordinators.size >= CACHED_COORDINATORS_MAX) this.#coordinators.clear();
      this.#coordinators.set(key, found.nodeId);
      return found.nodeId;
    } catch (error) {
      throw toMillraceError(error, what, context);
    }
  }

  /** To be called when a coordinator failed or said that it is not (any more) the one. */
  forgetCoordinator(name: string, kind: CoordinatorKind = 'group'): void {
    this.#coordinators.delete(soughtCoordinator(name, kind).key);
  }

  close(): Promise<void> {
    return this.connections.close();
  }

  #candidates(): BrokerAddress[] {
    const known = [...this.#nodes.values()];
    const first = this.#firstCandidate % Math.max(known.length, 1);
    const all = [...known.slice(first), ...known.slice(0, first), ...this.#bootstrap];
    return [
      ...new Map(all.map((address) => [`${address.host}:${address.port}`, address])).values(),
    ];
  }

  /** One metadata request, of brokers only where `names` is empty; answers unknown names. */
  async #readTopics(names: readonly string[]): Promise<string[]> {
    const what = `Reading the metadata of ${names.length === 0 ? 'the cluster' : names.join(', ')}`;
    let answer: MetadataResponse;
    try {
      const broker = await this.anyBroker();
      answer = await broker.call(METADATA, [...new Set(names)], false);
    } catch (error) {
      // Errors of single topics come as an exception, with the whole answer inside.
      const inside: unknown = error instanceof ResponseError ? error.response : undefined;
      if (inside === undefined) throw toMillraceError(error, what);
      answer = inside as MetadataResponse;
    }
    this.#keepBrokers(answer);
    return this.#keepTopics(answer, what);
  }

  #keepBrokers(answer: MetadataResponse): void {
    // A broker that has gone may be back at another address: only the newest list counts.
    this.#nodes.clear();
    for (const { nodeId, host, port } of answer.brokers) this.#nodes.set(nodeId, { host, port });
    this.#controller = answer.controllerId;
  }

  #keepTopics(answer: MetadataResponse, what: string): string[] {
    const unknown: string[] = [];
    for (const { errorCode, name, topicId, partitions } of answer.topics) {
      const topic = name ?? '';
      this.#topics.delete(topic);
      const error = errorCode === 0 ? undefined : kafkaErrorName(errorCode);
      if (error === 'UNKNOWN_TOPIC_OR_PARTITION') {
        unknown.push(topic);
        continue;
      }
      if (error !== undefined) throw kafkaError(error, what, { topic });
      const infos = partitions
        .map(({ partitionIndex, leaderId, leaderEpoch }) =>
          Object.freeze({ topic, partition: partitionIndex, leader: leaderId, leaderEpoch }),
        )
        .sort((a, b) => a.partition - b.partition);
      this.#makeRoom();
      this.#topics.set(topic, Object.freeze({ topic, topicId, partitions: infos }));
    }
    return unknown;
  }

  #makeRoom(): void {
    if (this.#topics.size < CACHED_TOPICS_MAX) return;
    for (const oldest of this.#topics.keys()) {
      this.#topics.delete(oldest);
      return;
    }
  }
}

function unknownTopic(names: readonly string[]): MillraceError {
  const listed = names.map((name) => `'${name}'`).join(', ');
  const message =
    names.length === 1
      ? `Topic ${listed} does not exist; create it first or correct the name.`
      : `Topics ${listed} do not exist; create them first or correct the names.`;
  return new MillraceError(message, {
    code: 'UNKNOWN_TOPIC',
    context: { topic: names.join(', ') },
  });
}
