/** Groups of pipelines on a broker: partitions that move, and those that stay. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Run, Stream } from '../../src/index.ts';
import type { GroupPlan } from '../../src/plan.ts';
import { createTopic, sharedBrokers, uniqueName } from './cluster.ts';
import {
  QUICK,
  type Reader,
  type ReaderOptions,
  read,
  startWriter,
  write,
} from './pipeline-groups-harness.ts';
import { committedOffsets, endOffsets, eventually, range, readAll } from './pipeline-harness.ts';

type Way = Partial<Pick<GroupPlan, 'protocol' | 'assignors'>>;

const WAYS: readonly (readonly [name: string, way: Way, flows: boolean])[] = [
  ['cooperative-sticky', {}, true],
  ['the consumer protocol', { protocol: 'consumer' }, true],
  ['range', { assignors: ['range'] }, false],
];
const FLOWING = WAYS.filter(([, , flows]) => flows);
const PARTITIONS = 6;

const have = (count: number, ...readers: readonly Reader[]) =>
  readers.every((reader) => reader.owned().length === count) &&
  new Set(readers.flatMap((reader) => reader.owned())).size === PARTITIONS;

const revokedOf = ({ events }: Reader, from = 0) =>
  events.slice(from).filter((event) => event.startsWith('revoke'));

describe.each(WAYS)('three pipelines over six partitions, by %s', (_, way, flows) => {
  test('have two each; one leaves, one joins: nothing is lost, nothing comes twice', async () => {
    const topic = await createTopic('six', { partitions: PARTITIONS });
    const options: ReaderOptions = { topic, groupId: uniqueName('g'), group: { ...QUICK, ...way } };
    const writer = await startWriter(topic, PARTITIONS);
    const [one, two, three] = [await read(options), await read(options), await read(options)];
    await eventually(() => have(2, one, two, three));
    await eventually(() => [one, two, three].every(({ rows }) => rows.length > 100));

    const before = [one, two].map((reader) => ({ reader, from: reader.events.length }));
    await three.run.stop();
    await eventually(() => have(3, one, two));
    if (flows) for (const { reader, from } of before) expect(revokedOf(reader, from)).toEqual([]);
    const later = [one, two].map((reader) => ({ reader, from: reader.events.length }));
    const four = await read(options);
    await eventually(() => have(2, one, two, four));
    if (flows) {
      for (const { reader, from } of later) {
        expect(revokedOf(reader, from)).toEqual([expect.stringMatching(/^revoke \d$/)]);
      }
    }
    await eventually(() => four.rows.length > 100);

    const written = await writer.stop();
    const all = [one, two, three, four];
    const total = () => all.reduce((sum, { rows }) => sum + rows.length, 0);
    await eventually(() => total() >= written);
    for (const { run } of all) await run.stop();
    const ids = all.flatMap((reader) => reader.ids()).sort((a, b) => a - b);
    expect(ids).toEqual(range(written));
    expect(await committedOffsets(options.groupId!, topic)).toEqual(await endOffsets(topic));
  });
});

test('a slow consumer gives partitions up behind the slice of a record batch it has', async () => {
  const topic = await createTopic('slow', { partitions: 2 });
  for (const partition of [0, 1]) {
    // One record batch each: five seconds of work.
    await write(
      topic,
      range(100).map((id) => partition * 100 + id),
      { partition },
    );
  }
  const group = { ...QUICK, rebalanceTimeoutMs: 2_000 };
  const options: ReaderOptions = {
    ...{ topic, groupId: uniqueName('g'), group, batch: { maxRows: 5, maxWaitMs: 5 } },
  };
  const work = (rows: readonly unknown[]) => delay(rows.length * 50);
  const one = await read(options, work);
  await eventually(() => one.rows.length >= 10);
  const two = await read(options, work);
  await eventually(() => one.rows.length + two.rows.length >= 200);
  const ids = [...one.ids(), ...two.ids()].sort((a, b) => a - b);
  expect(ids).toEqual(range(200));
  expect(two.rows.length).toBeGreaterThan(0);
  const events = [...one.events, ...two.events];
  expect(events.filter((event) => event.startsWith('lost'))).toEqual([]);
});

test('three pipelines from topic to topic write all once while members change', async () => {
  const [from, to] = [
    await createTopic('from', { partitions: PARTITIONS }),
    await createTopic('to', { partitions: 2 }),
  ];
  const writer = await startWriter(from, PARTITIONS);
  const groupId = uniqueName('g');
  const start = async () => {
    const run = await Stream.fromKafka({
      ...{ brokers: sharedBrokers(), topic: from, groupId, group: QUICK, schema: { id: 'int64' } },
      ...{ workers: 1, batch: { maxRows: 50, maxWaitMs: 5 } },
    })
      .toKafka({ topic: to })
      .run();
    onTestFinished(() => run.stop());
    return run;
  };
  const [one, two, three] = [await start(), await start(), await start()];
  const share = (count: number, ...runs: readonly Run[]) =>
    runs.every((run) => run.assignment().length === count && run.stats().messagesOut > 0);
  await eventually(() => share(2, one, two, three));
  await three.stop();
  await eventually(() => share(3, one, two));
  const four = await start();
  await eventually(() => share(2, one, two, four));
  const written = await writer.stop();
  await eventually(async () => {
    const ends = await endOffsets(to);
    return ends.reduce((sum, end) => sum + end, 0n) >= BigInt(written);
  });
  for (const run of [one, two, four]) await run.stop();
  const messages = await readAll(to);
  const ids = messages.map(({ value }) => JSON.parse(String(value)).id as number);
  expect(ids.sort((a, b) => a - b)).toEqual(range(written));
  expect(await committedOffsets(groupId, from)).toEqual(await endOffsets(from));
});

describe.each(FLOWING)('partitions that stay, by %s', (_, way) => {
  test('are read on while others are given back', async () => {
    const topic = await createTopic('stay', { partitions: 2 });
    const writer = await startWriter(topic, 2);
    const options: ReaderOptions = { topic, groupId: uniqueName('g'), group: { ...QUICK, ...way } };
    let seen = 0;
    const one: Reader = await read({
      ...options,
      // The rebalance waits here until the other partition has gone on.
      onRevoke: async ([gone]) => {
        const from = one.rows.length;
        const stays = (row: { partition: number }) => row.partition !== gone!.partition;
        if (seen > 0) return;
        seen = await eventually(() => one.rows.slice(from).filter(stays).length || undefined);
      },
    });
    await eventually(() => new Set(one.rows.map(({ partition }) => partition)).size === 2);
    const stats = one.run.stats();
    const two = await read(options);
    await eventually(() => one.owned().length === 1 && two.owned().length === 1);
    expect(seen).toBeGreaterThan(0);
    expect(stats.client).toEqual({ name: expect.any(String), version: expect.any(String) });
    const written = await writer.stop();
    await eventually(() => one.rows.length + two.rows.length >= written);
    const ids = [...one.ids(), ...two.ids()].sort((a, b) => a - b);
    expect(ids).toEqual(range(written));
  });
});

describe.each(WAYS)('a bounded job of three, by %s', (_, way) => {
  test('is read to the end though members leave in the middle', async () => {
    const topic = await createTopic('job', { partitions: PARTITIONS });
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await write(
        topic,
        range(300).map((i) => i * PARTITIONS + partition),
        { partition },
      );
    }
    const options: ReaderOptions = {
      ...{ topic, groupId: uniqueName('g'), group: { ...QUICK, ...way }, until: 'latest' },
    };
    // The first two read nothing of what they have.
    const idle: ReaderOptions = { ...options, onAssign: (_, run) => run.pause() };
    const [one, two] = [await read(idle), await read(idle)];
    const three = await read(options);
    await eventually(() => have(2, one, two, three) && three.rows.length === 600);
    expect(three.run.stats().state).toBe('running');
    await Promise.all([one.run.stop(), two.run.stop()]);
    expect(await three.run.closed).toMatchObject({ state: 'closed', lag: 0 });
    const ids = [one, two, three].flatMap((reader) => reader.ids()).sort((a, b) => a - b);
    expect(ids).toEqual(range(300 * PARTITIONS));
    expect(await committedOffsets(options.groupId!, topic)).toEqual(await endOffsets(topic));
  });
});
