/** A client without a broker: one topic that keeps what is produced, and fails where it is told. */
import { Reader, readRecordsBatches } from '@platformatic/kafka';
import { MillraceError } from '../../src/errors.ts';
import type { KafkaClient, ProduceRequest, ProduceResult } from '../../src/ingest/client.ts';

/** A message as it lies in the topic. */
export interface StoredMessage {
  readonly partition: number;
  readonly offset: bigint;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string | null])[];
}

/** What a batch is answered, in the place of being stored. */
export type Answer = (partition: number, batch: number) => string | undefined;

const text = (bytes: Buffer | null) => bytes?.toString() ?? null;

/** Partitions in memory. */
export class FakeTopic {
  readonly messages: StoredMessage[] = [];
  /** Record batches that came, by partition. */
  readonly batches: number[];
  answer: Answer = () => undefined;
  maxMessageBytes = 1_048_588;
  missing = false;
  /** What every client fails with when it is asked for the topic. */
  problem: MillraceError | undefined;
  /** What clients say of themselves. */
  copying: string | undefined;
  made = 0;
  closed = 0;
  /** How often a client was asked for the topic. */
  asked = 0;
  #held: PromiseWithResolvers<void> | undefined;
  readonly #ends: bigint[];

  constructor(partitions: number) {
    this.#ends = Array.from({ length: partitions }, () => 0n);
    this.batches = this.#ends.map(() => 0);
  }

  /** More partitions, as by `kafka-topics --alter`. */
  grow(partitions: number): void {
    while (this.#ends.length < partitions) {
      this.#ends.push(0n);
      this.batches.push(0);
    }
  }

  /** Answers nothing until `release`. */
  hold(): void {
    this.#held = Promise.withResolvers();
  }

  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  /** Values of one partition, parsed. */
  values(partition: number): unknown[] {
    return this.messages
      .filter((message) => message.partition === partition)
      .map(({ value }) => (value === null ? null : JSON.parse(value)));
  }

  readonly client = (): KafkaClient => {
    let open = true;
    this.made += 1;
    return {
      name: 'fake',
      version: '1.2.3',
      copying: this.copying,
      topics: async ([topic]: string[]) => {
        this.asked += 1;
        if (this.problem !== undefined) throw this.problem;
        if (this.missing) throw new MillraceError('no such topic', { code: 'UNKNOWN_TOPIC' });
        const partitions = this.#ends.map((_, partition) => ({ topic, partition, leader: 1 }));
        return [{ topic, topicId: '', partitions }];
      },
      maxMessageBytes: async () => this.maxMessageBytes,
      initProducerId: async () => ({ producerId: 1n, producerEpoch: 0 }),
      produce: async (request: ProduceRequest) => {
        if (!open) throw new MillraceError('the client is closed', { code: 'ABORTED' });
        return await this.#produce(request);
      },
      close: async () => {
        open = false;
        this.closed += 1;
      },
    } as unknown as KafkaClient;
  };

  async #produce({ batches }: ProduceRequest): Promise<ProduceResult[]> {
    // What is borrowed may change once it is answered: it is read at once.
    const copies = batches.map((batch) => ({ ...batch, bytes: Buffer.from(batch.bytes) }));
    await this.#held?.promise;
    return copies.map(({ topic, partition, bytes }) => {
      const error = this.answer(partition, this.batches[partition]!);
      this.batches[partition]! += 1;
      const baseOffset = this.#ends[partition]!;
      const result = { topic, partition, baseOffset, logAppendTimeMs: -1n };
      if (error !== undefined) return { ...result, baseOffset: -1n, error };
      this.#store(partition, bytes);
      return result;
    });
  }

  #store(partition: number, bytes: Buffer): void {
    for (const batch of readRecordsBatches(Reader.from(bytes))) {
      for (const record of batch.records) {
        const { key, value, headers, timestampDelta } = record;
        this.messages.push({
          partition,
          offset: this.#ends[partition]!,
          timestamp: Number(batch.firstTimestamp + timestampDelta),
          key: text(key),
          value: text(value),
          headers: headers.map(([name, bytes]) => [name!.toString(), text(bytes)]),
        });
        this.#ends[partition]! += 1n;
      }
    }
  }
}
