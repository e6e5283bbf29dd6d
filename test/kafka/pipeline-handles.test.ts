/** What the caller holds: limits, tables, loops, functions, signals and figures, on a broker. */
import { setImmediate } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { col, type RunStats, Stream } from '../../src/index.ts';
import { testClient } from './client-harness.ts';
import { createTopic, kafkajs, sharedBrokers, uniqueName } from './cluster.ts';
import {
  committedOffsets,
  eventually,
  range,
  readUntil,
  writeMessages,
} from './pipeline-harness.ts';

const SCHEMA = { id: 'int64', keep: 'bool' } as const;
const COUNT = 1_000;
let topic: string;

beforeAll(async () => {
  topic = await createTopic('numbers');
  const messages = range(COUNT).map((id) => ({ value: `{"id":${id},"keep":${id % 3 === 0}}` }));
  await writeMessages(topic, messages, { perRequest: 100 });
});

const numbers = (groupId?: string, until: 'latest' | 'forever' = 'latest') =>
  Stream.fromKafka({
    ...{ brokers: sharedBrokers(), topic, until, schema: SCHEMA },
    ...(groupId === undefined ? {} : { groupId }),
    batch: { maxRows: 100 },
  });

const idsOf = (rows: Iterable<{ readonly id: bigint }>) => [...rows].map(({ id }) => Number(id));

describe('limit', () => {
  test('commits just behind the last row that it used; the next run goes on there', async () => {
    const groupId = uniqueName('limited');
    const ten = numbers(groupId, 'forever').filter(col('keep')).limit(10);
    expect(idsOf(await ten.collect())).toEqual(range(10).map((i) => i * 3));
    expect(await committedOffsets(groupId, topic)).toEqual([28n]);
    expect(idsOf(await ten.collect())).toEqual(range(10).map((i) => 30 + i * 3));
    expect(await committedOffsets(groupId, topic)).toEqual([58n]);
  });

  test('counts over morsels, and ends at the end of the topic where that comes first', async () => {
    const groupId = uniqueName('limited');
    expect(idsOf(await numbers(groupId).limit(250).collect())).toEqual(range(250));
    expect(await committedOffsets(groupId, topic)).toEqual([250n]);
    expect(idsOf(await numbers(groupId).limit(5_000).collect())).toEqual(range(COUNT).slice(250));
    expect(await committedOffsets(groupId, topic)).toEqual([BigInt(COUNT)]);
  });
});

describe('batches()', () => {
  test('a batch is committed when the next is asked for; leaving the loop leaves it', async () => {
    const groupId = uniqueName('loop');
    const taken: number[] = [];
    let rows = 0;
    for await (const batch of numbers(groupId).batches()) {
      if (taken.length >= 300) {
        rows = batch.numRows;
        break;
      }
      taken.push(...idsOf(batch));
    }
    expect(taken).toEqual(range(taken.length));
    expect(rows).toBeGreaterThan(0);
    expect(await committedOffsets(groupId, topic)).toEqual([BigInt(taken.length)]);
    for await (const batch of numbers(groupId).batches()) taken.push(...idsOf(batch));
    expect(taken).toEqual(range(COUNT));
    expect(await committedOffsets(groupId, topic)).toEqual([BigInt(COUNT)]);
  });
});

describe('forEach', () => {
  test('a function that throws ends the run; what it took before is committed', async () => {
    const groupId = uniqueName('throws');
    const taken: number[] = [];
    const run = await numbers(groupId)
      .forEach(async (batch) => {
        await setImmediate();
        if (taken.length >= 200) throw new RangeError('no more');
        taken.push(...idsOf(batch));
      })
      .run();
    await expect(run.closed).rejects.toMatchObject({
      code: 'CONSUMER_FAILED',
      message: expect.stringContaining('no more'),
      cause: expect.any(RangeError),
    });
    expect(taken.length).toBeGreaterThanOrEqual(200);
    expect(await committedOffsets(groupId, topic)).toEqual([BigInt(taken.length)]);
  });

  test('borrowed batches hold the same rows until the promise resolves', async () => {
    const ids: number[] = [];
    let kept = 0;
    const run = await numbers()
      .forEach(
        async (batch) => {
          await setImmediate();
          ids.push(...idsOf(batch));
          for (const row of batch) kept += Number(row.keep);
        },
        { borrow: true },
      )
      .run();
    await run.closed;
    expect(ids).toEqual(range(COUNT));
    expect(kept).toBe(334);
  });

  test('hands over one batch at a time, and stop() waits for the one that is out', async () => {
    const groupId = uniqueName('one-at-a-time');
    const gate = Promise.withResolvers<void>();
    let out = 0;
    let most = 0;
    let rows = 0;
    const entered = Promise.withResolvers<void>();
    const run = await numbers(groupId, 'forever')
      .forEach(async (batch) => {
        out += 1;
        most = Math.max(most, out);
        entered.resolve();
        await gate.promise;
        rows += batch.numRows;
        out -= 1;
      })
      .run();
    await entered.promise;
    expect(await committedOffsets(groupId, topic)).toEqual([undefined]);
    const stopped = run.stop();
    expect(run.stats().state).toBe('draining');
    gate.resolve();
    await stopped;
    expect(most).toBe(1);
    expect(out).toBe(0);
    expect(await committedOffsets(groupId, topic)).toEqual([BigInt(rows)]);
  });
});

describe('until and offsetReset', () => {
  test('an empty topic is at its end at once', async () => {
    const empty = await createTopic('empty', { partitions: 3 });
    const source = {
      brokers: sharedBrokers(),
      topic: empty,
      until: 'latest',
      schema: SCHEMA,
    } as const;
    expect((await Stream.fromKafka(source).collect()).numRows).toBe(0);
    const groupId = uniqueName('empty');
    expect((await Stream.fromKafka({ ...source, groupId }).collect()).numRows).toBe(0);
  });

  test('latest to latest is nothing; latest to forever is what comes', async () => {
    const source = { brokers: sharedBrokers(), schema: SCHEMA, offsetReset: 'latest' } as const;
    const none = await Stream.fromKafka({ ...source, topic, until: 'latest' }).collect();
    expect(none.numRows).toBe(0);
    const fresh = await createTopic('fresh');
    await writeMessages(fresh, [{ value: '{"id":1,"keep":true}' }]);
    const ids: number[] = [];
    const run = await Stream.fromKafka({ ...source, topic: fresh })
      .forEach((batch) => void ids.push(...idsOf(batch)))
      .run();
    await writeMessages(fresh, [{ value: '{"id":2,"keep":true}' }]);
    await eventually(() => ids.length > 0);
    await run.stop();
    expect(ids).toEqual([2]);
  });
});

test('goes on at offsetReset where retention has removed what is next, and counts it', async () => {
  const cut = await createTopic('cut');
  const groupId = uniqueName('cut');
  await writeMessages(
    cut,
    range(10).map((id) => ({ value: `{"id":${id},"keep":true}` })),
    { perRequest: 1 },
  );
  await testClient().commit(groupId, [{ topic: cut, partition: 0, offset: 3n }]);
  const admin = kafkajs().admin();
  await admin.connect();
  // It makes kafkajs learn the topic's leader, which deleting does not.
  await admin.fetchTopicOffsets(cut);
  await admin.deleteTopicRecords({ topic: cut, partitions: [{ partition: 0, offset: '6' }] });
  await admin.disconnect();
  const ids: number[] = [];
  const source = { brokers: sharedBrokers(), topic: cut, groupId, schema: SCHEMA } as const;
  const run = await Stream.fromKafka({ ...source, until: 'latest' })
    .forEach((batch) => void ids.push(...idsOf(batch)))
    .run();
  expect(await run.closed).toMatchObject({ offsetResets: 1, messagesIn: 4 });
  expect(ids).toEqual([6, 7, 8, 9]);
  expect(await committedOffsets(groupId, cut)).toEqual([10n]);
});

describe('the handle of a run', () => {
  test('a signal stops it, before the start and after', async () => {
    const controller = new AbortController();
    const stream = numbers(uniqueName('signal'), 'forever');
    let rows = 0;
    const runnable = stream.forEach((batch) => {
      rows += batch.numRows;
    });
    const run = await runnable.run({ signal: controller.signal });
    await eventually(() => rows === COUNT);
    controller.abort();
    expect(await run.closed).toMatchObject({ state: 'closed', messagesOut: COUNT });
    const stillborn = await runnable.run({ signal: controller.signal });
    expect((await stillborn.closed).state).toBe('closed');
  });

  test('tells its progress, at the end too, with figures that add up', async () => {
    const output = await createTopic('figures');
    const told: RunStats[] = [];
    const run = await numbers()
      .filter(col('keep'))
      .toKafka({ topic: output })
      .run({ onProgress: (stats) => told.push(stats) });
    const ignored: RunStats[] = [];
    run.on('progress', (stats) => ignored.push(stats))();
    const stats = await run.closed;
    expect(stats).toMatchObject({
      ...{ state: 'closed', messagesIn: COUNT, messagesOut: 334, rejects: 0, lag: 0 },
      inFlightBytes: 0,
    });
    expect(stats.morsels).toBeGreaterThanOrEqual(COUNT / 100);
    const input = range(COUNT)
      .map((id) => `{"id":${id},"keep":${id % 3 === 0}}`)
      .join('').length;
    expect(stats.bytesIn).toBeGreaterThan(input);
    expect(stats.bytesIn).toBeLessThan(input + COUNT * 20);
    expect(stats.bytesOut).toBeGreaterThan(input / 3 - COUNT);
    expect(stats.peakInFlightBytes).toBeGreaterThan(0);
    expect(stats.elapsedMs).toBeGreaterThan(0);
    expect(told.at(-1)).toEqual(stats);
    expect(run.stats()).toEqual(stats);
    expect(ignored).toEqual([]);
    expect(await run.stop()).toBeUndefined();
  });
});

test('a slow topic: each message comes out at once, not when a wait has passed', async () => {
  const source = await createTopic('slow');
  const output = await createTopic('slow-copy');
  // Whoever waited for either of these would not be done in time.
  const maxWaitMs = 20_000;
  const run = await Stream.fromKafka({
    ...{ brokers: sharedBrokers(), topic: source, schema: { id: 'int64' } },
    batch: { maxWaitMs },
    fetch: { maxWaitMs },
  })
    .toKafka({ topic: output })
    .run();
  const producer = kafkajs().producer();
  await producer.connect();
  const started = performance.now();
  let sent = 0;
  const next = async () => {
    sent += 1;
    await producer.send({ topic: source, messages: [{ value: `{"id":${sent}}` }] });
  };
  await next();
  // The next input leaves when the last output has come.
  await readUntil(output, (messages) => {
    if (messages.length === sent && sent < 30) void next();
    return messages.length === 30;
  });
  expect(performance.now() - started).toBeLessThan(maxWaitMs / 2);
  await producer.disconnect();
  await run.stop();
});
