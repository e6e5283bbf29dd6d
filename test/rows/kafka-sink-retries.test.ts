import { expect, onTestFinished, test } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import {
  configFrom,
  KafkaSink,
  type LoadedConfig,
  type RowSinkOptions,
  toSinkOptions,
} from '../../src/index.ts';
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

/** Attempts at a message that is never taken, and the time that they took, ms. */
async function attempts(config: LoadedConfig): Promise<[attempts: number, elapsedMs: number]> {
  const topic = new FakeTopic(1);
  topic.answer = () => 'NOT_ENOUGH_REPLICAS';
  const sink = sinkOn(topic, toSinkOptions(config, { topic: 't' }));
  const startedMs = performance.now();
  await expect(sink.send({ a: 1 })).rejects.toMatchObject({ context: { option: 'retries' } });
  return [topic.batches[0]!, performance.now() - startedMs];
}

// A timer of Node may come a millisecond early.
const EARLY_MS = 4;

test('names of other clients bound the attempts, and the pauses between them', async () => {
  for (const given of [
    { producer_config: { retries: 3, retry_backoff_ms: 10 } },
    { 'message.send.max.retries': 3, 'retry.backoff.ms': 10, 'message.timeout.ms': 60_000 },
    { retries: 5, 'producer.retries': 3, 'retry.backoff.ms': 10 },
  ]) {
    const [count, elapsedMs] = await attempts(configFrom(given));
    expect(count).toBe(4);
    expect(elapsedMs).toBeGreaterThan(10 + 20 + 40 - EARLY_MS);
  }
});

test('three retries, the first after 100 ms, beside the throughput preset', async () => {
  const config = { preset: 'throughput', sink: { retries: 3, retryDelayMs: 100 } } as const;
  const [count, elapsedMs] = await attempts(configFrom(config));
  expect(count).toBe(4);
  expect(elapsedMs).toBeGreaterThan(100 + 200 + 400 - EARLY_MS);
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
