/**
 * The real pipeline, source, sink, order and epochs, on a cluster, workers and a clock that a seed
 * drives: thousands of schedules of delays, losses, crashes and rebalances. The seed of a schedule
 * that breaks a rule is in the failure's message; `SIM_SEED=n` runs that one alone.
 */
import { describe, expect, it } from 'vitest';
import type { Schema } from '../../src/arrow/schema.ts';
import { runPlan } from '../../src/pipeline/run-plan.ts';
import type { Plan } from '../../src/plan.ts';
import type { Run } from '../../src/run.ts';
import { type Faults, SimClient, SimCluster } from './sim-cluster.ts';
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
};
const LIMIT_MS = 600_000;

function plan(chance: Chance, until: 'latest' | 'forever'): Plan {
  return {
    source: {
      kind: 'kafka',
      connection: CONNECTION,
      topics: ['in'],
      groupId: 'g',
      startFrom: 'committed',
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
        assignors: ['range'],
        sessionTimeoutMs: 1,
        heartbeatIntervalMs: 1,
        rebalanceTimeoutMs: 1,
      },
      autoCommit: true,
      commitIntervalMs: chance.between(20, 200),
    },
    steps: [],
    sink: {
      kind: 'kafka',
      connection: CONNECTION,
      topic: 'out',
      codec: 'json',
      keyInValue: true,
      partitioner: 'round-robin',
      compression: 'none',
      acks: -1,
      idempotent: true,
      tombstones: false,
      lingerMs: chance.between(0, 3),
      requestTimeoutMs: 1_000,
    },
    settings: { workers: chance.between(1, MAX_WORKERS), maxInFlightBytes: 8 * 1024 * 1024 },
  };
}

interface Process {
  readonly client: SimClient;
  run: Run | undefined;
  failure: unknown;
}

class Simulation {
  readonly clock = new VirtualClock();
  readonly chance: Chance;
  readonly cluster: SimCluster;
  readonly processes: Process[] = [];
  readonly until: 'latest' | 'forever';

  constructor(seed: number, faults: Faults, until: 'latest' | 'forever') {
    this.chance = new Chance(seed);
    this.until = until;
    this.cluster = new SimCluster(this.clock, this.chance, faults, {
      inputs: this.chance.between(1, 4),
      outputs: this.chance.between(1, 3),
      batches: this.chance.between(0, 12),
    });
  }

  launch(): Process {
    const client = new SimClient(this.cluster);
    const process: Process = { client, run: undefined, failure: undefined };
    const number = this.processes.push(process) - 1;
    const outputs = this.cluster.output.length;
    const alive = () => !client.dead;
    const { clock, chance } = this;
    const world = {
      clock,
      workers: (_: unknown, count: number, budget: Parameters<typeof simWorkers>[1]) =>
        simWorkers(count, budget, { clock, chance, outputs, alive, process: number }),
    };
    runPlan(plan(chance, this.until), { client: () => client }, world).then(
      (run) => {
        process.run = run;
        run.closed.catch((error) => {
          process.failure = error;
        });
      },
      (error) => {
        process.failure = error;
      },
    );
    return process;
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

  /** Every message stored, in the order of its partition per producer; how often each. */
  check(seed: number): Map<string, number> {
    expect(this.cluster.violations, `seed ${seed}`).toEqual([]);
    for (const { failure } of this.processes) expect(failure, `seed ${seed}`).toBeUndefined();
    const counts = new Map<string, number>();
    for (const stored of this.cluster.output) {
      const last = new Map<string, number>();
      for (const { partition, offset, producerId } of stored) {
        counts.set(`${partition}/${offset}`, (counts.get(`${partition}/${offset}`) ?? 0) + 1);
        const lane = `${producerId}/${partition}`;
        const before = last.get(lane) ?? -1;
        // A partition that went away and came back begins again at the committed offset.
        const again = this.processes.length > 1 && offset <= before;
        if (!again) expect(offset, `order of ${lane}, seed ${seed}`).toBeGreaterThan(before);
        last.set(lane, offset);
      }
    }
    for (const [partition] of this.cluster.input.entries()) {
      for (let offset = 0; offset < this.cluster.endOf(partition); offset++) {
        const wanted = offset >= this.cluster.begins[partition]!;
        const message = `${partition}/${offset}, seed ${seed}`;
        expect(counts.has(`${partition}/${offset}`), message).toBe(wanted);
      }
    }
    return counts;
  }
}

const CALM: Faults = {
  fetchLost: 0,
  produceLostBefore: 0,
  produceLostAfter: 0,
  produceRefused: 0,
  commitLost: 0,
};
const STORMY: Faults = {
  fetchLost: 0.1,
  produceLostBefore: 0.1,
  produceLostAfter: 0.1,
  produceRefused: 0.1,
  commitLost: 0.2,
};

/** Runs the schedules of `count` seeds, or the one that SIM_SEED names. */
async function schedules(count: number, run: (seed: number) => Promise<void>): Promise<void> {
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

describe('the simulated pipeline', () => {
  it('stores every message exactly once, in order, while nothing crashes', async () => {
    await schedules(1_000, async (seed) => {
      const faults = seed % 2 === 0 ? STORMY : CALM;
      const simulation = new Simulation(seed, faults, 'latest');
      const process = simulation.launch();
      let over = false;
      const watch = () => {
        void process.run?.closed.then(
          () => {
            over = true;
          },
          () => {
            over = true;
          },
        );
        return over || process.failure !== undefined;
      };
      await simulation.runUntil(watch);
      for (const count of simulation.check(seed).values()) expect(count, `seed ${seed}`).toBe(1);
    });
  }, 60_000);

  it('loses nothing when processes are killed and others take over', async () => {
    await schedules(1_000, async (seed) => {
      const simulation = new Simulation(seed, seed % 2 === 0 ? STORMY : CALM, 'forever');
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
    });
  }, 60_000);

  it('loses nothing when members join and leave', async () => {
    await schedules(1_000, async (seed) => {
      const simulation = new Simulation(seed, seed % 2 === 0 ? STORMY : CALM, 'forever');
      const { chance, clock, cluster } = simulation;
      simulation.launch();
      clock.after(chance.between(1, 200), () => simulation.launch());
      clock.after(chance.between(1, 400), () => simulation.launch());
      clock.after(chance.between(1, 600), () => {
        simulation.processes[0]?.run?.stop().catch(() => undefined);
      });
      await simulation.runUntil(() => cluster.done);
      const counts = simulation.check(seed);
      // What is drained before it is given away is not done again by whoever gets it.
      if (seed % 2 === 0) return;
      expect(cluster.lateRevokes, `seed ${seed}`).toBe(0);
      for (const [message, count] of counts) expect(count, `${message}, seed ${seed}`).toBe(1);
    });
  }, 60_000);
});
