import '../ingest/foreign-clients.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { IHeaders, Message } from 'kafkajs';
import { EmbeddedKafka } from '../../src/testing/index.ts';
import { kafkajs, sharedBrokers, uniqueName } from './cluster.ts';

/** Kafka's numbers of the compressions, as kafkajs takes them. */
export const COMPRESSION_IDS = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

/** A name of a compression. */
export type CompressionName = keyof typeof COMPRESSION_IDS;

/** A message as kafkajs reads it. */
export interface WholeMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
}

/** A message as Java's console consumer prints it; `null` is a message part that is not there. */
export interface PrintedMessage {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
}

const EVENTUALLY_MS = 60_000;
const NULL_MARK = '\u2400';

/** Calls `attempt` until it answers something that is not undefined or false, with a deadline. */
export async function eventually<T>(
  attempt: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = EVENTUALLY_MS,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const result = await attempt();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${String(attempt)}`);
    await delay(20);
  }
}

/** Writes messages with kafkajs, in the order given, so many a request. */
export async function writeMessages(
  topic: string,
  messages: readonly Message[],
  options: {
    readonly compression?: CompressionName;
    readonly perRequest?: number;
    readonly brokers?: readonly string[];
  } = {},
): Promise<void> {
  const { compression = 'none', perRequest = 5_000, brokers } = options;
  const producer = kafkajs(brokers).producer();
  await producer.connect();
  try {
    for (let at = 0; at < messages.length; at += perRequest) {
      await producer.send({
        topic,
        acks: -1,
        compression: COMPRESSION_IDS[compression],
        messages: messages.slice(at, at + perRequest),
      });
    }
  } finally {
    await producer.disconnect();
  }
}

/** How many messages lie in each partition of a topic, by its offsets. */
export async function endOffsets(topic: string, brokers?: readonly string[]): Promise<bigint[]> {
  const admin = kafkajs(brokers).admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    const ends: bigint[] = [];
    for (const { partition, high } of offsets) ends[partition] = BigInt(high);
    return ends;
  } finally {
    await admin.disconnect();
  }
}

/** The offsets that a group has committed, by partition; undefined where it has none. */
export async function committedOffsets(
  groupId: string,
  topic: string,
  brokers?: readonly string[],
): Promise<(bigint | undefined)[]> {
  const admin = kafkajs(brokers).admin();
  await admin.connect();
  try {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const offsets: (bigint | undefined)[] = [];
    for (const { partition, offset } of found?.partitions ?? []) {
      offsets[partition] = offset === '-1' ? undefined : BigInt(offset);
    }
    return offsets;
  } finally {
    await admin.disconnect();
  }
}

/** Reads a topic with kafkajs until `done` says that the messages so far are all. */
export async function readUntil(
  topic: string,
  done: (messages: readonly WholeMessage[]) => boolean,
  brokers: readonly string[] = sharedBrokers(),
): Promise<WholeMessage[]> {
  const consumer = kafkajs(brokers).consumer({ groupId: uniqueName('witness') });
  const messages: WholeMessage[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  consumer.on('consumer.crash', ({ payload }) => {
    if (!payload.restart) reject(payload.error);
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachBatch: async ({ batch }) => {
        for (const { key, value, offset, timestamp, headers = {} } of batch.messages) {
          messages.push({
            topic: batch.topic,
            partition: batch.partition,
            offset: BigInt(offset),
            timestampMs: Number(timestamp),
            key,
            value,
            headers,
          });
        }
        if (done(messages)) resolve();
      },
    });
    if (!done(messages)) await promise;
  } finally {
    await consumer.disconnect();
  }
  return messages;
}

/** Reads everything that is in a topic now, by its end offsets, with kafkajs. */
export async function readAll(topic: string, brokers?: readonly string[]): Promise<WholeMessage[]> {
  const ends = await endOffsets(topic, brokers);
  const seen = ends.map(() => 0n);
  let looked = 0;
  return readUntil(
    topic,
    (messages) => {
      for (; looked < messages.length; looked++) {
        const { partition, offset } = messages[looked]!;
        seen[partition] = offset + 1n;
      }
      return ends.every((end, partition) => seen[partition]! >= end);
    },
    brokers,
  );
}

/** The shared broker as an `EmbeddedKafka`, for Kafka's own tools. */
export async function sharedKafka(): Promise<EmbeddedKafka> {
  const before = process.env.KAFKA_BROKERS;
  process.env.KAFKA_BROKERS = sharedBrokers().join(',');
  try {
    return await EmbeddedKafka.start();
  } finally {
    if (before === undefined) delete process.env.KAFKA_BROKERS;
    else process.env.KAFKA_BROKERS = before;
  }
}

/** Reads `count` messages from the start of a topic with Java's console consumer. */
export async function readByJava(topic: string, count: number): Promise<PrintedMessage[]> {
  const kafka = await sharedKafka();
  const { stdout, stderr, code } = await kafka.runTool(
    'org.apache.kafka.tools.consumer.ConsoleConsumer',
    [
      ...['--bootstrap-server', kafka.bootstrapServers, '--topic', topic, '--from-beginning'],
      ...['--max-messages', String(count), '--timeout-ms', '20000'],
      ...['print.partition', 'print.offset', 'print.timestamp', 'print.key'].flatMap((name) => [
        '--formatter-property',
        `${name}=true`,
      ]),
      ...['--formatter-property', `null.literal=${NULL_MARK}`],
    ],
  );
  if (code !== 0) throw new Error(`the console consumer ended with ${code}: ${stderr}`);
  const text = (part: string | undefined) => (part === NULL_MARK ? null : (part ?? ''));
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    // CreateTime:1 Partition:0 Offset:0 key value, tabs between; values here have no tabs.
    const [time, partition, offset, key, value] = line.split('\t');
    const number = (part: string | undefined) => Number(part?.slice(part.indexOf(':') + 1));
    return {
      timestampMs: number(time),
      partition: number(partition),
      offset: number(offset),
      key: text(key),
      value: text(value),
    };
  });
}

/** Numbers from 0 to `count` - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
