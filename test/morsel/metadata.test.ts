/** Metadata of messages in expressions: filters, functions, conditions, branches. */
import { expect, test } from 'vitest';
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import { importPortable } from '../../src/arrow/batch-export.ts';
import { coalesce, col, type Expr, header, lit, Stream, when } from '../../src/index.ts';
import type { BatchSpec } from '../ingest/build-batch.ts';
import { batchOf, engineFor, ignore } from './engine-harness.ts';

/** Of partition 3 of orders, from offset 100 on, at second 1 and a millisecond later each. */
const MESSAGES: BatchSpec = {
  baseOffset: 100n,
  baseTimestamp: 1_000n,
  records: [
    {
      value: '{"id":1}',
      key: 'k-0',
      headers: [
        ['trace', 'a'],
        ['kind', 'x'],
        ['trace', 'b'],
      ],
    },
    { value: '{"id":2}', key: null, timestampDelta: 1n },
    { value: '{"id":3}', key: 'k-2', timestampDelta: 2n, headers: [['kind', null]] },
  ],
};

const stream = Stream.fromKafka({ topic: 'orders', schema: { id: 'int64' } });

function valuesOf(value: Expr, predicate: Expr = lit(true)): unknown[] {
  const { plan } = stream.filter(predicate).select({ value }).forEach(ignore);
  const { run, spec, memory } = engineFor(plan);
  const batch = batchOf(run([MESSAGES]));
  const [sink] = spec.sinks;
  if (batch === undefined || sink?.kind !== 'batches') return [];
  const rows = importPortable(batch, toArrowSchema(sink.schema), memory.buffer).toArray();
  return rows.map((row) => row.value);
}

const key = col('_key').cast('utf8');
const second = col('_headers').get(2);
const EXPRESSIONS: readonly (readonly [string, Expr, readonly unknown[]])[] = [
  ['_topic', col('_topic').upper(), ['ORDERS', 'ORDERS', 'ORDERS']],
  ['_topic beside a text', col('_topic').concat('-', key), ['orders-k-0', null, 'orders-k-2']],
  ['_partition', col('_partition').add(1), [4, 4, 4]],
  ['_offset', col('_offset').mod(100), [0n, 1n, 2n]],
  ['_timestamp', col('_timestamp').extract('millisecond'), [1000n, 1001n, 1002n]],
  ['_timestamp as text', col('_timestamp').format('%S.%g'), ['01.000', '01.001', '01.002']],
  ['_key', key.split('-').get(2), ['0', null, '2']],
  ['_key or another', coalesce(key, 'none'), ['k-0', 'none', 'k-2']],
  ['_key in a hash', col('_key').murmur2().isNull(), [false, true, false]],
  ['_headers', col('_headers').length(), [3n, 0n, 1n]],
  ['an item of _headers', second.field('key'), ['kind', null, null]],
  ['its value', second.field('value').cast('utf8'), ['x', null, null]],
  ['the last header of a name', header('trace').cast('utf8'), ['b', null, null]],
  ['a header that is null', header('kind').isNull(), [false, true, true]],
  ['a header in a condition', when(header('trace').eq('b'), 1).otherwise(0), [1, 0, 0]],
];

test.for(EXPRESSIONS)('%s', ([, expr, expected]) => {
  expect(valuesOf(expr)).toEqual(expected);
});

const FILTERS: readonly (readonly [string, Expr, readonly unknown[]])[] = [
  ['by _offset', col('_offset').ge(101n), [2n, 3n]],
  ['by _timestamp', col('_timestamp').lt(new Date(1_001)), [1n]],
  ['by _key', col('_key').eq('k-2'), [3n]],
  ['by _partition and _topic', col('_partition').eq(3).and(col('_topic').ne('orders')), []],
  ['by a header', header('trace').isNotNull(), [1n]],
];

test.for(FILTERS)('%s', ([, predicate, expected]) => {
  expect(valuesOf(col('id'), predicate)).toEqual(expected);
});
