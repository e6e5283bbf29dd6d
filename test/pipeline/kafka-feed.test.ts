import { describe, expect, it } from 'vitest';
import type { MillraceError } from '../../src/errors.ts';
import type { KafkaClient } from '../../src/ingest/client.ts';
import type { FeedListener } from '../../src/pipeline/feed.ts';
import { KafkaFeed } from '../../src/pipeline/kafka-feed.ts';
import type { KafkaSourcePlan } from '../../src/plan.ts';
import { readKafkaSource } from '../../src/stream/source-options.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';
import { FakeClient, TOPIC } from './fake-client.ts';
import { pass } from './fakes.ts';

const KIB = 1024;

const turn = () => new Promise(setImmediate);

function setUp(
  client: FakeClient,
  options: {
    until?: 'latest';
    groupId?: string;
    topics?: readonly (string | RegExp)[];
    maxBytes?: number;
    bufferBytes?: number;
  } = {},
) {
  const { maxBytes = 256 * KIB, bufferBytes = 64 * KIB, topics = [TOPIC], ...rest } = options;
  const { source } = readKafkaSource({
    ...{ topics, schema: { id: 'int64' }, ...rest },
    batch: { maxBytes: 16 * KIB },
    fetch: { maxBytes },
  });
  const clock = new VirtualClock();
  const errors: MillraceError[] = [];
  const resets: string[] = [];
  const listener: FeedListener = {
    onAssign: async () => undefined,
    onRevoke: async () => undefined,
    onLost: async () => undefined,
    onReset: ({ topic, partition }) => void resets.push(`${topic}-${partition}`),
    onRead: async () => undefined,
    onData: () => undefined,
    onError: (error) => void errors.push(error),
  };
  const plan: KafkaSourcePlan = source;
  const feed = new KafkaFeed(plan, client as unknown as KafkaClient, clock, bufferBytes);
  return { feed, clock, errors, resets, listener };
}

async function drain(feed: KafkaFeed): Promise<bigint[]> {
  const ends: bigint[] = [];
  for (let idle = 0; idle < 3; ) {
    const morsel = feed.next(true);
    if (morsel === undefined) {
      idle += 1;
      await turn();
    } else ends.push(morsel.nextOffset);
  }
  return ends;
}

describe('KafkaFeed', () => {
  it('goes on at offsetReset where retention was faster, and tells', async () => {
    const client = new FakeClient([40n, 30n]);
    const { feed, listener, resets, clock } = setUp(client, { until: 'latest', groupId: 'g' });
    client.start = 25n;
    client.committedAt = 3n;
    await feed.start(listener);
    await client.member!.onAssign([0, 1].map((partition) => ({ topic: TOPIC, partition })));
    await pass(clock, 1_000);
    expect(await drain(feed)).toEqual(expect.arrayContaining([30n, 40n]));
    expect(resets.sort()).toEqual([`${TOPIC}-0`, `${TOPIC}-1`]);
    // What is in no log any more is behind it, too: there is nothing else to commit.
    expect(feed.reached.map(({ position }) => position)).toEqual([40n, 30n]);
    client.committedAt = 40n;
    await pass(clock, 2_000);
    expect(feed.exhausted).toBe(true);
    await feed.stop();
  });

  it('reads every partition to its end, and says so', async () => {
    const client = new FakeClient([40n, 3n, 0n]);
    const { feed, listener } = setUp(client, { until: 'latest' });
    expect(feed.exhausted).toBe(false);
    await feed.start(listener);
    await turn();
    // What was fetched and is in no morsel yet is still behind.
    expect(feed.lag).toBe(43);
    expect(feed.exhausted).toBe(false);
    const ends = await drain(feed);
    expect(ends).toContain(40n);
    expect(ends).toContain(3n);
    expect(feed.exhausted).toBe(true);
    expect(feed.lag).toBe(0);
    await feed.stop();
  });

  it('hands out what is not full where it has waited for maxWaitMs', async () => {
    const client = new FakeClient([3n]);
    const { feed, listener, clock } = setUp(client);
    expect(feed.dueMs()).toBeUndefined();
    await feed.start(listener);
    await turn();
    expect(feed.next(false)).toBeUndefined();
    // The default is 50 ms.
    expect(feed.dueMs()).toBe(50);
    await pass(clock, 49);
    expect(feed.next(false)).toBeUndefined();
    expect(feed.dueMs()).toBe(1);
    await pass(clock, 50);
    expect(feed.next(false)).toMatchObject({ nextOffset: 3n });
    await feed.stop();
  });

  it('does not ask for more than its buffers have room for', async () => {
    const client = new FakeClient([10_000n, 10_000n, 10_000n, 10_000n, 10_000n, 10_000n]);
    const { feed, listener } = setUp(client);
    await feed.start(listener);
    for (let i = 0; i < 5; i++) await turn();
    expect(client.fetches.length).toBeGreaterThan(0);
    for (const { maxBytes } of client.fetches) expect(maxBytes).toBeLessThanOrEqual(64 * KIB);
    const asked = client.fetches.length;
    for (let i = 0; i < 5; i++) await turn();
    expect(client.fetches.length).toBe(asked);
    // Once something is taken it goes on, with what has become free.
    let taken = 0;
    while (feed.next(true) !== undefined) taken += 1;
    for (let i = 0; i < 5; i++) await turn();
    expect(taken).toBeLessThanOrEqual(6);
    expect(client.fetches.length).toBeGreaterThan(asked);
    await feed.stop();
  });

  it('is not at its end while its partitions are being dealt out anew', async () => {
    const client = new FakeClient([5n, 5n]);
    const { feed, listener, clock } = setUp(client, { until: 'latest', groupId: 'g' });
    await feed.start(listener);
    const own = [{ topic: TOPIC, partition: 0 }];
    expect(feed.exhausted).toBe(false);
    await client.member!.onAssign(own);
    await turn();
    await client.member!.onRevoke(own);
    expect(feed.exhausted).toBe(false);
    await client.member!.onAssign([...own, { topic: TOPIC, partition: 1 }]);
    await turn();
    expect((await drain(feed)).sort()).toEqual([5n, 5n]);
    expect(feed.exhausted).toBe(false);
    await client.member!.onLost([...own, { topic: TOPIC, partition: 1 }]);
    expect(feed.exhausted).toBe(false);
    // None of them is left for this member, for now or for good: others read them, to the end.
    client.committedAt = 4n;
    await client.member!.onAssign([]);
    await pass(clock, 3_000);
    expect(feed.exhausted).toBe(false);
    client.committedAt = 5n;
    await pass(clock, 1_000);
    expect(feed.exhausted).toBe(true);
    await feed.stop();
  });

  it('waits for its share where the group deals it out a moment later', async () => {
    const client = new FakeClient([5n]);
    const { feed, listener, clock } = setUp(client, { until: 'latest', groupId: 'g' });
    await feed.start(listener);
    await client.member!.onAssign([]);
    await pass(clock, 3_000);
    expect(feed.exhausted).toBe(false);
    await client.member!.onAssign([{ topic: TOPIC, partition: 0 }]);
    await turn();
    expect(await drain(feed)).toEqual([5n]);
    client.committedAt = 5n;
    await pass(clock, 2_000);
    expect(feed.exhausted).toBe(true);
    await feed.stop();
  });

  it('ends without a share where there is nothing to read', async () => {
    const client = new FakeClient([7n]);
    client.start = 7n;
    const { feed, listener, clock } = setUp(client, { until: 'latest', groupId: 'g' });
    await feed.start(listener);
    await client.member!.onAssign([]);
    await pass(clock, 1_000);
    expect(feed.exhausted).toBe(true);
    await feed.stop();
  });

  it('reads a partition that had no leader once it has one', async () => {
    const client = new FakeClient([5n, 7n]);
    client.leader = -1;
    const { feed, listener, clock } = setUp(client);
    await feed.start(listener);
    await turn();
    expect(await drain(feed)).toEqual([5n]);
    await pass(clock, 20_000);
    expect(await drain(feed)).toEqual([]);
    client.leader = 2;
    await pass(clock, 10_000);
    expect(await drain(feed)).toEqual([7n]);
    await feed.stop();
  });

  it('rides out brokers that are away for a while, and fails where they stay away', async () => {
    const client = new FakeClient([5n]);
    const { feed, listener, clock, errors } = setUp(client);
    await feed.start(listener);
    await turn();
    expect(await drain(feed)).toEqual([5n]);
    client.reachable = false;
    client.endPolls();
    await pass(clock, 40_000);
    expect(errors).toEqual([]);
    client.reachable = true;
    client.ends[0] = 9n;
    await pass(clock, 10_000);
    expect(await drain(feed)).toEqual([9n]);
    client.reachable = false;
    client.endPolls();
    await pass(clock, 90_000);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'BROKER_UNREACHABLE' });
    await feed.stop();
  });

  it('leaves alone what stays while partitions come and go', async () => {
    const client = new FakeClient([40n, 30n, 20n]);
    const { feed, listener, clock } = setUp(client, { groupId: 'g', until: 'latest' });
    const revoked: number[] = [];
    listener.onRevoke = async (partitions) => {
      revoked.push(...partitions.map(({ partition }) => partition));
    };
    const part = (partition: number) => ({ topic: TOPIC, partition });
    await feed.start(listener);
    await client.member!.onAssign([part(0), part(1)]);
    await turn();
    const first = feed.next(true)!;
    await client.member!.onRevoke([part(1)]);
    await client.member!.onAssign([part(2)]);
    expect(revoked).toEqual([1]);
    await turn();
    const stays: bigint[] = [];
    const comes: bigint[] = [];
    for (let idle = 0; idle < 3; ) {
      const morsel = feed.next(true);
      if (morsel === undefined) {
        idle += 1;
        await turn();
      } else (morsel.partition === 0 ? stays : comes).push(morsel.firstOffset);
    }
    // The first partition goes on behind its first morsel; it is not read again.
    expect(first).toMatchObject({ partition: 0, firstOffset: 0n });
    expect(stays[0]).toBe(first.nextOffset);
    expect(comes[0]).toBe(0n);
    // What it gave back is for others to read, and for it again where they do not.
    expect(feed.exhausted).toBe(false);
    client.committedAt = 30n;
    await pass(clock, 2_000);
    expect(feed.exhausted).toBe(false);
    client.committedAt = 40n;
    await pass(clock, 2_000);
    expect(feed.exhausted).toBe(true);
    await feed.stop();
  });

  it('does not come back to a group that it lost everything to while it ends', async () => {
    const client = new FakeClient([5n, 5n]);
    const { feed, listener } = setUp(client, { groupId: 'g' });
    await feed.start(listener);
    const both = [0, 1].map((partition) => ({ topic: TOPIC, partition }));
    await client.member!.onAssign(both);
    await client.member!.onLost(both);
    // One that goes on does.
    expect(client.left).toBe(0);
    await client.member!.onAssign(both);
    // As where the hook itself stops the run.
    listener.onLost = () => feed.stop();
    await client.member!.onLost([both[0]!]);
    // What it still has is to be committed.
    expect(client.left).toBe(0);
    await client.member!.onLost([both[1]!]);
    expect(client.left).toBe(1);
    await feed.close();
    client.endPolls();
  });

  it('reads on in a topic that was deleted and made again, until the group takes it', async () => {
    const client = new FakeClient([5n]);
    const { feed, listener, clock, errors } = setUp(client, { groupId: 'g', topics: [/ord.*/] });
    const lost: unknown[] = [];
    listener.onLost = async (partitions) => void lost.push(...partitions);
    const own = [{ topic: TOPIC, partition: 0 }];
    await feed.start(listener);
    await client.member!.onAssign(own);
    expect(await drain(feed)).toEqual([5n]);
    client.deleted = true;
    client.endPolls();
    await pass(clock, 10_000);
    expect([errors, lost]).toEqual([[], []]);
    client.deleted = false;
    client.ends[0] = 9n;
    await pass(clock, 10_000);
    expect(await drain(feed)).toEqual([9n]);
    client.deleted = true;
    client.endPolls();
    await client.member!.onRevoke(own);
    const asked = client.fetches.length;
    await pass(clock, 10_000);
    expect(client.fetches).toHaveLength(asked);
    expect(errors).toEqual([]);
    await feed.stop();
  });

  it('reads the other topics on while one that was deleted is still its own', async () => {
    const client = new FakeClient([5n]);
    const topics = [/ord.*|other.*/];
    const { feed, listener, clock, errors } = setUp(client, { groupId: 'g', topics });
    const own = ['other-a', TOPIC, 'other-b'].map((topic) => ({ topic, partition: 0 }));
    await feed.start(listener);
    await client.member!.onAssign(own);
    expect(await drain(feed)).toEqual([5n, 5n, 5n]);
    client.gone.add('other-a').add('other-b');
    client.ends[0] = 9n;
    client.endPolls();
    await pass(clock, 5_000);
    expect(await drain(feed)).toEqual([9n]);
    // A rebalance asks for all of them again.
    await client.member!.onAssign(own);
    client.gone.delete('other-b');
    await pass(clock, 10_000);
    client.endPolls();
    expect(await drain(feed)).toEqual([9n]);
    expect(errors).toEqual([]);
    await feed.stop();
  });

  it('fails where a topic that was named is deleted, pattern or not', async () => {
    const client = new FakeClient([5n]);
    const topics = [TOPIC, /other.*/];
    const { feed, listener, clock, errors } = setUp(client, { groupId: 'g', topics });
    await feed.start(listener);
    await client.member!.onAssign([{ topic: TOPIC, partition: 0 }]);
    expect(await drain(feed)).toEqual([5n]);
    client.deleted = true;
    client.endPolls();
    await pass(clock, 10_000);
    expect(errors).toMatchObject([{ code: 'UNKNOWN_TOPIC' }]);
  });

  it('reads nothing of paused partitions, and goes on where it was', async () => {
    const client = new FakeClient([40n, 30n]);
    const { feed, listener } = setUp(client, { until: 'latest' });
    await feed.start(listener);
    await turn();
    const first = feed.next(true)!;
    const paused = { topic: TOPIC, partition: first.partition };
    feed.pause([paused]);
    const before = client.fetches.length;
    await drain(feed);
    const asked = client.fetches.slice(before).flatMap(({ positions }) => positions);
    expect(asked.map(({ partition }) => partition)).not.toContain(first.partition);
    expect(feed.exhausted).toBe(false);
    feed.resume();
    const rest = await drain(feed);
    expect(rest[0]).toBeGreaterThan(first.nextOffset);
    expect(rest.at(-1)).toBe(client.ends[first.partition]);
    expect(feed.exhausted).toBe(true);
    await feed.stop();
  });

  it('goes on elsewhere at once, whatever is buffered or on its way', async () => {
    const client = new FakeClient([40n]);
    const { feed, listener } = setUp(client, { until: 'latest' });
    await feed.start(listener);
    await turn();
    feed.seek({ topic: TOPIC, partition: 0 }, 35n);
    await turn();
    const morsel = feed.next(true)!;
    expect(morsel).toMatchObject({ firstOffset: 35n, nextOffset: 40n });
    feed.seek({ topic: TOPIC, partition: 0 }, 0n);
    expect((await drain(feed)).at(-1)).toBe(40n);
    await feed.stop();
  });
});
