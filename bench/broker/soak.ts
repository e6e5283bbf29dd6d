/** The main job for long, behind a producer that is never far ahead of it: does memory grow? */
import { machineSettings, median } from '../measure.ts';
import type { Measurement } from '../suite.ts';
import type { BenchCluster } from './cluster.ts';
import type { EngineJob } from './engine-job.ts';
import { bytesPerMessage, orderPool } from './pool.ts';
import { startEngine } from './run-engine.ts';
import { BATCH_SETTINGS, PARTITIONS } from './settings.ts';
import { createTopic, TopicWriter } from './topics.ts';

/** How a soak is run. */
export interface SoakOptions {
  readonly cluster: BenchCluster;
  readonly small: boolean;
  /** Default 50 million; 20,000 in a small run. */
  readonly messages?: number;
  report(measurement: Measurement): void;
}

const MESSAGES = 50_000_000;
const SMALL_MESSAGES = 20_000;
const MAX_MS = 600_000;
const RETENTION_BYTES = 256 * 1024 * 1024;
/** The producer is never further ahead: far less than retention keeps. */
const MAX_AHEAD = 1_000_000;
const WRITE_MESSAGES = 50_000;
/** Share of the samples, from the beginning, in which memory may still grow. */
const WARM_UP_SHARE = 0.2;

/** Runs the main job over many messages and reports what memory its process had meanwhile. */
export async function runSoak(options: SoakOptions): Promise<void> {
  const { cluster, small, report, messages = small ? SMALL_MESSAGES : MESSAGES } = options;
  const { client } = cluster;
  const input = await createTopic(client, 'soak-in', PARTITIONS, RETENTION_BYTES);
  const output = await createTopic(client, 'soak-out', PARTITIONS, RETENTION_BYTES);
  const job: EngineJob = {
    engine: 'millrace',
    task: 'main-job',
    brokers: cluster.brokers,
    input,
    output,
    messages,
    filter: 'paid',
    into: 'objects',
    acks: -1,
    batch: BATCH_SETTINGS.millrace[0]!,
    forever: true,
    digest: false,
  };
  const samples: number[] = [];
  const reached = new Milestones();
  const pool = orderPool(Number.POSITIVE_INFINITY);
  const writer = await TopicWriter.open(client, input, pool);
  const run = startEngine(job, {
    maxMs: MAX_MS,
    onProgress({ messagesIn, rssMiB }) {
      samples.push(rssMiB);
      reached.advance(messagesIn);
    },
  });
  const finished = run.outcome.then(() => undefined);
  for (let written = 0; written < messages; ) {
    const count = Math.min(WRITE_MESSAGES, messages - written);
    await Promise.race([reached.reach(written - MAX_AHEAD), finished]);
    await writer.write(count);
    written += count;
  }
  await Promise.race([reached.reach(messages), finished]);
  run.stop();
  const outcome = await run.outcome;
  if (outcome.messagesIn !== messages) {
    throw new Error(`the soak took ${outcome.messagesIn} messages, not ${messages}`);
  }
  const settled = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  report({
    suite: 'main-job',
    case: 'soak',
    engine: 'millrace',
    messages,
    bytesPerMessage: Math.round(bytesPerMessage(pool) * 10) / 10,
    seconds: outcome.seconds,
    messagesPerSecond: Math.round(messages / outcome.seconds),
    cpuSecondsPerMillion: (outcome.cpuSeconds / messages) * 1e6,
    resultHash: `${outcome.messagesIn}-${outcome.messagesOut}`,
    settings: {
      ...machineSettings(),
      ...cluster.settings,
      acks: 'all',
      compression: 'none',
      partitions: PARTITIONS,
      retentionMiB: RETENTION_BYTES / 1024 / 1024,
      messagesOut: outcome.messagesOut,
      samples: settled.length,
      rssLeastMiB: Math.min(...settled),
      rssMedianMiB: median(settled),
      rssMostMiB: Math.max(...settled),
      rssPeakMiB: outcome.rssPeakMiB,
    },
  });
}

/** Waits for a counter that only grows. */
class Milestones {
  #value = 0;
  #waiting: { at: number; resolve: () => void }[] = [];

  advance(value: number): void {
    this.#value = value;
    const due = this.#waiting.filter(({ at }) => at <= value);
    this.#waiting = this.#waiting.filter(({ at }) => at > value);
    for (const { resolve } of due) resolve();
  }

  reach(at: number): Promise<void> {
    if (at <= this.#value) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ at, resolve }));
  }
}
