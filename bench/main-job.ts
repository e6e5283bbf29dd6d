/** Suite `main-job`: consume, parse, filter, map, write, produce, commit after the acks. */
import { type BenchCluster, withCluster } from './broker/cluster.ts';
import { type Entrant, runContest } from './broker/contest.ts';
import type { EngineName, FilterName } from './broker/engine-job.ts';
import { bytesPerMessage, orderPool, POOL_MESSAGES, RESULT_SCHEMA } from './broker/pool.ts';
import { digestTopic } from './broker/read-back.ts';
import { runEngine } from './broker/run-engine.ts';
import { batchSettings, PARTITIONS } from './broker/settings.ts';
import { runSoak } from './broker/soak.ts';
import { createTopic, FILL_BATCH_MESSAGES, TopicWriter } from './broker/topics.ts';
import type { Suite } from './suite.ts';

const MESSAGES = 10_000_000;
const RIVAL_MESSAGES = 2 * POOL_MESSAGES;
const SMALL_MESSAGES = 3_000;
const RETENTION_BYTES = 256 * 1024 * 1024;

const ENGINES: readonly EngineName[] = ['millrace', 'kafkajs', 'platformatic'];
const FILTERS: readonly FilterName[] = ['paid', 'most'];

/** Filled input topics, and how many messages they have. */
interface Input {
  readonly topic: string;
  readonly messages: number;
}

interface Inputs {
  readonly own: Input;
  readonly rival: Input;
}

async function entrant(
  { brokers, client }: BenchCluster,
  engine: EngineName,
  filter: FilterName,
  { own, rival }: Inputs,
  small: boolean,
): Promise<Entrant> {
  const { topic: input, messages } = engine === 'millrace' ? own : rival;
  const job = {
    engine,
    task: 'main-job',
    brokers,
    input,
    output: await createTopic(client, `results-${engine}`, PARTITIONS, RETENTION_BYTES),
    messages,
    filter,
    into: 'objects',
    acks: -1,
    forever: false,
    digest: false,
  } as const;
  return {
    job,
    batches: batchSettings(engine, small),
    async digest(batch) {
      const output = await createTopic(client, `results-check-${engine}`, PARTITIONS);
      const { topic: compared, messages: count } = rival;
      await runEngine({ ...job, input: compared, output, messages: count, batch });
      return digestTopic(client, brokers, output, RESULT_SCHEMA);
    },
  };
}

/** Suite `main-job`; with `soak`, its memory over many messages instead. */
export const suite: Suite = {
  name: 'main-job',
  description:
    'consume, parse, filter, map, produce, commit; --soak: its memory over 50 M messages',
  async run({ small, report, soak = false, messages }) {
    const count = messages ?? (small ? SMALL_MESSAGES : MESSAGES);
    await withCluster(async (cluster) => {
      if (soak) return runSoak({ cluster, small, report, ...(messages && { messages }) });
      const { client } = cluster;
      const rivalCount = Math.min(count, RIVAL_MESSAGES);
      const pool = orderPool(rivalCount);
      const fill = async (size: number): Promise<Input> => {
        const topic = await createTopic(client, 'orders', PARTITIONS);
        await (await TopicWriter.open(client, topic, pool)).write(size);
        return { topic, messages: size };
      };
      const rival = await fill(rivalCount);
      const inputs = { rival, own: count === rivalCount ? rival : await fill(count) };
      for (const filter of FILTERS) {
        const entrants: Entrant[] = [];
        for (const engine of ENGINES) {
          entrants.push(await entrant(cluster, engine, filter, inputs, small));
        }
        const measurements = await runContest({
          suite: 'main-job',
          case: filter === 'paid' ? 'order, 1 in 4 kept' : 'order, 9 in 10 kept',
          bytesPerMessage: bytesPerMessage(pool),
          repeats: small ? 1 : 3,
          settings: {
            acks: 'all',
            compression: 'none',
            partitions: PARTITIONS,
            key: 'order_id',
            distinctMessages: pool.offsets.length - 1,
            inputBatchMessages: FILL_BATCH_MESSAGES,
          },
          cluster,
          entrants,
        });
        for (const measurement of measurements) report(measurement);
      }
    });
  },
};
