import { describe, expect, test } from 'vitest';
import {
  batchesIn,
  fetchFrom,
  leaderOf,
  produceTo,
  recordBatch,
  testClient,
} from './client-harness.ts';
import { createTopic, readMessages } from './cluster.ts';

async function valuesOf(topic: string, count: number): Promise<(string | undefined)[]> {
  const messages = await readMessages(topic, count);
  const sorted = messages.sort((a, b) => Number(a.offset - b.offset));
  return sorted.map(({ value }) => value?.toString());
}

describe('produce', () => {
  test.each([-1, 1, 0] as const)('acks %i: kafkajs reads what was sent', async (acks) => {
    const client = testClient();
    const topic = await createTopic('produce-acks');
    const bytes = recordBatch({ values: ['one', null, '', 'vier'] });
    const results = await produceTo(client, [{ topic, partition: 0, bytes }], { acks });
    const baseOffset = acks === 0 ? -1n : 0n;
    expect(results).toEqual([{ topic, partition: 0, baseOffset, logAppendTimeMs: -1n }]);
    expect(await valuesOf(topic, 4)).toEqual(['one', undefined, '', 'vier']);
  });

  test('several topics and partitions in one request, out of shared memory', async () => {
    const client = testClient();
    const topics = [
      await createTopic('produce-a', { partitions: 2 }),
      await createTopic('produce-b'),
    ];
    const parts = [
      { topic: topics[0]!, partition: 1 },
      { topic: topics[1]!, partition: 0 },
      { topic: topics[0]!, partition: 0 },
    ];
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    let at = 3;
    const batches = parts.map((part) => {
      const bytes = recordBatch({ values: [`${part.topic}/${part.partition}`] });
      const view = new Uint8Array(memory.buffer, at, bytes.length);
      view.set(bytes);
      at += bytes.length;
      return { ...part, bytes: view };
    });
    const results = await produceTo(client, batches);
    expect(results.map(({ topic, partition }) => ({ topic, partition }))).toEqual(parts);
    expect(results.every(({ error }) => error === undefined)).toBe(true);
    // The memory is the caller's again.
    new Uint8Array(memory.buffer).fill(0);
    expect((await valuesOf(topics[0]!, 2)).sort()).toEqual([`${topics[0]}/0`, `${topics[0]}/1`]);
    expect(await valuesOf(topics[1]!, 1)).toEqual([`${topics[1]}/0`]);
  });

  test('many requests at once arrive in the order of the calls', async () => {
    const client = testClient();
    const topic = await createTopic('produce-order');
    const node = await leaderOf(client, topic);
    const { producerId, producerEpoch } = await client.initProducerId();
    const sent = Array.from({ length: 40 }, (_, baseSequence) => {
      const values = [`v${baseSequence}`];
      const bytes = recordBatch({ values, producerId, producerEpoch, baseSequence });
      const batches = [{ topic, partition: 0, bytes }];
      return client.produce({ node, acks: -1, timeoutMs: 5_000, batches });
    });
    const offsets = (await Promise.all(sent)).map(([result]) => result!.baseOffset);
    expect(offsets).toEqual(sent.map((_, i) => BigInt(i)));
  });

  test('the same sequence twice is stored once; a gap is refused as a value', async () => {
    const client = testClient();
    const topic = await createTopic('produce-idempotent');
    const identity = await client.initProducerId();
    const batch = (baseSequence: number, value: string) => [
      { topic, partition: 0, bytes: recordBatch({ ...identity, values: [value], baseSequence }) },
    ];
    const first = await produceTo(client, batch(0, 'first'));
    const again = await produceTo(client, batch(0, 'first'));
    expect(again.map(({ baseOffset }) => baseOffset)).toEqual([first[0]!.baseOffset]);
    expect(again[0]!.error).toBe(undefined);
    const [gap] = await produceTo(client, batch(7, 'gap'));
    expect(gap!.error).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    await produceTo(client, batch(1, 'second'));
    expect(await valuesOf(topic, 2)).toEqual(['first', 'second']);
  });

  test('each client gets an identity of its own', async () => {
    const client = testClient();
    const identities = [await client.initProducerId(), await client.initProducerId()];
    expect(identities[0]!.producerId).not.toBe(identities[1]!.producerId);
    expect(identities.map(({ producerEpoch }) => producerEpoch)).toEqual([0, 0]);
  });

  test('refusals of single partitions are values, and the others are stored', async () => {
    const client = testClient();
    const topic = await createTopic('produce-refused', { config: { 'max.message.bytes': '1000' } });
    const other = await createTopic('produce-taken');
    expect(await client.maxMessageBytes(topic)).toBe(1_000);
    const large = recordBatch({ values: ['x'.repeat(2_000)] });
    const damaged = Buffer.from(large);
    damaged[100]! ^= 1;
    const results = await produceTo(client, [
      { topic, partition: 0, bytes: large },
      { topic, partition: 9, bytes: recordBatch({ values: ['a'] }) },
      { topic: other, partition: 0, bytes: large },
    ]);
    expect(results.map(({ error }) => error)).toEqual([
      'MESSAGE_TOO_LARGE',
      'UNKNOWN_TOPIC_OR_PARTITION',
      undefined,
    ]);
    const [corrupt] = await produceTo(client, [{ topic: other, partition: 0, bytes: damaged }]);
    expect(corrupt!.error).toBe('CORRUPT_MESSAGE');
    const { sets } = await fetchFrom(client, [{ topic: other, partition: 0, offset: 0n }]);
    expect(batchesIn(sets[0]!)).toEqual([{ baseOffset: 0n, records: 1 }]);
  });
});
