/**
 * A transactional producer's requests, as both clients make them: which coordinator is asked, what
 * is sent again, and what Kafka's refusals mean.
 */
import type { ErrorContext } from '../../errors.ts';
import type {
  OffsetCommit,
  TopicPartition,
  TransactionalProducer,
  TransactionMember,
  TransactionOptions,
} from '../client.ts';
import { fenced, type Membership } from './group/membership.ts';
import {
  isFencingError,
  isRetriableKafkaError,
  kafkaError,
  kafkaErrorName,
  kafkaErrorOf,
} from './kafka-errors.ts';
import { atCoordinator, type OffsetCluster, type OffsetParts } from './partition-offsets.ts';
import { pause } from './retry.ts';
import {
  addOffsets,
  addPartitions,
  type Committer,
  commitOffsets,
  endTransaction,
  initProducerId,
  NOT_A_MEMBER,
  type TransactionRequest,
  type Verdict,
} from './transaction-requests.ts';

/** What is asked of a client's cluster. */
interface TransactionCluster<Broker> extends OffsetCluster<Broker> {
  /** Fires when the client is closed. */
  readonly signal: AbortSignal;
}

/** A client's cluster, its library's errors, and how it sends a request of ours. */
export interface TransactionParts<Broker> extends OffsetParts<Broker> {
  readonly cluster: TransactionCluster<Broker>;
  send<Answer>(broker: Broker, request: TransactionRequest<Answer>): Promise<Answer>;
}

/**
 * While the markers of the transaction before are being written the coordinator begins no other:
 * for a few milliseconds as a rule, of which a whole back-off would be a multiple. So it is asked
 * again this often, after so many ms, before the client's own retries begin.
 */
const MARKERS_ATTEMPTS = 5;
const MARKERS_DELAY_MS = 20;

/** The requests of any number of transactional producers; made once per client. */
export class Transactions<Broker> {
  readonly #parts: TransactionParts<Broker>;

  constructor(parts: TransactionParts<Broker>) {
    this.#parts = parts;
  }

  /** See `KafkaClient.initTransactions`. */
  async init(options: TransactionOptions): Promise<TransactionalProducer> {
    const { transactionalId, transactionTimeoutMs, current } = options;
    const request = initProducerId(transactionalId, transactionTimeoutMs, current);
    const what = `Taking over the transactional id '${transactionalId}'`;
    const { producerId, producerEpoch } = await this.#ask(transactionalId, what, request, only);
    return { transactionalId, producerId, producerEpoch };
  }

  /** See `KafkaClient.addPartitionsToTransaction`. */
  async addPartitions(
    producer: TransactionalProducer,
    partitions: readonly TopicPartition[],
  ): Promise<void> {
    if (partitions.length === 0) return;
    // Of an unknown topic Kafka says only that asking again may help.
    await this.#parts.cluster.topics([...new Set(partitions.map(({ topic }) => topic))]);
    const { transactionalId } = producer;
    const what = `Adding partitions to the transaction of '${transactionalId}'`;
    await this.#ask(transactionalId, what, addPartitions(producer, partitions), all);
  }

  /**
   * See `KafkaClient.sendOffsetsToTransaction`.
   *
   * @param members the client's own, one of which `member` may name.
   */
  async sendOffsets(
    producer: TransactionalProducer,
    groupId: string,
    offsets: readonly OffsetCommit[],
    member?: TransactionMember,
    members: Iterable<Membership> = [],
  ): Promise<void> {
    const committer = committerOf(member);
    const { memberId, generationId } = committer;
    const own = [...members].find((one) => one.hasId(groupId, memberId));
    const send = (as: Committer) => this.#sendOffsetsAs(as, producer, groupId, offsets);
    if (own !== undefined) return own.commitWith(offsets, generationId, send);
    try {
      await send(committer);
    } catch (error) {
      if (!isFencingError(kafkaErrorOf(error))) throw error;
      throw fenced(groupId, generationId, error);
    }
  }

  /** Kafka's refusal of a stale member comes out as Kafka's error name in the context. */
  async #sendOffsetsAs(
    committer: Committer,
    producer: TransactionalProducer,
    groupId: string,
    offsets: readonly OffsetCommit[],
  ): Promise<void> {
    if (offsets.length === 0) return;
    const { transactionalId } = producer;
    const what = `Committing for group '${groupId}' in the transaction of '${transactionalId}'`;
    await this.#ask(transactionalId, what, addOffsets(producer, groupId), only);
    const request = commitOffsets(producer, groupId, offsets, committer);
    const context = { groupId, transactionalId };
    await atCoordinator(this.#parts, groupId, what, (broker) =>
      this.#behindMarkers(async () => {
        const answer = await this.#parts.send(broker, request);
        throwRefusal(answer, what, context);
      }),
    );
  }

  /** See `KafkaClient.endTransaction`. */
  async end(producer: TransactionalProducer, outcome: 'commit' | 'abort'): Promise<void> {
    const { transactionalId } = producer;
    const verb = outcome === 'commit' ? 'Committing' : 'Aborting';
    const what = `${verb} the transaction of '${transactionalId}'`;
    await this.#ask(transactionalId, what, endTransaction(producer, outcome), only);
  }

  /** Asks the transaction coordinator; throws what `verdicts` of the answer says. */
  #ask<Answer>(
    transactionalId: string,
    what: string,
    request: TransactionRequest<Answer>,
    verdicts: (answer: Answer) => readonly Verdict[],
  ): Promise<Answer> {
    const ask = (broker: Broker) =>
      this.#behindMarkers(async () => {
        const answer = await this.#parts.send(broker, request);
        throwRefusal(verdicts(answer), what, { transactionalId });
        return answer;
      });
    return atCoordinator(this.#parts, transactionalId, what, ask, 'transaction');
  }

  async #behindMarkers<T>(attempt: () => Promise<T>): Promise<T> {
    for (let left = MARKERS_ATTEMPTS; ; left--) {
      try {
        return await attempt();
      } catch (error) {
        if (left === 0 || kafkaErrorOf(error) !== 'CONCURRENT_TRANSACTIONS') throw error;
      }
      await pause(MARKERS_DELAY_MS, this.#parts.cluster.signal);
    }
  }
}

// A member's properties may be getters, which a spread leaves out.
function committerOf(member: TransactionMember | undefined): Committer {
  if (member === undefined) return NOT_A_MEMBER;
  const { memberId, generationId, instanceId = null } = member;
  return { memberId, generationId, instanceId };
}

function only<V extends Verdict>(verdict: V): readonly V[] {
  return [verdict];
}

function all(verdicts: readonly Verdict[]): readonly Verdict[] {
  return verdicts;
}

/** A final refusal goes before one that passes; the others were not attempted because of it. */
function throwRefusal(verdicts: readonly Verdict[], what: string, context: ErrorContext): void {
  const refusals = verdicts
    .filter(({ errorCode }) => errorCode !== 0)
    .map(({ errorCode, topic = '', partition }) => ({
      error: kafkaErrorName(errorCode),
      place: partition === undefined ? undefined : { topic, partition },
    }));
  const told = refusals.filter(({ error }) => error !== 'OPERATION_NOT_ATTEMPTED');
  const worst = told.find(({ error }) => !isRetriableKafkaError(error)) ?? told[0] ?? refusals[0];
  if (worst === undefined) return;
  throw kafkaError(worst.error, what, { ...context, ...worst.place });
}
