/** Measuring engines against each other: interleaved repeats, medians, and equal results. */
import { createHash } from 'node:crypto';
import { availableParallelism, cpus } from 'node:os';
import type { EngineLabel, Measurement } from './suite.ts';

/** What an engine's run came to. */
export interface RunResult {
  /** Of everything that must be exactly equal; see {@link hashOf}. */
  readonly hash: string;
  /** Sums that may differ by rounding only, compared within 1e-9 of their size. */
  readonly sums?: readonly number[];
}

/** One engine in a case. */
export interface Contender {
  readonly engine: EngineLabel;
  /** What is timed. */
  run(): unknown;
  /** What it did, for comparison; called once, after all timed runs, and not timed. */
  result(): RunResult | Promise<RunResult>;
  /** Beside those of the case. */
  readonly settings?: Measurement['settings'];
  /** Messages of a run, where this engine is given fewer than the others. */
  readonly messages?: number;
}

/** One case: the same work for every contender. */
export interface Case {
  readonly suite: string;
  readonly case: string;
  /** Messages that one run works on. */
  readonly messages: number;
  readonly bytesPerMessage: number;
  /** Timed runs of each contender. Default 5. */
  readonly repeats?: number;
  /** Runs before them that are not timed: compilers must warm up. Default 1. */
  readonly warmups?: number;
  readonly settings?: Measurement['settings'];
  readonly contenders: readonly Contender[];
}

interface Timing {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/**
 * Runs every contender in turn, again and again, so that a machine that drifts drifts for all.
 *
 * @throws Error where the results of two contenders differ.
 */
export async function measure(definition: Case): Promise<Measurement[]> {
  const { contenders, repeats = 5, warmups = 1 } = definition;
  const timings = contenders.map((): Timing[] => []);
  for (let i = 0; i < warmups + repeats; i++) {
    for (const [c, contender] of contenders.entries()) {
      const timing = await time(contender);
      if (i >= warmups) timings[c]!.push(timing);
    }
  }
  const results: RunResult[] = [];
  for (const contender of contenders) results.push(await contender.result());
  for (const [c, result] of results.entries()) {
    requireEqual(definition, contenders[0]!.engine, results[0]!, contenders[c]!.engine, result);
  }
  return contenders.map((contender, c) =>
    summarise(definition, contender, timings[c]!, results[c]!.hash),
  );
}

/** A short hash of strings, in order. */
export function hashOf(parts: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\n');
  return hash.digest('hex').slice(0, 16);
}

/** The middle value; the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What every figure states: Node, CPU, cores. */
export function machineSettings(): Record<string, string | number> {
  return {
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
  };
}

async function time(contender: Contender): Promise<Timing> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await contender.run();
  const seconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}

function summarise(
  definition: Case,
  contender: Contender,
  timings: readonly Timing[],
  resultHash: string,
): Measurement {
  const messages = contender.messages ?? definition.messages;
  const seconds = median(timings.map((timing) => timing.seconds));
  const cpuSeconds = median(timings.map((timing) => timing.cpuSeconds));
  return {
    suite: definition.suite,
    case: definition.case,
    engine: contender.engine,
    messages,
    bytesPerMessage: Math.round(definition.bytesPerMessage * 10) / 10,
    seconds,
    messagesPerSecond: Math.round(messages / seconds),
    cpuSecondsPerMillion: (cpuSeconds / messages) * 1e6,
    resultHash,
    settings: {
      ...machineSettings(),
      repeats: timings.length,
      ...definition.settings,
      ...contender.settings,
    },
  };
}

function requireEqual(
  { suite, case: name }: Case,
  firstEngine: string,
  first: RunResult,
  engine: string,
  result: RunResult,
): void {
  const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
  const sums = result.sums ?? [];
  const sumsAgree = (first.sums ?? []).every((sum, i) => close(sum, sums[i] ?? Number.NaN));
  if (first.hash === result.hash && sumsAgree) return;
  throw new Error(
    `${suite}/${name}: ${engine} and ${firstEngine} disagree: ` +
      `${JSON.stringify(result)} against ${JSON.stringify(first)}`,
  );
}
