/** Suite `ingest`: from the broker to columns, nothing written. */
import { type BenchCluster, withCluster } from './broker/cluster.ts';
import { type Entrant, runContest } from './broker/contest.ts';
import type { EngineJob, EngineName } from './broker/engine-job.ts';
import { bytesPerMessage, orderPool, POOL_MESSAGES } from './broker/pool.ts';
import { runEngine } from './broker/run-engine.ts';
import { batchSettings, PARTITIONS } from './broker/settings.ts';
import { createTopic, FILL_BATCH_MESSAGES, TopicWriter } from './broker/topics.ts';
import type { Suite } from './suite.ts';

const MESSAGES = 6_000_000;
const RIVAL_MESSAGES = 2 * POOL_MESSAGES;
const SMALL_MESSAGES = 3_000;

/** Rivals stop at objects, which is where most programs stop; one also builds the same columns. */
const CASES: readonly {
  readonly name: string;
  readonly engines: readonly EngineName[];
  readonly into: EngineJob['into'];
}[] = [
  {
    name: 'order, rivals make objects',
    engines: ['millrace', 'kafkajs', 'platformatic'],
    into: 'objects',
  },
  {
    name: 'order, rivals make Arrow columns',
    engines: ['millrace', 'platformatic'],
    into: 'arrow',
  },
];

interface Input {
  readonly topic: string;
  readonly messages: number;
}

function entrantOf(
  engine: EngineName,
  into: EngineJob['into'],
  { brokers }: BenchCluster,
  { own, rival, small }: { readonly own: Input; readonly rival: Input; readonly small: boolean },
): Entrant {
  const { topic: input, messages } = engine === 'millrace' ? own : rival;
  const job = {
    engine,
    into,
    task: 'ingest',
    brokers,
    input,
    output: '',
    messages,
    filter: 'paid',
    acks: -1,
    forever: false,
    digest: false,
  } as const;
  return {
    job,
    batches: batchSettings(engine, small),
    async digest(batch) {
      const compared = { input: rival.topic, messages: rival.messages, digest: true, batch };
      return (await runEngine({ ...job, ...compared })).digest!;
    },
  };
}

/** Suite `ingest`. */
export const suite: Suite = {
  name: 'ingest',
  description: 'from the broker to columns, nothing written, against kafkajs and platformatic',
  async run({ small, report, messages = small ? SMALL_MESSAGES : MESSAGES }) {
    const rivalMessages = Math.min(messages, RIVAL_MESSAGES);
    const pool = orderPool(rivalMessages);
    await withCluster(async (cluster) => {
      const { client } = cluster;
      const fill = async (count: number): Promise<Input> => {
        const topic = await createTopic(client, 'orders', PARTITIONS);
        await (await TopicWriter.open(client, topic, pool)).write(count);
        return { topic, messages: count };
      };
      const rival = await fill(rivalMessages);
      const own = messages === rivalMessages ? rival : await fill(messages);
      for (const { name, engines, into } of CASES) {
        const measurements = await runContest({
          suite: 'ingest',
          case: name,
          bytesPerMessage: bytesPerMessage(pool),
          repeats: small ? 1 : 3,
          settings: {
            partitions: PARTITIONS,
            compression: 'none',
            distinctMessages: pool.offsets.length - 1,
            inputBatchMessages: FILL_BATCH_MESSAGES,
            columns: 7,
          },
          cluster,
          entrants: engines.map((engine) =>
            entrantOf(engine, into, cluster, { own, rival, small }),
          ),
        });
        for (const measurement of measurements) report(measurement);
      }
    });
  },
};
