import { expectTypeOf, test } from 'vitest';
import {
  createSubscriber,
  fromKafka,
  type KafkaRecord,
  type KafkaSource,
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
