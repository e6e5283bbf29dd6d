import { tableFromArrays } from 'apache-arrow';
import { expect, test } from 'vitest';
import { fromKafka, map, Stream, toKafka } from '../../src/index.ts';
import { createTopic, sharedBrokers } from './cluster.ts';
import { readByJava } from './pipeline-harness.ts';

const brokers = sharedBrokers();

const SCHEMA = {
  id: 'uint64',
  price: 'decimal(38,2)',
  day: 'date',
  time: 'time',
  took: 'duration?',
  at: 'timestamp(ns)',
  color: 'dictionary',
  raw: 'binary',
  any: 'json?',
  labels: map('int8?'),
  nothing: 'null',
} as const;

const row = (i: number) => ({
  id: 2n ** 64n - 1n - BigInt(i),
  price: `${i}.05`,
  day: i * 86_400_000,
  time: BigInt(i) * 1_000_001n,
  took: i % 3 === 0 ? null : BigInt(i) * -1_500_000n,
  at: 1_700_000_000_000 + i,
  color: i % 2 === 0 ? 'red' : 'größe',
  raw: Buffer.of(i, 255),
  any: i % 4 === 0 ? null : { i: [i, 'x'] },
  labels: { a: i, b: null },
  nothing: null,
});
const ROWS = Array.from({ length: 100 }, (_, i) => row(i));

test('rows of every type come back from a topic, and go through a stream', async () => {
  const topic = await createTopic('types', { partitions: 1 });
  const copy = await createTopic('types-copy', { partitions: 1 });
  {
    await using sink = toKafka({ brokers, topic, schema: SCHEMA, key: 'color' });
    await sink.sendBatch(ROWS);
  }
  const stream = Stream.fromKafka({ brokers, topic, schema: SCHEMA, until: 'latest' });
  const run = await stream.toKafka({ topic: copy, key: 'color' }).run();
  await run.closed;
  for (const name of [topic, copy]) {
    await using source = fromKafka({ brokers, topic: name, schema: SCHEMA, until: 'latest' });
    const read: unknown[] = [];
    for await (const { value, key } of source.records()) {
      expect(key?.toString()).toBe(value.color);
      read.push(value);
    }
    expect(read, name).toEqual(ROWS);
  }
});

test('a table with dictionaries goes to a topic, keyed by one', async () => {
  const topic = await createTopic('types-table', { partitions: 3 });
  const table = tableFromArrays({ symbol: ['ABC', 'XYZ', 'ABC'], shares: Uint8Array.of(1, 2, 3) });
  const run = await Stream.fromBatches(table).toKafka({ brokers, topic, key: 'symbol' }).run();
  await run.closed;
  const messages = await readByJava(topic, 3);
  expect(messages.map(({ key }) => key).toSorted()).toEqual(['ABC', 'ABC', 'XYZ']);
  const values = messages.map(({ value }) => value).toSorted();
  expect(values).toEqual([
    '{"symbol":"ABC","shares":1}',
    '{"symbol":"ABC","shares":3}',
    '{"symbol":"XYZ","shares":2}',
  ]);
});
