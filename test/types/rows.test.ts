import { expectTypeOf, test } from 'vitest';
import {
  createSubscriber,
  fromKafka,
  type KafkaRecord,
  type KafkaSource,
  map,
  nullable,
  type PlainRow,
  pipe,
  toKafka,
} from '../../src/index.ts';

const schema = {
  id: 'int64',
  note: 'utf8?',
  raw: 'binary',
  items: [{ sku: 'utf8', at: 'timestamp?' }],
  buyer: nullable({ name: 'utf8' }),
} as const;

interface Row {
  id: bigint;
  note: string | null;
  raw: Buffer;
  items: { sku: string; at: number | null }[];
  buyer: { name: string } | null;
}

test('rows of a schema are plain', () => {
  expectTypeOf<PlainRow<typeof schema>>().toEqualTypeOf<Row>();
});

test('every type has its plain value', () => {
  const types = {
    small: 'int8?',
    big: 'uint64',
    real: 'float32',
    price: 'decimal(12,2)?',
    color: 'dictionary',
    any: 'json',
    day: 'date',
    time: 'time?',
    took: 'duration',
    at: 'timestamp(ns,local)?',
    nothing: 'null',
    labels: map('decimal(3,0)?'),
    nested: nullable([map({ at: 'timestamp(s)' })]),
  } as const;
  interface Plain {
    small: number | null;
    big: bigint;
    real: number;
    price: string | null;
    color: string;
    any: unknown;
    day: number;
    time: bigint | null;
    took: bigint;
    at: number | null;
    nothing: null;
    labels: { [key: string]: string | null };
    nested: { [key: string]: { at: number } }[] | null;
  }
  expectTypeOf<PlainRow<typeof types>>().toEqualTypeOf<Plain>();
});

test('sources have the type of their schema or codec, or the one that is said', () => {
  const options = { topic: 'orders' };
  const columns = { id: 'int64', note: 'utf8?' } as const;
  interface Columns {
    id: bigint;
    note: string | null;
  }
  expectTypeOf(fromKafka({ ...options, schema: columns })).toEqualTypeOf<KafkaSource<Columns>>();
  expectTypeOf(fromKafka({ ...options, codecOptions: { schema: columns } })).toEqualTypeOf<
    KafkaSource<Columns>
  >();
  expectTypeOf(fromKafka({ ...options, codec: 'string' })).toEqualTypeOf<
    KafkaSource<string | null>
  >();
  expectTypeOf(fromKafka({ ...options, codec: 'bytes' })).toEqualTypeOf<
    KafkaSource<Buffer | null>
  >();
  expectTypeOf(fromKafka<Columns>(options)).toEqualTypeOf<KafkaSource<Columns>>();
  expectTypeOf(fromKafka(options)).toEqualTypeOf<KafkaSource<unknown>>();
  expectTypeOf(fromKafka<Columns>(options).poll()).resolves.toEqualTypeOf<
    KafkaRecord<Columns> | undefined
  >();
  const subscriber = createSubscriber<Columns>('s', { source: 'kafka://topic/orders' });
  expectTypeOf(subscriber.get()).resolves.toEqualTypeOf<Columns | undefined>();
});

test('sinks take what their schema takes', () => {
  const sink = toKafka({
    topic: 'orders',
    schema: { id: 'int64', price: 'decimal(12,2)?', at: 'timestamp', tags: map('utf8') },
    key: ({ id }) => id,
  });
  const never = () => {
    void sink.send({ id: 1n, price: '1.50', at: new Date(), tags: { a: 'b' } });
    void sink.send({ id: 1, at: '2024-05-01', tags: new Map([['a', 'b']]) });
    // @ts-expect-error the id is not nullable
    void sink.send({ at: 0, tags: {} });
    // @ts-expect-error a price is no Date
    void sink.send({ id: 1, price: new Date(), at: 0, tags: {} });
  };
  expectTypeOf(never).returns.toBeVoid();
});

test('a pipe fits a transform between source and sink', () => {
  const source = fromKafka<{ id: number }>({ topic: 'orders' });
  const sink = toKafka<{ name: string }>({ topic: 'names', key: ({ name }) => name });
  const never = () => {
    void pipe(source, ({ id }) => id > 0 && { name: `${id}` }, sink);
    // @ts-expect-error the sink takes names
    void pipe(source, ({ id }) => ({ id }), sink);
  };
  expectTypeOf(never).returns.toBeVoid();
});
