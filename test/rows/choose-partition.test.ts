import { tableFromArrays } from 'apache-arrow';
import { expect, it } from 'vitest';
import { partitionForKey } from '../../src/ingest/partitioner.ts';
import { checkPartition, PartitionChooser } from '../../src/rows/choose-partition.ts';
import { KafkaSink } from '../../src/rows/kafka-sink.ts';
import { FakeTopic } from './fake-topic.ts';

const key = Buffer.from('key');
const hashed = partitionForKey(key, 5);

it('murmur2 hashes keys, and gives turns to messages without one', () => {
  const chooser = new PartitionChooser('murmur2', 5, 3);
  const keys = [key, null, null, key, null];
  const chosen = keys.map((k) => chooser.choose({}, k, undefined));
  expect(chosen).toEqual([hashed, 3, 4, hashed, 0]);
});

it('round-robin does not look at keys', () => {
  const chooser = new PartitionChooser('round-robin', 3, 1);
  expect([key, null, key].map((k) => chooser.choose({}, k, undefined))).toEqual([1, 2, 0]);
});

it('sticky stays until the batch of its partition is complete', () => {
  const chooser = new PartitionChooser('sticky', 5, 2);
  expect([null, key, null].map((k) => chooser.choose({}, k, undefined))).toEqual([2, hashed, 2]);
  chooser.batchClosed(4);
  expect(chooser.choose({}, null, undefined)).toBe(2);
  chooser.batchClosed(2);
  expect(chooser.choose({}, null, undefined)).toBe(3);
});

it('fields of a row say the bytes, or the number', () => {
  const column = new PartitionChooser({ column: 'customer' }, 5, 0);
  expect(column.choose({ customer: 'key' }, null, undefined)).toBe(hashed);
  expect(column.choose({ customer: null }, key, undefined)).toBe(0);
  for (const value of [{ custmer: 'key' }, null, 'text', Buffer.from('bytes')]) {
    expect(() => column.choose(value, key, undefined)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringMatching(/^the message has no field 'customer', which says its part/),
      }),
    );
    expect(column.choose(value, key, 3)).toBe(3);
  }
  const number = new PartitionChooser({ partitionColumn: 'shard' }, 5);
  expect(number.choose({ shard: 4n }, key, undefined)).toBe(4);
  expect(() => number.choose({ shard: 5 }, key, undefined)).toThrow('0 to 4');
  expect(() => number.choose({}, key, undefined)).toThrow('undefined');
  expect(number.choose({ shard: 5 }, key, 1)).toBe(1);
});

it.each([-1, 5, 0.5, Number.NaN, '1', undefined])('a row function must not say %s', (bad) => {
  const chooser = new PartitionChooser({ row: () => bad as number }, 5);
  expect(() => chooser.choose({}, key, undefined)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  );
});

it.each([
  [new Int32Array(2), '2 of them'],
  [[0, 0, 0], 'object'],
  [Int32Array.of(0, 3, 0), '0 to 2'],
])('a batch function must not answer %j', async (answer, text) => {
  const topic = new FakeTopic(3);
  const options = { topic: 'orders', partitioner: { batch: () => answer as Int32Array } };
  await using sink = new KafkaSink(options, { client: topic.client });
  const [batch] = tableFromArrays({ id: Int32Array.of(1, 2, 3) }).batches;
  await expect(sink.sendBatch(batch!)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(text),
  });
  expect(topic.messages).toEqual([]);
});

it('the number in a field is not written into the value', async () => {
  const topic = new FakeTopic(3);
  const options = { topic: 'orders', partitioner: { partitionColumn: 'shard' } } as const;
  await using sink = new KafkaSink(options, { client: topic.client });
  await sink.send({ id: 1, shard: 2 });
  const table = tableFromArrays({ id: Int32Array.of(2, 3), shard: Int32Array.of(0, 1) });
  await sink.sendBatch(table.batches[0]!);
  expect([0, 1, 2].map((partition) => topic.values(partition))).toEqual([
    [{ id: 2 }],
    [{ id: 3 }],
    [{ id: 1 }],
  ]);
});

it('what is no number is told so, and not that it is out of range', () => {
  const text =
    /^partition says partition '0', which is no number; give a whole number from 0 to 0$/;
  expect(() => checkPartition('0', 1, 'partition')).toThrow(text);
  expect(() => checkPartition(0n, 1, 'partition')).toThrow(/partition 0n, which is no number/);
  expect(() => checkPartition(1, 1, 'partition')).toThrow(/partition 1, but the topic has 0 to 0/);
});
