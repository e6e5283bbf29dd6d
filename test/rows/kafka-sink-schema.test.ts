import { expect, it } from 'vitest';
import { map } from '../../src/arrow/schema-literal.ts';
import { KafkaSink } from '../../src/rows/kafka-sink.ts';
import type { RowSinkOptions } from '../../src/rows/row-sink-options.ts';
import { FakeTopic } from './fake-topic.ts';

const SCHEMA = {
  id: 'int64',
  price: 'decimal(12,2)',
  took: 'duration',
  labels: map('int8?'),
} as const;

function setUp(options: Partial<RowSinkOptions> = {}) {
  const topic = new FakeTopic(1);
  const all = { topic: 'orders', schema: SCHEMA, ...options };
  return { topic, sink: new KafkaSink(all, { client: topic.client }) };
}

const ROW = { id: 7n, price: '12.5', took: 1_500_000n, labels: new Map([['a', null]]) };

it('values are written as the types of the schema want it', async () => {
  const { topic, sink } = setUp({ key: 'price' });
  await sink.send(ROW);
  await sink.sendBatch([ROW, { ...ROW, id: 8 }]);
  await sink.send(null, { key: 'gone' });
  const rest = '"price":12.50,"took":"PT1.5S","labels":{"a":null}}';
  const values = topic.messages.map(({ value }) => value);
  expect(values).toEqual([`{"id":7,${rest}`, `{"id":7,${rest}`, `{"id":8,${rest}`, null]);
  expect(topic.messages.map(({ key }) => key)).toEqual(['12.5', '12.5', '12.5', 'gone']);
  await sink.close();
});

it('what does not fit is refused by its path, and nothing is sent', async () => {
  const { topic, sink } = setUp();
  const misfit = { code: 'INVALID_OPTION', message: expect.stringContaining("'labels{}'") };
  await expect(sink.send({ ...ROW, labels: { a: 300 } })).rejects.toMatchObject(misfit);
  const { price, ...less } = ROW;
  await expect(sink.send(less)).rejects.toThrow(/'price' .* not nullable/);
  await expect(sink.send({ ...ROW, prize: price })).rejects.toThrow(/'prize' .* no such field/);
  expect(topic.messages).toEqual([]);
  await sink.close();
});
