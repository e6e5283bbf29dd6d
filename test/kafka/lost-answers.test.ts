import { type Table, tableFromJSON } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { KafkaSink, type KafkaSinkOptions, Stream } from '../../src/index.ts';
import { EmbeddedKafka } from '../../src/testing/index.ts';
import { createTopic, readMessages } from './cluster.ts';
import { CLIENTS } from './conformance-harness.ts';
import { LossyProxy, PROXY_HOST } from './lossy-proxy.ts';
import { endOffsets } from './pipeline-harness.ts';

const external = process.env.KAFKA_BROKERS !== undefined;
const UNSAFE = { acks: 1, idempotent: false } as const;
const ONCE =
  /did not take a batch: .*sent once and may be stored all the same, and retries 0 allows/;

let kafka: EmbeddedKafka;
let proxy: LossyProxy;

beforeAll(async () => {
  if (external) return;
  kafka = await EmbeddedKafka.start({
    heapMiB: 256,
    listeners: { PROXIED: { advertisedHost: PROXY_HOST } },
  });
  proxy = await LossyProxy.start(kafka.addresses('PROXIED')[0]!);
});

afterAll(async () => {
  proxy?.close();
  await kafka?.stop();
});

describe.skipIf(external).each(CLIENTS)('%s: an answer is lost', (client) => {
  /** A topic, the options to write it, and how many messages are in it. */
  async function lossy(options: Partial<KafkaSinkOptions>) {
    const topic = await createTopic('lossy', { brokers: kafka.brokers });
    proxy.losesNext = 1;
    proxy.requests = 0;
    const sink = { brokers: [proxy.address], client, topic, retryDelayMs: 20, ...options };
    const stored = async () => Number((await endOffsets(topic, kafka.brokers))[0]);
    return { sink, stored, topic };
  }

  const rows = (from: number, to: number) =>
    tableFromJSON(Array.from({ length: to - from }, (_, i) => ({ id: from + i })));

  async function write(sink: KafkaSinkOptions, tables: readonly Table[]) {
    const batches = tables.flatMap((table) => table.batches);
    return (await Stream.fromBatches(batches).toKafka(sink).run()).closed;
  }

  test('with retries 0 a stream stores its batch once, and fails', async () => {
    const { sink, stored } = await lossy({ retries: 0, ...UNSAFE });
    await expect(write(sink, [rows(0, 2)])).rejects.toMatchObject({
      code: 'PRODUCE_FAILED',
      message: expect.stringMatching(ONCE),
      context: { option: 'retries', attempts: 1, mayBeStored: true },
    });
    expect(proxy.losesNext).toBe(0);
    expect([proxy.requests, await stored()]).toEqual([1, 2]);
  });

  test('without retries given a stream sends it again and goes on, all stored once', async () => {
    const { sink, stored, topic } = await lossy({});
    expect(await write(sink, [rows(0, 2), rows(2, 5)])).toMatchObject({ messagesOut: 5 });
    expect([proxy.losesNext, await stored()]).toEqual([0, 5]);
    const copies = await readMessages(topic, 5, kafka.brokers);
    expect(copies.map(({ value }) => JSON.parse(String(value)).id)).toEqual([0, 1, 2, 3, 4]);
  });

  test('with retries 0 a KafkaSink tells the message, and takes the next', async () => {
    const { sink, stored } = await lossy({ retries: 0, ...UNSAFE });
    const rowSink = new KafkaSink(sink);
    onTestFinished(() => rowSink.close());
    await expect(rowSink.send({ id: 1 })).rejects.toMatchObject({
      code: 'PRODUCE_FAILED',
      message: expect.stringMatching(ONCE),
    });
    expect([proxy.requests, await stored()]).toEqual([1, 1]);
    expect(await rowSink.send({ id: 2 })).toMatchObject({ offset: 1n });
    expect(rowSink.stats()).toMatchObject({ delivered: 1, failed: 1 });
  });

  test('without retries given a KafkaSink that is not idempotent stores it twice', async () => {
    const { sink, stored } = await lossy(UNSAFE);
    await using rowSink = new KafkaSink(sink);
    expect(await rowSink.send({ id: 1 })).toMatchObject({ offset: 1n });
    expect(await stored()).toBe(2);
  });
});
