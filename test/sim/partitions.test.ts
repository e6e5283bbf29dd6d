/**
 * Partitions that come and go one by one, and owners that pause them, send them elsewhere and
 * commit by hand, on schedules that a seed makes up. `SIM_SEED=n` runs one seed alone.
 */
import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { CALM, type Process, Simulation, STORMY, schedules } from './simulation.ts';

const TOPIC = 'in';

/** A partition that the process has now, by chance; `undefined`: it has none. */
function anyOf(simulation: Simulation, { run, client }: Process): number | undefined {
  const own = client.dead ? [] : (run?.assignment() ?? []);
  return own[simulation.chance.between(0, own.length - 1)]?.partition;
}

// What comes too late, for a partition that is gone or a run that has ended, is refused rightly.
function isTooLate(error: unknown): boolean {
  if (!(error instanceof MillraceError)) return false;
  return error.retry === 'backoff' || ['INVALID_OPTION', 'ABORTED'].includes(error.code);
}

async function seek(simulation: Simulation, process: Process): Promise<void> {
  const { chance, cluster } = simulation;
  const partition = anyOf(simulation, process);
  if (partition === undefined) return;
  const offset = chance.between(cluster.begins[partition]!, cluster.endOf(partition));
  cluster.endSeeks(partition);
  for (let i = 0; i < offset; i++) cluster.passed.add(`${partition}/${i}`);
  const { producerId } = process.client;
  const begun = cluster.stored;
  const mark = { partition, offset, producerId, begun, settled: undefined, over: undefined };
  const record: (typeof cluster.seeks)[number] = mark;
  cluster.seeks.push(record);
  try {
    await process.run!.seek([{ topic: TOPIC, partition, offset: BigInt(offset) }]);
    record.settled = cluster.stored;
  } catch (error) {
    if (!isTooLate(error)) throw error;
  }
}

function pause(simulation: Simulation, process: Process): void {
  const partition = anyOf(simulation, process);
  if (partition === undefined) return;
  process.run!.pause([{ topic: TOPIC, partition }]);
  process.client.paused.add(partition);
}

function resume({ client, run }: Process): void {
  if (client.dead) return;
  client.paused.clear();
  run?.resume();
}

/** Commits again and again until the process is dead or its run has ended. */
function commitOften(simulation: Simulation, process: Process): void {
  simulation.clock.after(simulation.chance.between(10, 150), () => {
    if (process.client.dead || process.run?.stats().state === 'closed') return;
    commitOften(simulation, process);
    process.run?.commit().catch((error: unknown) => {
      if (!isTooLate(error)) process.failure = error;
    });
  });
}

/** Members that join, leave and are killed, at times that the seed says. */
function comings(simulation: Simulation, { kills }: { kills: boolean }): Process[] {
  const { chance, clock } = simulation;
  const processes = [simulation.launch()];
  for (let i = chance.between(1, 3); i > 0; i--) {
    clock.after(chance.between(1, 400), () => processes.push(simulation.launch()));
  }
  clock.after(chance.between(1, 600), () => {
    if (kills && chance.happens(0.5)) processes[0]!.client.kill();
    else processes[0]!.run?.stop().catch(() => undefined);
  });
  clock.after(601, () => processes.push(simulation.launch()));
  return processes;
}

describe('the simulated partitions', () => {
  it('keep flowing while others of them move, and are written exactly once', async () => {
    await schedules(1_000, async (seed) => {
      const faults = seed % 2 === 0 ? STORMY : CALM;
      const simulation = new Simulation(seed, faults, { cooperative: true });
      const { cluster, clock } = simulation;
      comings(simulation, { kills: seed % 2 === 0 });
      await simulation.runUntil(() => clock.nowMs() > 700 && cluster.done);
      const counts = simulation.check(seed);
      if (seed % 2 === 0) return;
      expect(cluster.lateRevokes, `seed ${seed}`).toBe(0);
      for (const [message, count] of counts) expect(count, `${message}, seed ${seed}`).toBe(1);
    });
  }, 120_000);

  it('drop what was read before a seek, and rest while they are paused', async () => {
    let settled = 0;
    await schedules(1_000, async (seed) => {
      const faults = seed % 2 === 0 ? STORMY : CALM;
      const simulation = new Simulation(seed, faults, { cooperative: seed % 3 !== 0 });
      const { chance, cluster, clock } = simulation;
      const processes = comings(simulation, { kills: seed % 4 === 0 });
      let busy = 0;
      for (let i = chance.between(1, 12); i > 0; i--) {
        clock.after(chance.between(1, 700), () => {
          const able = processes.filter(({ run, client }) => !client.dead && run?.assignment()[0]);
          const process = able[chance.between(0, able.length - 1)];
          if (process === undefined) return;
          if (chance.happens(0.4)) return pause(simulation, process);
          if (chance.happens(0.3)) return resume(process);
          busy += 1;
          const done = () => {
            busy -= 1;
          };
          seek(simulation, process).then(done, (error) => {
            process.failure = error;
          });
        });
      }
      clock.after(800, () => processes.forEach(resume));
      const deadWait = () => processes.some(({ client }) => client.dead);
      await simulation.runUntil(
        () => clock.nowMs() > 800 && cluster.done && (busy === 0 || deadWait()),
      );
      simulation.check(seed);
      settled += cluster.seeks.filter((one) => one.settled !== undefined).length;
    });
    if (process.env.SIM_SEED === undefined) expect(settled).toBeGreaterThan(1_000);
  }, 120_000);

  it('are committed by nobody but their owner where that is wanted', async () => {
    await schedules(1_000, async (seed) => {
      const faults = seed % 2 === 0 ? STORMY : CALM;
      const simulation = new Simulation(seed, faults, {
        cooperative: seed % 3 !== 0,
        autoCommit: false,
      });
      const { cluster, clock } = simulation;
      const before = new Map(cluster.committed);
      const processes = comings(simulation, { kills: true });
      await simulation.runUntil(() => clock.nowMs() > 800);
      expect([...cluster.committed], `seed ${seed}`).toEqual([...before]);
      const last = simulation.launch();
      for (const one of [...processes, last]) commitOften(simulation, one);
      await simulation.runUntil(() => cluster.done);
      simulation.check(seed);
    });
  }, 120_000);
});
