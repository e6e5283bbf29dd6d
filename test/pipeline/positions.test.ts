import { describe, expect, it, onTestFinished } from 'vitest';
import type { FeedControl } from '../../src/pipeline/feed.ts';
import { FakeFeed, fakePipeline } from './fakes.ts';

const PART = { topic: 'orders', partition: 0 };

// What the types forbid, JavaScript does.
const loosely = (call: unknown) => call as (...given: unknown[]) => unknown;

describe('what a run is asked', () => {
  it.each<['seek' | 'commit' | 'pause' | 'resume', unknown, RegExp]>([
    [
      'seek',
      undefined,
      /^seek takes no undefined; give a list such as \[{ topic: 'orders', .*4n }/,
    ],
    ['seek', { ...PART, offset: 1n }, /^seek takes no {.*}; give a list/],
    ['seek', [null], /^seek takes no null/],
    ['seek', [{ topic: 'orders', partition: '0', offset: 1n }], /partition: '0'/],
    ['commit', null, /^commit takes no null; give a list/],
    ['commit', { ...PART, offset: 1n }, /^commit takes no {.*}; give a list/],
    ['commit', [null], /^commit takes no null/],
    ['pause', PART, /^pause takes no {.*}; give a list such as .*, or nothing for all/],
    ['pause', null, /^pause takes no null/],
    ['pause', [0], /^pause takes no 0/],
    ['pause', [{ topic: 'orders', partitions: [0] }], /name each by itself/],
    ['resume', 'orders', /^resume takes no 'orders'/],
  ])('%s(%o)', async (call, given, text) => {
    const feed = new FakeFeed(3, { ends: false });
    feed.control = { commits: true } as FeedControl;
    const { pipeline } = fakePipeline({ feed });
    await pipeline.start();
    onTestFinished(() => void pipeline.stop());
    const error: unknown = await (async () =>
      loosely(pipeline[call]).call(pipeline, given))().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(text),
    });
  });
});
