/** Millrace against itself: the same work on another client, or with other settings. */
import type { EngineLabel, Measurement } from '../suite.ts';
import type { BenchCluster } from './cluster.ts';
import type { Entrant } from './contest.ts';
import type { EngineJob, Task } from './engine-job.ts';
import { bytesPerMessage, orderPool, POOL_MESSAGES, POOL_WORKLOAD, RESULT_SCHEMA } from './pool.ts';
import { digestTopic } from './read-back.ts';
import { runEngine } from './run-engine.ts';
import { BATCH_SETTINGS, PARTITIONS } from './settings.ts';
import { createTopic, FILL_BATCH_MESSAGES, TopicWriter } from './topics.ts';

const RETENTION_BYTES = 256 * 1024 * 1024;

/** One way to run it. */
export interface Variant {
  readonly label: EngineLabel;
  /** What sets it apart from the others. */
  readonly job: Pick<EngineJob, 'client' | 'copies' | 'config'>;
  readonly settings?: Measurement['settings'];
}

/** The orders on a broker that all variants work on. */
export interface VariantInput {
  readonly cluster: BenchCluster;
  readonly small: boolean;
  /** What is timed: this topic, and so many messages of it. */
  readonly topic: string;
  readonly messages: number;
  /** The same for what is compared. */
  readonly comparedTopic: string;
  readonly comparedMessages: number;
  readonly bytesPerMessage: number;
  /** Of every figure. */
  readonly settings: Measurement['settings'];
}

/** Fills the topics. */
export async function variantInput(
  cluster: BenchCluster,
  messages: number,
  small: boolean,
): Promise<VariantInput> {
  const comparedMessages = Math.min(messages, POOL_MESSAGES);
  const pool = orderPool(comparedMessages);
  const fill = async (count: number) => {
    const topic = await createTopic(cluster.client, 'orders', PARTITIONS);
    await (await TopicWriter.open(cluster.client, topic, pool)).write(count);
    return topic;
  };
  const comparedTopic = await fill(comparedMessages);
  const topic = messages === comparedMessages ? comparedTopic : await fill(messages);
  return {
    ...{ cluster, small, topic, messages, comparedTopic, comparedMessages },
    bytesPerMessage: bytesPerMessage(pool),
    settings: {
      partitions: PARTITIONS,
      distinctMessages: pool.offsets.length - 1,
      inputBatchMessages: FILL_BATCH_MESSAGES,
    },
  };
}

/** A variant at a task, with topics of its own to write. */
export async function variantEntrant(
  task: Task,
  { label, job: own, settings }: Variant,
  { cluster, topic, messages, comparedTopic, comparedMessages }: VariantInput,
): Promise<Entrant> {
  const { brokers, client: admin } = cluster;
  const job: Omit<EngineJob, 'batch'> = {
    ...{ engine: 'millrace', task, brokers, input: topic, messages },
    output: await createTopic(admin, 'variant', PARTITIONS, RETENTION_BYTES),
    ...{ filter: 'paid', into: 'objects', acks: -1, forever: false, digest: false },
    ...own,
  };
  return {
    job,
    label,
    ...(settings && { settings }),
    batches: BATCH_SETTINGS.millrace,
    async digest(batch) {
      const check = { ...job, input: comparedTopic, messages: comparedMessages, batch };
      if (task === 'ingest') return (await runEngine({ ...check, digest: true })).digest!;
      const output = await createTopic(admin, 'variant-check', PARTITIONS);
      await runEngine({ ...check, output });
      const schema = task === 'produce' ? POOL_WORKLOAD.schema : RESULT_SCHEMA;
      return digestTopic(admin, brokers, output, schema);
    },
  };
}
