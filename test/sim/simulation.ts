/** Processes that run the real pipeline on a simulated cluster, and what must hold of them. */
import { expect } from 'vitest';
import type { Schema } from '../../src/arrow/schema.ts';
import { runPlan } from '../../src/pipeline/run-plan.ts';
import type { KafkaSinkPlan, Plan } from '../../src/plan.ts';
import type { Run } from '../../src/run.ts';
import { SimClient } from './sim-client.ts';
import { type Faults, type Output, type Seek, SimCluster } from './sim-cluster.ts';
import { MAX_WORKERS, simWorkers } from './sim-workers.ts';
import { Chance, VirtualClock } from './virtual-clock.ts';

const SCHEMA: Schema = { fields: [{ name: 'id', type: { kind: 'int64' }, nullable: false }] };
const CONNECTION = {
  client: 'auto' as const,
  brokers: ['sim:1'],
  clientId: 'sim',
  requestTimeoutMs: 1_000,
  connectTimeoutMs: 1_000,
  socketTimeoutMs: 1_000,
  retries: 3,
  retryDelayMs: 10,
  bootstrapTimeoutMs: 10_000,
};
const LIMIT_MS = 600_000;

/** What all processes of a simulation do. */
export interface Manner {
  readonly until: 'latest' | 'forever';
  /** Partitions that stay through a rebalance go on. */
  readonly cooperative: boolean;
  readonly autoCommit: boolean;
  readonly startFrom: 'committed' | 'earliest';
  /** Producers write to the input while the processes read. */
  readonly grows: boolean;
  /** Two output topics, each with a part of the messages, some in both. */
  readonly splits: boolean;
  /** A message becomes none, one or several rows. */
  readonly unnests: boolean;
}

function outputsOf(chance: Chance, { splits, unnests }: Manner): readonly Output[] {
  const rows = (offset: number) => (unnests ? offset % 4 : 1);
  const output = (topic: string, wants: (offset: number) => boolean): Output => ({
    ...{ topic, partitions: chance.between(1, 3), wants, rows },
  });
  if (!splits) return [output('out', () => true)];
  return [output('out', (offset) => offset % 3 !== 2), output('also', (o) => o % 3 !== 0)];
}

function plan(chance: Chance, manner: Manner): Plan {
  const { until, cooperative, autoCommit, startFrom, splits } = manner;
  const first: Plan = {
    source: {
      kind: 'kafka',
      connection: CONNECTION,
      topics: ['in'],
      groupId: 'g',
      startFrom,
      offsetReset: 'earliest',
      until,
      isolation: 'read_committed',
      codec: 'json',
      schema: SCHEMA,
      validate: 'projected',
      unknown: 'ignore',
      batch: { maxRows: chance.between(1, 20), maxBytes: 1_000_000, maxWaitMs: 10 },
      fetch: { minBytes: 1, maxBytes: 1_000_000, maxWaitMs: 10 },
      group: {
        protocol: 'classic',
        assignors: [cooperative ? 'cooperative-sticky' : 'range'],
        sessionTimeoutMs: 1,
        heartbeatIntervalMs: 1,
        rebalanceTimeoutMs: 1,
      },
      autoCommit,
      commitIntervalMs: chance.between(20, 200),
    },
    steps: [],
    sink: sinkOf('out', chance),
    settings: { workers: chance.between(1, MAX_WORKERS), maxInFlightBytes: 8 * 1024 * 1024 },
  };
  if (!splits) return first;
  const { source, steps } = first;
  return { ...first, others: [{ source, steps, sink: sinkOf('also', chance) }] };
}

function sinkOf(topic: string, chance: Chance): KafkaSinkPlan {
  return {
    kind: 'kafka',
    connection: CONNECTION,
    topic,
    codec: 'json',
    keyInValue: true,
    partitioner: 'round-robin',
    compression: 'none',
    acks: -1,
    idempotent: true,
    tombstones: false,
    lingerMs: chance.between(0, 3),
    requestTimeoutMs: 1_000,
    deliveryTimeoutMs: 120_000,
  };
}

/** One run of the pipeline. */
export interface Process {
  readonly client: SimClient;
  run: Run | undefined;
  failure: unknown;
  /** Its run has ended, and how much of the ends that it was told was committed by then. */
  ended: { readonly missing: string } | undefined;
}

/** A cluster, processes, and time. */
export class Simulation {
  readonly clock = new VirtualClock();
  readonly chance: Chance;
  readonly cluster: SimCluster;
  readonly processes: Process[] = [];
  readonly manner: Manner;
  /** The message of a partition that cannot be worked on, while it is here. */
  readonly poison = new Map<number, number>();

  constructor(seed: number, faults: Faults, manner: Partial<Manner> = {}) {
    this.chance = new Chance(seed);
    this.manner = {
      ...{ until: 'forever', cooperative: false, autoCommit: true },
      ...{ startFrom: 'committed', grows: false, splits: false, unnests: false },
      ...manner,
    };
    this.cluster = new SimCluster(this.clock, this.chance, faults, {
      inputs: this.chance.between(1, 4),
      outputs: outputsOf(this.chance, this.manner),
      batches: this.chance.between(0, 12),
      cooperative: this.manner.cooperative,
      grows: this.manner.grows,
    });
  }

  launch(): Process {
    const client = new SimClient(this.cluster);
    const process: Process = { client, run: undefined, failure: undefined, ended: undefined };
    const number = this.processes.push(process) - 1;
    const { outputs } = this.cluster;
    const alive = () => !client.dead;
    const { clock, chance, poison } = this;
    const world = {
      clock,
      workers: (_: unknown, count: number, budget: Parameters<typeof simWorkers>[1]) =>
        simWorkers(count, budget, { clock, chance, outputs, poison, alive, process: number }),
    };
    runPlan(plan(chance, this.manner), { client: () => client }, world).then(
      (run) => {
        process.run = run;
        run.closed.then(
          () => {
            process.ended = { missing: this.#missing(client) };
          },
          (error) => {
            process.failure = error;
          },
        );
      },
      (error) => {
        process.failure = error;
      },
    );
    return process;
  }

  // What of the ends that a process was told the group has not committed.
  #missing({ ends = [] }: SimClient): string {
    const { committed, begins } = this.cluster;
    const isOpen = (end: bigint, p: number) => (committed.get(p) ?? BigInt(begins[p]!)) < end;
    return ends.flatMap((end, p) => (isOpen(end, p) ? [`${p} before ${end}`] : [])).join();
  }

  state = () =>
    JSON.stringify({
      committed: [...this.cluster.committed].map(([p, o]) => `${p}:${o}`),
      ends: this.cluster.input.map((_, p) => this.cluster.endOf(p)),
      runs: this.processes.map((p) => [p.client.dead, p.run?.stats(), String(p.failure)]),
    });

  runUntil(done: () => boolean): Promise<void> {
    return this.clock.run(done, LIMIT_MS, this.state);
  }

  /** Whether messages may come again: partitions change hands, or are sent back. */
  get mayRepeat(): boolean {
    return this.processes.length > 1 || this.cluster.seeks.length > 0;
  }

  /**
   * Every message stored, in the order of its partition per producer; how often each row of it.
   *
   * @param mayFail whether runs may have failed.
   */
  check(seed: number, { mayFail = false } = {}): Map<string, number> {
    expect(this.cluster.violations, `seed ${seed}`).toEqual([]);
    for (const { failure } of mayFail ? [] : this.processes) {
      expect(failure, `seed ${seed}`).toBeUndefined();
    }
    const counts = new Map<string, number>();
    for (const output of this.cluster.outputs) {
      for (const [name, count] of this.#checkOutput(output, seed)) {
        counts.set(`${output.topic}/${name}`, count);
      }
    }
    for (const seek of this.cluster.seeks) this.#checkSeek(seek, seed);
    return counts;
  }

  #checkOutput({ topic, partitions, wants, rows }: Output, seed: number): Map<string, number> {
    const counts = new Map<string, number>();
    const first = this.cluster.firstOf(topic);
    for (const stored of this.cluster.output.slice(first, first + partitions)) {
      const last = new Map<string, number>();
      for (const { partition, offset, producerId } of stored) {
        const share = 1 / rows(offset);
        counts.set(`${partition}/${offset}`, (counts.get(`${partition}/${offset}`) ?? 0) + share);
        const lane = `${producerId}/${partition}`;
        const before = last.get(lane) ?? -1;
        // A partition that went away and came back begins again at the committed offset.
        const again = this.mayRepeat && offset <= before;
        const least = this.manner.unnests ? before : before + 1;
        if (!again) {
          expect(offset, `order of ${lane}, seed ${seed}`).toBeGreaterThanOrEqual(least);
        }
        last.set(lane, offset);
      }
    }
    for (const [partition] of this.cluster.input.entries()) {
      for (let offset = 0; offset < this.cluster.endOf(partition); offset++) {
        if (this.cluster.passed.has(`${partition}/${offset}`)) continue;
        const read = offset >= this.cluster.begins[partition]!;
        const message = `${topic} ${partition}/${offset}, seed ${seed}`;
        const wanted = read && wants(offset) && rows(offset) > 0;
        expect(counts.has(`${partition}/${offset}`), message).toBe(wanted);
      }
    }
    return counts;
  }

  // From when it had settled on, the partition comes in order from its offset, and nothing else.
  #checkSeek(seek: Seek, seed: number): void {
    const { partition, offset, producerId, settled, over } = seek;
    if (settled === undefined) return;
    for (const [output, stored] of this.cluster.output.entries()) {
      let least = offset;
      for (const message of stored.slice(settled[output], over?.[output])) {
        if (message.producerId !== producerId || message.partition !== partition) continue;
        const name = `${partition} behind a seek to ${offset}, seed ${seed}`;
        expect(message.offset, name).toBeGreaterThanOrEqual(least);
        least = message.offset + 1;
      }
    }
  }
}

/** Nothing goes wrong. */
export const CALM: Faults = {
  fetchLost: 0,
  produceLostBefore: 0,
  produceLostAfter: 0,
  produceRefused: 0,
  commitLost: 0,
};
/** Much goes wrong. */
export const STORMY: Faults = {
  fetchLost: 0.1,
  produceLostBefore: 0.1,
  produceLostAfter: 0.1,
  produceRefused: 0.1,
  commitLost: 0.2,
};

/** Calm for odd seeds, stormy for even ones. */
export const faultsOf = (seed: number): Faults => (seed % 2 === 0 ? STORMY : CALM);

/**
 * Runs one process to its end, and answers how often each message was stored.
 *
 * @param manner which reads to an end.
 */
export async function runsToEnd(
  seed: number,
  manner: Partial<Manner> = {},
): Promise<{ readonly process: Process; readonly counts: ReadonlyMap<string, number> }> {
  const simulation = new Simulation(seed, faultsOf(seed), { ...manner, until: 'latest' });
  const process = simulation.launch();
  await simulation.runUntil(() => process.ended !== undefined || process.failure !== undefined);
  return { process, counts: simulation.check(seed) };
}

/** Kills processes, each of which another takes over from, until everything is stored. */
export async function runsThroughKills(seed: number, manner: Partial<Manner> = {}): Promise<void> {
  const simulation = new Simulation(seed, faultsOf(seed), manner);
  const { chance, clock, cluster } = simulation;
  simulation.launch();
  for (let i = chance.between(1, 3); i > 0; i--) {
    clock.after(chance.between(1, 400), () => {
      const alive = simulation.processes.filter((process) => !process.client.dead);
      alive[chance.between(0, alive.length - 1)]?.client.kill();
      simulation.launch();
    });
  }
  await simulation.runUntil(
    () => cluster.done && simulation.processes.some((process) => !process.client.dead),
  );
  simulation.check(seed);
}

/** Runs the schedules of `count` seeds, or the one that SIM_SEED names. */
export async function schedules(
  count: number,
  run: (seed: number) => Promise<void>,
): Promise<void> {
  const only = process.env.SIM_SEED;
  if (only !== undefined) return run(Number(only));
  for (let seed = 1; seed <= count; seed++) {
    try {
      await run(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}
