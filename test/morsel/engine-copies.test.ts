import { describe, expect, it } from 'vitest';
import { col, Stream } from '../../src/index.ts';
import type { BatchSpec } from '../ingest/build-batch.ts';
import { engineFor, ignore, orders, values } from './engine-harness.ts';

describe('MorselEngine, from JSON to JSON', () => {
  it('copies the bytes of messages where a filter alone stands between JSON and JSON', async () => {
    const stream = orders().filter(col('amount').gt(5));
    const { run, outputs, spec } = engineFor(stream.toKafka({ topic: 'big', key: '_key' }).plan);
    expect(spec.inputs[0]!.source).toMatchObject({ columns: ['amount'] });
    const odd = '{ "amount" : 1e1, "unknown":[1, 2] ,"id":7 }';
    const result = run([values(odd, '{"id":2,"amount":1}', '{"amount":6}')]);
    const found = (await outputs(result)).sort((a, b) => Number(a.timestamp - b.timestamp));
    expect(found).toMatchObject([
      { key: 'k0', value: odd, timestamp: 1_000n },
      { key: 'k2', value: '{"amount":6}', timestamp: 1_002n },
    ]);
  });

  it('copies them behind every step that only leaves messages out', async () => {
    const odd = ['{ "amount" : 1e1, "unknown":[1, 2] ,"id":7 }', '{"id":7,  "amount":10.0}'];
    const written = async (stream: ReturnType<typeof orders>, options: object = {}) => {
      const { run, outputs } = engineFor(stream.toKafka({ topic: 'big', ...options }).plan);
      return (await outputs(run([values(...odd)]))).map(({ value }) => value).sort();
    };
    const both = [...odd].sort();
    expect(await written(orders().limit(5))).toEqual(both);
    expect(await written(orders().sample(1))).toEqual(both);
    expect(await written(orders().distinct('id'))).toEqual([odd[0]]);
    expect(await written(orders().tap(ignore).limit(1))).toEqual([odd[0]]);
    // No step at all, and a null message in the place of all nulls, ask for the columns.
    const anew = '{"id":7,"amount":10}';
    expect(await written(orders())).toEqual([anew, anew]);
    expect(await written(orders().limit(1), { tombstones: true })).toEqual([anew]);
  });

  it('copies a null message as one', async () => {
    const stream = orders().filter(col('amount').isNull());
    const nullable = Stream.fromKafka({ topic: 'orders', schema: { amount: 'float64?' } });
    const plan = nullable.filter(col('amount').isNull()).toKafka({ topic: 'nulls' }).plan;
    const { run, outputs } = engineFor(plan);
    const batch: BatchSpec = { ...values('{}'), records: [{ value: null }, { value: '{}' }] };
    expect((await outputs(run([batch]))).map(({ value }) => value).sort()).toEqual([null, '{}']);
    expect(stream.explain()).toContain('filter amount is null');
  });
});
