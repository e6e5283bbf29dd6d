/** The two ends of the latency suite: messages at a fixed rate, and the times in their results. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaClient } from '../../src/ingest/client.ts';
import { nowUs, type PacedOrders, scheduledTimes } from './paced-orders.ts';
import { encodeRecordBatch } from './record-batch.ts';

/** As the linger of a producer: each tick is a request, which the broker and the job must take. */
const TICK_MS = 2;
const MAX_REQUESTS_IN_FLIGHT = 256;
const TIMEOUT_MS = 10_000;
/** Room for what is due in many ticks. Buffers are used again: garbage would hold the clock up. */
const BUFFER_BYTES = 256 * 1024;
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
  /** Messages at the beginning of which it does not matter when they are sent. */
  readonly warmUp: number;
}

/**
 * Sends messages when they are due, each tick what is due by then in one request. Where the sender
 * is late the messages are still stamped with the time at which they should have gone.
 *
 * @returns the most that a message after the warm-up was sent behind its time, ms.
 */
export async function sendPaced(
  client: KafkaClient,
  topic: string,
  orders: PacedOrders,
  { startUs, rate, messages, warmUp }: Schedule,
): Promise<number> {
  const [info] = await client.topics([topic], { refresh: true });
  const leaders = info!.partitions.map(({ leader }) => leader);
  const scheduledUs = (i: number) => startUs + (i * 1e6) / rate;
  const inFlight = new Set<Promise<void>>();
  const buffers: Buffer[] = [];
  let lateUs = 0;
  let tick = 0;
  for (let sent = 0; sent < messages; tick++) {
    if (inFlight.size >= MAX_REQUESTS_IN_FLIGHT) await Promise.race(inFlight);
    const now = nowUs();
    const due = Math.floor(((now - startUs) * rate) / 1e6) + 1;
    const first = sent % orders.count;
    const to = Math.min(messages, due, sent + orders.count - first);
    if (to > sent) {
      if (sent >= warmUp) lateUs = Math.max(lateUs, now - scheduledUs(sent));
      const partition = tick % leaders.length;
      const stamped = orders.stamp(sent, to, scheduledUs);
      const buffer = buffers.pop() ?? Buffer.allocUnsafe(BUFFER_BYTES);
      const bytes = encodeRecordBatch(stamped, first, first + to - sent, Date.now(), buffer);
      const node = leaders[partition]!;
      const request = { node, acks: 1, timeoutMs: TIMEOUT_MS } as const;
      const produced = client
        .produce({ ...request, batches: [{ topic, partition, bytes }] })
        .then(([result]) => {
          if (result?.error !== undefined) throw new Error(`${topic}: ${result.error}`);
        })
        .finally(() => {
          inFlight.delete(produced);
          buffers.push(buffer);
        });
      inFlight.add(produced);
      sent = to;
    }
    await sleep(TICK_MS);
  }
  await Promise.all(inFlight);
  return lateUs / 1e3;
}

/**
 * Reads a topic to its end.
 *
 * @param onBatch is given each record batch: where it begins, and the times in its messages.
 */
export async function readTimes(
  client: KafkaClient,
  topic: string,
  onBatch: (partition: number, offset: bigint, scheduledUs: Iterable<number>) => void,
): Promise<void> {
  const [info] = await client.topics([topic], { refresh: true });
  const { partitions } = info!;
  const ends = await client.listOffsets(partitions, 'latest', 'read_uncommitted');
  for (const [i, { partition, leader }] of partitions.entries()) {
    for (let offset = 0n; offset < ends[i]!; ) {
      const { sets, failures } = await client.fetch({
        node: leader,
        positions: [{ topic, partition, offset }],
        maxBytes: 16 * MEBIBYTE,
        partitionMaxBytes: 16 * MEBIBYTE,
        minBytes: 1,
        maxWaitMs: FETCH_WAIT_MS,
        isolation: 'read_uncommitted',
      });
      if (failures.length > 0) throw new Error(`${topic}: ${failures[0]!.error}`);
      for (const set of sets) {
        offset = readBatches(Buffer.concat(set.chunks), offset, (base, times) =>
          onBatch(partition, base, times),
        );
      }
    }
  }
}

/** @returns the offset behind the last whole batch. */
function readBatches(
  bytes: Buffer,
  from: bigint,
  onBatch: (offset: bigint, scheduledUs: Iterable<number>) => void,
): bigint {
  let next = from;
  let at = 0;
  while (at + BATCH_LENGTH_END <= bytes.length) {
    const end = at + BATCH_LENGTH_END + bytes.readInt32BE(at + BATCH_LENGTH_AT);
    if (end > bytes.length) break;
    const base = bytes.readBigInt64BE(at);
    onBatch(base, scheduledTimes(bytes.subarray(at, end)));
    next = base + BigInt(bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT)) + 1n;
    at = end;
  }
  return next;
}
