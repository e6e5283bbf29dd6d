/** What TypeScript infers of functions of batches; the compiler is the test. */
import { expect, expectTypeOf, test } from 'vitest';
import { type MetadataRow, Stream } from '../../src/index.ts';

const orders = Stream.fromKafka({ topic: 'orders', schema: { id: 'int64', amount: 'float64?' } });

test('map is given typed batches, and gives the rows of its schema', () => {
  const mapped = orders.map(
    (batch) => {
      expectTypeOf(batch.getChild('amount')!.get(0)).toEqualTypeOf<number | null>();
      const amounts = batch.getChild('amount')!.toArray() as Float64Array;
      return { euros: Float64Array.from(amounts, (amount) => amount * 0.92) };
    },
    { schema: { euros: 'float64' } },
  );
  expectTypeOf(mapped).toEqualTypeOf<Stream<{ euros: number }, MetadataRow>>();
  expect(mapped.schema.fields).toHaveLength(1);
});

test('without a schema the rows stay what they are', () => {
  const same = orders.map(async (batch) => batch);
  expectTypeOf(same).toEqualTypeOf<typeof orders>();
  const some = orders.filter((batch) => [...batch.getChild('id')!].map((id) => id! > 5n));
  expectTypeOf(some).toEqualTypeOf<typeof orders>();
  expect(some.schema.fields).toHaveLength(2);
});

test('a mask has booleans', () => {
  // @ts-expect-error numbers are no booleans
  expect(orders.filter(() => [1, 2])).toBeDefined();
});
