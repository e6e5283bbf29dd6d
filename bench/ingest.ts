/** Suite `ingest`: from the broker to columns, nothing written. */
import { withCluster } from './broker/cluster.ts';
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

const ENGINES: readonly { name: string; engine: EngineName; into: EngineJob['into'] }[] = [
  { name: 'millrace', engine: 'millrace', into: 'arrow' },
  { name: 'kafkajs+JSON.parse', engine: 'kafkajs', into: 'objects' },
  { name: 'platformatic+JSON.parse', engine: 'platformatic', into: 'objects' },
  { name: 'platformatic+JSON.parse+arrow', engine: 'platformatic', into: 'arrow' },
];

/** Suite `ingest`. */
export const suite: Suite = {
  name: 'ingest',
  description: 'from the broker to columns, nothing written, against kafkajs and platformatic',
  async run({ small, report, messages = small ? SMALL_MESSAGES : MESSAGES }) {
    const rivalMessages = Math.min(messages, RIVAL_MESSAGES);
    const pool = orderPool(rivalMessages);
    await withCluster(async (cluster) => {
      const { brokers, client } = cluster;
      const fill = async (count: number) => {
        const topic = await createTopic(client, 'orders', PARTITIONS);
        await (await TopicWriter.open(client, topic, pool)).write(count);
        return topic;
      };
      const rivalTopic = await fill(rivalMessages);
      const topic = messages === rivalMessages ? rivalTopic : await fill(messages);
      const entrants = ENGINES.map(({ name, engine, into }): Entrant => {
        const own = engine === 'millrace';
        const job = {
          engine,
          into,
          task: 'ingest',
          brokers,
          input: own ? topic : rivalTopic,
          output: '',
          messages: own ? messages : rivalMessages,
          filter: 'paid',
          acks: -1,
          forever: false,
          digest: false,
        } as const;
        return {
          name,
          job,
          batches: batchSettings(engine, small),
          async digest(batch) {
            const compared = { input: rivalTopic, messages: rivalMessages, digest: true, batch };
            return (await runEngine({ ...job, ...compared })).digest!;
          },
        };
      });
      const measurements = await runContest({
        suite: 'ingest',
        case: 'order',
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
        entrants,
      });
      for (const measurement of measurements) report(measurement);
    });
  },
};
