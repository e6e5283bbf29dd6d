import { type RecordBatch, tableFromArrays } from 'apache-arrow';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KafkaSink } from '../../src/rows/kafka-sink.ts';
import type { RowSinkOptions } from '../../src/rows/row-sink-options.ts';
import { FakeTopic } from './fake-topic.ts';

interface Row {
  readonly id: number;
}

const rows = (from: number, to: number): Row[] =>
  Array.from({ length: to - from }, (_, i) => ({ id: from + i }));

function columns(from: number, to: number): RecordBatch {
  const id = Int32Array.from({ length: to - from }, (_, i) => from + i);
  return tableFromArrays({ id }).batches[0]!;
}

async function openSink(options: Partial<RowSinkOptions<Row>> = {}) {
  const topic = new FakeTopic(1);
  const sink = new KafkaSink<Row>({ topic: 'orders', ...options }, { client: topic.client });
  await sink.start();
  onTestFinished(() => sink.close());
  return { sink, ids: () => topic.values(0).map((value) => (value as Row).id) };
}

const counted = (count: number) => Array.from({ length: count }, (_, i) => i);

describe.each([
  ['room for all', {}],
  ['room for ten', { maxBufferMessages: 10 }],
  ['room for ten, that linger', { maxBufferMessages: 10, lingerMs: 60_000 }],
])('calls that are not awaited, with %s', (_, options) => {
  it.each([
    ['rows', rows],
    ['a record batch', columns],
  ])('store what they send in their order: %s, a message, %1$s', async (_name, made) => {
    const { sink, ids } = await openSink(options);
    const sent: Promise<unknown>[] = [
      sink.send({ id: 0 }),
      sink.sendBatch(made(1, 50)),
      sink.send({ id: 50 }),
      sink.sendBatch(made(51, 100)),
      sink.sendBatch(rows(100, 150)),
      sink.send({ id: 150 }),
    ];
    await sink.flush();
    await Promise.all(sent);
    expect(ids()).toEqual(counted(151));
  });
});

it('keeps the order of calls that came before it was open', async () => {
  const topic = new FakeTopic(1);
  const io = { client: topic.client };
  await using sink = new KafkaSink<Row>({ topic: 'orders', maxBufferMessages: 10 }, io);
  const sent: Promise<unknown>[] = [
    sink.sendBatch(rows(0, 50)),
    sink.send({ id: 50 }),
    sink.sendBatch(rows(51, 100)),
  ];
  await Promise.all(sent);
  expect(topic.values(0).map((value) => (value as Row).id)).toEqual(counted(100));
});

it('does not linger where messages wait for room', async () => {
  const { sink, ids } = await openSink({ maxBufferMessages: 10, lingerMs: 60_000 });
  // As many as the buffer holds, and as many in line: neither is a full batch.
  await Promise.all(rows(0, 20).map((row) => sink.send(row)));
  expect(ids()).toEqual(counted(20));
});

it('nor where there is room, but not for what is sent', async () => {
  const { sink, ids } = await openSink({ maxBufferBytes: 1_024, lingerMs: 60_000 });
  const row = (id: number) => ({ id, text: 'x'.repeat(350) });
  await Promise.all([0, 1, 2, 3].map((id) => sink.send(row(id))));
  expect(ids()).toEqual(counted(4));
});

it('a key without a text that a function throws fails its message alone', async () => {
  const key = ({ id }: Row) => {
    if (id % 2 === 1) throw Object.create(null);
    return String(id);
  };
  const { sink, ids } = await openSink({ key, maxBufferMessages: 2 });
  const failed = { code: 'CONSUMER_FAILED', message: 'an object without a text was thrown' };
  await expect(sink.sendBatch(rows(0, 10))).rejects.toMatchObject(failed);
  await expect(sink.send({ id: 11 })).rejects.toMatchObject(failed);
  await sink.send({ id: 12 });
  await sink.flush();
  expect(ids()).toEqual([0, 2, 4, 6, 8, 12]);
});

it('pieces of a record batch wait for room behind what came before', async () => {
  const { sink, ids } = await openSink({ maxBufferMessages: 1_000 });
  const batches = [sink.sendBatch(columns(0, 30_000)), sink.sendBatch(columns(30_000, 60_000))];
  const last = sink.send({ id: 60_000 });
  await Promise.all([...batches, last]);
  expect(ids()).toEqual(counted(60_001));
});

it('a failed row gives its room to the next while others wait', async () => {
  const topic = new FakeTopic(1);
  const told: (string | undefined)[] = [];
  const options = {
    ...{ topic: 'orders', maxBatchBytes: 1_000, maxBufferMessages: 2 },
    onDelivery: (error: { code: string } | undefined) => void told.push(error?.code),
  };
  await using sink = new KafkaSink<object>(options, { client: topic.client });
  await sink.start();
  const large = { t: 'x'.repeat(2_000) };
  const sent = sink.sendBatch([{ id: 0 }, large, large, { id: 1 }, large, { id: 2 }]);
  const behind = sink.sendBatch(columns(3, 5));
  await expect(sent).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
  await behind;
  await sink.flush();
  expect(topic.values(0)).toEqual([0, 1, 2, 3, 4].map((id) => ({ id })));
  expect(told.filter((code) => code === 'MESSAGE_TOO_LARGE')).toHaveLength(3);
  expect(told).toHaveLength(8);
  expect(sink.stats()).toMatchObject({ sent: 8, delivered: 5, failed: 3, bufferedBytes: 0 });
});
