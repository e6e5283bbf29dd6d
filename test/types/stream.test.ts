/** What TypeScript infers; the compiler is the test (`npm run types`), and it must run, too. */
import { type Int32, type RecordBatch, type Table, tableFromArrays, type Utf8 } from 'apache-arrow';
import { expect, expectTypeOf, test } from 'vitest';
import {
  type ArrowList,
  type ArrowMap,
  col,
  type MapLiteral,
  type MetadataRow,
  map,
  type Nullable,
  nullable,
  otherwise,
  type RowOf,
  Stream,
} from '../../src/index.ts';

const orders = Stream.fromKafka({
  topic: 'orders',
  schema: {
    id: 'int64',
    amount: 'float64?',
    ok: 'bool',
    at: 'timestamp',
    name: 'utf8?',
    items: [{ sku: 'utf8', qty: 'int32?' }],
    address: nullable({ city: 'utf8?' }),
  },
});

interface Order {
  id: bigint;
  amount: number | null;
  ok: boolean;
  at: number;
  name: string | null;
  items: ArrowList<{ sku: string; qty: number | null }>;
  address: { city: string | null } | null;
}

test('rows are inferred from the literal', () => {
  expectTypeOf(orders).toEqualTypeOf<Stream<Order, MetadataRow>>();
  expectTypeOf<RowOf<{ id: 'int64'; tags: ['utf8?'] }>>().toEqualTypeOf<{
    id: bigint;
    tags: ArrowList<string | null>;
  }>();
});

test('every type has its values', () => {
  interface Everything {
    a: number | null;
    b: bigint;
    c: number;
    d: Uint32Array | null;
    e: string;
    f: string | null;
    g: number;
    h: bigint;
    i: bigint | null;
    j: number;
    k: number | null;
    l: null;
  }
  expectTypeOf<
    RowOf<{
      a: 'uint8?';
      b: 'uint64';
      c: 'float32';
      d: 'decimal(38,10)?';
      e: 'dictionary';
      f: 'json?';
      g: 'date';
      h: 'time';
      i: 'duration?';
      j: 'timestamp(s)';
      k: 'timestamp(ms,Europe/Berlin)?';
      l: 'null';
    }>
  >().toEqualTypeOf<Everything>();
  expectTypeOf<RowOf<{ m: MapLiteral<'int64?'> }>>().toEqualTypeOf<{
    m: ArrowMap<bigint | null>;
  }>();
  type Nested = RowOf<{ n: Nullable<readonly [MapLiteral<{ x: 'decimal(4,4)' }>]> }>;
  const first = ({ n }: Nested) => n?.get(0)?.key?.x;
  expectTypeOf(first).returns.toEqualTypeOf<Uint32Array | undefined>();
});

test('what names no type is no literal', () => {
  const refused = (make: () => unknown) => expect(make).toThrow(/schema column 'x/);
  // @ts-expect-error a type that is not there
  refused(() => Stream.fromKafka({ topic: 't', schema: { x: 'int46' } }));
  // @ts-expect-error a unit that is not there
  refused(() => Stream.fromKafka({ topic: 't', schema: { x: 'timestamp(h)' } }));
  // @ts-expect-error a decimal without digits
  refused(() => Stream.fromKafka({ topic: 't', schema: { x: 'decimal' } }));
  // @ts-expect-error a map of what is no type
  refused(() => Stream.fromKafka({ topic: 't', schema: { x: map('string') } }));
});

test('a stream of one column is assignable where it says so', () => {
  const stream: Stream<{ id: bigint }> = Stream.fromKafka({ topic: 't', schema: { id: 'int64' } });
  expect(stream.schema.fields).toHaveLength(1);
});

test('the other codecs have one column', () => {
  const strings = Stream.fromKafka({ topic: 't', codec: 'string' });
  expectTypeOf(strings).toEqualTypeOf<Stream<{ value: string | null }, MetadataRow>>();
  const bytes = Stream.fromKafka({ topic: 't', codec: 'bytes' });
  expectTypeOf(bytes).toEqualTypeOf<Stream<{ value: Uint8Array | null }, MetadataRow>>();
});

test('the short form infers, too', () => {
  const stream = Stream.fromKafka('localhost:9092', 'orders', 'group', { id: 'int32?' });
  expectTypeOf(stream).toEqualTypeOf<Stream<{ id: number | null }, MetadataRow>>();
});

test('select knows the columns, metadata among them', () => {
  const picked = orders.select('id', '_offset', { euros: col('amount').mul(0.92), source: 'web' });
  expectTypeOf(picked).toEqualTypeOf<
    Stream<{ id: bigint; _offset: bigint; euros: unknown; source: string }>
  >();
  // @ts-expect-error there is no such column
  expect(() => orders.select('nonsense')).toThrow();
  // @ts-expect-error what was not selected is gone
  expect(() => orders.select('id').select('_offset')).toThrow();
});

test('map adds and replaces', () => {
  const mapped = orders.select('id', 'name').map({ id: col('name'), more: 1 });
  expectTypeOf(mapped).toEqualTypeOf<Stream<{ name: string | null; id: unknown; more: unknown }>>();
  const said = orders.select('id').map<{ euros: number }>({ euros: col('id').mul(2) });
  expectTypeOf(said).toEqualTypeOf<Stream<{ id: bigint; euros: number }>>();
});

test('drop and rename know the columns', () => {
  const renamed = orders.select('id', 'ok').rename({ id: 'key' });
  expectTypeOf(renamed).toEqualTypeOf<Stream<{ key: bigint; ok: boolean }>>();
  expectTypeOf(renamed.drop('ok')).toEqualTypeOf<Stream<{ key: bigint }>>();
  // @ts-expect-error there is no such column
  expect(() => renamed.drop('id')).toThrow();
  // @ts-expect-error there is no such column
  expect(() => renamed.rename({ id: 'key2' })).toThrow();
  const offset = Stream.fromKafka({ topic: 't', codec: 'bytes' }).rename({ _offset: 'at' });
  expectTypeOf(offset.select('at')).toEqualTypeOf<Stream<{ at: bigint }>>();
});

test('unnest gives items in the place of lists', () => {
  type Item = { sku: string; qty: number | null };
  const lines = orders.select('id', 'items').unnest('items');
  expectTypeOf(lines).toEqualTypeOf<Stream<{ id: bigint; items: Item }>>();
  const named = orders
    .select('id', 'items')
    .unnest('items', { as: 'item', outer: true, index: 'place' });
  expectTypeOf(named).toEqualTypeOf<
    Stream<{ id: bigint; item: Item | null; place: number | null }>
  >();
  const headers = Stream.fromKafka({ topic: 't', codec: 'string' }).unnest('_headers');
  expectTypeOf(headers.select('_headers')).toEqualTypeOf<
    Stream<{ _headers: { key: string; value: Uint8Array | null } }>
  >();
  // @ts-expect-error a number is no list
  expect(() => orders.unnest('id')).toThrow();
  const typed = Stream.fromBatches([], { schema: { anything: ['int32'] } });
  const loose = typed as unknown as Stream;
  expect(loose.unnest('anything').schema.fields).toHaveLength(1);
});

test('flatMap says the items as map does, and other rows are as before', () => {
  const flat = orders.select('id', 'items').flatMap<{ items: number }>({ items: col('items') });
  expectTypeOf(flat).toEqualTypeOf<Stream<{ id: bigint; items: number }>>();
  expectTypeOf(orders.distinct('id', '_key').sample(0.5)).toEqualTypeOf(orders);
  // @ts-expect-error there is no such column
  expect(() => orders.distinct('nonsense')).toThrow();
});

test('branches, taps and unions know their rows', () => {
  const few = orders.select('id', 'ok');
  const { yes, no } = few.split({ yes: col('ok'), no: otherwise() });
  expectTypeOf(yes).toEqualTypeOf(few);
  expectTypeOf(no.drop('ok')).toEqualTypeOf<Stream<{ id: bigint }>>();
  // @ts-expect-error there is no such branch
  expect(few.split({ yes: col('ok') }).no).toBeUndefined();
  const tapped = few.tap((batch) => {
    expectTypeOf(batch.get(0)!.id).toEqualTypeOf<bigint>();
  });
  expectTypeOf(tapped).toEqualTypeOf(few);
  const other = Stream.fromBatches([], { schema: { ok: 'bool', id: 'int64?' } });
  expectTypeOf(few.union(other)).toEqualTypeOf<Stream<{ id: bigint | null; ok: boolean }>>();
  const both = orders.drop('items', 'address').union(orders.drop('items', 'address'));
  expectTypeOf(both.select('_offset')).toEqualTypeOf<Stream<{ _offset: bigint }>>();
  // @ts-expect-error the other has no column ok
  expect(() => few.union(other.drop('ok'))).toThrow();
});

test('tables and batches have typed columns and rows', () => {
  const check = async (stream: Stream<{ id: bigint; name: string | null }>) => {
    const table = await stream.collect();
    const row = table.get(0)!;
    expectTypeOf(row.id).toEqualTypeOf<bigint>();
    expectTypeOf(row.name).toEqualTypeOf<string | null>();
    for (const each of table) {
      expectTypeOf(each.id).toEqualTypeOf<bigint>();
      // @ts-expect-error rows have no such column
      expectTypeOf(each.nope).toBeNever();
    }
    expectTypeOf(table.toArray()[0]!.name).toEqualTypeOf<string | null>();
    expectTypeOf(table.toArray()).toExtend<{ id: bigint }[]>();
    expectTypeOf(table).toExtend<Table>();
    expectTypeOf(table.getChild('id')!.get(0)).toEqualTypeOf<bigint | null>();
    for await (const batch of stream.batches()) {
      expectTypeOf(batch.get(0)!.id).toEqualTypeOf<bigint>();
      expectTypeOf(batch).toExtend<RecordBatch>();
    }
    stream.forEach((batch) => {
      expectTypeOf(batch.get(0)!.name).toEqualTypeOf<string | null>();
    });
  };
  expect(check).toBeTypeOf('function');
});

test('typed tables make typed streams', () => {
  const table = tableFromArrays({ n: Int32Array.of(1, 2) }) as Table<{ n: Int32 }>;
  const stream = Stream.fromBatches(table);
  expectTypeOf(stream).toEqualTypeOf<Stream<{ n: number | null }>>();
  const batches: RecordBatch<{ n: Int32; s: Utf8 }>[] = [];
  const both = Stream.fromBatches(batches, { schema: { n: 'int32', s: 'utf8' } });
  expectTypeOf(both).toEqualTypeOf<Stream<{ n: number; s: string }>>();
});

test('a schema is needed for JSON, and refused types are found', () => {
  // @ts-expect-error JSON needs a schema
  expect(() => Stream.fromKafka({ topic: 't' })).toThrow();
  // @ts-expect-error there is no such type
  expect(() => Stream.fromKafka({ topic: 't', schema: { id: 'int46' } })).toThrow();
  // @ts-expect-error there is no such option
  expect(() => Stream.fromKafka({ topic: 't', schema: { id: 'int64' }, grupId: 'g' })).toThrow();
});
