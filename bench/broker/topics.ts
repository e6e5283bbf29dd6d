/** Topics for suites: with bounded retention, and filled with encoded record batches. */
import type { KafkaClient } from '../../src/ingest/client.ts';
import type { Messages } from '../data/workload.ts';
import { encodeRecordBatch } from './record-batch.ts';

/** Messages of a record batch on a filled topic: about 185 KB of orders. */
export const FILL_BATCH_MESSAGES = 1_000;
const MAX_REQUESTS_IN_FLIGHT = 4;
const TIMEOUT_MS = 30_000;
const MEBIBYTE = 1024 * 1024;

let made = 0;

/** A name that no other topic has, also on a cluster that others use. */
export function uniqueTopic(purpose: string): string {
  made += 1;
  return `bench-${purpose}-${process.pid}-${Date.now().toString(36)}-${made}`;
}

/**
 * Creates a topic and returns its name.
 *
 * @param retentionBytes of each partition: what is beyond is deleted. Default: all is kept.
 */
export async function createTopic(
  client: KafkaClient,
  purpose: string,
  partitions: number,
  retentionBytes?: number,
): Promise<string> {
  const topic = uniqueTopic(purpose);
  const bounded = {
    'retention.bytes': String(retentionBytes),
    'segment.bytes': String(Math.max(MEBIBYTE, Math.floor((retentionBytes ?? 0) / 4))),
    'file.delete.delay.ms': '1000',
  };
  const config = retentionBytes === undefined ? {} : bounded;
  await client.createTopics([{ topic, partitions, config }]);
  return topic;
}

/** Writes a pool of messages to a topic, from the beginning again where its end is reached. */
export class TopicWriter {
  readonly #client: KafkaClient;
  readonly #topic: string;
  readonly #pool: Messages;
  readonly #batches: readonly Buffer[];
  readonly #leaders: readonly number[];
  #next = 0;
  #partition = 0;

  private constructor(
    client: KafkaClient,
    topic: string,
    pool: Messages,
    leaders: readonly number[],
  ) {
    this.#client = client;
    this.#topic = topic;
    this.#pool = pool;
    this.#leaders = leaders;
    const count = pool.offsets.length - 1;
    this.#batches = Array.from({ length: Math.ceil(count / FILL_BATCH_MESSAGES) }, (_, i) => {
      const from = i * FILL_BATCH_MESSAGES;
      return encodeRecordBatch(pool, from, Math.min(count, from + FILL_BATCH_MESSAGES));
    });
  }

  /** Learns the topic's leaders, and encodes the pool once. */
  static async open(client: KafkaClient, topic: string, pool: Messages): Promise<TopicWriter> {
    const [info] = await client.topics([topic], { refresh: true });
    const leaders = info!.partitions.map(({ leader }) => leader);
    return new TopicWriter(client, topic, pool, leaders);
  }

  /** Writes `count` messages, batch by batch over the partitions, and awaits their storing. */
  async write(count: number): Promise<void> {
    const inFlight = new Set<Promise<void>>();
    for (let left = count; left > 0; ) {
      const [batch, messages] = this.#take(left);
      left -= messages;
      if (inFlight.size >= MAX_REQUESTS_IN_FLIGHT) await Promise.race(inFlight);
      const sent = this.#send(batch).finally(() => inFlight.delete(sent));
      inFlight.add(sent);
    }
    await Promise.all(inFlight);
  }

  #take(left: number): [Buffer, number] {
    const count = this.#pool.offsets.length - 1;
    const from = this.#next * FILL_BATCH_MESSAGES;
    const messages = Math.min(FILL_BATCH_MESSAGES, count - from);
    const batch = this.#batches[this.#next]!;
    this.#next = (this.#next + 1) % this.#batches.length;
    if (messages <= left) return [batch, messages];
    return [encodeRecordBatch(this.#pool, from, from + left), left];
  }

  async #send(bytes: Buffer): Promise<void> {
    const partition = this.#partition;
    this.#partition = (partition + 1) % this.#leaders.length;
    const [result] = await this.#client.produce({
      node: this.#leaders[partition]!,
      acks: 1,
      timeoutMs: TIMEOUT_MS,
      batches: [{ topic: this.#topic, partition, bytes }],
    });
    if (result?.error !== undefined) {
      throw new Error(`filling ${this.#topic}-${partition} failed: ${result.error}`);
    }
  }
}
