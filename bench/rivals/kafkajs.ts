/** The tasks with kafkajs, as its documentation would have them done. */
import { type Consumer, type EachBatchPayload, Kafka, logLevel } from 'kafkajs';
import type { Engine, EngineContext, EngineJob, EngineRun } from '../broker/engine-job.ts';
import {
  type Outgoing,
  poolRows,
  rowBatches,
  runOrder,
  toMessage,
  uniqueGroup,
} from './order-job.ts';
import { RowSink } from './row-sink.ts';

const PARTITIONS_AT_ONCE = 4;
const MAX_SENDS_IN_FLIGHT = 4;

/** kafkajs. */
export const engine: Engine = { ingest, produce, mainJob };

function connect({ brokers }: EngineJob): Kafka {
  return new Kafka({ clientId: 'bench', brokers: [...brokers], logLevel: logLevel.NOTHING });
}

async function ingest(job: EngineJob): Promise<EngineRun> {
  const sink = new RowSink(job);
  await consume(connect(job), job, async ({ batch }) => {
    for (const { value } of batch.messages) sink.take(value!);
  });
  const digest = sink.end();
  const run = { messagesIn: sink.messages, messagesOut: 0 };
  return digest === undefined ? run : { ...run, digest };
}

async function mainJob(job: EngineJob): Promise<EngineRun> {
  const kafka = connect(job);
  const producer = kafka.producer();
  await producer.connect();
  let messagesOut = 0;
  const messagesIn = await consume(kafka, job, async ({ batch }, consumer) => {
    const outgoing: Outgoing[] = [];
    for (const { value } of batch.messages) {
      const result = runOrder(value!.toString(), job.filter);
      if (result !== undefined) outgoing.push(result);
    }
    for (let from = 0; from < outgoing.length; from += job.batch.rows) {
      const messages = outgoing.slice(from, from + job.batch.rows);
      await producer.send({ topic: job.output, acks: job.acks, messages });
    }
    messagesOut += outgoing.length;
    const { topic, partition } = batch;
    const offset = String(BigInt(batch.lastOffset()) + 1n);
    await consumer.commitOffsets([{ topic, partition, offset }]);
  });
  await producer.disconnect();
  return { messagesIn, messagesOut };
}

async function produce(job: EngineJob, context: EngineContext): Promise<EngineRun> {
  const rows = poolRows(job.messages);
  context.begin();
  const producer = connect(job).producer();
  await producer.connect();
  const batches = rowBatches(rows, job.messages, job.batch.rows);
  const sender = async () => {
    for (const batch of batches) {
      const topicMessages = [{ topic: job.output, messages: batch.map(toMessage) }];
      await producer.sendBatch({ acks: job.acks, topicMessages });
    }
  };
  await Promise.all(Array.from({ length: MAX_SENDS_IN_FLIGHT }, sender));
  await producer.disconnect();
  return { messagesIn: job.messages, messagesOut: job.messages };
}

/** Reads the whole topic, batch by batch, and returns the number of messages. */
async function consume(
  kafka: Kafka,
  job: EngineJob,
  take: (payload: EachBatchPayload, consumer: Consumer) => Promise<void>,
): Promise<number> {
  const consumer = kafka.consumer({
    groupId: uniqueGroup(job),
    maxBytesPerPartition: job.batch.partitionBytes,
    maxBytes: job.batch.partitionBytes * PARTITIONS_AT_ONCE,
    maxWaitTimeInMs: 100,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [job.input], fromBeginning: true });
  let messages = 0;
  await new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
    consumer
      .run({
        autoCommit: false,
        partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
        async eachBatch(payload) {
          await take(payload, consumer);
          messages += payload.batch.messages.length;
          if (messages >= job.messages) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return messages;
}
