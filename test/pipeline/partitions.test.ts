import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import type { TopicPartition } from '../../src/ingest/client.ts';
import type { FeedControl } from '../../src/pipeline/feed.ts';
import { FakeFeed, FakeOutlet, fakePipeline, TOPIC } from './fakes.ts';

const turn = () => new Promise(setImmediate);
const P0: TopicPartition = { topic: TOPIC, partition: 0 };

/** A feed whose owner can pause it and send it elsewhere, and what it is asked. */
function controlled(morsels: number, { group = true } = {}) {
  const feed = new FakeFeed(morsels, { ends: false, records: 10 });
  const asked: string[] = [];
  const control: FeedControl = {
    commits: group,
    reached: [],
    pause: (partitions) => void asked.push(`pause ${partitions?.length ?? 'all'}`),
    resume: (partitions) => void asked.push(`resume ${partitions?.length ?? 'all'}`),
    seek: ({ partition }, offset) => void asked.push(`seek ${partition} to ${offset}`),
    offsets: async (partitions, at) => partitions.map(() => (at === 'earliest' ? 0n : 1_000n)),
  };
  feed.control = control;
  return { feed, asked };
}

const offsets = ({ commits }: FakeFeed) => commits.map(({ offset }) => offset);

describe('seek', () => {
  it('drops what workers have, waits for the sink, and commits where it went', async () => {
    const { feed, asked } = controlled(2);
    const outlet = new FakeOutlet({ atOnce: false });
    const held = Promise.withResolvers<object>();
    const { pipeline, budget } = fakePipeline({
      ...{ feed, outlet, workers: 2 },
      answer: (index) => (index === 1 ? held.promise : {}),
    });
    await pipeline.start();
    await turn();
    expect(outlet.accepted).toHaveLength(1);
    let settled = false;
    const seeking = pipeline.seek([{ ...P0, offset: 500n }]).then(() => {
      settled = true;
    });
    await turn();
    held.resolve({});
    await turn();
    expect(outlet.accepted).toHaveLength(1);
    expect(settled).toBe(false);
    outlet.accepted[0]!.settled();
    await seeking;
    expect(asked).toEqual(['seek 0 to 500']);
    expect(budget.usedBytes).toBe(0);
    await pipeline.stop();
    expect(offsets(feed)).toEqual([500n]);
  });

  it('tells that it moved before anything comes from there, whatever commits wait', async () => {
    const { feed } = controlled(1);
    const outlet = new FakeOutlet();
    outlet.handsOver = true;
    const { pipeline } = fakePipeline({ feed, outlet, autoCommit: false });
    await pipeline.start();
    await turn();
    const answer = Promise.withResolvers<void>();
    feed.commit = () => answer.promise;
    const committing = pipeline.commit();
    feed.available = 2;
    let settled = false;
    const accepted: number[] = [];
    const moved = () => void accepted.push(outlet.accepted.length);
    const seeking = pipeline.seek([{ ...P0, offset: 500n }], moved).then(() => {
      settled = true;
    });
    await turn();
    expect(accepted).toEqual([1]);
    expect(outlet.accepted).toHaveLength(2);
    expect(settled).toBe(false);
    answer.resolve();
    await Promise.all([committing, seeking]);
    await pipeline.stop();
  });

  it('asks for the ends of the log, and gives a morsel without memory back', async () => {
    const { feed, asked } = controlled(9);
    const { pipeline } = fakePipeline({
      ...{ feed, outlet: new FakeOutlet({ atOnce: false }), budgetBytes: 400_000 },
    });
    await pipeline.start();
    await turn();
    pipeline.pause();
    pipeline.resume([P0]);
    await expect(pipeline.seek([{ ...P0, offset: -1n }])).rejects.toThrow('give a bigint from 0n');
    const outside = { topic: TOPIC, partition: 3 };
    expect(() => pipeline.pause([outside])).toThrow(`${TOPIC}-3 is not this run's now`);
    // The held morsel began at 10: there it will be read again.
    expect(asked).toEqual(['seek 0 to 10', 'pause all', 'resume 1']);
    void pipeline.seek([{ ...P0, offset: 'latest' }]);
    await turn();
    expect(asked.slice(3)).toEqual(['seek 0 to 1000']);
  });
});

describe('commit', () => {
  it('by hand commits what is out, checks what it is given, and the end adds nothing', async () => {
    const { feed } = controlled(3);
    const outlet = new FakeOutlet({ atOnce: false });
    const { pipeline } = fakePipeline({ feed, outlet, workers: 3, autoCommit: false });
    await pipeline.start();
    await turn();
    await pipeline.commit();
    expect(offsets(feed)).toEqual([]);
    outlet.accepted[0]!.settled();
    await pipeline.commit([{ ...P0, offset: 7n }]);
    await pipeline.commit();
    await pipeline.commit();
    expect(offsets(feed)).toEqual([7n, 10n]);
    await expect(pipeline.commit([{ ...P0, offset: 11n }])).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('what is out ends at 10'),
    });
    for (const { settled } of outlet.accepted.slice(1)) settled();
    await pipeline.stop();
    expect(offsets(feed)).toEqual([7n, 10n]);
    await expect(pipeline.commit()).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('tells what went wrong, and the run goes on', async () => {
    const { feed } = controlled(1);
    const { pipeline } = fakePipeline({ feed, autoCommit: false });
    await pipeline.start();
    await turn();
    feed.commitError = new MillraceError('gone', { code: 'GROUP_FENCED' });
    await expect(pipeline.commit()).rejects.toMatchObject({ code: 'GROUP_FENCED' });
    feed.commitError = undefined;
    await pipeline.commit();
    expect(offsets(feed)).toEqual([10n]);
    await pipeline.stop();
  });

  it('does not commit for a partition that went while it waited', async () => {
    const { feed } = controlled(1);
    const { pipeline } = fakePipeline({ feed, autoCommit: false });
    await pipeline.start();
    await turn();
    const first = Promise.withResolvers<void>();
    feed.commit = () => first.promise;
    const under = pipeline.commit();
    const waiting = pipeline.commit([{ ...P0, offset: 10n }]);
    waiting.catch(() => undefined);
    await feed.listener.onLost([P0]);
    first.resolve();
    await under;
    await expect(waiting).rejects.toMatchObject({ code: 'GROUP_FENCED' });
    await pipeline.stop();
  });

  it('needs a group, and a source with partitions', async () => {
    const { feed } = controlled(1, { group: false });
    const { pipeline } = fakePipeline({ feed });
    await pipeline.start();
    await expect(pipeline.commit()).rejects.toMatchObject({ code: 'INVALID_PLAN' });
    await pipeline.stop();
    const plain = fakePipeline({ feed: new FakeFeed(1, { ends: false }) }).pipeline;
    await plain.start();
    expect(() => plain.pause()).toThrow('batches have no partitions');
    await plain.stop();
  });
});

describe('hooks', () => {
  it('are told in turn, with the run; what was read is out and committed before', async () => {
    const { feed } = controlled(1);
    const told: string[] = [];
    const { pipeline } = fakePipeline({
      feed,
      hooks: {
        onAssign: ([first], run) =>
          void told.push(`assign ${first!.partition} ${run.stats().state}`),
        onRevoke: async (_, run) => {
          told.push(`revoke ${offsets(feed)} of ${run.assignment().length}`);
          await run.commit([{ ...P0, offset: 4n }]);
        },
        onLost: (partitions) => void told.push(`lost ${partitions.length}`),
      },
    });
    await pipeline.start();
    await turn();
    await feed.listener.onRevoke([P0]);
    expect(pipeline.assignment()).toEqual([]);
    expect(offsets(feed)).toEqual([10n, 4n]);
    // Nothing of it is ours any more: there is nothing to tell.
    await feed.listener.onLost([P0]);
    await feed.listener.onAssign([{ ...P0, position: 10n }]);
    await feed.listener.onLost([P0]);
    expect(told).toEqual(['assign 0 running', 'revoke 10 of 1', 'assign 0 running', 'lost 1']);
    await pipeline.stop();
  });

  it('wait for what the consumer has in hands, and leave the rest to the next owner', async () => {
    const { feed } = controlled(4);
    const outlet = new FakeOutlet({ atOnce: false });
    outlet.handsOver = true;
    const held = Promise.withResolvers<object>();
    const told: string[] = [];
    const { pipeline, budget } = fakePipeline({
      ...{ feed, outlet, workers: 4 },
      answer: (index) => (index === 3 ? held.promise : {}),
      hooks: { onRevoke: () => void told.push(`revoke ${offsets(feed)}`) },
    });
    await pipeline.start();
    await turn();
    const [first, second, third] = outlet.accepted;
    expect(first!.wanted()).toBe(true);
    const revoked = feed.listener.onRevoke([P0]);
    await turn();
    expect(told).toEqual([]);
    // In its hands, and done with; the next ones were never there.
    first!.settled();
    expect(second!.wanted()).toBe(false);
    second!.settled();
    await revoked;
    expect(told).toEqual(['revoke 10']);
    held.resolve({});
    await turn();
    expect(outlet.accepted).toHaveLength(3);
    expect(third!.wanted()).toBe(false);
    third!.settled();
    expect(budget.usedBytes).toBe(0);
    // Whoever has it next begins at what was committed: this may be us.
    feed.available += 1;
    await feed.listener.onAssign([{ ...P0, position: 10n }]);
    feed.listener.onData();
    await turn();
    expect(outlet.accepted).toHaveLength(4);
    expect(outlet.accepted[3]!.wanted()).toBe(true);
    outlet.accepted[3]!.settled();
    await pipeline.stop();
    expect(offsets(feed)).toEqual([10n, 50n]);
  });

  it('wait for all that is on its way where it cannot be left', async () => {
    for (const limit of [undefined, 100]) {
      const { feed } = controlled(limit === undefined ? 2 : 1);
      const outlet = new FakeOutlet({ atOnce: false });
      outlet.handsOver = limit !== undefined;
      const { pipeline } = fakePipeline({
        ...{ feed, outlet, workers: 2 },
        ...(limit === undefined ? {} : { limit }),
      });
      await pipeline.start();
      await turn();
      let isOver = false;
      const revoked = feed.listener.onRevoke([P0]).then(() => {
        isOver = true;
      });
      await turn();
      expect(isOver).toBe(false);
      for (const { wanted, settled } of outlet.accepted) {
        expect(wanted()).toBe(true);
        settled();
      }
      await revoked;
      expect(offsets(feed)).toEqual([limit === undefined ? 20n : 10n]);
      await pipeline.stop();
    }
  });

  it('say lost of a partition that went too slowly, and not revoked', async () => {
    const { feed } = controlled(1);
    const outlet = new FakeOutlet({ atOnce: false });
    const told: string[] = [];
    const { pipeline } = fakePipeline({
      ...{ feed, outlet },
      hooks: {
        onRevoke: (partitions) => void told.push(`revoke ${partitions.length}`),
        onLost: (partitions) => void told.push(`lost ${partitions.length}`),
      },
    });
    await pipeline.start();
    await turn();
    const revoked = feed.listener.onRevoke([P0]);
    await feed.listener.onLost([P0]);
    // It comes back before the drain has noticed.
    await feed.listener.onAssign([{ ...P0, position: 0n }]);
    await revoked;
    expect(told).toEqual(['lost 1']);
    expect(pipeline.assignment()).toEqual([P0]);
    outlet.accepted[0]!.settled();
    await pipeline.stop();
    expect(offsets(feed)).toEqual([]);
  });

  it('may stop the run without waiting for themselves', async () => {
    const { feed } = controlled(0);
    const { pipeline } = fakePipeline({ feed, hooks: { onAssign: (_, run) => run.stop() } });
    await pipeline.start();
    expect((await pipeline.closed).state).toBe('closed');
  });

  it('fail the run by what they throw; the partitions go all the same', async () => {
    const { feed } = controlled(1);
    const hooks = {
      onRevoke: () => {
        throw new RangeError('full');
      },
    };
    const { pipeline } = fakePipeline({ feed, hooks });
    await pipeline.start();
    await turn();
    await feed.listener.onRevoke([P0]);
    expect(pipeline.assignment()).toEqual([]);
    await expect(pipeline.closed).rejects.toMatchObject({
      code: 'CONSUMER_FAILED',
      message: 'onRevoke failed: full',
    });
  });
});

describe('a share that is read', () => {
  const reached = (feed: FakeFeed, position: bigint) => {
    feed.control = { ...feed.control!, reached: [{ ...P0, position }] };
  };

  it('is committed when it is out, to where reading has come', async () => {
    const { feed } = controlled(1);
    const outlet = new FakeOutlet({ atOnce: false });
    const { pipeline } = fakePipeline({ feed, outlet });
    await pipeline.start();
    await turn();
    reached(feed, 12n);
    let settled = false;
    const settling = feed.listener.onRead().then(() => {
      settled = true;
    });
    await turn();
    expect([settled, offsets(feed)]).toEqual([false, []]);
    outlet.accepted[0]!.settled();
    await settling;
    expect(offsets(feed)).toEqual([12n]);
    await pipeline.stop();
  });

  it('is not committed where the owner commits, and not by a run that ends', async () => {
    const { feed } = controlled(1);
    const { pipeline } = fakePipeline({ feed, autoCommit: false });
    await pipeline.start();
    await turn();
    reached(feed, 12n);
    await feed.listener.onRead();
    expect(offsets(feed)).toEqual([]);
    await pipeline.stop();
    const other = controlled(1);
    const outlet = new FakeOutlet({ atOnce: false });
    const ending = fakePipeline({ feed: other.feed, outlet }).pipeline;
    await ending.start();
    await turn();
    const stopping = ending.stop();
    reached(other.feed, 12n);
    await other.feed.listener.onRead();
    outlet.accepted[0]!.settled();
    await stopping;
    expect(offsets(other.feed)).toEqual([10n]);
  });

  it('begins where the group is told, unless nothing commits by itself', async () => {
    for (const [autoCommit, committed] of [
      [true, [3n]],
      [false, []],
    ] as const) {
      const { feed } = controlled(0);
      const { pipeline } = fakePipeline({ feed, autoCommit });
      await pipeline.start();
      await feed.listener.onAssign([{ ...P0, partition: 1, position: 3n, due: true }]);
      await turn();
      expect(offsets(feed)).toEqual(committed);
      await pipeline.stop();
    }
  });
});
