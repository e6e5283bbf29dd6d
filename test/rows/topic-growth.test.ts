import { tableFromArrays } from 'apache-arrow';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { partitionForKey } from '../../src/ingest/partitioner.ts';
import { KafkaSink } from '../../src/rows/kafka-sink.ts';
import type { RowSinkOptions } from '../../src/rows/row-sink-options.ts';
import { FakeTopic } from './fake-topic.ts';

afterEach(() => vi.restoreAllMocks());

/** An open sink whose topic has three partitions since, and the time. */
async function grown(options: Partial<RowSinkOptions<object>> = {}) {
  let nowMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const topic = new FakeTopic(1);
  const io = { client: topic.client };
  const sink = new KafkaSink<object>({ topic: 'orders', ...options }, io);
  onTestFinished(() => sink.close());
  await sink.start();
  topic.grow(3);
  topic.asked = 0;
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { topic, sink, pass };
}

const turn = () => new Promise(setImmediate);

it('a partition that is named and not known yet is asked for', async () => {
  const { topic, sink, pass } = await grown();
  pass(2_000);
  const sent = [1, 2, 3].map((id) => sink.send({ id }, { partition: 2 }));
  await sink.flush();
  expect(topic.values(2)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  expect(await sent[2]).toMatchObject({ partition: 2, offset: 2n });
  expect(topic.asked).toBe(1);
});

it('at once, also just behind the start', async () => {
  const { topic, sink } = await grown();
  expect(await sink.send({ id: 1 }, { partition: 2 })).toMatchObject({ partition: 2 });
  expect(topic.asked).toBe(1);
});

it('one that there is not is refused, and the broker seldom asked', async () => {
  const { topic, sink, pass } = await grown();
  const refused = { code: 'INVALID_OPTION', message: expect.stringContaining('has 0 to 2') };
  pass(2_000);
  for (let i = 0; i < 20; i++) {
    await expect(sink.send({}, { partition: 3 })).rejects.toMatchObject(refused);
  }
  expect(topic.asked).toBe(1);
  expect(sink.stats()).toMatchObject({ sent: 20, failed: 20, bufferedMessages: 0 });
  pass(2_000);
  topic.problem = new MillraceError('no broker', { code: 'BROKER_UNREACHABLE' });
  await expect(sink.send({}, { partition: 3 })).rejects.toMatchObject(refused);
  expect(topic.asked).toBe(2);
});

it('every five minutes the topic is asked for, and new partitions have their turn', async () => {
  const { topic, sink, pass } = await grown({ partitioner: 'round-robin' });
  pass(299_000);
  await sink.send({ id: 0 });
  expect(topic.asked).toBe(0);
  pass(2_000);
  await sink.send({ id: 1 });
  expect(topic.asked).toBe(1);
  await turn();
  const deliveries = await Promise.all([2, 3, 4].map((id) => sink.send({ id })));
  expect(new Set(deliveries.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
  const [batch] = tableFromArrays({ id: Int32Array.of(5, 6, 7) }).batches;
  const dealt = await sink.sendBatch(batch!);
  expect(new Set(dealt.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
  expect(topic.asked).toBe(1);
});

it('messages of one list stay where the first of their key went', async () => {
  const { topic, sink, pass } = await grown({ key: 'k', maxBufferMessages: 2 });
  const key = ['a', 'b', 'c', 'd'].find((k) => partitionForKey(Buffer.from(k), 3) !== 0)!;
  topic.hold();
  pass(2_000);
  const listed = sink.sendBatch(Array.from({ length: 6 }, (_, id) => ({ k: key, id })));
  const named = sink.send({ k: key }, { partition: 2 });
  await vi.waitFor(() => expect(topic.asked).toBe(1));
  await turn();
  topic.release();
  await Promise.all([listed, named]);
  expect((await listed).map(({ partition }) => partition)).toEqual([0, 0, 0, 0, 0, 0]);
  const { partition } = await sink.send({ k: key });
  expect(partition).toBe(partitionForKey(Buffer.from(key), 3));
});
