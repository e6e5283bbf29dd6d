/** Memory that stays within its bounds, and threads that die. */
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Stream } from '../../src/index.ts';
import { createTopic, kafkajs, sharedBrokers, uniqueName } from './cluster.ts';
import {
  COMPRESSION_IDS,
  committedOffsets,
  endOffsets,
  eventually,
  range,
  readAll,
  writeMessages,
} from './pipeline-harness.ts';

const MIB = 1024 * 1024;
const COUNT = 30_000;
// A morsel that turns out larger than its lease may pass the budget where all others wait for it.
const GROWTH = 1.25;
const PARTITIONS = 3;
const SCHEMA = { id: 'int64', pad: 'utf8' } as const;
let topic: string;

beforeAll(async () => {
  topic = await createTopic('bulk', { partitions: PARTITIONS });
  const pad = 'abcdefgh'.repeat(512);
  const messages = range(COUNT).map((id) => ({ value: `{"id":${id},"pad":"${pad}"}` }));
  await writeMessages(topic, messages, { perRequest: 200 });
});

const bulk = (maxInFlightBytes: number, groupId?: string) =>
  Stream.fromKafka({
    ...{ brokers: sharedBrokers(), topic, until: 'latest', schema: SCHEMA, maxInFlightBytes },
    ...(groupId === undefined ? {} : { groupId }),
    workers: 2,
  });

describe('maxInFlightBytes', () => {
  test('bounds a run from topic to topic', async () => {
    const output = await createTopic('bulk-copy', { partitions: 2 });
    const maxInFlightBytes = 16 * MIB;
    const run = await bulk(maxInFlightBytes).toKafka({ topic: output, compression: 'lz4' }).run();
    const stats = await run.closed;
    expect(stats).toMatchObject({ messagesIn: COUNT, messagesOut: COUNT, inFlightBytes: 0 });
    expect(stats.peakInFlightBytes).toBeLessThanOrEqual(maxInFlightBytes * GROWTH);
    const total = (await endOffsets(output)).reduce((a, b) => a + b, 0n);
    expect(total).toBe(BigInt(COUNT));
  });

  test.each([false, true])('bounds a slow consumer of batches, borrow %s', async (borrow) => {
    const maxInFlightBytes = 16 * MIB;
    let rows = 0;
    let most = 0;
    let begin = 0;
    let grown = 0;
    const run = await bulk(maxInFlightBytes)
      .forEach(
        async (batch) => {
          rows += batch.numRows;
          // Several turns: all that may be read and decoded ahead is.
          for (let turn = 0; turn < 20; turn++) {
            await setImmediate();
            most = Math.max(most, run.stats().inFlightBytes);
          }
          const { rss } = process.memoryUsage();
          if (rows > COUNT / 4 && begin === 0) begin = rss;
          if (begin > 0) grown = Math.max(grown, rss - begin);
        },
        { borrow },
      )
      .run();
    const stats = await run.closed;
    expect(rows).toBe(COUNT);
    expect(most).toBeGreaterThan(0);
    expect(stats.peakInFlightBytes).toBeLessThanOrEqual(maxInFlightBytes * GROWTH);
    // 90 MB pass in this time.
    expect(grown).toBeLessThan(60 * MIB);
  });

  test('a compressed giant runs alone, or ends the run; its neighbours are unharmed', async () => {
    const output = await createTopic('beside', { partitions: 1 });
    for (const [bytes, fits] of [
      [64 * MIB, true],
      [270 * MIB, false],
    ] as const) {
      const bombs = await createTopic('bomb', { partitions: 2 });
      const groupId = uniqueName('bomb');
      const producer = kafkajs().producer();
      await producer.connect();
      const compression = COMPRESSION_IDS.gzip;
      const ids = range(1_000).map((id) => ({ value: `{"id":${id}}`, partition: 1 }));
      await producer.send({ topic: bombs, messages: ids });
      const value = Buffer.alloc(bytes, ' ');
      value.write('{"id":7}');
      const bomb = { topic: bombs, compression, messages: [{ value, partition: 0 }] };
      await producer.send(bomb);
      await producer.disconnect();
      const before = (await endOffsets(output))[0]!;
      const run = await Stream.fromKafka({
        ...{ brokers: sharedBrokers(), topic: bombs, groupId, until: 'latest' },
        ...{ schema: { id: 'int64' }, maxInFlightBytes: 8 * MIB },
      })
        .toKafka({ topic: output })
        .run();
      if (fits) {
        expect(await run.closed).toMatchObject({ messagesIn: 1_001, messagesOut: 1_001 });
        expect(await committedOffsets(groupId, bombs)).toEqual([1n, 1_000n]);
        expect(run.stats().peakInFlightBytes).toBeGreaterThan(bytes);
        continue;
      }
      await expect(run.closed).rejects.toMatchObject({
        code: 'OUT_OF_MEMORY',
        message: expect.stringContaining(`${bombs}-0`),
      });
      // Whatever of the neighbour was written is whole and committed; nothing of it is damaged.
      const [, committed = 0n] = await committedOffsets(groupId, bombs);
      const copies = (await readAll(output)).slice(Number(before));
      expect(copies.map(({ value }) => String(value))).toEqual(
        range(Number(committed)).map((id) => `{"id":${id}}`),
      );
    }
  });
});

describe('a worker thread that ends', () => {
  /** Calls `act` with every worker thread that is started until the test ends. */
  function onWorker(act: (worker: Worker) => void): void {
    process.on('worker', act);
    onTestFinished(() => void process.off('worker', act));
  }

  test('once: the morsel is done again, nothing is lost or doubled', async () => {
    const output = await createTopic('survives');
    const workers: Worker[] = [];
    onWorker((worker) => workers.push(worker));
    const run = await bulk(16 * MIB)
      .toKafka({ topic: output, keyInValue: true })
      .run();
    await eventually(() => run.stats().messagesOut > 2_000);
    expect(run.stats().messagesIn).toBeLessThan(COUNT);
    const started = workers.length;
    await workers[0]!.terminate();
    expect(await run.closed).toMatchObject({ messagesIn: COUNT, messagesOut: COUNT });
    expect(workers.length).toBeGreaterThan(started);
    const ids = new Set<number>();
    const copies = await readAll(output);
    for (const { value } of copies) ids.add((JSON.parse(String(value)) as { id: number }).id);
    expect(ids.size).toBe(COUNT);
    expect(copies.length).toBe(COUNT);
  });

  test('before it has begun: the run fails with WORKER_DIED', async () => {
    onWorker((worker) => void worker.terminate());
    const run = await bulk(16 * MIB)
      .toKafka({ topic: await createTopic('unborn') })
      .run();
    await expect(run.closed).rejects.toMatchObject({ code: 'WORKER_DIED' });
  });

  test('twice on one morsel: the run fails with WORKER_DIED', async () => {
    const output = await createTopic('dies');
    const groupId = uniqueName('dies');
    onWorker((worker) => {
      // The first message says that it is ready; what waited for that is given to it at once.
      worker.once('message', () => void worker.terminate());
    });
    const run = await bulk(16 * MIB, groupId)
      .toKafka({ topic: output })
      .run();
    await expect(run.closed).rejects.toMatchObject({ code: 'WORKER_DIED' });
    expect(await committedOffsets(groupId, topic)).toEqual([undefined, undefined, undefined]);
    expect(await endOffsets(output)).toEqual([0n]);
  });
});
