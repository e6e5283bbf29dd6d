/** Suite `clients`: Millrace on each of its client libraries. */
import { withCluster } from './broker/cluster.ts';
import { type Entrant, runContest } from './broker/contest.ts';
import type { Task } from './broker/engine-job.ts';
import { type Variant, variantEntrant, variantInput } from './broker/variant.ts';
import type { Suite } from './suite.ts';

const MESSAGES = 6_000_000;
const SMALL_MESSAGES = 3_000;

const CLIENTS: readonly Variant[] = [
  { label: 'millrace on platformatic', job: { client: 'platformatic' } },
  { label: 'millrace on kafkajs', job: { client: 'kafkajs' } },
  { label: 'millrace on kafkajs 2.1.0, which copies', job: { client: 'kafkajs', copies: true } },
];

/** What is done with each client. */
const CASES: readonly { readonly name: string; readonly task: Task }[] = [
  { name: 'consume: fetch to columns', task: 'ingest' },
  { name: 'produce: columns to messages, acks=all', task: 'produce' },
  { name: 'main job, 1 in 4 kept', task: 'main-job' },
];

/** Suite `clients`. */
export const suite: Suite = {
  name: 'clients',
  description:
    'consume, produce and the main job on @platformatic/kafka and on two versions of kafkajs',
  async run({ small, report, messages = small ? SMALL_MESSAGES : MESSAGES }) {
    await withCluster(async (cluster) => {
      const input = await variantInput(cluster, messages, small);
      for (const { name, task } of CASES) {
        const entrants: Entrant[] = [];
        for (const client of CLIENTS) {
          entrants.push(await variantEntrant(task, client, input));
        }
        const measurements = await runContest({
          suite: 'clients',
          case: name,
          bytesPerMessage: input.bytesPerMessage,
          repeats: small ? 1 : 3,
          settings: { ...input.settings, acks: 'all', compression: 'none' },
          cluster,
          entrants,
        });
        for (const measurement of measurements) report(measurement);
      }
    });
  },
};
