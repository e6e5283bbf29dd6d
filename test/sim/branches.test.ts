/**
 * Several sinks of one run, and rows that are more or fewer than messages: nothing is committed
 * before it is durable in all of them, whatever becomes of one. `SIM_SEED=n` runs one seed alone.
 */
import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import {
  faultsOf,
  type Manner,
  runsThroughKills,
  runsToEnd,
  Simulation,
  schedules,
} from './simulation.ts';

const manners = (seed: number): Partial<Manner> => ({
  ...{ splits: true, unnests: seed % 3 === 0, cooperative: seed % 5 !== 0 },
});

/** Whether a count of shares of a message's rows is one message. */
const isOnce = (count: number) => Math.abs(count - 1) < 1e-9;

describe('simulated runs with two sinks', () => {
  it('store each message once where it is wanted, in order, while nothing crashes', async () => {
    await schedules(1_000, async (seed) => {
      const { process, counts } = await runsToEnd(seed, manners(seed));
      for (const [name, count] of counts) expect(isOnce(count), `${name}, seed ${seed}`).toBe(true);
      expect(process.ended?.missing, `seed ${seed}`).toBe('');
    });
  }, 120_000);

  it('lose nothing when processes are killed and others take over', async () => {
    await schedules(1_000, (seed) => runsThroughKills(seed, manners(seed)));
  }, 120_000);

  it('commit nothing that one of them refused, and go on there when it takes it', async () => {
    let failed = 0;
    await schedules(1_000, async (seed) => {
      const simulation = new Simulation(seed, faultsOf(seed), manners(seed));
      const { chance, clock, cluster } = simulation;
      const first = simulation.launch();
      clock.after(chance.between(1, 300), () => {
        cluster.refuses = chance.happens(0.5) ? 'out' : 'also';
      });
      const settled = () => first.failure !== undefined || (clock.nowMs() > 300 && cluster.done);
      await simulation.runUntil(settled);
      if (first.failure !== undefined) {
        failed += 1;
        expect((first.failure as MillraceError).code, `seed ${seed}`).toBe('PRODUCE_FAILED');
      }
      expect(cluster.violations, `seed ${seed}`).toEqual([]);
      cluster.refuses = undefined;
      simulation.launch();
      await simulation.runUntil(() => cluster.done);
      simulation.check(seed, { mayFail: true });
    });
    if (process.env.SIM_SEED === undefined) expect(failed).toBeGreaterThan(200);
  }, 120_000);
});

describe('simulated runs of messages that become several rows, or none', () => {
  it('end at a message that fails, with all before it and nothing of it', async () => {
    let failed = 0;
    await schedules(1_000, async (seed) => {
      const simulation = new Simulation(seed, faultsOf(seed), {
        splits: seed % 4 > 1,
        unnests: true,
      });
      const { chance, cluster } = simulation;
      for (const [p] of cluster.input.entries()) {
        const begin = cluster.begins[p]!;
        if (chance.happens(0.5)) simulation.poison.set(p, chance.between(begin, cluster.endOf(p)));
      }
      const first = simulation.launch();
      await simulation.runUntil(() => first.failure !== undefined || cluster.done);
      expect(cluster.violations, `seed ${seed}`).toEqual([]);
      if (first.failure !== undefined) {
        failed += 1;
        expect(first.failure, `seed ${seed}`).toBeInstanceOf(MillraceError);
        expect((first.failure as MillraceError).code, `seed ${seed}`).toBe('BAD_MESSAGE');
      }
      for (const [p, offset] of simulation.poison) {
        const committed = Number(cluster.committed.get(p) ?? cluster.begins[p]);
        expect(committed, `seed ${seed}`).toBeLessThanOrEqual(offset);
        const behind = cluster.output
          .flat()
          .filter((message) => message.partition === p && message.offset >= offset);
        expect(behind, `seed ${seed}`).toEqual([]);
      }
      simulation.poison.clear();
      simulation.launch();
      await simulation.runUntil(() => cluster.done);
      simulation.check(seed, { mayFail: true });
    });
    if (process.env.SIM_SEED === undefined) expect(failed).toBeGreaterThan(200);
  }, 120_000);
});
