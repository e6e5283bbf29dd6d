import { describe, expect, test } from 'vitest';
import type { Shares } from '../../../src/ingest/assignors/assignor.ts';
import { chooseAssignors } from '../../../src/ingest/assignors/choose.ts';
import type { AssignorName } from '../../../src/ingest/client.ts';
import { labelOf, randomGroup } from './group.ts';

const NAMES: readonly AssignorName[] = ['range', 'round-robin', 'cooperative-sticky'];
const ROUNDS = 200;
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

function expectEachOnce(shares: Shares, group: ReturnType<typeof randomGroup>, seed: number) {
  const given = [...shares].flatMap(([id, partitions]) => {
    const subscribed = group.members.find(({ memberId }) => memberId === id)!.topics;
    for (const { topic } of partitions) expect(subscribed.has(topic), `seed ${seed}`).toBe(true);
    return partitions.map(labelOf);
  });
  const wanted = [...group.topics].flatMap(([topic, count]) => {
    const isRead = group.members.some(({ topics }) => topics.has(topic));
    return isRead ? Array.from({ length: count }, (_, partition) => `${topic}${partition}`) : [];
  });
  expect(given.sort(), `seed ${seed}`).toEqual(wanted.sort());
  expect(shares.size).toBe(group.members.length);
}

describe.each(NAMES)('%s', (name) => {
  const [assignor] = chooseAssignors([name]);

  test(`gives every partition to exactly one of its readers (seed ${SEED})`, () => {
    for (let seed = SEED; seed < SEED + ROUNDS; seed++) {
      const group = randomGroup(seed, false);
      expectEachOnce(assignor!.assign(group.members, group.topics), group, seed);
    }
  });

  test(`differs by one at most where all read the same (seed ${SEED})`, () => {
    for (let seed = SEED; seed < SEED + ROUNDS; seed++) {
      const { members, topics } = randomGroup(seed, true);
      // Range is even per topic only.
      const kept = name === 'range' ? [...topics].slice(0, 1) : [...topics];
      const shares = assignor!.assign(members, new Map(kept));
      const sizes = [...shares.values()].map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes), `seed ${seed}`).toBeLessThanOrEqual(1);
    }
  });
});

describe('chooseAssignors', () => {
  test('keeps the order and takes each once', () => {
    const chosen = chooseAssignors(['cooperative-sticky', 'range', 'cooperative-sticky']);
    expect(chosen.map(({ protocolName }) => protocolName)).toEqual(['cooperative-sticky', 'range']);
  });

  test('names what it does not know', () => {
    expect(() => chooseAssignors([])).toThrow(/assignors is empty: name at least one of range/);
    const unknown = () => chooseAssignors(['sticky' as AssignorName]);
    expect(unknown).toThrow(/'sticky', which is none of range, round-robin, cooperative-sticky/);
  });
});
