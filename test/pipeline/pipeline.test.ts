import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { FakeFeed, FakeOutlet, fakePipeline, MIB, pass, TOPIC } from './fakes.ts';

const turn = () => new Promise(setImmediate);
const committed = (feed: FakeFeed) => feed.commits.map(({ offset }) => offset);

describe('Pipeline', () => {
  it('takes every morsel through, commits what is out, and closes in order', async () => {
    const { pipeline, feed, budget, disposed } = fakePipeline({ feed: new FakeFeed(20) });
    await pipeline.start();
    const stats = await pipeline.closed;
    expect(stats).toMatchObject({ state: 'closed', morsels: 20, messagesIn: 20, messagesOut: 20 });
    expect(committed(feed).at(-1)).toBe(20n);
    expect(feed.calls).toEqual(['start', 'stop', 'close']);
    expect(disposed.times).toBe(1);
    expect(budget.usedBytes).toBe(0);
  });

  it('lets morsels leave in their order, however they are done', async () => {
    const gates = [0, 1].map(() => Promise.withResolvers<void>());
    const feed = new FakeFeed(2);
    const { pipeline, outlet } = fakePipeline({
      feed,
      workers: 2,
      answer: async (index) => {
        await gates[index]!.promise;
        return { rowsIn: index + 10 };
      },
    });
    await pipeline.start();
    gates[1]!.resolve();
    await turn();
    expect(outlet.accepted).toHaveLength(0);
    gates[0]!.resolve();
    await pipeline.closed;
    expect(outlet.accepted.map(({ dispatched }) => dispatched.done.rowsIn)).toEqual([10, 11]);
  });

  it('lets small morsels gather at the source while the sink is behind', async () => {
    const outlet = new FakeOutlet();
    const feed = new FakeFeed(1);
    feed.partial = true;
    outlet.relaxed = false;
    const { pipeline } = fakePipeline({ feed, outlet });
    await pipeline.start();
    await turn();
    expect(outlet.accepted).toHaveLength(0);
    outlet.relaxed = true;
    feed.listener.onData();
    expect(await pipeline.closed).toMatchObject({ morsels: 1 });
  });

  it('commits nothing before its output is acknowledged', async () => {
    const outlet = new FakeOutlet({ atOnce: false });
    const feed = new FakeFeed(2, { ends: false });
    const { pipeline, clock } = fakePipeline({ feed, outlet });
    await pipeline.start();
    await turn();
    expect(outlet.accepted).toHaveLength(2);
    // The later one first: it is not the one that counts.
    outlet.accepted[1]!.settled();
    await pass(clock, 200);
    expect(feed.commits).toEqual([]);
    outlet.accepted[0]!.settled();
    await pass(clock, 200);
    expect(committed(feed)).toEqual([2n]);
    await pipeline.stop();
  });

  it('tries a commit again that failed in passing; fails on one that failed for good', async () => {
    const feed = new FakeFeed(1, { ends: false });
    const { pipeline, clock } = fakePipeline({ feed });
    await pipeline.start();
    feed.commitError = new MillraceError('fenced', { code: 'GROUP_FENCED' });
    await pass(clock, 250);
    expect(pipeline.stats().state).toBe('running');
    feed.commitError = undefined;
    await pass(clock, 150);
    expect(committed(feed)).toEqual([1n]);
    feed.available += 1;
    feed.listener.onData();
    feed.commitError = new MillraceError('no', { code: 'KAFKA_ERROR' });
    const failed = expect(pipeline.closed).rejects.toMatchObject({ code: 'KAFKA_ERROR' });
    await pass(clock, 150);
    await failed;
  });

  it('is an unhandled rejection where it fails and nobody asks for its end', async () => {
    const error = new MillraceError('bad', { code: 'BAD_MESSAGE' }).toPlain();
    const failing = () =>
      fakePipeline({ feed: new FakeFeed(1), answer: () => ({ kind: 'failed', error }) }).pipeline;
    const listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    onTestFinished(() => {
      process.removeAllListeners('unhandledRejection');
      for (const listener of listeners) process.on('unhandledRejection', listener);
    });
    const unhandled: unknown[] = [];
    process.on('unhandledRejection', (reason) => unhandled.push(reason));
    const [stopped, watched, left] = [failing(), failing(), failing()];
    await Promise.all([stopped, watched].map((pipeline) => pipeline.start()));
    await Promise.all([stopped.stop(), expect(watched.closed).rejects.toThrow('bad')]);
    await turn();
    expect(unhandled).toEqual([]);
    await left.start();
    await vi.waitFor(() => expect(left.stats().state).toBe('failed'));
    await turn();
    expect(unhandled).toEqual([expect.objectContaining({ code: 'BAD_MESSAGE' })]);
  });

  it('writes and commits what is before a morsel that failed, and nothing behind it', async () => {
    const error = new MillraceError('bad', { code: 'BAD_MESSAGE' }).toPlain();
    const { pipeline, feed, outlet, budget, disposed } = fakePipeline({
      feed: new FakeFeed(9),
      workers: 2,
      answer: (index) => (index === 5 ? { kind: 'failed', error } : { rowsIn: index + 10 }),
    });
    await pipeline.start();
    await expect(pipeline.closed).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
    const rows = outlet.accepted.map(({ dispatched }) => dispatched.done.rowsIn);
    expect(rows).toEqual([10, 11, 12, 13, 14]);
    expect(committed(feed).at(-1)).toBe(5n);
    expect(feed.calls).toEqual(['start', 'stop', 'close']);
    expect(disposed.times).toBe(1);
    expect(budget.usedBytes).toBe(0);
    await expect(pipeline.stop()).resolves.toBeUndefined();
  });

  it('writes and commits what is before the bad message of a morsel, to the message', async () => {
    const error = new MillraceError('bad', { code: 'BAD_MESSAGE' }).toPlain();
    const { pipeline, feed, outlet, budget } = fakePipeline({
      feed: new FakeFeed(9, { records: 100 }),
      workers: 2,
      answer: (index) => {
        if (index !== 5) return { rowsIn: index + 10 };
        return { rowsIn: 15, failure: { error, nextOffset: 537n, rejects: 3 } };
      },
    });
    await pipeline.start();
    await expect(pipeline.closed).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
    const rows = outlet.accepted.map(({ dispatched }) => dispatched.done.rowsIn);
    expect(rows).toEqual([10, 11, 12, 13, 14, 15]);
    expect(committed(feed).at(-1)).toBe(537n);
    expect(pipeline.stats()).toMatchObject({ state: 'failed', rejects: 3, morsels: 6 });
    expect(budget.usedBytes).toBe(0);
  });

  it('fails on rows of batches that cannot be done, behind those that can', async () => {
    const error = new MillraceError('overflow', { code: 'EVALUATION_FAILED' }).toPlain();
    const { pipeline, outlet } = fakePipeline({
      feed: new FakeFeed(1),
      answer: () => ({ failure: { error, nextOffset: -1n, rejects: 0 } }),
    });
    await pipeline.start();
    await expect(pipeline.closed).rejects.toMatchObject({ code: 'EVALUATION_FAILED' });
    expect(outlet.accepted).toHaveLength(1);
  });

  it('closes a failed run whose commits hang, in bounded time', async () => {
    const feed = new FakeFeed(1, { ends: false });
    const { pipeline, clock, disposed } = fakePipeline({ feed });
    await pipeline.start();
    await turn();
    feed.commit = () => new Promise(() => undefined);
    feed.listener.onError(new MillraceError('topic deleted', { code: 'UNKNOWN_TOPIC' }));
    let left = false;
    feed.close = async () => {
      await feed.listener.onRevoke([{ topic: TOPIC, partition: 0 }]);
      left = true;
    };
    const failed = expect(pipeline.closed).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    await pass(clock, 20_000);
    await failed;
    expect(left).toBe(true);
    expect(disposed.times).toBe(1);
  });

  it('fails on a progress listener that throws in mid-run; the others are told, too', async () => {
    const { pipeline, clock, disposed } = fakePipeline({ feed: new FakeFeed(1, { ends: false }) });
    const told: string[] = [];
    const cause = new RangeError('no screen');
    const off = pipeline.on('progress', () => {
      throw cause;
    });
    pipeline.on('progress', ({ state }) => {
      off();
      told.push(state);
    });
    await pipeline.start();
    const failed = expect(pipeline.closed).rejects.toMatchObject({
      ...{ code: 'CONSUMER_FAILED', cause },
      message: 'a progress listener failed: no screen',
    });
    await pass(clock, 1_500);
    await failed;
    expect(told).toEqual(['running', 'failed']);
    expect(disposed.times).toBe(1);
  });

  it('settles where a progress listener throws at the end, and warns', async () => {
    const { pipeline } = fakePipeline({ feed: new FakeFeed(1) });
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    onTestFinished(() => warned.mockRestore());
    pipeline.on('progress', () => {
      throw new RangeError('no screen');
    });
    await pipeline.start();
    expect((await pipeline.closed).state).toBe('closed');
    expect(warned).toHaveBeenCalledWith(expect.objectContaining({ code: 'CONSUMER_FAILED' }));
  });

  it('counts the offsets that were lost', async () => {
    const feed = new FakeFeed(1, { ends: false });
    const { pipeline } = fakePipeline({ feed });
    await pipeline.start();
    expect(pipeline.stats().offsetResets).toBe(0);
    feed.listener.onReset({ topic: TOPIC, partition: 0 }, 3n, 25n);
    expect(pipeline.stats().offsetResets).toBe(1);
    await pipeline.stop();
  });

  it('closes everything where reading cannot begin', async () => {
    const feed = new FakeFeed(1);
    feed.startError = new MillraceError('no such topic', { code: 'UNKNOWN_TOPIC' });
    const { pipeline, disposed } = fakePipeline({ feed });
    await expect(pipeline.start()).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    expect(feed.calls).toEqual(['start', 'stop', 'close']);
    expect(disposed.times).toBe(1);
  });

  it('neither writes nor commits what is under way for a partition that was lost', async () => {
    const gate = Promise.withResolvers<void>();
    const feed = new FakeFeed(1, { ends: false });
    const { pipeline, outlet, budget } = fakePipeline({
      feed,
      answer: async () => {
        await gate.promise;
        return {};
      },
    });
    await pipeline.start();
    feed.listener.onLost([{ topic: TOPIC, partition: 0 }]);
    gate.resolve();
    await turn();
    await pipeline.stop();
    expect(outlet.accepted).toEqual([]);
    expect(feed.commits).toEqual([]);
    expect(budget.usedBytes).toBe(0);
  });

  it('drains and commits a partition before it gives it back', async () => {
    const gate = Promise.withResolvers<void>();
    const feed = new FakeFeed(1, { ends: false });
    const { pipeline } = fakePipeline({
      feed,
      answer: async () => {
        await gate.promise;
        return {};
      },
    });
    await pipeline.start();
    let settled = false;
    const revoked = feed.listener.onRevoke([{ topic: TOPIC, partition: 0 }]).then(() => {
      settled = true;
    });
    await turn();
    expect(settled).toBe(false);
    gate.resolve();
    await revoked;
    expect(committed(feed)).toEqual([1n]);
    await pipeline.stop();
  });

  it('ends at its limit, and commits behind the last row that passed', async () => {
    const feed = new FakeFeed(9, { ends: false });
    const { pipeline, outlet } = fakePipeline({
      feed,
      limit: 5,
      answer: (index) => ({
        ...(index < 2 ? { passed: [2] } : { passed: [1], endOffset: 77n }),
      }),
    });
    await pipeline.start();
    await pipeline.closed;
    expect(outlet.accepted).toHaveLength(3);
    expect(committed(feed).at(-1)).toBe(77n);
  });

  it('ends without an error where the consumer left, without the batch it left at', async () => {
    const outlet = new FakeOutlet({ atOnce: false });
    const feed = new FakeFeed(2, { ends: false });
    const { pipeline } = fakePipeline({ feed, outlet });
    await pipeline.start();
    await turn();
    outlet.accepted[0]!.settled();
    outlet.accepted[1]!.settled(new MillraceError('left', { code: 'ABORTED' }));
    expect((await pipeline.closed).state).toBe('closed');
    expect(committed(feed)).toEqual([1n]);
  });

  it('goes on where a morsel must grow and those behind it hold the memory', async () => {
    // Four morsels of 6 MiB fill the budget; the first turns out to need more than is left, and
    // the others cannot leave before it.
    const gate = Promise.withResolvers<void>();
    let others = 0;
    const { pipeline, budget } = fakePipeline({
      feed: new FakeFeed(4, { inputBytes: MIB }),
      workers: 2,
      budgetBytes: 26 * MIB,
      answer: async (index, roomBytes) => {
        if (index > 0) {
          others += 1;
          if (others === 3) gate.resolve();
          return {};
        }
        await gate.promise;
        return roomBytes < 20 * MIB ? { kind: 'full' } : {};
      },
    });
    await pipeline.start();
    expect(await pipeline.closed).toMatchObject({ state: 'closed', messagesOut: 4 });
    expect(budget.usedBytes).toBe(0);
  });

  it('says which morsel cannot grow where those behind it hold its worker’s memory', async () => {
    const gate = Promise.withResolvers<void>();
    const { pipeline, budget } = fakePipeline({
      feed: new FakeFeed(2, { inputBytes: MIB }),
      memoryBytes: 36 * MIB,
      answer: async (index, roomBytes) => {
        if (index > 0) {
          gate.resolve();
          return {};
        }
        await gate.promise;
        return roomBytes < 18 * MIB ? { kind: 'full' } : {};
      },
    });
    await pipeline.start();
    await expect(pipeline.closed).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: expect.stringContaining(`${TOPIC}-0 from offset 0`),
    });
    expect(budget.usedBytes).toBe(0);
  });
});
