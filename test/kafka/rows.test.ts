import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { clientInfo, fromKafka, KafkaSink, KafkaSource, toKafka } from '../../src/index.ts';
import { createTopic, sharedBrokers, uniqueName } from './cluster.ts';
import { CLIENTS } from './conformance-harness.ts';
import { committedOffsets, readAll, readByJava, writeMessages } from './pipeline-harness.ts';

interface Order {
  readonly id: number;
  readonly customer: string;
}

const brokers = sharedBrokers();
const order = (id: number): Order => ({ id, customer: `c-${id % 10}` });
const orders = (count: number) => Array.from({ length: count }, (_, id) => order(id));
const asMessage = (value: Order) => ({
  key: value.customer,
  value: JSON.stringify(value),
  headers: { trace: `t-${value.id}` },
});

async function filled(count: number, partitions = 1): Promise<string> {
  const topic = await createTopic('rows', { partitions });
  await writeMessages(topic, orders(count).map(asMessage));
  return topic;
}

const NAMES = { platformatic: '@platformatic/kafka', kafkajs: 'kafkajs' };
const inUse = () => clientInfo().flatMap((info) => (info.inUse ? [info.client] : []));

describe.each(CLIENTS)('%s', (client) => {
  test('records() has key, headers, place and time; a schema types the values', async () => {
    const topic = await filled(50);
    const before = Date.now();
    const schema = { id: 'int64', customer: 'utf8' } as const;
    await using source = fromKafka({ brokers, topic, client, schema, until: 'latest' });
    let next = 0;
    for await (const record of source.records()) {
      expect(record).toMatchObject({ topic, partition: 0, offset: BigInt(next) });
      expect(record.value).toEqual({ id: BigInt(next), customer: `c-${next % 10}` });
      expect(record.key?.toString()).toBe(`c-${next % 10}`);
      expect(record.headers).toEqual([{ key: 'trace', value: Buffer.from(`t-${next}`) }]);
      expect(Math.abs(record.timestamp - before)).toBeLessThan(60_000);
      next += 1;
    }
    expect(next).toBe(50);
  });

  test('poll() gives up after its time, seeks go anywhere, pause holds still', async () => {
    const topic = await filled(100);
    const groupId = uniqueName('group');
    await using source = new KafkaSource<Order>({ brokers, topic, client, groupId });
    expect(await source.poll()).toMatchObject({ offset: 0n });
    await source.seek({ topic, partition: 0, offset: 70n });
    expect(await source.poll()).toMatchObject({ offset: 70n });
    expect(await source.poll()).toMatchObject({ offset: 71n });
    await source.seekToBeginning();
    expect(await source.poll()).toMatchObject({ offset: 0n });
    await source.seekToEnd();
    expect(await source.poll({ timeoutMs: 100 })).toBeUndefined();
    await source.pause();
    await writeMessages(topic, [asMessage(order(100))]);
    expect(await source.poll({ timeoutMs: 300 })).toBeUndefined();
    await source.resume();
    expect(await source.poll()).toMatchObject({ offset: 100n, value: order(100) });
    expect(source.assignment()).toEqual([{ topic, partition: 0 }]);
    expect(inUse()).toEqual([client]);
  });

  test.each(['classic', 'consumer'] as const)(
    'a source that has just begun knows its partitions before it seeks, protocol %s',
    async (protocol) => {
      const topic = await filled(10);
      const group = { protocol, heartbeatIntervalMs: 200 };
      const options = { brokers, topic, client, groupId: uniqueName('group'), group };
      await using reader = new KafkaSource<Order>({ ...options, until: 'latest' });
      let read = 0;
      for await (const _ of reader.messages()) read += 1;
      expect(read).toBe(10);
      await reader.stop();
      await using source = new KafkaSource<Order>(options);
      await source.start();
      expect(source.assignment()).toEqual([{ topic, partition: 0 }]);
      expect(await source.poll({ timeoutMs: 100 })).toBeUndefined();
      await source.stop();
      await using again = new KafkaSource<Order>(options);
      await again.seekToBeginning();
      expect(await again.poll()).toMatchObject({ offset: 0n });
      await again.stop();
      await using there = new KafkaSource<Order>(options);
      await there.seek({ topic, partition: 0, offset: 7n });
      expect(await there.poll()).toMatchObject({ offset: 7n });
    },
  );

  test('what it sends, Java reads at the places that it was told', async () => {
    const topic = await createTopic('rows', { partitions: 3 });
    await using sink = toKafka<Order>({
      ...{ brokers, topic, client, key: 'customer', compression: 'lz4' },
    });
    const deliveries = await Promise.all(orders(500).map((value) => sink.send(value)));
    expect(sink.stats().client).toMatchObject({ name: NAMES[client] });
    const printed = await readByJava(topic, 500);
    const found = new Map(printed.map((m) => [`${m.partition} ${m.offset}`, m]));
    for (const [id, { partition, offset, timestamp }] of deliveries.entries()) {
      expect(found.get(`${partition} ${offset}`)).toEqual({
        ...{ partition, offset: Number(offset), timestampMs: timestamp },
        ...{ key: `c-${id % 10}`, value: JSON.stringify(order(id)) },
      });
    }
  });
});

describe('KafkaSource', () => {
  test('messages() has the values of every partition, in its order, to the end', async () => {
    const topic = await filled(1_000, 3);
    await using source = new KafkaSource<Order>({ brokers, topic, until: 'latest' });
    const values: Order[] = [];
    for await (const value of source.messages()) values.push(value);
    expect(values.toSorted((a, b) => a.id - b.id)).toEqual(orders(1_000));
    for (let c = 0; c < 10; c++) {
      const ids = values.filter(({ customer }) => customer === `c-${c}`).map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    }
  });

  test('null values and missing keys are null', async () => {
    const topic = await createTopic('rows');
    await writeMessages(topic, [
      { key: null, value: null },
      { key: 'k', value: '{"id":1}' },
    ]);
    await using source = fromKafka({ brokers, topic, until: 'latest' });
    const seen: unknown[] = [];
    for await (const { key, value, headers } of source.records()) {
      seen.push([key?.toString() ?? null, value, headers]);
    }
    expect(seen).toEqual([
      [null, null, []],
      ['k', { id: 1 }, []],
    ]);
  });

  test('stop() commits what is done with, and the next run begins there', async () => {
    const topic = await filled(100);
    const groupId = uniqueName('group');
    const read = async (count: number) => {
      await using source = new KafkaSource<Order>({ brokers, topic, groupId });
      const ids: number[] = [];
      for await (const { id } of source.messages()) {
        ids.push(id);
        if (ids.length === count) break;
      }
      return ids;
    };
    // The message at hand when the loop is left is not done with.
    expect(await read(31)).toEqual([...Array(31).keys()]);
    expect(await committedOffsets(groupId, topic)).toEqual([30n]);
    expect((await read(3))[0]).toBe(30);
    expect(await committedOffsets(groupId, topic)).toEqual([32n]);
  });

  test('a loop that is left can be taken up', async () => {
    const topic = await filled(10);
    await using source = new KafkaSource<Order>({ brokers, topic });
    for await (const { id } of source.messages()) if (id === 3) break;
    for await (const { id } of source.messages()) {
      expect(id).toBe(4);
      break;
    }
    const loop = source.messages();
    await loop.next();
    await expect(source.records().next()).rejects.toMatchObject({ code: 'INVALID_PLAN' });
    await loop.return();
    expect(await source.poll()).toMatchObject({ offset: 6n });
  });

  test('without autoCommit only commit() commits: up to one message, or all so far', async () => {
    const topic = await filled(100);
    const groupId = uniqueName('group');
    const source = new KafkaSource<Order>({ brokers, topic, groupId, autoCommit: false });
    for await (const record of source.records()) {
      if (record.offset === 10n) await source.commit(record);
      if (record.offset === 20n) {
        expect(await committedOffsets(groupId, topic)).toEqual([11n]);
        await source.commit();
      }
      if (record.offset === 50n) break;
    }
    await source.stop();
    expect(await committedOffsets(groupId, topic)).toEqual([21n]);
    await using again = new KafkaSource<Order>({ brokers, topic, groupId, autoCommit: false });
    expect(await again.poll()).toMatchObject({ offset: 21n, value: order(21) });
  });

  test('a slow loop is committed within its batch, every commitIntervalMs', async () => {
    const topic = await filled(100);
    const groupId = uniqueName('group');
    const options = { brokers, topic, groupId, commitIntervalMs: 50 };
    await using source = new KafkaSource<Order>(options);
    let committed = 0n;
    let handled = 0n;
    for await (const _ of source.messages()) {
      committed = (await committedOffsets(groupId, topic))[0] ?? 0n;
      expect(committed).toBeLessThanOrEqual(handled);
      if (committed > 5n || handled === 99n) break;
      await setTimeout(20);
      handled += 1n;
    }
    expect(committed).toBeGreaterThan(5n);
  });

  test.each(['source', 'run'])('%s.commit() in onRevoke commits at stop()', async (whose) => {
    const topic = await filled(100);
    const groupId = uniqueName('group');
    const source: KafkaSource<Order> = new KafkaSource<Order>({
      ...{ brokers, topic, groupId, autoCommit: false },
      onRevoke: (_, run) => (whose === 'run' ? run : source).commit(),
    });
    for await (const { id } of source.messages()) if (id === 9) break;
    await source.stop();
    expect(await committedOffsets(groupId, topic)).toEqual([10n]);
  });

  test('commit() commits where a seek went, back and forth', async () => {
    const topic = await filled(100);
    const groupId = uniqueName('group');
    await using source = new KafkaSource<Order>({ brokers, topic, groupId, autoCommit: false });
    await source.poll();
    const steps = [
      [() => source.seek({ topic, partition: 0, offset: 70n }), 70n],
      [() => source.seekToEnd(), 100n],
      [() => source.seekToBeginning(), 0n],
    ] as const;
    for (const [seek, offset] of steps) {
      await seek();
      await source.commit();
      expect(await committedOffsets(groupId, topic)).toEqual([offset]);
    }
  });

  test('a message that is no JSON ends the loop, or goes to its listener', async () => {
    const topic = await createTopic('rows');
    const noText = Buffer.from('{"id":"\xff"}', 'latin1');
    await writeMessages(topic, [
      ...[{ value: '{"id":1}' }, { value: '{"id"' }, { value: '{"id":2}' }],
      ...[{ value: noText }, { value: '{"id":"\ufffd"}' }],
    ]);
    await using strict = new KafkaSource<Order>({ brokers, topic, until: 'latest' });
    const read: unknown[] = [];
    const loop = async () => {
      for await (const { id } of strict.messages()) read.push(id);
    };
    await expect(loop()).rejects.toMatchObject({ code: 'BAD_MESSAGE', context: { offset: 1n } });
    const utf8 = { offset: 3n, reason: 'utf8' };
    await expect(loop()).rejects.toMatchObject({ code: 'BAD_MESSAGE', context: utf8 });
    await loop();
    expect(read).toEqual([1, 2, '\ufffd']);
    const bad: unknown[] = [];
    await using lenient = new KafkaSource<Order>({
      ...{ brokers, topic, until: 'latest' },
      onBadMessage: (error, record) => bad.push([error.code, record.offset, record.value]),
    });
    for await (const { id } of lenient.messages()) read.push(id);
    expect(read.slice(3)).toEqual([1, 2, '\ufffd']);
    expect(bad).toEqual([
      ['BAD_MESSAGE', 1n, Buffer.from('{"id"')],
      ['BAD_MESSAGE', 3n, noText],
    ]);
    const asText = { brokers, topic, codec: 'string', until: 'latest' } as const;
    const lost: bigint[] = [];
    const onBadMessage = (_: unknown, { offset }: { offset: bigint }) => void lost.push(offset);
    await using texts = new KafkaSource<string>({ ...asText, onBadMessage });
    let good = 0;
    for await (const text of texts.messages()) good += typeof text === 'string' ? 1 : 0;
    expect(good).toBe(4);
    expect(lost).toEqual([3n]);
  });

  test('a loop has the error of a run that cannot begin', async () => {
    await using source = new KafkaSource({ brokers, topic: uniqueName('nowhere') });
    await expect(source.messages().next()).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
  });
});

describe('KafkaSink', () => {
  test('keys lie where kafkajs puts them (murmur2, as the Java client)', async () => {
    const topic = await createTopic('rows', { partitions: 7 });
    const values = Array.from({ length: 300 }, (_, i) => ({
      id: i,
      customer: `é${'x'.repeat(i % 9)}${i}`,
    }));
    await using sink = new KafkaSink<Order>({ brokers, topic, key: 'customer' });
    await sink.sendBatch(values);
    await writeMessages(topic, values.map(asMessage));
    const partitions = new Map<string, Set<number>>();
    for (const { key, partition } of await readAll(topic)) {
      const name = String(key);
      partitions.set(name, (partitions.get(name) ?? new Set()).add(partition));
    }
    expect(partitions.size).toBe(300);
    expect([...partitions.values()].every((set) => set.size === 1)).toBe(true);
  });

  test("the broker's time is the delivery's where the topic keeps that", async () => {
    const config = { 'message.timestamp.type': 'LogAppendTime' };
    const topic = await createTopic('rows', { config });
    await using sink = new KafkaSink<Order>({ brokers, topic });
    const { timestamp } = await sink.send(order(1), { timestamp: 1_000 });
    const [message] = await readAll(topic);
    expect(timestamp).toBe(message!.timestampMs);
    expect(timestamp).toBeGreaterThan(1_600_000_000_000);
  });
});
