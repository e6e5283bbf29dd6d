import type { Shares, Subscription } from '../../../src/ingest/assignors/assignor.ts';
import type { TopicPartition } from '../../../src/ingest/client.ts';

/** A member that owns nothing yet, unless said. */
export function member(
  memberId: string,
  topics: readonly string[],
  more: Partial<Subscription> = {},
): Subscription {
  const nothing = { instanceId: null, owned: [], generationId: -1 };
  return { memberId, topics: new Set(topics), ...nothing, ...more };
}

/** Partitions by topic, as an assignor takes them. */
export function counts(topics: Record<string, number>): Map<string, number> {
  return new Map(Object.entries(topics));
}

/** `t0` for partition 0 of topic `t`. */
export function labelOf({ topic, partition }: TopicPartition): string {
  return `${topic}${partition}`;
}

/** Shares as labels, to compare. */
export function sharesOf(shares: Shares): Record<string, string[]> {
  return Object.fromEntries([...shares].map(([id, partitions]) => [id, partitions.map(labelOf)]));
}

/** Numbers that the seed alone decides (mulberry32), below `below`. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A group of up to eight members over up to five topics; `alike`: all subscribe all of them. */
export function randomGroup(seed: number, alike: boolean) {
  const random = randomFrom(seed);
  const names = ['t', 'u', 'v', 'w', 'x'].slice(0, 1 + random(5));
  const topics = counts(Object.fromEntries(names.map((name) => [name, random(9)])));
  const members = Array.from({ length: 1 + random(8) }, (_, i) => {
    const wanted = alike ? names : names.filter(() => random(3) > 0);
    const instanceId = random(4) === 0 ? `static-${i}` : null;
    return member(`m${random(1e6)}-${i}`, wanted, { instanceId });
  });
  return { random, names, topics, members };
}
