/** What TypeScript infers of user functions; the compiler is the test, and it must run, too. */
import { expect, expectTypeOf, test } from 'vitest';
import {
  col,
  type FieldLiteral,
  map,
  nullable,
  type ReadonlyTypedArray,
  type RowFunction,
  Stream,
  type UdfValue,
  udf,
  type VectorFunction,
} from '../../src/index.ts';

const MODULE = new URL('file:///functions.ts');

const risk = udf(MODULE, 'risk', { args: ['float64', 'utf8?'], returns: 'float64?' });

test('a call takes one operand for each argument', () => {
  expectTypeOf(risk).parameters.toHaveProperty('length').toEqualTypeOf<2>();
  expect(risk(col('amount'), 'DE').node.kind).toBe('udf');
  // @ts-expect-error one is missing
  expect(() => risk(col('amount'))).toThrow();
  // @ts-expect-error one is too many
  expect(() => risk(col('amount'), 'DE', 1)).toThrow();
  // @ts-expect-error there is no such type
  expect(() => udf(MODULE, 'f', { args: ['flot64'], returns: 'utf8' })).toThrow('float64');
});

test('the value of a call has the type that is declared', () => {
  const stream = Stream.fromKafka({ topic: 't', schema: { amount: 'float64' } });
  const selected = stream.select('amount', { risk: risk(col('amount'), 'DE'), one: 1 });
  expectTypeOf(selected).toEqualTypeOf<
    Stream<{ amount: number; risk: number | null; one: number }>
  >();
});

test('plain values', () => {
  expectTypeOf<UdfValue<'int32'>>().toEqualTypeOf<number>();
  expectTypeOf<UdfValue<'decimal(12,2)?'>>().toEqualTypeOf<bigint | null>();
  expectTypeOf<UdfValue<'timestamp(ms,local)'>>().toEqualTypeOf<bigint>();
  expectTypeOf<UdfValue<'dictionary'>>().toEqualTypeOf<string>();
  expectTypeOf<UdfValue<readonly ['date?']>>().toEqualTypeOf<(number | null)[]>();
  const members = nullable({ city: 'utf8?', tags: map('bool') });
  expectTypeOf<UdfValue<typeof members>>().toEqualTypeOf<{
    city: string | null;
    tags: Map<string, boolean>;
  } | null>();
  expectTypeOf<UdfValue<FieldLiteral>>().toEqualTypeOf<unknown>();
});

test('functions of vectors', () => {
  const f: VectorFunction<['float64', 'utf8?', 'int64'], 'int64?'> = ([a, b, c], rows, out) => {
    expectTypeOf(a.values).toEqualTypeOf<ReadonlyTypedArray<Float64Array>>();
    expectTypeOf(a.values[0]!).toEqualTypeOf<number>();
    expectTypeOf(b.get(0)).toEqualTypeOf<string | null>();
    expectTypeOf(b.bytes(0)).toEqualTypeOf<ReadonlyTypedArray<Uint8Array>>();
    expectTypeOf(c.values).toEqualTypeOf<ReadonlyTypedArray<BigInt64Array>>();
    expectTypeOf(c.values.slice()).toEqualTypeOf<BigInt64Array<ArrayBuffer>>();
    expectTypeOf(rows).toEqualTypeOf<number>();
    expectTypeOf(out.values).toEqualTypeOf<BigInt64Array>();
    out.set(0, null);
  };
  expect(f).toBeTypeOf('function');
  const g: VectorFunction<['bool'], 'utf8'> = ([a], rows) =>
    Array.from({ length: rows }, (_, row) => String(a.get(row)));
  expect(g).toBeTypeOf('function');
  // @ts-expect-error numbers are no texts
  const wrong: VectorFunction<['bool'], 'utf8'> = () => [1];
  expect(wrong).toBeTypeOf('function');
});

test('vectors are read, not written to: later steps read the same memory', () => {
  type Args = ['float64?', 'utf8', 'dictionary', 'bool', readonly ['int32']];
  const f: VectorFunction<Args, 'float64'> = ([a, b, c, d, e], _, out) => {
    // @ts-expect-error
    a.values[0] = 1;
    // @ts-expect-error
    a.values.fill(1);
    // @ts-expect-error
    a.values.set([1]);
    // @ts-expect-error
    a.values.sort();
    // @ts-expect-error
    a.values.reverse();
    // @ts-expect-error
    a.values.copyWithin(0, 1);
    // @ts-expect-error
    a.values.subarray(1)[0] = 1;
    // @ts-expect-error
    a.validity![0] = 1;
    // @ts-expect-error
    b.offsets[0] = 1;
    // @ts-expect-error
    b.data[0] = 1;
    // @ts-expect-error
    b.bytes(0)[0] = 1;
    // @ts-expect-error
    c.indices[0] = 1;
    // @ts-expect-error
    d.bits[0] = 1;
    // @ts-expect-error
    e.offsets[0] = 1;
    out.values.fill(a.values.at(-1)! + a.values.subarray(1).length);
    return a.values;
  };
  expect(f).toBeTypeOf('function');
  const copied = (bytes: ReadonlyTypedArray<Uint8Array>) => new Uint8Array(bytes);
  const text = (bytes: ReadonlyTypedArray<Uint8Array>) => Buffer.from(bytes).toString();
  expect(text(copied(Buffer.from('a')))).toBe('a');
});

test('functions of rows', () => {
  const f: RowFunction<['float64', 'utf8?'], 'bool'> = (amount, country) => {
    expectTypeOf(amount).toEqualTypeOf<number>();
    expectTypeOf(country).toEqualTypeOf<string | null>();
    return country === 'DE';
  };
  expect(f(1, 'DE')).toBe(true);
});
