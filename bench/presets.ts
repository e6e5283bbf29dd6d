/** Suite `presets`: what presets, and batches as small as other clients make, change. */
import { setFlagsFromString } from 'node:v8';
import type { MillraceConfig } from '../src/config/config.ts';
import { type BenchCluster, withCluster } from './broker/cluster.ts';
import { type Entrant, runContest } from './broker/contest.ts';
import type { Task } from './broker/engine-job.ts';
import { PacedOrders } from './broker/paced-orders.ts';
import { type Variant, type VariantInput, variantEntrant, variantInput } from './broker/variant.ts';
import {
  LATENCY_POOL_MESSAGES,
  type LatencySize,
  latencyFigure,
  measureLatency,
  type Seen,
} from './latency.ts';
import type { EngineLabel, Suite, SuiteOptions } from './suite.ts';

const MESSAGES = 4_000_000;
const SMALL_MESSAGES = 3_000;
const LATENCY: LatencySize = { rate: 20_000, warmUpSeconds: [20, 8, 8], seconds: 15 };
const SMALL_LATENCY: LatencySize = { rate: 2_000, warmUpSeconds: [0.5], seconds: 1 };

const DEFAULTS: Variant = variant('millrace', {});
const THROUGHPUT = variant('millrace, preset throughput', { preset: 'throughput' });
const LOW_LATENCY = variant('millrace, preset lowLatency', { preset: 'lowLatency' });
const SMALL_BATCHES = variant('millrace, batches of 16 KiB', { sink: { batchBytes: 16_384 } });

/** What is done with each. */
const CASES: readonly {
  readonly name: string;
  readonly task: Task;
  readonly variants: readonly Variant[];
}[] = [
  {
    name: 'consume: fetch to columns',
    task: 'ingest',
    variants: [DEFAULTS, THROUGHPUT, LOW_LATENCY],
  },
  {
    name: 'produce: columns to messages',
    task: 'produce',
    variants: [DEFAULTS, THROUGHPUT, LOW_LATENCY, SMALL_BATCHES],
  },
  {
    name: 'main job, 1 in 4 kept',
    task: 'main-job',
    variants: [DEFAULTS, THROUGHPUT, LOW_LATENCY, SMALL_BATCHES],
  },
];

function variant(label: EngineLabel, config: MillraceConfig): Variant {
  return { label, job: { config }, settings: { config: JSON.stringify(config) } };
}

/** Suite `presets`. */
export const suite: Suite = {
  name: 'presets',
  description: 'the presets and batches of 16 KiB against the defaults: speed and latency',
  async run({ small, report, messages = small ? SMALL_MESSAGES : MESSAGES }) {
    await withCluster(async (cluster) => {
      const input = await variantInput(cluster, messages, small);
      await compareSpeed(input, report);
    });
    await withCluster((cluster) => compareLatency(cluster, small, report));
  },
};

async function compareSpeed(input: VariantInput, report: SuiteOptions['report']): Promise<void> {
  const { small, cluster, bytesPerMessage, settings } = input;
  for (const { name, task, variants } of CASES) {
    const entrants: Entrant[] = [];
    for (const one of variants) entrants.push(await variantEntrant(task, one, input));
    const repeats = small ? 1 : 5;
    const contest = { suite: 'presets', case: name, bytesPerMessage, repeats, settings } as const;
    for (const figure of await runContest({ ...contest, cluster, entrants })) report(figure);
  }
}

// Both in turn, on one broker: one that gets warmer gets warmer for both.
async function compareLatency(
  cluster: BenchCluster,
  small: boolean,
  report: SuiteOptions['report'],
): Promise<void> {
  const size = small ? SMALL_LATENCY : LATENCY;
  const orders = new PacedOrders(LATENCY_POOL_MESSAGES);
  const variants = [DEFAULTS, LOW_LATENCY];
  const runs = variants.map((): Seen[] => []);
  // What is measured passes through the sender: its pauses would be the messages' latency.
  setFlagsFromString('--no-incremental-marking');
  for (const warmUpSeconds of size.warmUpSeconds) {
    for (const [i, { job }] of variants.entries()) {
      runs[i]!.push(await measureLatency(cluster, orders, { ...size, warmUpSeconds }, job.config));
    }
  }
  setFlagsFromString('--incremental-marking');
  const name = `${size.rate} messages a second, 9 in 10 kept`;
  for (const [i, { label, settings = {} }] of variants.entries()) {
    const labels = { suite: 'presets', case: name, engine: label, settings };
    report(latencyFigure(labels, cluster, orders, size, runs[i]!));
  }
}
