import { describe, expect, test } from 'vitest';
import type { Shares, Subscription } from '../../../src/ingest/assignors/assignor.ts';
import {
  cooperativeStickyAssignor,
  stickyShares,
} from '../../../src/ingest/assignors/cooperative-sticky.ts';
import { counts, labelOf, member, randomGroup, sharesOf } from './group.ts';

const ROUNDS = 200;
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

const of = (topic: string, ...partitions: number[]) =>
  partitions.map((partition) => ({ topic, partition }));

/** The members after a round: each has what it was given, and gave back the rest. */
function settle(
  members: readonly Subscription[],
  shares: Shares,
  generationId: number,
): Subscription[] {
  return members.map((m) => ({ ...m, owned: shares.get(m.memberId)!, generationId }));
}

/** How many of the partitions that had an owner have another one, or none. */
function moved(members: readonly Subscription[], shares: Shares): number {
  let count = 0;
  for (const { memberId, owned } of members) {
    const has = new Set(shares.get(memberId)?.map(labelOf));
    count += owned.filter((partition) => !has.has(labelOf(partition))).length;
  }
  return count;
}

describe('cooperative sticky', () => {
  test('a new member gets what the others let go, after they did', () => {
    const settled = [
      member('a', ['t'], { owned: of('t', 0, 1, 2), generationId: 1 }),
      member('b', ['t'], { owned: of('t', 3, 4, 5), generationId: 1 }),
    ];
    const joined = [...settled, member('c', ['t'])];
    const first = cooperativeStickyAssignor.assign(joined, counts({ t: 6 }));
    expect(sharesOf(first)).toEqual({ a: ['t0', 't1'], b: ['t3', 't4'], c: [] });
    const second = cooperativeStickyAssignor.assign(settle(joined, first, 2), counts({ t: 6 }));
    expect(sharesOf(second)).toEqual({ a: ['t0', 't1'], b: ['t3', 't4'], c: ['t2', 't5'] });
  });

  test('what a member left behind goes to the others at once', () => {
    const left = [
      member('a', ['t'], { owned: of('t', 0, 1), generationId: 4 }),
      member('b', ['t'], { owned: of('t', 4, 5), generationId: 4 }),
    ];
    expect(sharesOf(cooperativeStickyAssignor.assign(left, counts({ t: 6 })))).toEqual({
      a: ['t0', 't1', 't2'],
      b: ['t4', 't5', 't3'],
    });
  });

  test('believes the later of two that claim the same, and neither of the same generation', () => {
    const claims = (later: number) => [
      member('a', ['t'], { owned: of('t', 0, 1), generationId: 3 }),
      member('b', ['t'], { owned: of('t', 0, 1), generationId: later }),
    ];
    expect(moved([claims(5)[1]!], stickyShares(claims(5), counts({ t: 2 })))).toBe(1);
    expect(sharesOf(stickyShares(claims(3), counts({ t: 2 })))).toEqual({ a: ['t0'], b: ['t1'] });
  });

  test('lets go of topics that went, or that the member does not want any more', () => {
    const members = [
      member('a', ['t'], { owned: [...of('t', 0, 7), ...of('u', 0)], generationId: 1 }),
      member('b', ['u']),
    ];
    // u0 has to be given back by a before b may have it.
    expect(sharesOf(cooperativeStickyAssignor.assign(members, counts({ t: 1, u: 2 })))).toEqual({
      a: ['t0'],
      b: ['u1'],
    });
  });

  test(`moves no more than balance takes, and settles in two rounds (seed ${SEED})`, () => {
    for (let seed = SEED; seed < SEED + ROUNDS; seed++) {
      const { random, topics, names, members } = randomGroup(seed, true);
      const before = settle(members, stickyShares(members, topics), 1);
      // One comes, or one goes.
      const comes = random(2) === 0 || before.length === 1;
      const now = comes ? [...before, member('new', names)] : before.slice(1);
      const total = [...topics.values()].reduce((sum, count) => sum + count, 0);
      const floor = Math.floor(total / now.length);
      const larger = total % now.length;
      const sizes = now.map(({ owned }) => owned.length).sort((a, b) => b - a);
      const least = sizes
        .map((size, i) => Math.max(0, size - (i < larger ? floor + 1 : floor)))
        .reduce((sum, excess) => sum + excess, 0);
      expect(moved(now, stickyShares(now, topics)), `seed ${seed}`).toBe(least);
      const first = cooperativeStickyAssignor.assign(now, topics);
      const settled = cooperativeStickyAssignor.assign(settle(now, first, 2), topics);
      const third = cooperativeStickyAssignor.assign(settle(now, settled, 3), topics);
      expect([...settled.values()].flat()).toHaveLength(total);
      expect(sharesOf(third), `seed ${seed}`).toEqual(sharesOf(settled));
    }
  });

  test(`two rounds never give a partition to two (seed ${SEED})`, () => {
    for (let seed = SEED; seed < SEED + ROUNDS; seed++) {
      const { random, topics, members } = randomGroup(seed, false);
      let group = settle(members, stickyShares(members, topics), 1);
      for (let generation = 2; generation < 6; generation++) {
        if (random(2) === 0 && group.length > 1) group = group.slice(1);
        else group = [...group, member(`n${generation}`, [...topics.keys()])];
        const shares = cooperativeStickyAssignor.assign(group, topics);
        // What each has now, and what it is told to take: nobody else may have that.
        const holders = group.flatMap(({ memberId, owned }) => {
          const kept = owned.map(labelOf);
          return [...new Set([...kept, ...shares.get(memberId)!.map(labelOf)])];
        });
        expect(new Set(holders).size, `seed ${seed}`).toBe(holders.length);
        group = settle(group, shares, generation);
      }
    }
  });
});
