import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import type { FeedControl } from '../../src/pipeline/feed.ts';
import { FakeFeed, fakePipeline, pass, TOPIC } from './fakes.ts';

const P0 = { topic: TOPIC, partition: 0 };
const committed = (feed: FakeFeed) => feed.commits.map(({ offset }) => offset);

/** A feed whose partition can be controlled; what it is asked for is noted. */
function controlled(feed: FakeFeed, { commits = true } = {}) {
  const asked: string[] = [];
  const control: FeedControl = {
    commits,
    reached: [],
    pause: (partitions) => void asked.push(`pause ${partitions?.length ?? 'all'}`),
    resume: (partitions) => void asked.push(`resume ${partitions?.length ?? 'all'}`),
    seek: (_, offset) => void asked.push(`seek ${offset}`),
    offsets: async (partitions) => partitions.map(() => 0n),
  };
  feed.control = control;
  return asked;
}

describe('a pipeline of several sources', () => {
  it('reads all, commits each by itself, and ends when all have ended', async () => {
    const feeds = [new FakeFeed(20), new FakeFeed(3), new FakeFeed(0)];
    const { pipeline, outlet } = fakePipeline({ feed: feeds[0]!, feeds, workers: 2 });
    await pipeline.start();
    expect(await pipeline.closed).toMatchObject({ state: 'closed', messagesIn: 23 });
    expect(feeds.map((feed) => committed(feed).at(-1))).toEqual([20n, 3n, undefined]);
    for (const { calls } of feeds) expect(calls).toEqual(['start', 'stop', 'close']);
    expect(outlet.accepted).toHaveLength(23);
  });

  it('gives each its turn', async () => {
    const order: number[] = [];
    const feeds = [0, 1].map((number) => {
      const feed = new FakeFeed(6);
      const next = feed.next.bind(feed);
      feed.next = (idle) => {
        const morsel = next(idle);
        if (morsel !== undefined) order.push(number);
        return morsel;
      };
      return feed;
    });
    const { pipeline } = fakePipeline({ feed: feeds[0]!, feeds });
    await pipeline.start();
    await pipeline.closed;
    expect(order.slice(0, 6)).toEqual([0, 1, 0, 1, 0, 1]);
    expect(order).toHaveLength(12);
  });

  it('lets one settle while another goes on', async () => {
    const feeds = [new FakeFeed(1, { ends: false }), new FakeFeed(1, { ends: false })];
    const gate = Promise.withResolvers<void>();
    let calls = 0;
    const { pipeline, clock } = fakePipeline({
      ...{ feed: feeds[0]!, feeds, workers: 2 },
      // The second source's only morsel takes for ever.
      answer: async () => {
        calls += 1;
        if (calls === 2) await gate.promise;
        return {};
      },
    });
    await pipeline.start();
    await pass(clock, 50);
    let read = false;
    void feeds[0]!.listener.onRead().then(() => {
      read = true;
    });
    await pass(clock, 50);
    expect(read).toBe(true);
    expect(committed(feeds[0]!)).toEqual([1n]);
    gate.resolve();
    await pipeline.stop();
    expect(committed(feeds[1]!)).toEqual([1n]);
  });

  it('ends all where one fails, with what is durable of the others committed', async () => {
    const feeds = [new FakeFeed(2, { ends: false }), new FakeFeed(2, { ends: false })];
    const { pipeline, clock } = fakePipeline({ feed: feeds[0]!, feeds });
    await pipeline.start();
    await pass(clock, 10);
    feeds[1]!.listener.onError(new MillraceError('gone', { code: 'UNKNOWN_TOPIC' }));
    await expect(pipeline.closed).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    expect(feeds.map((feed) => committed(feed).at(-1))).toEqual([2n, 2n]);
    for (const { calls } of feeds) expect(calls).toEqual(['start', 'stop', 'close']);
  });

  it('closes all where one cannot begin', async () => {
    const feeds = [new FakeFeed(2), new FakeFeed(2)];
    feeds[1]!.startError = new MillraceError('no such topic', { code: 'UNKNOWN_TOPIC' });
    const { pipeline, disposed } = fakePipeline({ feed: feeds[0]!, feeds });
    await expect(pipeline.start()).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    for (const { calls } of feeds) expect(calls).toEqual(['start', 'stop', 'close']);
    expect(disposed.times).toBe(1);
  });

  it('asks whoever has the partition, and both where it does not matter', async () => {
    const feeds = [new FakeFeed(0, { ends: false }), new FakeFeed(0, { ends: false })];
    const asked = feeds.map((feed) => controlled(feed));
    const { pipeline } = fakePipeline({ feed: feeds[0]!, feeds });
    await pipeline.start();
    await feeds[1]!.listener.onAssign([{ topic: 'more', partition: 4, position: 0n }]);
    expect(pipeline.assignment()).toEqual([{ topic: 'more', partition: 4 }, P0, P0]);
    pipeline.pause();
    pipeline.resume([{ topic: 'more', partition: 4 }]);
    await pipeline.seek([{ topic: 'more', partition: 4, offset: 9n }]);
    expect(asked).toEqual([['pause all'], ['pause all', 'resume 1', 'seek 9']]);
    // Both read the other partition, in different groups or clusters.
    await expect(pipeline.seek([{ ...P0, offset: 9n }])).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      context: P0,
    });
    const nowhere = [{ topic: 'nowhere', partition: 0, offset: 0n }];
    await expect(pipeline.seek(nowhere)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await pipeline.stop();
  });

  it('commits by hand what has a group', async () => {
    const feeds = [2, 3, 4].map((morsels) => new FakeFeed(morsels, { ends: false }));
    controlled(feeds[0]!);
    controlled(feeds[1]!, { commits: false });
    const { pipeline, clock } = fakePipeline({
      ...{ feed: feeds[0]!, feeds, autoCommit: false },
    });
    await pipeline.start();
    await pass(clock, 50);
    expect(feeds.flatMap(committed)).toEqual([]);
    await pipeline.commit();
    expect(feeds.map(committed)).toEqual([[2n], [], []]);
    await pipeline.stop();
  });
});
