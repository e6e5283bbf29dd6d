import { expect, onTestFinished, test } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { configFrom, KafkaSink, type RowSinkOptions, toSinkOptions } from '../../src/index.ts';
import type { ProduceRequest } from '../../src/ingest/client.ts';
import { FakeTopic } from './fake-topic.ts';

function sinkOn(topic: FakeTopic, options: Omit<RowSinkOptions, 'topic'>): KafkaSink {
  const sink = new KafkaSink({ topic: 't', ...options }, { client: topic.client });
  onTestFinished(() => sink.close());
  return sink;
}

/** A topic whose first answer is lost. */
function lossy(topic: FakeTopic): () => ReturnType<FakeTopic['client']> {
  let isLost = false;
  return () => {
    const client = topic.client();
    return {
      ...client,
      produce: async (request: ProduceRequest) => {
        const results = await client.produce(request);
        if (isLost) return results;
        isLost = true;
        throw new MillraceError('the answer is lost', { code: 'BROKER_UNREACHABLE' });
      },
    };
  };
}

test('with retries 0 a message whose answer is lost is stored once, and told', async () => {
  const topic = new FakeTopic(1);
  const options = { topic: 't', retries: 0, idempotent: false, acks: 1 } as const;
  await using sink = new KafkaSink(options, { client: lossy(topic) });
  await expect(sink.send({ a: 1 })).rejects.toMatchObject({
    code: 'PRODUCE_FAILED',
    context: { option: 'retries', mayBeStored: true },
  });
  expect(await sink.send({ a: 2 })).toMatchObject({ offset: 1n });
  expect(topic.values(0)).toEqual([{ a: 1 }, { a: 2 }]);
});

test('names of other clients bound the attempts, and the pauses between them', async () => {
  const topic = new FakeTopic(1);
  topic.answer = () => 'NOT_ENOUGH_REPLICAS';
  const config = configFrom({ retries: 3, 'retry.backoff.ms': 10, 'delivery.timeout.ms': 60_000 });
  const sink = sinkOn(topic, toSinkOptions(config, { topic: 't' }));
  const startedMs = performance.now();
  await expect(sink.send({ a: 1 })).rejects.toMatchObject({
    context: { option: 'retries', attempts: 4 },
  });
  // 10, 20 and 40 ms; a timer of Node may come a millisecond early.
  expect(performance.now() - startedMs).toBeGreaterThan(66);
  expect(topic.batches).toEqual([4]);
});

test('delivery.timeout.ms ends attempts that nothing else bounds', async () => {
  const topic = new FakeTopic(1);
  topic.answer = () => 'NOT_ENOUGH_REPLICAS';
  const config = configFrom({ 'retry.backoff.ms': 5_000, 'delivery.timeout.ms': 50 });
  const sink = sinkOn(topic, toSinkOptions(config, { topic: 't' }));
  await expect(sink.send({ a: 1 })).rejects.toMatchObject({
    code: 'PRODUCE_FAILED',
    message: expect.stringContaining('deliveryTimeoutMs 50 allows no further attempt'),
  });
  expect(topic.messages).toEqual([]);
});
