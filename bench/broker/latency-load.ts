/** The two ends of the latency suite: messages at a fixed rate, and when their results are seen. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaClient } from '../../src/ingest/client.ts';
import { nowUs, type PacedOrders, scheduledTimes } from './paced-orders.ts';
import { encodeRecordBatch } from './record-batch.ts';

/** As the linger of a producer: each tick is a request, which the broker and the job must take. */
const TICK_MS = 2;
const MAX_REQUESTS_IN_FLIGHT = 256;
const TIMEOUT_MS = 10_000;
const FETCH_WAIT_MS = 100;
const MEBIBYTE = 1024 * 1024;
const BATCH_LENGTH_AT = 8;
const BATCH_LENGTH_END = 12;
const LAST_OFFSET_DELTA_AT = 23;

/** A schedule: message i is due at `startUs + i * 1e6 / rate`. */
export interface Schedule {
  readonly startUs: number;
  /** Messages a second. */
  readonly rate: number;
  readonly messages: number;
}

/**
 * Sends messages when they are due, each tick what is due by then in one request. Where the sender
 * is late the messages are still stamped with the time at which they should have gone.
 *
 * @returns the most that a message was sent behind its time, ms.
 */
export async function sendPaced(
  client: KafkaClient,
  topic: string,
  orders: PacedOrders,
  { startUs, rate, messages }: Schedule,
): Promise<number> {
  const [info] = await client.topics([topic], { refresh: true });
  const leaders = info!.partitions.map(({ leader }) => leader);
  const scheduledUs = (i: number) => startUs + (i * 1e6) / rate;
  const inFlight = new Set<Promise<void>>();
  let lateUs = 0;
  let tick = 0;
  for (let sent = 0; sent < messages; tick++) {
    if (inFlight.size >= MAX_REQUESTS_IN_FLIGHT) await Promise.race(inFlight);
    const now = nowUs();
    const due = Math.floor(((now - startUs) * rate) / 1e6) + 1;
    const to = Math.min(messages, due, sent + orders.count);
    if (to > sent) {
      lateUs = Math.max(lateUs, now - scheduledUs(sent));
      const partition = tick % leaders.length;
      const stamped = orders.stamped(sent, to, scheduledUs);
      const bytes = encodeRecordBatch(stamped, 0, to - sent);
      const node = leaders[partition]!;
      const request = { node, acks: 1, timeoutMs: TIMEOUT_MS } as const;
      const produced = client
        .produce({ ...request, batches: [{ topic, partition, bytes }] })
        .then(([result]) => {
          if (result?.error !== undefined) throw new Error(`${topic}: ${result.error}`);
        })
        .finally(() => inFlight.delete(produced));
      inFlight.add(produced);
      sent = to;
    }
    await sleep(TICK_MS);
  }
  await Promise.all(inFlight);
  return lateUs / 1e3;
}

/** Follows a topic from its beginning, and tells of each message when it came. */
export class TopicWatcher {
  /** Messages seen. */
  seen = 0;
  readonly #client: KafkaClient;
  readonly #topic: string;
  readonly #onMessage: (scheduledUs: number, seenUs: number) => void;
  readonly #positions: bigint[] = [];
  #leader = -1;
  #watching = false;
  #ended: Promise<void> = Promise.resolve();

  /** @param client used by nothing else: its fetches wait for data. */
  constructor(
    client: KafkaClient,
    topic: string,
    onMessage: (scheduledUs: number, seenUs: number) => void,
  ) {
    this.#client = client;
    this.#topic = topic;
    this.#onMessage = onMessage;
  }

  /** Begins to follow; all partitions must have one leader. */
  async start(): Promise<void> {
    const [info] = await this.#client.topics([this.#topic], { refresh: true });
    this.#leader = info!.partitions[0]!.leader;
    this.#positions.push(...info!.partitions.map(() => 0n));
    this.#watching = true;
    this.#ended = this.#watch();
  }

  /** Waits until so many were seen. @throws Error after `maxMs`. */
  async waitFor(messages: number, maxMs: number): Promise<void> {
    const deadlineMs = performance.now() + maxMs;
    while (this.seen < messages) {
      if (performance.now() > deadlineMs) {
        throw new Error(`${this.#topic}: ${this.seen} of ${messages} messages after ${maxMs} ms`);
      }
      await Promise.race([sleep(20), this.#ended]);
    }
  }

  /** Ends. @throws what a fetch failed with. */
  async stop(): Promise<void> {
    this.#watching = false;
    await this.#ended;
  }

  async #watch(): Promise<void> {
    while (this.#watching) {
      const { sets, failures } = await this.#client.fetch({
        node: this.#leader,
        positions: this.#positions.map((offset, partition) => ({
          topic: this.#topic,
          partition,
          offset,
        })),
        maxBytes: 16 * MEBIBYTE,
        partitionMaxBytes: 4 * MEBIBYTE,
        minBytes: 1,
        maxWaitMs: FETCH_WAIT_MS,
        isolation: 'read_uncommitted',
      });
      const seenUs = nowUs();
      if (failures.length > 0) throw new Error(`${this.#topic}: ${failures[0]!.error}`);
      for (const { partition, chunks } of sets)
        this.#take(partition, Buffer.concat(chunks), seenUs);
    }
  }

  #take(partition: number, bytes: Buffer, seenUs: number): void {
    let at = 0;
    while (at + BATCH_LENGTH_END <= bytes.length) {
      const end = at + BATCH_LENGTH_END + bytes.readInt32BE(at + BATCH_LENGTH_AT);
      if (end > bytes.length) break;
      const last = BigInt(bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT));
      this.#positions[partition] = bytes.readBigInt64BE(at) + last + 1n;
      for (const scheduledUs of scheduledTimes(bytes.subarray(at, end))) {
        this.seen += 1;
        this.#onMessage(scheduledUs, seenUs);
      }
      at = end;
    }
  }
}
