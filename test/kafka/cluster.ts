import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { inject } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { createPlatformaticClient } from '../../src/ingest/clients/platformatic.ts';
import { resolveConnectionOptions } from '../../src/ingest/connection-options.ts';

const CREATE_MAX_MS = 30_000;

/** What the tests' topics are made with. */
export interface TestTopicOptions {
  /** Default 1. */
  readonly partitions?: number;
  /** Default 1. */
  readonly replicationFactor?: number;
  /** Kafka's topic settings, such as `{ 'max.message.bytes': '8000000' }`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Default: the broker that all tests share. */
  readonly brokers?: readonly string[];
}

/** A message as an independent client reads it. */
export interface ReadMessage {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** Addresses of the broker that all tests in this folder share. */
export function sharedBrokers(): string[] {
  return [...inject('kafkaBrokers')];
}

/** A name that no other test has. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

/** An independent client of the cluster, quiet, and patient with a machine that is busy. */
export function kafkajs(brokers: readonly string[] = sharedBrokers()): Kafka {
  return new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 10_000,
    retry: { retries: 10 },
  });
}

/**
 * Creates a topic with a name of its own, waits until it can be written and read, and returns the
 * name. Kafka names a leader before that broker has opened the log; only Millrace's client waits.
 */
export async function createTopic(prefix: string, options: TestTopicOptions = {}): Promise<string> {
  const { brokers = sharedBrokers(), partitions = 1, replicationFactor } = options;
  const client = createPlatformaticClient(resolveConnectionOptions({ brokers }));
  const topic = uniqueName(prefix);
  // A cluster that is not ours deletes what is old, and many tests write with dates of their own.
  const config = { 'retention.ms': '-1', ...options.config };
  const replicas = replicationFactor !== undefined && { replicationFactor };
  const deadline = Date.now() + CREATE_MAX_MS;
  try {
    for (;;) {
      try {
        await client.createTopics([{ topic, partitions, config, ...replicas }]);
        return topic;
      } catch (error) {
        // A broker that stood still for longer than its session is not counted until it is heard.
        const { kafkaError } = MillraceError.from(error).context;
        if (kafkaError !== 'INVALID_REPLICATION_FACTOR' || Date.now() > deadline) throw error;
        await delay(100);
      }
    }
  } finally {
    await client.close();
  }
}

/** Reads `count` messages from the start of `topic`, in the order of each partition. */
export async function readMessages(
  topic: string,
  count: number,
  brokers: readonly string[] = sharedBrokers(),
): Promise<ReadMessage[]> {
  const consumer = kafkajs(brokers).consumer({ groupId: uniqueName('reader') });
  const messages: ReadMessage[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // It starts again by itself after an error that passes, such as a coordinator that is loading.
  consumer.on('consumer.crash', ({ payload }) => {
    if (!payload.restart) reject(payload.error);
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        const { key, value, offset } = message;
        messages.push({ partition, offset: BigInt(offset), key, value });
        if (messages.length >= count) resolve();
      },
    });
    if (count > 0) await promise;
  } finally {
    await consumer.disconnect();
  }
  return messages;
}
