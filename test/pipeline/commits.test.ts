import { expect, test } from 'vitest';
import { FakeFeed, fakePipeline, pass } from './fakes.ts';

const turn = () => new Promise(setImmediate);

test.each([1, 250, 5_000])(
  'what is durable is committed when the interval of %d ms is over, not before',
  async (commitIntervalMs) => {
    const feed = new FakeFeed(3, { ends: false, records: 10 });
    const { pipeline, clock, outlet } = fakePipeline({ feed, commitIntervalMs });
    const committed = () => feed.commits.map(({ offset }) => offset);
    await pipeline.start();
    await turn();
    expect(outlet.messages).toBe(3);
    await pass(clock, commitIntervalMs - 1);
    expect(committed()).toEqual([]);
    await pass(clock, 1);
    expect(committed()).toEqual([30n]);
    feed.available = 5;
    pipeline.pump();
    await turn();
    expect(outlet.messages).toBe(5);
    await pass(clock, commitIntervalMs - 1);
    expect(committed()).toEqual([30n]);
    await pass(clock, 1);
    expect(committed()).toEqual([30n, 50n]);
    // Nothing new: nothing to say.
    await pass(clock, 3 * commitIntervalMs);
    expect(committed()).toEqual([30n, 50n]);
    await pipeline.stop();
  },
);
