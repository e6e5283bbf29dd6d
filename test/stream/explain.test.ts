import { expect, test } from 'vitest';
import { col, lit, otherwise, Stream, struct } from '../../src/index.ts';

const ignore = () => {};

const orders = Stream.fromKafka({
  brokers: ['a:9092', 'b:9092'],
  topic: 'orders',
  groupId: 'billing',
  schema: { id: 'int64', amount: 'float64?', note: 'utf8?', address: { city: 'utf8?' } },
  workers: 2,
});

test('a plan is told in full: what is read, done and written, and with which settings', () => {
  const plan = orders
    .filter(col('amount').mul(0.92).gt(1000))
    .map({ euros: col('amount').mul(0.92) })
    .select('id', 'euros', '_offset', { city: col('address').field('city') })
    .rename({ _offset: 'position' })
    .limit(10)
    .toKafka({ topic: 'big-orders', key: 'city', compression: 'lz4', lingerMs: 5 })
    .explain();
  expect(plan).toBe(
    `
source    kafka orders at a:9092, b:9092
          from committed, else from earliest, until forever, read_committed
          group billing, protocol classic, assignors cooperative-sticky, commit every 1000 ms
          codec json, validate projected, unknown ignore
          batch 65536 rows, 4 MiB, 50 ms
          fetch 1 byte to 16 MiB, 500 ms
          decodes id, amount, address (3 of 4 columns), metadata _offset
steps     1. filter (amount * 0.92) > 1000
          2. map euros = amount * 0.92
          3. select id, euros, _offset, city = address.city
          4. rename _offset to position
          5. limit 10
runs      filter (amount * 0.92) > 1000
          limit 10
          if rows are left: columns euros = amount * 0.92, 3 as they are
          if rows are left: columns city = address.city, 3 as they are
          if rows are left: columns position = _offset, 3 as they are
output    id int64, euros float64?, position int64, city utf8?
sink      kafka big-orders at a:9092, b:9092
          codec json, key city, partitioner murmur2, compression lz4
          acks all, idempotent, linger 5 ms, batches up to the topic's max.message.bytes
settings  workers 2, maxInFlightBytes 64 MiB
`.trim(),
  );
});

test('a stream without an end explains itself, too', () => {
  const text = orders.select('id').explain();
  expect(text).toContain('decodes id (1 of 4 columns)');
  expect(text).toContain('sink      record batches, copied');
});

test('the bytes of a morsel are told as they will be, where the budget bounds them', () => {
  const tight = Stream.fromKafka({
    topic: 'orders',
    schema: { id: 'int64' },
    maxInFlightBytes: 8 * 1024 * 1024,
    batch: { maxBytes: 1024 * 1024 },
  });
  const bounded = 'batch 65536 rows, 512 KiB (a sixteenth of maxInFlightBytes), 50 ms';
  expect(tight.explain()).toContain(bounded);
});

test('a plan is data: it survives a clone and cannot be changed', () => {
  const { plan } = orders.filter(col('id').gt(1n)).toKafka({ topic: 'out' });
  expect(structuredClone(plan)).toEqual(plan);
  const deep = (value: unknown): boolean =>
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(deep));
  expect(deep(plan)).toBe(true);
});

test('a topic that would be read and written for ever is refused', () => {
  const here = { brokers: 'a:9092', topic: 'orders', codec: 'string' } as const;
  const forever = Stream.fromKafka(here);
  expect(() => forever.toKafka({ topic: 'orders', codec: 'string' })).toThrow(
    expect.objectContaining({ code: 'INVALID_PLAN', message: expect.stringContaining('latest') }),
  );
  forever.toKafka({ topic: 'other', codec: 'string' });
  forever.toKafka({ brokers: 'elsewhere:1', topic: 'orders', codec: 'string' });
  Stream.fromKafka({ ...here, until: 'latest' }).toKafka({ topic: 'orders', codec: 'string' });
});

test('constants are computed, cheap conditions go first, guards stay where they are', () => {
  const { gt, eq } = { gt: col('amount').gt(10), eq: col('note').eq('x') };
  const text = orders
    .filter(eq.and(gt))
    .filter(
      col('id')
        .ne(0)
        .and(col('id').mod(col('id')).eq(0)),
    )
    .map({ limit: lit(2).mul(3).add(1) })
    .explain();
  expect(text).toContain("filter ((amount > 10) and (id <> 0)) and then (note = 'x')");
  expect(text).toContain('if rows are left: filter (id % id) = 0');
  expect(text).toContain('limit = 7');
});

test('what is computed of null is null, and its columns are not read', () => {
  const text = orders
    .filter(col('amount').add(null).isNull())
    .select('id', { same: col('note').eq(null) })
    .explain();
  expect(text).toContain('decodes id (1 of 4 columns)');
  expect(text).toContain('columns same = null');
});

test('what does not run where no row is left is marked, in branches, too', () => {
  const { big, small } = orders
    .filter(col('id').gt(0))
    .split({ big: col('amount').gt(10), small: otherwise() });
  const lines = big
    .limit(1)
    .map({ twice: col('id').add(1) })
    .forEach(ignore);
  expect(lines.with(small.forEach(ignore)).explain()).toContain(
    `
runs      filter id > 0
            if rows are left: filter amount > 10
            limit 1
            if rows are left: columns twice = id + 1, 4 as they are
            if rows are left: filter not coalesce(amount > 10, false)
`.trim(),
  );
});

test('functions are printed with their options as people write them', () => {
  const text = orders
    .map({ first: col('note').regexpExtract(/^(\w+)/i, 1), pad: col('note').padStart(3, '0') })
    .map({ both: struct({ a: col('first'), 'b c': col('id').cast('utf8') }) })
    .filter(col('note').regexpMatch(/a/).and(col('note').like('%x')))
    .explain();
  expect(text).toContain("filter regexpMatch(note, /a/u) and like(note, '%x')");
  expect(text).toContain('first = regexpExtract(note, /^(\\w+)/iu, 1)');
  expect(text).toContain('both = struct({ a: first, "b c": cast(id, utf8) })');
});

test('a filter from JSON to JSON copies the messages, and reads what it compares', () => {
  const plan = orders.filter(col('amount').gt(10));
  const text = plan.toKafka({ topic: 'big', key: '_key' }).explain();
  expect(text).toContain('decodes amount (1 of 4 columns), metadata _key');
  expect(text).toContain('values of messages are copied as they came');
  const keyed = plan.toKafka({ topic: 'big', key: 'note', keyInValue: false });
  expect(keyed.explain()).not.toContain('copied');
  const odd = orders.filter((batch) => Array.from({ length: batch.numRows }, (_, i) => i % 2 > 0));
  expect(odd.toKafka({ topic: 'big' }).explain()).toContain('are copied as they came');
  expect(plan.select('id', 'amount').toKafka({ topic: 'big' }).explain()).not.toContain('copied');
});

test('what runs over a dictionary runs over its texts', () => {
  const words = Stream.fromKafka({ topic: 'words', schema: { word: 'dictionary' } });
  expect(words.filter(col('word').in(['a', 'b'])).explain()).toContain(
    "filter each text of word in ('a', 'b')",
  );
});

test('members that nothing reads are not decoded', () => {
  const nested = Stream.fromKafka({
    topic: 'orders',
    schema: {
      customer: { name: 'utf8', address: { street: 'utf8', city: 'utf8' } },
      items: [{ sku: 'utf8', price: 'float64', tags: ['utf8'] }],
    },
  });
  const city = col('customer').field('address').field('city');
  const text = nested
    .filter(city.eq('Bonn'))
    .unnest('items', { as: 'item' })
    .select({ city, price: col('item').field('price') })
    .explain();
  expect(text).toContain('decodes customer {address {city utf8}}, items [{price float64}]');
  expect(nested.select('customer').explain()).toContain('decodes customer (1 of 2 columns)');
});
