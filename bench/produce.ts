/** Suite `produce`: rows to acknowledged messages on the broker. */
import { type BenchCluster, withCluster } from './broker/cluster.ts';
import { type Entrant, runContest } from './broker/contest.ts';
import type { EngineJob, EngineName } from './broker/engine-job.ts';
import { bytesPerMessage, orderPool, POOL_MESSAGES, POOL_WORKLOAD } from './broker/pool.ts';
import { digestTopic } from './broker/read-back.ts';
import { runEngine } from './broker/run-engine.ts';
import { batchSettings, PARTITIONS } from './broker/settings.ts';
import { createTopic } from './broker/topics.ts';
import type { Suite } from './suite.ts';

const MESSAGES = 3_000_000;
const RIVAL_MESSAGES = POOL_MESSAGES;
const SMALL_MESSAGES = 3_000;
const RETENTION_BYTES = 256 * 1024 * 1024;

const ENGINES: readonly EngineName[] = ['millrace', 'kafkajs', 'platformatic'];
const ACKS = [-1, 1] as const;

interface Sizes {
  readonly small: boolean;
  readonly messages: number;
  readonly rivalMessages: number;
}

async function entrant(
  cluster: BenchCluster,
  engine: EngineName,
  acks: EngineJob['acks'],
  { small, messages, rivalMessages }: Sizes,
): Promise<Entrant> {
  const { brokers, client } = cluster;
  const job = {
    engine,
    task: 'produce',
    brokers,
    input: '',
    output: await createTopic(client, `produce-${engine}`, PARTITIONS, RETENTION_BYTES),
    messages: engine === 'millrace' ? messages : rivalMessages,
    filter: 'paid',
    into: 'objects',
    acks,
    forever: false,
    digest: false,
  } as const;
  return {
    job,
    batches: batchSettings(engine, small),
    async digest(batch) {
      const output = await createTopic(client, `produce-check-${engine}`, PARTITIONS);
      await runEngine({ ...job, output, messages: rivalMessages, batch });
      return digestTopic(client, brokers, output, POOL_WORKLOAD.schema);
    },
  };
}

/** Suite `produce`. */
export const suite: Suite = {
  name: 'produce',
  description: 'rows to acknowledged messages on the broker, against kafkajs and platformatic',
  async run({ small, report, messages = small ? SMALL_MESSAGES : MESSAGES }) {
    const rivalMessages = Math.min(messages, RIVAL_MESSAGES);
    const sizes = { small, messages, rivalMessages };
    const pool = orderPool(rivalMessages);
    await withCluster(async (cluster) => {
      for (const acks of ACKS) {
        const entrants: Entrant[] = [];
        for (const engine of ENGINES) entrants.push(await entrant(cluster, engine, acks, sizes));
        const measurements = await runContest({
          suite: 'produce',
          case: `order acks=${acks === -1 ? 'all' : acks}`,
          bytesPerMessage: bytesPerMessage(pool),
          repeats: small ? 1 : 3,
          settings: {
            acks: acks === -1 ? 'all' : acks,
            partitions: PARTITIONS,
            compression: 'none',
            key: 'order_id',
            distinctKeys: pool.offsets.length - 1,
          },
          cluster,
          entrants,
        });
        for (const measurement of measurements) report(measurement);
      }
    });
  },
};
