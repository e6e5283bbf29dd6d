/** Produce requests of which kafkajs encodes every message. */
import type { ProduceBatch, ProduceRequest, ProduceResult } from '../../client.ts';
import {
  ConnectionTurns,
  produceResults,
  type RawProducePartition,
  unacknowledged,
} from '../produce-answers.ts';
import { type DecodedBatch, decodeBatch } from './batch-decoder.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection } from './connections.ts';
import { toMillraceError } from './errors.ts';
import type { OwnProduceAnswer, OwnRequest, OwnRequests } from './own-requests.ts';

const PURPOSE = 'produce-copied';
/** What a broker says to a batch whose CRC is wrong. */
const CORRUPT_MESSAGE = 2;

interface Decoded extends ProduceBatch {
  readonly decoded: DecodedBatch;
}

/** Sends produce requests with kafkajs's own encoder; made once per client. */
export class CopyingProducer {
  readonly #own: OwnRequests;
  readonly #turns: ConnectionTurns<BrokerConnection>;
  /** When the request before was encoded: kafkajs compresses in threads, and order is kept. */
  #encoded: Promise<unknown> = Promise.resolve();

  constructor(cluster: Cluster, own: OwnRequests) {
    this.#own = own;
    this.#turns = new ConnectionTurns((node) => cluster.connection(PURPOSE, node));
  }

  /** As `RawProducer.produce`; the bytes are not read any more once this settles. */
  async produce(request: ProduceRequest): Promise<ProduceResult[]> {
    const { node, batches, acks } = request;
    if (batches.length === 0) return [];
    let broker: BrokerConnection | undefined;
    try {
      const damaged: RawProducePartition[] = [];
      const sound = batches.flatMap((batch): Decoded[] => {
        const decoded = decodeBatch(batch);
        if (decoded !== undefined) return [{ ...batch, decoded }];
        damaged.push(refused(batch, CORRUPT_MESSAGE));
        return [];
      });
      const encoded = this.#encodeInTurn(this.#requestsOf(request, sound));
      const sent = (await encoded).map(async (one) => {
        broker = await this.#turns.next(node);
        return broker.ask(one);
      });
      const answers = await Promise.all(sent);
      if (acks !== 0)
        return produceResults(batches, [...damaged, ...answers.flatMap(partitionsOf)]);
      await broker?.drained();
      return batches.map(({ topic, partition }) => unacknowledged(topic, partition));
    } catch (error) {
      // kafkajs keeps a connection on which an answer is late, with requests perhaps unsent.
      await broker?.destroy();
      throw toMillraceError(error, `Producing to broker ${node}`, { node });
    }
  }

  /** One request for each producer and compression; mostly that is one. */
  #requestsOf(
    { acks, timeoutMs, transactionalId }: ProduceRequest,
    batches: readonly Decoded[],
  ): OwnRequest<OwnProduceAnswer>[] {
    const alike = Map.groupBy(batches, ({ decoded }) => {
      const { producerId, producerEpoch, compression } = decoded;
      return `${producerId}/${producerEpoch}/${compression}`;
    });
    return [...alike.values()].map((group) => {
      const { producerId, producerEpoch, compression } = group[0]!.decoded;
      const topics = [...Map.groupBy(group, ({ topic }) => topic)];
      return this.#own.produce({
        acks,
        timeout: timeoutMs,
        transactionalId: transactionalId ?? null,
        producerId: `${producerId}`,
        producerEpoch,
        compression,
        topicData: topics.map(([topic, same]) => ({
          topic,
          partitions: same.map(({ partition, decoded: { firstSequence, messages } }) => ({
            partition,
            firstSequence,
            messages,
          })),
        })),
      });
    });
  }

  #encodeInTurn(
    requests: readonly OwnRequest<OwnProduceAnswer>[],
  ): Promise<OwnRequest<OwnProduceAnswer>[]> {
    const encoded = this.#encoded.then(() => Promise.all(requests.map(encodeNow)));
    const ignore = () => undefined;
    this.#encoded = encoded.then(ignore, ignore);
    return encoded;
  }
}

async function encodeNow<Answer>({
  request,
  response,
}: OwnRequest<Answer>): Promise<OwnRequest<Answer>> {
  const encoded = await request.encode();
  return { request: { ...request, encode: async () => encoded }, response };
}

function partitionsOf(answer: OwnProduceAnswer | undefined): RawProducePartition[] {
  const topics = answer?.topics ?? [];
  return topics.flatMap(({ topicName: topic, partitions }) =>
    partitions.map(({ partition, errorCode, baseOffset, logAppendTime }) => ({
      ...{ topic, partition, errorCode },
      baseOffset: BigInt(baseOffset),
      logAppendTimeMs: BigInt(logAppendTime),
      errorMessage: null,
    })),
  );
}

function refused({ topic, partition }: ProduceBatch, errorCode: number): RawProducePartition {
  const nowhere = { baseOffset: -1n, logAppendTimeMs: -1n, errorMessage: null };
  return { topic, partition, errorCode, ...nowhere };
}
