import { expect } from 'vitest';
import type {
  KafkaClient,
  TopicPartition,
  TransactionalProducer,
} from '../../src/ingest/client.ts';
import { patchProducer } from '../../src/ingest/crc32c.ts';
import { produceTo, recordBatch } from './client-harness.ts';

/** Kafka's own default. */
export const TRANSACTION_TIMEOUT_MS = 60_000;

/** Writes in the transactions of one producer, each partition's sequences in order. */
export class TransactionalWriter {
  readonly producer: TransactionalProducer;
  readonly #client: KafkaClient;
  readonly #sequences = new Map<string, number>();

  constructor(client: KafkaClient, producer: TransactionalProducer) {
    this.#client = client;
    this.producer = producer;
  }

  static async init(client: KafkaClient, transactionalId: string): Promise<TransactionalWriter> {
    const options = { transactionalId, transactionTimeoutMs: TRANSACTION_TIMEOUT_MS };
    return new TransactionalWriter(client, await client.initTransactions(options));
  }

  /** Writes one message; answers Kafka's error, if any. */
  async write(topic: string, partition: number, value: string): Promise<string | undefined> {
    const { transactionalId, producerId, producerEpoch } = this.producer;
    const key = `${topic}/${partition}`;
    const sequence = this.#sequences.get(key) ?? 0;
    this.#sequences.set(key, sequence + 1);
    const bytes = recordBatch({ values: [value] });
    patchProducer(bytes, producerId, producerEpoch, sequence, true);
    const settings = { transactionalId };
    const [result] = await produceTo(this.#client, [{ topic, partition, bytes }], settings);
    return result!.error;
  }

  add(...partitions: TopicPartition[]): Promise<void> {
    return this.#client.addPartitionsToTransaction(this.producer, partitions);
  }

  /** Adds the partition and writes one message to it, which must be taken. */
  async addAndWrite(topic: string, partition: number, value: string): Promise<void> {
    await this.add({ topic, partition });
    expect(await this.write(topic, partition, value)).toBe(undefined);
  }

  /** Offsets of the partitions from 0 on. */
  sendOffsets(groupId: string, topic: string, ...offsets: bigint[]): Promise<void> {
    const commits = offsets.map((offset, partition) => ({ topic, partition, offset }));
    return this.#client.sendOffsetsToTransaction(this.producer, groupId, commits);
  }

  end(outcome: 'commit' | 'abort'): Promise<void> {
    return this.#client.endTransaction(this.producer, outcome);
  }
}
