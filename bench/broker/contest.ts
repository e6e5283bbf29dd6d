/** Engines against each other on a broker: equal results first, then interleaved timed runs. */
import { machineSettings, median } from '../measure.ts';
import type { EngineLabel, Measurement } from '../suite.ts';
import type { BenchCluster } from './cluster.ts';
import type { BatchSetting, EngineJob, EngineOutcome } from './engine-job.ts';
import { runEngine } from './run-engine.ts';

/** One engine in a case. */
export interface Entrant {
  /** What it is called in figures; default the engine's name. */
  readonly label?: EngineLabel;
  /** The timed run, but for its batch setting. */
  readonly job: Omit<EngineJob, 'batch'>;
  /** Batch settings to try; the best one is measured. */
  readonly batches: readonly BatchSetting[];
  /** Of this engine alone, beside those of the case. */
  readonly settings?: Measurement['settings'];
  /** Runs the job on the messages that all engines are compared on, and digests what came of it. */
  digest(batch: BatchSetting): Promise<string>;
}

/** One case. */
export interface Contest {
  readonly suite: string;
  readonly case: string;
  readonly bytesPerMessage: number;
  readonly repeats: number;
  readonly settings: Measurement['settings'];
  readonly cluster: BenchCluster;
  readonly entrants: readonly Entrant[];
}

interface TimedRun {
  readonly outcome: EngineOutcome;
  readonly brokerCpuSeconds: number | undefined;
}

/**
 * Runs a case and gives one figure an engine.
 *
 * @throws Error where two engines differ in what they made of the same messages.
 */
export async function runContest(contest: Contest): Promise<Measurement[]> {
  const digests = await equalDigests(contest);
  const jobs: EngineJob[] = [];
  for (const entrant of contest.entrants) jobs.push(await bestJob(contest, entrant));
  const runs = jobs.map((): TimedRun[] => []);
  for (let i = 0; i < contest.repeats; i++) {
    for (const [e, job] of jobs.entries()) runs[e]!.push(await timedRun(contest, job));
  }
  return jobs.map((job, e) => summarise(contest, job, runs[e]!, digests[e]!, contest.entrants[e]!));
}

async function equalDigests({ suite, case: name, entrants }: Contest): Promise<string[]> {
  const digests: string[] = [];
  for (const entrant of entrants) digests.push(await entrant.digest(entrant.batches[0]!));
  for (const [e, digest] of digests.entries()) {
    if (digest === digests[0]) continue;
    const names = `${entrants[e]!.job.engine} and ${entrants[0]!.job.engine}`;
    throw new Error(`${suite}/${name}: ${names} disagree: ${digest} against ${digests[0]}`);
  }
  return digests;
}

// The whole job once with each setting, in the order given.
async function bestJob(contest: Contest, { job, batches }: Entrant): Promise<EngineJob> {
  let best: { job: EngineJob; seconds: number } | undefined;
  for (const batch of batches) {
    const candidate = { ...job, batch };
    if (batches.length === 1) return candidate;
    const { outcome } = await timedRun(contest, candidate);
    if (best === undefined || outcome.seconds < best.seconds) {
      best = { job: candidate, seconds: outcome.seconds };
    }
  }
  return best!.job;
}

async function timedRun({ cluster }: Contest, job: EngineJob): Promise<TimedRun> {
  const before = cluster.cpuSeconds();
  const outcome = await runEngine(job);
  const after = cluster.cpuSeconds();
  if (outcome.messagesIn !== job.messages) {
    const { engine, task, messages } = job;
    throw new Error(`${engine} ${task} took ${outcome.messagesIn} messages, not ${messages}`);
  }
  const known = before !== undefined && after !== undefined;
  return { outcome, brokerCpuSeconds: known ? after - before : undefined };
}

function summarise(
  contest: Contest,
  job: EngineJob,
  runs: readonly TimedRun[],
  resultHash: string,
  { label = job.engine, settings = {} }: Entrant,
): Measurement {
  const { messages, batch } = job;
  const of = (value: (outcome: EngineOutcome) => number) =>
    median(runs.map(({ outcome }) => value(outcome)));
  const seconds = of((outcome) => outcome.seconds);
  const rates = runs.map(({ outcome }) => Math.round(messages / outcome.seconds));
  const brokerCpu = runs.flatMap(({ brokerCpuSeconds }) => brokerCpuSeconds ?? []);
  return {
    suite: contest.suite,
    case: contest.case,
    engine: label,
    messages,
    bytesPerMessage: Math.round(contest.bytesPerMessage * 10) / 10,
    seconds,
    messagesPerSecond: Math.round(messages / seconds),
    cpuSecondsPerMillion: (of((outcome) => outcome.cpuSeconds) / messages) * 1e6,
    resultHash,
    settings: {
      ...machineSettings(),
      ...contest.cluster.settings,
      ...contest.settings,
      ...settings,
      repeats: contest.repeats,
      slowest: Math.min(...rates),
      fastest: Math.max(...rates),
      messagesOut: of((outcome) => outcome.messagesOut),
      ...(job.config === undefined && {
        batchRows: batch.rows,
        batchKiB: Math.round(batch.partitionBytes / 1024),
      }),
      rssPeakMiB: of((outcome) => outcome.rssPeakMiB),
      ...(brokerCpu.length > 0 && {
        brokerCpuSecondsPerMillion: Math.round((median(brokerCpu) / messages) * 1e9) / 1e3,
      }),
    },
  };
}
