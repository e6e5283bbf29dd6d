/** Reads what an engine wrote, and digests it: by a client that is no engine's own pipeline. */
import kafkajs, { Kafka, logLevel } from 'kafkajs';
import { decompressFrameSync } from 'lz4-napi';
import type { Schema } from '../../src/arrow/schema.ts';
import type { KafkaClient } from '../../src/ingest/client.ts';
import type { Row } from '../compare/json-parse.ts';
import { readObjectRow } from '../records.ts';
import { RowDigest } from './digest.ts';

const READ_MAX_MS = 60_000;

// kafkajs has no lz4 of its own.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4] = () => ({
  compress: () => Promise.reject(new Error('it is there to read')),
  decompress: async (bytes: Buffer) => decompressFrameSync(bytes),
});

/**
 * The digest of every message of a topic: its key, and the fields of `schema` in its value.
 *
 * @throws Error where the messages do not come within a minute.
 */
export async function digestTopic(
  client: KafkaClient,
  brokers: readonly string[],
  topic: string,
  schema: Schema,
): Promise<string> {
  const count = await messagesOf(client, topic);
  const digest = new RowDigest();
  if (count === 0) return digest.toString();
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `${topic}-read-back`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${topic}: ${digest.count} of ${count} messages in ${READ_MAX_MS} ms`));
    }, READ_MAX_MS);
    consumer
      .run({
        autoCommit: false,
        async eachBatch({ batch }) {
          for (const { key, value } of batch.messages) {
            const row = JSON.parse(value!.toString()) as Row;
            digest.add(`${key?.toString()} ${readObjectRow(row, schema)}`);
          }
          if (digest.count >= count) resolve();
        },
      })
      .catch(reject);
  }).finally(() => clearTimeout(timer));
  await consumer.disconnect();
  return digest.toString();
}

/** Messages of a topic, by its offsets: exact where nothing was compacted or transactional. */
export async function messagesOf(client: KafkaClient, topic: string): Promise<number> {
  const [info] = await client.topics([topic], { refresh: true });
  const earliest = await client.listOffsets(info!.partitions, 'earliest', 'read_uncommitted');
  const latest = await client.listOffsets(info!.partitions, 'latest', 'read_uncommitted');
  return latest.reduce((sum, offset, i) => sum + Number(offset - earliest[i]!), 0);
}
