/** Where reading begins, and what its owner does with it while it runs, on a broker. */
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { Stream } from '../../src/index.ts';
import { startWorkers } from '../../src/morsel/scheduler.ts';
import { runPlan } from '../../src/pipeline/run-plan.ts';
import { testClient } from './client-harness.ts';
import { createTopic, kafkajs, sharedBrokers, uniqueName } from './cluster.ts';
import { QUICK, type ReaderOptions, read, write } from './pipeline-groups-harness.ts';
import { committedOffsets, endOffsets, eventually, range, readAll } from './pipeline-harness.ts';

const COUNT = 1_000;
const SINCE_MS = Date.UTC(2026, 0, 1);
let topic: string;

beforeAll(async () => {
  topic = await createTopic('control', { partitions: 2 });
  const timestampMs = (id: number) => SINCE_MS + id * 1_000;
  await write(topic, range(COUNT), { partition: 0, timestampMs });
});

const numbers = (options: ReaderOptions = {}) =>
  Stream.fromKafka({
    ...{ brokers: sharedBrokers(), topic, until: 'latest', schema: { id: 'int64' } },
    ...(options as object),
  });

const collected = async (options: ReaderOptions) =>
  [...(await numbers(options).collect())].map(({ id }) => Number(id));

describe('startFrom', () => {
  test('begins at the earliest, the latest, a time, or at offsets', async () => {
    expect(await collected({ startFrom: 'earliest' })).toEqual(range(COUNT));
    expect(await collected({ startFrom: 'latest' })).toEqual([]);
    const timestamp = new Date(SINCE_MS + 600_500);
    expect(await collected({ startFrom: { timestamp } })).toEqual(range(COUNT).slice(601));
    const offsets = [{ topic, partition: 0, offset: 990n }];
    expect(await collected({ startFrom: { offsets } })).toEqual(range(COUNT).slice(990));
    // A partition that is not named begins at offsetReset.
    const two = await createTopic('two', { partitions: 2 });
    await write(two, range(10), { partition: 0 });
    const other = { offsets: [{ topic: two, partition: 1, offset: 0n }] };
    expect(await collected({ topic: two, startFrom: other })).toEqual(range(10));
    // One that is not there was meant to be another.
    const missing = { offsets: [{ topic: two, partition: 2, offset: 0n }] };
    await expect(collected({ topic: two, startFrom: missing })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
      message: `the topic "${two}" has no partition 2; it has partitions 0 to 1: mend startFrom`,
    });
  });

  test('goes before what a group has committed', async () => {
    const groupId = uniqueName('g');
    expect(await collected({ groupId })).toEqual(range(COUNT));
    expect(await collected({ groupId })).toEqual([]);
    expect(await collected({ groupId, startFrom: 'earliest' })).toEqual(range(COUNT));
    const startFrom = { offsets: [{ topic, partition: 0, offset: 500n }] };
    expect(await collected({ groupId, startFrom })).toEqual(range(COUNT).slice(500));
  });

  test('does not begin again when a partition changes hands', async () => {
    const own = await createTopic('hands', { partitions: 2 });
    await write(own, range(COUNT), { partition: 0 });
    const options: ReaderOptions = {
      ...{ topic: own, groupId: uniqueName('g'), group: QUICK, startFrom: 'earliest' },
    };
    const one = await read(options);
    const other = await read(options);
    await eventually(() => one.owned().length === 1 && other.owned().length === 1);
    const [owner, heir] = one.owned().includes(0) ? [one, other] : [other, one];
    await eventually(() => one.rows.length + other.rows.length >= COUNT);
    await owner.run.stop();
    await eventually(() => heir.owned().length === 2);
    await write(own, [COUNT], { partition: 0 });
    await eventually(() => heir.ids().includes(COUNT));
    const ids = [...one.ids(), ...other.ids()].sort((a, b) => a - b);
    expect(ids).toEqual(range(COUNT + 1));
  });

  test('goes on at offsetReset where an offset is not in the log, and says so', async () => {
    const warnings: (Error & { code?: string })[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const offsets = [{ topic, partition: 0, offset: 1_000_000n }];
    const reader = await read({ topic, startFrom: { offsets } });
    await eventually(() => reader.rows.length === COUNT);
    expect(reader.run.stats().offsetResets).toBe(1);
    expect(warnings).toMatchObject([{ name: 'MillraceWarning', code: 'OFFSET_OUT_OF_RANGE' }]);
    const said = `${topic}-0: the offset 1000000 is not in the log; reading goes on at 0`;
    expect(warnings[0]!.message).toContain(said);
  });
});

describe('partitions', () => {
  test('are read as they are named, and committed without a membership', async () => {
    const groupId = uniqueName('g');
    const partitions = [{ topic, partition: 0 }];
    const options: ReaderOptions = { partitions, groupId };
    const [one, two] = [await read(options), await read(options)];
    expect(one.run.assignment()).toEqual(partitions);
    await eventually(() => one.rows.length === COUNT && two.rows.length === COUNT);
    await one.run.stop();
    expect(await committedOffsets(groupId, topic)).toEqual([BigInt(COUNT), undefined]);
    expect(one.events).toEqual(['assign 0', 'revoke 0']);
    const third = await read({ partitions, groupId, until: 'latest' });
    await third.run.closed;
    expect(third.rows).toEqual([]);
  });

  test('that a topic does not have are an error', async () => {
    const missing = read({ partitions: [{ topic, partition: 7 }] });
    await expect(missing).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
      message: expect.stringContaining('no partition 7; it has partitions 0 to 1'),
    });
  });
});

describe('seek', () => {
  test('goes back and forth; a batch that was handed over is the last of before', async () => {
    const groupId = uniqueName('g');
    const reader = await read({ topic, groupId, group: QUICK });
    const { run, rows } = reader;
    await eventually(() => rows.length === COUNT);
    await run.seek([{ topic, partition: 0, offset: 990n }]);
    await eventually(() => rows.length === COUNT + 10);
    expect(reader.ids().slice(COUNT)).toEqual(range(COUNT).slice(990));
    await run.seek([{ topic, partition: 0, offset: 'earliest' }]);
    await eventually(() => rows.length === COUNT * 2 + 10);
    expect(reader.ids().slice(COUNT + 10)).toEqual(range(COUNT));
    await run.seek([{ topic, partition: 0, offset: 100n }]);
    await run.pause();
    await run.seek([{ topic, partition: 0, offset: 'latest' }]);
    await run.seek([{ topic, partition: 0, offset: 10n }]);
    await run.stop();
    expect(await committedOffsets(groupId, topic)).toEqual([10n, undefined]);
  });

  test('drops what was read before from the way to a topic, too', async () => {
    const [from, to] = [await createTopic('from'), await createTopic('to')];
    await write(from, range(20_000));
    const run = await Stream.fromKafka({
      ...{ brokers: sharedBrokers(), topic: from, schema: { id: 'int64' } },
      batch: { maxRows: 200 },
    })
      .toKafka({ topic: to })
      .run();
    onTestFinished(() => run.stop());
    await eventually(() => run.stats().messagesOut > 0);
    await run.seek([{ topic: from, partition: 0, offset: 19_000n }]);
    const [settledAt] = await endOffsets(to);
    await eventually(() => run.stats().lag === 0);
    await run.stop();
    const out = await readAll(to);
    const ids = out.map(({ value }) => JSON.parse(String(value)).id as number);
    const turn = ids.findIndex((id, i) => i > 0 && id !== ids[i - 1]! + 1);
    expect(turn).toBeGreaterThan(0);
    expect(turn).toBeLessThanOrEqual(Number(settledAt));
    expect(ids.slice(turn)).toEqual(range(20_000).slice(19_000));
  });

  test('in onAssign says where partitions begin', async () => {
    const reader = await read({
      ...{ topic, groupId: uniqueName('g'), group: QUICK },
      onAssign: (_, run) => run.seek([{ topic, partition: 0, offset: 995n }]),
    });
    await eventually(() => reader.rows.length === 5);
    expect(reader.ids()).toEqual(range(COUNT).slice(995));
  });

  test('of a partition that is not ours names those that are', async () => {
    const { run } = await read({ partitions: [{ topic, partition: 0 }] });
    await expect(run.seek([{ topic, partition: 1, offset: 0n }])).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`${topic}-1 is not this run's now; it has ${topic}-0`),
    });
  });
});

test('pause rests partitions, others go on and the group stays; resume goes on', async () => {
  const own = await createTopic('paused', { partitions: 2 });
  await write(own, range(500), { partition: 0 });
  const group = { ...QUICK, sessionTimeoutMs: 6_000 };
  const reader = await read({ topic: own, groupId: uniqueName('g'), group });
  await eventually(() => reader.rows.length === 500);
  reader.run.pause([{ topic: own, partition: 0 }]);
  await write(own, [500, 501], { partition: 0 });
  await write(own, [502], { partition: 1 });
  await eventually(() => reader.rows.length === 501);
  await write(own, [503], { partition: 1 });
  await eventually(() => reader.rows.length === 502);
  expect(reader.ids().slice(500)).toEqual([502, 503]);
  expect(reader.owned()).toEqual([0, 1]);
  reader.run.resume([{ topic: own, partition: 0 }]);
  await eventually(() => reader.rows.length === 504);
  expect(reader.ids().slice(502)).toEqual([500, 501]);
  expect(reader.events).toEqual(['assign 0,1']);
});

describe('commit by hand', () => {
  test('commits up to one message, and the next run goes on behind it', async () => {
    const groupId = uniqueName('g');
    const options: ReaderOptions = { topic, groupId, group: QUICK, autoCommit: false };
    const { run, rows } = await read(options);
    await eventually(() => rows.length === COUNT);
    expect(await committedOffsets(groupId, topic)).toEqual([undefined, undefined]);
    await run.commit([{ topic, partition: 0, offset: rows[41]!.offset + 1n }]);
    await run.stop();
    // The end commits nothing.
    expect(await committedOffsets(groupId, topic)).toEqual([42n, undefined]);
    const next = await read(options);
    await eventually(() => next.rows.length === COUNT - 42);
    expect(next.rows[0]!.id).toBe(42);
    await next.run.commit();
    expect(await committedOffsets(groupId, topic)).toEqual([BigInt(COUNT), undefined]);
  });

  test('in the function that takes batches has the batch at hand, and the last word', async () => {
    const groupId = uniqueName('g');
    const committed: (bigint | undefined)[] = [];
    let taken = 0;
    const { run, rows } = await read(
      { topic, groupId, group: QUICK, autoCommit: false },
      async (part, reader) => {
        taken += part.length;
        if (taken > 300) return;
        await reader.run!.commit();
        committed.push((await committedOffsets(groupId, topic))[0]);
      },
    );
    await eventually(() => rows.length === COUNT);
    await run.stop();
    expect(committed.length).toBeGreaterThan(0);
    const ends = rows.map(({ offset }) => offset + 1n);
    for (const offset of committed) expect(ends).toContain(offset);
    expect(committed[0]).toBeGreaterThan(0n);
    expect(await committedOffsets(groupId, topic)).toEqual([committed.at(-1), undefined]);
  });

  test('is refused beyond what was read, for others’ partitions, and without a group', async () => {
    const { run, rows } = await read({ topic, groupId: uniqueName('g'), group: QUICK });
    await eventually(() => rows.length === COUNT);
    await expect(
      run.commit([{ topic, partition: 0, offset: BigInt(COUNT) + 1n }]),
    ).rejects.toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('1000') });
    await expect(run.commit([{ topic, partition: 2, offset: 1n }])).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
    const alone = await read({ topic });
    await expect(alone.run.commit()).rejects.toMatchObject({ code: 'INVALID_PLAN' });
  });

  test('in onRevoke commits what is out before the partitions go', async () => {
    const groupId = uniqueName('g');
    const seen: number[] = [];
    const { run, rows } = await read({
      ...{ topic, groupId, group: QUICK, autoCommit: false },
      onRevoke: async (_, own) => {
        seen.push(rows.length);
        await own.commit();
      },
    });
    await eventually(() => rows.length > 0);
    await run.stop();
    expect(seen).toEqual([rows.length]);
    expect((await committedOffsets(groupId, topic))[0]).toBe(BigInt(rows.length));
  });
});

test.each(['classic', 'consumer'] as const)(
  'who is too slow to give back loses its partitions, protocol %s',
  async (protocol) => {
    const own = await createTopic('slow', { partitions: 2 });
    // Of the one that is to go, so that what it waits for is in the consumer's hands.
    await write(own, range(100), { partition: 1 });
    const groupId = uniqueName('g');
    const group = { ...QUICK, protocol };
    const blocked = Promise.withResolvers<void>();
    const slow = await read(
      {
        ...{ topic: own, groupId, group: { ...group, rebalanceTimeoutMs: 1_000 } },
        // One that goes on comes back as a new member.
        onLost: (_, run) => void run.stop(),
      },
      () => blocked.promise,
    );
    // Before the run is stopped.
    onTestFinished(() => blocked.resolve());
    await eventually(() => slow.rows.length > 0);
    // Whatever is committed, the slow one committed it.
    const other = await read({ topic: own, groupId, group, autoCommit: false });
    await eventually(() => slow.events.length === 2);
    expect(slow.events).toEqual(['assign 0,1', 'lost 0,1']);
    // The others do not wait for it, and it does not come back while it ends.
    await eventually(() => other.rows.length === 100);
    blocked.resolve();
    await slow.run.closed;
    expect(other.ids().sort((a, b) => a - b)).toEqual(range(100));
    // The one without messages may come later.
    await eventually(() => other.owned().length === 2);
    expect(slow.events).toEqual(['assign 0,1', 'lost 0,1']);
    expect(await committedOffsets(groupId, own)).toEqual([undefined, undefined]);
  },
);

test('a hook that throws fails the run', async () => {
  const { run } = await read({
    ...{ topic, groupId: uniqueName('g'), group: QUICK },
    onAssign: () => {
      throw new RangeError('no room');
    },
  });
  await expect(run.closed).rejects.toMatchObject({
    code: 'CONSUMER_FAILED',
    message: 'onAssign failed: no room',
  });
});

describe('regular expressions', () => {
  const patterns = () => {
    const prefix = uniqueName('re');
    return { prefix, pattern: new RegExp(`${prefix}-.*`) };
  };

  test('read topics whose whole name matches, and new ones, in a group', async () => {
    const { prefix, pattern } = patterns();
    const client = testClient();
    const create = (name: string) => client.createTopics([{ topic: name, partitions: 1 }]);
    await create(`${prefix}-a`);
    await create(`not-${prefix}-a`);
    await write(`${prefix}-a`, [1]);
    await write(`not-${prefix}-a`, [2]);
    const groupId = uniqueName('g');
    const reader = await read({ topics: [topic, pattern], groupId, group: QUICK });
    await eventually(() => reader.rows.length === COUNT + 1);
    await create(`${prefix}-b`);
    await write(`${prefix}-b`, [3]);
    await eventually(() => reader.rows.length === COUNT + 2);
    const others = reader.rows.filter((row) => row.topic !== topic).map(({ id }) => id);
    expect(others).toEqual([1, 3]);
  });

  test('pick up new topics without a group; one that is gone is left', async () => {
    const { prefix, pattern } = patterns();
    const client = testClient();
    const create = (name: string) => client.createTopics([{ topic: name, partitions: 1 }]);
    const ids: number[] = [];
    const stream = Stream.fromKafka({
      ...{ brokers: sharedBrokers(), topics: [pattern], schema: { id: 'int64' } },
      startFrom: 'latest',
    });
    // Half a minute passes in no time.
    const clock = {
      ...systemClock,
      after: (delayMs: number, act: () => void) =>
        systemClock.after(delayMs === 30_000 ? 50 : delayMs, act),
    };
    const { plan } = stream.forEach(() => {});
    const onBatch = (batch: Iterable<{ id: bigint }>) => {
      for (const { id } of batch) ids.push(Number(id));
    };
    const run = await runPlan(
      plan,
      { onBatch: onBatch as never },
      { clock, workers: startWorkers },
    );
    onTestFinished(() => run.stop());
    expect(run.assignment()).toEqual([]);
    await create(`${prefix}-new`);
    await write(`${prefix}-new`, [7]);
    await eventually(() => ids.length === 1);
    expect(ids).toEqual([7]);
    expect(run.assignment()).toEqual([{ topic: `${prefix}-new`, partition: 0 }]);
    const admin = kafkajs().admin();
    await admin.connect();
    await create(`${prefix}-kept`);
    await admin.deleteTopics({ topics: [`${prefix}-new`] });
    await admin.disconnect();
    const kept = { topic: `${prefix}-kept`, partition: 0 };
    await eventually(() => isDeepStrictEqual(run.assignment(), [kept]));
    await write(`${prefix}-kept`, [8]);
    await eventually(() => ids.length === 2);
    expect(run.stats().state).toBe('running');
  });
});
