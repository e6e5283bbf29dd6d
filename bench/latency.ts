/** Suite `latency`: through the main job at a fixed rate, from when a message was due. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import type { MillraceConfig } from '../src/config/config.ts';
import { acknowledgedAt } from './broker/acknowledgements.ts';
import { type BenchCluster, withCluster } from './broker/cluster.ts';
import type { EngineJob, EngineOutcome } from './broker/engine-job.ts';
import { readTimes, sendPaced } from './broker/latency-load.ts';
import { nowUs, PacedOrders } from './broker/paced-orders.ts';
import { startEngine } from './broker/run-engine.ts';
import { BATCH_SETTINGS, PARTITIONS } from './broker/settings.ts';
import { createTopic } from './broker/topics.ts';
import { machineSettings, median } from './measure.ts';
import type { Measurement, Suite } from './suite.ts';

// Of each run: a broker's Java compiles what it runs often, on the same cores, for twenty seconds.
const SIZE: LatencySize = { rate: 20_000, warmUpSeconds: [20, 8, 8], seconds: 30 };
const SMALL_SIZE: LatencySize = { rate: 2_000, warmUpSeconds: [0.5], seconds: 1 };
/** Distinct orders. */
export const LATENCY_POOL_MESSAGES = 20_000;
const START_DELAY_US = 50_000;
const ARRIVAL_MAX_MS = 30_000;
const POLL_MS = 50;
const PERCENTILES = { p50Ms: 0.5, p95Ms: 0.95, p99Ms: 0.99, p999Ms: 0.999 } as const;
/** Upper bounds of the histogram's buckets, ms. */
const BUCKETS_MS = [1, 2, 3, 4, 5, 7, 10, 15, 20, 50, 100, 1_000];

/** Messages a second, and for how long: before what counts, for each run, and what counts. */
export interface LatencySize {
  readonly rate: number;
  readonly warmUpSeconds: readonly number[];
  readonly seconds: number;
}

/** What a run came to. */
export interface Seen {
  readonly latenciesMs: Float64Array;
  readonly sentLateMs: number;
  /** Cores that this process, which sends, and the broker kept busy meanwhile. */
  readonly loadCores: number;
  readonly brokerCores: number | undefined;
  readonly outcome: EngineOutcome;
}

/** The broker's garbage collectors: Kafka's own choice, and one that hardly stops the broker. */
const COLLECTORS: Readonly<Record<string, readonly string[]>> = {
  ZGC: ['-XX:+UseZGC'],
  G1: [],
};

/** Suite `latency`. */
export const suite: Suite = {
  name: 'latency',
  description: 'through the main job at 20,000 messages a second, from when a message was due',
  async run({ small, report }) {
    const size = small ? SMALL_SIZE : SIZE;
    const orders = new PacedOrders(LATENCY_POOL_MESSAGES);
    // What is measured passes through the sender: its pauses would be the messages' latency.
    setFlagsFromString('--no-incremental-marking');
    for (const [collector, javaOptions] of Object.entries(COLLECTORS)) {
      let isExternal = false;
      await withCluster(async (cluster) => {
        isExternal = cluster.isExternal;
        const broker = isExternal ? 'external broker' : `broker with ${collector}`;
        const runs: Seen[] = [];
        for (const warmUpSeconds of size.warmUpSeconds) {
          runs.push(await measureLatency(cluster, orders, { ...size, warmUpSeconds }));
        }
        const name = `${size.rate} messages a second, 9 in 10 kept, ${broker}`;
        const settings = { acks: 'all', compression: 'none' };
        const labels = { suite: 'latency', case: name, engine: 'millrace', settings } as const;
        report(latencyFigure(labels, cluster, orders, size, runs));
      }, javaOptions);
      if (isExternal) break;
    }
    setFlagsFromString('--incremental-marking');
  },
};

/** One run of the main job, with a configuration or the defaults. */
export async function measureLatency(
  cluster: BenchCluster,
  orders: PacedOrders,
  { rate, warmUpSeconds, seconds }: { rate: number; warmUpSeconds: number; seconds: number },
  config?: MillraceConfig,
): Promise<Seen> {
  const { client } = cluster;
  const input = await createTopic(client, 'latency-in', PARTITIONS);
  const output = await createTopic(client, 'latency-out', PARTITIONS);
  const messages = Math.round(rate * (warmUpSeconds + seconds));
  const kept = keptOf(orders, messages);
  let out = 0;
  let reading = () => {};
  const started = new Promise<void>((resolve) => {
    reading = resolve;
  });
  const job = { ...jobOf(cluster, input, output, messages), ...(config && { config }) };
  const engine = startEngine(job, {
    onProgress: ({ messagesOut }) => {
      out = messagesOut;
      reading();
    },
  });
  await Promise.race([started, engine.outcome]);
  const startUs = nowUs() + START_DELAY_US;
  const cores = new CoresInUse(cluster);
  const sentLateMs = await sendPaced(client, input, orders, {
    startUs,
    rate,
    messages,
    warmUp: rate * warmUpSeconds,
  });
  const used = cores.since();
  const deadlineMs = performance.now() + ARRIVAL_MAX_MS;
  while (out < kept && performance.now() < deadlineMs) {
    await Promise.race([sleep(POLL_MS), engine.outcome]);
  }
  engine.stop();
  const outcome = await engine.outcome;
  const acknowledged = acknowledgedAt(outcome.acknowledgements!);
  const fromUs = startUs + warmUpSeconds * 1e6;
  const latencies = new Float64Array(messages);
  let seen = 0;
  let measured = 0;
  await readTimes(client, output, (partition, offset, scheduledTimes) => {
    const atUs = acknowledged(partition, offset);
    if (atUs === undefined) throw new Error(`${output}-${partition}@${offset}: not acknowledged`);
    for (const scheduledUs of scheduledTimes) {
      seen += 1;
      if (scheduledUs >= fromUs) latencies[measured++] = (atUs - scheduledUs) / 1e3;
    }
  });
  if (seen !== kept) throw new Error(`${seen} results where ${kept} were due`);
  const latenciesMs = latencies.subarray(0, measured).sort();
  return { latenciesMs, sentLateMs, ...used, outcome };
}

function keptOf(orders: PacedOrders, messages: number): number {
  let kept = 0;
  for (let i = 0; i < messages; i++) if (orders.isKept(i)) kept += 1;
  return kept;
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
    acknowledgements: true,
  };
}

/** The figure of all runs. */
export function latencyFigure(
  labels: Pick<Measurement, 'suite' | 'case' | 'engine' | 'settings'>,
  cluster: BenchCluster,
  orders: PacedOrders,
  { rate, warmUpSeconds, seconds }: LatencySize,
  runs: readonly Seen[],
): Measurement {
  const rounded = (value: number) => Math.round(value * 100) / 100;
  const medianOf = (of: (run: Seen) => number) => rounded(median(runs.map(of)));
  const at = (share: number) => (run: Seen) =>
    run.latenciesMs[Math.ceil(share * run.latenciesMs.length) - 1]!;
  const percentiles = Object.entries(PERCENTILES).map(([name, share]) => [
    name,
    medianOf(at(share)),
  ]);
  const { outcome } = runs[0]!;
  const all = runs.reduce((sum, { latenciesMs }) => sum + latenciesMs.length, 0);
  return {
    ...labels,
    messages: all,
    bytesPerMessage: Math.round(orders.bytesPerMessage * 10) / 10,
    seconds,
    messagesPerSecond: Math.round(all / runs.length / seconds),
    cpuSecondsPerMillion: medianOf(
      (run) => (run.outcome.cpuSeconds / run.outcome.messagesIn) * 1e6,
    ),
    resultHash: `${outcome.messagesIn}-${outcome.messagesOut}`,
    settings: {
      ...machineSettings(),
      ...cluster.settings,
      ...labels.settings,
      repeats: runs.length,
      partitions: PARTITIONS,
      scheduledPerSecond: rate,
      warmUpSeconds: warmUpSeconds.join(', '),
      ...(Object.fromEntries(percentiles) as Record<string, number>),
      p99LeastMs: rounded(Math.min(...runs.map(at(0.99)))),
      p99MostMs: rounded(Math.max(...runs.map(at(0.99)))),
      maxMs: rounded(Math.max(...runs.map(at(1)))),
      histogram: histogram(runs.map((run) => run.latenciesMs)),
      sentLateMostMs: rounded(Math.max(...runs.map((run) => run.sentLateMs))),
      engineCores: medianOf((run) => run.outcome.cpuSeconds / run.outcome.seconds),
      loadCores: medianOf((run) => run.loadCores),
      ...(runs[0]!.brokerCores !== undefined && {
        brokerCores: medianOf((run) => run.brokerCores!),
      }),
      rssPeakMiB: Math.max(...runs.map((run) => run.outcome.rssPeakMiB)),
    },
  };
}

/** Messages of all runs up to each bound: `1:120 2:800 …`. */
function histogram(runs: readonly Float64Array[]): string {
  const counts = new Array<number>(BUCKETS_MS.length + 1).fill(0);
  for (const ms of runs.flatMap((run) => [...run])) {
    const bucket = BUCKETS_MS.findIndex((bound) => ms <= bound);
    counts[bucket < 0 ? BUCKETS_MS.length : bucket]! += 1;
  }
  const shown = counts.map((count, i) => (count > 0 ? `${BUCKETS_MS[i] ?? 'more'}:${count}` : ''));
  return `up to ms: ${shown.filter((text) => text !== '').join(' ')}`;
}
