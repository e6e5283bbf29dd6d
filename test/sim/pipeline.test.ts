/**
 * The real pipeline, source, sink, order and epochs, on a cluster, workers and a clock that a seed
 * drives: thousands of schedules of delays, losses, crashes and rebalances. The seed of a schedule
 * that breaks a rule is in the failure's message; `SIM_SEED=n` runs that one alone.
 */
import { describe, expect, it } from 'vitest';
import { faultsOf, runsThroughKills, runsToEnd, Simulation, schedules } from './simulation.ts';

describe('the simulated pipeline', () => {
  it('stores every message exactly once, in order, while nothing crashes', async () => {
    await schedules(1_000, async (seed) => {
      const { counts } = await runsToEnd(seed);
      for (const count of counts.values()) expect(count, `seed ${seed}`).toBe(1);
    });
  }, 60_000);

  it('loses nothing when processes are killed and others take over', async () => {
    await schedules(1_000, (seed) => runsThroughKills(seed));
  }, 60_000);

  it('loses nothing when members join and leave', async () => {
    await schedules(1_000, async (seed) => {
      const simulation = new Simulation(seed, faultsOf(seed));
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
