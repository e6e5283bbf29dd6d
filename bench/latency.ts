/** Suite `latency`: through the main job at a fixed rate, from when a message was due. */
import { createPlatformaticClient } from '../src/ingest/clients/platformatic.ts';
import { resolveConnectionOptions } from '../src/ingest/connection-options.ts';
import { type BenchCluster, withCluster } from './broker/cluster.ts';
import type { EngineJob, EngineOutcome } from './broker/engine-job.ts';
import { sendPaced, TopicWatcher } from './broker/latency-load.ts';
import { nowUs, PacedOrders } from './broker/paced-orders.ts';
import { type EngineHandle, startEngine } from './broker/run-engine.ts';
import { BATCH_SETTINGS, PARTITIONS } from './broker/settings.ts';
import { createTopic } from './broker/topics.ts';
import { machineSettings } from './measure.ts';
import type { Measurement, Suite } from './suite.ts';

const SIZE = { rate: 20_000, warmUpSeconds: 8, seconds: 30 };
const SMALL_SIZE = { rate: 2_000, warmUpSeconds: 0.5, seconds: 1 };
const POOL_MESSAGES = 20_000;
const START_DELAY_US = 50_000;
const ARRIVAL_MAX_MS = 30_000;
const PERCENTILES = { p50Ms: 0.5, p95Ms: 0.95, p99Ms: 0.99, p999Ms: 0.999 } as const;
/** Upper bounds of the histogram's buckets, ms. */
const BUCKETS_MS = [1, 2, 3, 4, 5, 7, 10, 15, 20, 50, 100, 1_000];

interface Seen {
  readonly latenciesMs: Float64Array;
  readonly sentLateMs: number;
  /** Cores that this process, which sends and watches, and the broker kept busy meanwhile. */
  readonly loadCores: number;
  readonly brokerCores: number | undefined;
  readonly outcome: EngineOutcome;
}

/** Suite `latency`. */
export const suite: Suite = {
  name: 'latency',
  description: 'through the main job at 20,000 messages a second, from when a message was due',
  async run({ small, report }) {
    const size = small ? SMALL_SIZE : SIZE;
    const orders = new PacedOrders(POOL_MESSAGES);
    await withCluster(async (cluster) => {
      report(figure(cluster, orders, size, await measure(cluster, orders, size)));
    });
  },
};

async function measure(
  cluster: BenchCluster,
  orders: PacedOrders,
  { rate, warmUpSeconds, seconds }: typeof SIZE,
): Promise<Seen> {
  const { brokers, client } = cluster;
  const input = await createTopic(client, 'latency-in', PARTITIONS);
  const output = await createTopic(client, 'latency-out', PARTITIONS);
  const messages = Math.round(rate * (warmUpSeconds + seconds));
  let startUs = Number.POSITIVE_INFINITY;
  const latenciesMs: number[] = [];
  const watcherClient = createPlatformaticClient(resolveConnectionOptions({ brokers }));
  const watcher = new TopicWatcher(watcherClient, output, (scheduledUs, seenUs) => {
    if (scheduledUs < startUs + warmUpSeconds * 1e6) return;
    latenciesMs.push((seenUs - scheduledUs) / 1e3);
  });
  try {
    await watcher.start();
    const engine = await startJob(jobOf(cluster, input, output, messages));
    startUs = nowUs() + START_DELAY_US;
    const cores = new CoresInUse(cluster);
    const sentLateMs = await sendPaced(client, input, orders, { startUs, rate, messages });
    const used = cores.since();
    let kept = 0;
    for (let i = 0; i < messages; i++) if (orders.isKept(i)) kept += 1;
    await Promise.race([watcher.waitFor(kept, ARRIVAL_MAX_MS), engine.outcome]);
    engine.stop();
    const outcome = await engine.outcome;
    await watcher.stop();
    if (watcher.seen !== kept) throw new Error(`${watcher.seen} results where ${kept} were due`);
    return { latenciesMs: Float64Array.from(latenciesMs).sort(), sentLateMs, ...used, outcome };
  } finally {
    await watcherClient.close();
  }
}

/** How busy this process and the broker are. */
class CoresInUse {
  readonly #cluster: BenchCluster;
  readonly #startMs = performance.now();
  readonly #own = process.cpuUsage();
  readonly #broker: number | undefined;

  constructor(cluster: BenchCluster) {
    this.#cluster = cluster;
    this.#broker = cluster.cpuSeconds();
  }

  since(): { loadCores: number; brokerCores: number | undefined } {
    const seconds = (performance.now() - this.#startMs) / 1e3;
    const { user, system } = process.cpuUsage(this.#own);
    const broker = this.#cluster.cpuSeconds();
    const known = broker !== undefined && this.#broker !== undefined;
    return {
      loadCores: (user + system) / 1e6 / seconds,
      brokerCores: known ? (broker - this.#broker) / seconds : undefined,
    };
  }
}

function jobOf(
  { brokers }: BenchCluster,
  input: string,
  output: string,
  messages: number,
): EngineJob {
  return {
    engine: 'millrace',
    task: 'main-job',
    brokers,
    input,
    output,
    messages,
    filter: 'most',
    into: 'objects',
    acks: -1,
    batch: BATCH_SETTINGS.millrace[0]!,
    forever: true,
    digest: false,
  };
}

/** Starts the pipeline, and waits until it reads. */
function startJob(job: EngineJob): Promise<EngineHandle> {
  return new Promise((resolve, reject) => {
    const engine = startEngine(job, { onProgress: () => resolve(engine) });
    engine.outcome.catch(reject);
  });
}

function figure(
  cluster: BenchCluster,
  orders: PacedOrders,
  { rate, warmUpSeconds, seconds }: typeof SIZE,
  { latenciesMs, sentLateMs, loadCores, brokerCores, outcome }: Seen,
): Measurement {
  const count = latenciesMs.length;
  const rounded = (ms: number) => Math.round(ms * 100) / 100;
  const at = (share: number) => rounded(latenciesMs[Math.ceil(share * count) - 1]!);
  const percentiles = Object.entries(PERCENTILES).map(([name, share]) => [name, at(share)]);
  return {
    suite: 'latency',
    case: `${rate} messages a second, 9 in 10 kept`,
    engine: 'millrace',
    messages: count,
    bytesPerMessage: Math.round(orders.bytesPerMessage * 10) / 10,
    seconds,
    messagesPerSecond: Math.round(count / seconds),
    cpuSecondsPerMillion: (outcome.cpuSeconds / outcome.messagesIn) * 1e6,
    resultHash: `${outcome.messagesIn}-${outcome.messagesOut}`,
    settings: {
      ...machineSettings(),
      ...cluster.settings,
      acks: 'all',
      compression: 'none',
      partitions: PARTITIONS,
      scheduledPerSecond: rate,
      warmUpSeconds,
      ...(Object.fromEntries(percentiles) as Record<string, number>),
      maxMs: at(1),
      histogram: histogram(latenciesMs),
      sentLateMostMs: rounded(sentLateMs),
      engineCores: rounded(outcome.cpuSeconds / outcome.seconds),
      loadCores: rounded(loadCores),
      ...(brokerCores !== undefined && { brokerCores: rounded(brokerCores) }),
      rssPeakMiB: outcome.rssPeakMiB,
    },
  };
}

/** Messages up to each bound: `1ms:120 2ms:800 …`. */
function histogram(sortedMs: Float64Array): string {
  const counts: string[] = [];
  let from = 0;
  for (const bound of [...BUCKETS_MS, Number.POSITIVE_INFINITY]) {
    let to = from;
    while (to < sortedMs.length && sortedMs[to]! <= bound) to += 1;
    if (to > from)
      counts.push(`${bound === Number.POSITIVE_INFINITY ? 'more' : bound}:${to - from}`);
    from = to;
  }
  return `up to ms: ${counts.join(' ')}`;
}
