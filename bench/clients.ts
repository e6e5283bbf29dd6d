/** Suite `clients`: Millrace on each of its client libraries. */
import { toSchema } from '../src/arrow/schema-literal.ts';
import { type BenchCluster, withCluster } from './broker/cluster.ts';
import { type Contest, type Entrant, runContest } from './broker/contest.ts';
import type { EngineJob, Task } from './broker/engine-job.ts';
import { bytesPerMessage, orderPool, POOL_MESSAGES, POOL_WORKLOAD } from './broker/pool.ts';
import { digestTopic } from './broker/read-back.ts';
import { runEngine } from './broker/run-engine.ts';
import { batchSettings, PARTITIONS } from './broker/settings.ts';
import { createTopic, FILL_BATCH_MESSAGES, TopicWriter } from './broker/topics.ts';
import type { Suite } from './suite.ts';

const MESSAGES = 6_000_000;
const SMALL_MESSAGES = 3_000;
const RETENTION_BYTES = 256 * 1024 * 1024;

const CLIENTS = ['platformatic', 'kafkajs'] as const;

const RESULT_SCHEMA = toSchema({
  order_id: 'utf8',
  user_id: 'int64',
  currency: 'utf8',
  euros: 'float64',
  ts: 'timestamp',
  items: 'int32',
});

/** What is done with each client. */
const CASES: readonly { readonly name: string; readonly task: Task }[] = [
  { name: 'consume: fetch to columns', task: 'ingest' },
  { name: 'produce: columns to messages, acks=all', task: 'produce' },
  { name: 'main job, 1 in 4 kept', task: 'main-job' },
];

interface Input {
  /** Topic to read, and topic to compare on. */
  readonly own: string;
  readonly compared: string;
  readonly messages: number;
  readonly comparedMessages: number;
  readonly small: boolean;
}

async function entrant(
  { brokers, client: admin }: BenchCluster,
  task: Task,
  client: (typeof CLIENTS)[number],
  { own, compared, messages, comparedMessages, small }: Input,
): Promise<Entrant> {
  const job: Omit<EngineJob, 'batch'> = {
    engine: 'millrace',
    client,
    task,
    brokers,
    input: own,
    output: await createTopic(admin, `clients-${client}`, PARTITIONS, RETENTION_BYTES),
    messages,
    filter: 'paid',
    into: 'objects',
    acks: -1,
    forever: false,
    digest: false,
  };
  return {
    job,
    label: `millrace on ${client}`,
    batches: batchSettings('millrace', small),
    async digest(batch) {
      const check = { ...job, input: compared, messages: comparedMessages, batch };
      if (task === 'ingest') return (await runEngine({ ...check, digest: true })).digest!;
      const output = await createTopic(admin, `clients-check-${client}`, PARTITIONS);
      await runEngine({ ...check, output });
      const schema = task === 'produce' ? POOL_WORKLOAD.schema : RESULT_SCHEMA;
      return digestTopic(admin, brokers, output, schema);
    },
  };
}

/** Suite `clients`. */
export const suite: Suite = {
  name: 'clients',
  description: 'consume, produce and the main job on @platformatic/kafka and on kafkajs',
  async run({ small, report, messages = small ? SMALL_MESSAGES : MESSAGES }) {
    const comparedMessages = Math.min(messages, POOL_MESSAGES);
    const pool = orderPool(comparedMessages);
    await withCluster(async (cluster) => {
      const fill = async (count: number) => {
        const topic = await createTopic(cluster.client, 'orders', PARTITIONS);
        await (await TopicWriter.open(cluster.client, topic, pool)).write(count);
        return topic;
      };
      const compared = await fill(comparedMessages);
      const own = messages === comparedMessages ? compared : await fill(messages);
      const input = { own, compared, messages, comparedMessages, small };
      for (const { name, task } of CASES) {
        const entrants: Entrant[] = [];
        for (const client of CLIENTS) entrants.push(await entrant(cluster, task, client, input));
        const contest: Contest = {
          suite: 'clients',
          case: name,
          bytesPerMessage: bytesPerMessage(pool),
          repeats: small ? 1 : 3,
          settings: {
            acks: 'all',
            compression: 'none',
            partitions: PARTITIONS,
            distinctMessages: pool.offsets.length - 1,
            inputBatchMessages: FILL_BATCH_MESSAGES,
          },
          cluster,
          entrants,
        };
        for (const measurement of await runContest(contest)) report(measurement);
      }
    });
  },
};
