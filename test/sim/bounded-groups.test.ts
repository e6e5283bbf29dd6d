/**
 * Bounded runs of one group: whoever ends by itself leaves nothing behind that it wanted, whatever
 * became of the others. `SIM_SEED=n` runs one seed alone.
 */
import { describe, expect, it } from 'vitest';
import { CALM, type Manner, type Process, Simulation, STORMY, schedules } from './simulation.ts';

/** Some members join; some of those before the last leave early or are killed. */
function members(simulation: Simulation, { kills }: { kills: boolean }): Set<Process> {
  const { chance, clock } = simulation;
  const early = new Set<Process>();
  simulation.launch();
  for (let i = chance.between(1, 3); i > 0; i--) {
    clock.after(chance.between(0, 400), () => void simulation.launch());
  }
  if (!kills) return early;
  for (let i = chance.between(1, 2); i > 0; i--) {
    clock.after(chance.between(1, 700), () => {
      const there = simulation.processes.filter(({ client, run }) => !client.dead && run);
      // One at least goes on to the end.
      if (there.filter((process) => !early.has(process)).length < 2) return;
      const process = there[chance.between(0, there.length - 1)]!;
      early.add(process);
      if (chance.happens(0.5)) process.client.kill();
      else process.run?.stop().catch(() => undefined);
    });
  }
  return early;
}

async function toTheEnd(seed: number, manner: Partial<Manner>, kills: boolean) {
  const faults = seed % 2 === 0 ? STORMY : CALM;
  const simulation = new Simulation(seed, faults, {
    ...{ until: 'latest', cooperative: seed % 3 !== 0 },
    ...manner,
  });
  const early = members(simulation, { kills });
  simulation.clock.after(701, () => undefined);
  const over = (process: Process) => process.ended !== undefined || early.has(process);
  await simulation.runUntil(
    () =>
      simulation.clock.nowMs() > 700 &&
      simulation.processes.every((process) => over(process) || process.failure !== undefined),
  );
  for (const [number, process] of simulation.processes.entries()) {
    if (early.has(process)) continue;
    expect(process.ended?.missing, `process ${number}, seed ${seed}`).toBe('');
  }
  return simulation;
}

describe('simulated groups of bounded runs', () => {
  it('end when all is read, once, while nobody leaves before', async () => {
    await schedules(1_000, async (seed) => {
      const simulation = await toTheEnd(seed, {}, false);
      const counts = simulation.check(seed);
      if (seed % 2 === 0) return;
      for (const [message, count] of counts) expect(count, `${message}, seed ${seed}`).toBe(1);
    });
  }, 120_000);

  it('read what members leave behind that were killed, or stopped', async () => {
    await schedules(1_000, async (seed) => {
      const simulation = await toTheEnd(seed, {}, true);
      simulation.check(seed);
    });
  }, 120_000);

  it('end where their topic grows, and each was told other ends', async () => {
    await schedules(1_000, async (seed) => {
      const simulation = await toTheEnd(seed, { grows: true }, seed % 4 === 1);
      expect(simulation.cluster.violations, `seed ${seed}`).toEqual([]);
      for (const { failure } of simulation.processes) expect(failure).toBeUndefined();
    });
  }, 120_000);

  it('begin again in a group that has read everything', async () => {
    await schedules(1_000, async (seed) => {
      const simulation = new Simulation(seed, seed % 2 === 0 ? STORMY : CALM, {
        ...{ until: 'latest', cooperative: seed % 3 !== 0, startFrom: 'earliest' },
      });
      const { cluster, chance, clock } = simulation;
      for (const [p] of cluster.input.entries()) cluster.setCommitted(p, cluster.endOf(p));
      simulation.launch();
      for (let i = chance.between(1, 3); i > 0; i--) {
        clock.after(chance.between(0, 100), () => void simulation.launch());
      }
      clock.after(101, () => undefined);
      const { processes } = simulation;
      await simulation.runUntil(
        () =>
          clock.nowMs() > 100 && processes.every((one) => one.ended !== undefined || one.failure),
      );
      expect(cluster.done, `seed ${seed}`).toBe(true);
      simulation.check(seed);
    });
  }, 120_000);
});
