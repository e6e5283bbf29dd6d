import { beforeEach, expect, test } from 'vitest';
import type { TypeText } from '../../src/arrow/scalar-text.ts';
import { col, lit } from '../../src/operators/expr.ts';
import type { Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { Random, SEED } from './random.ts';
import { readTexts, textsOfValues, valuesOf } from './run-expr.ts';

const wasm = makeInstance({ megabytes: 32 });
beforeEach(() => {
  openArena(wasm);
  wasm.exports.state_reset();
});

const c = col('c');

const read = (type: TypeText, texts: readonly (string | null)[]) => readTexts(wasm, type, texts);
const print = (type: TypeText, values: readonly Value[]) => textsOfValues(wasm, type, values);

test('texts as integers', () => {
  const texts = [
    '1',
    ' -7 ',
    '+5',
    '1e3',
    '15e-1',
    '1.5',
    '-1.5',
    '2.4999999',
    '.5',
    '1.',
    '\t1\n',
  ];
  const expected = [1n, -7n, 5n, 1000n, 2n, 2n, -2n, 2n, 1n, 1n, 1n];
  expect(read('int64', texts)).toEqual(expected);
  expect(read('int32', texts)).toEqual(expected.map(Number));
  const bad = [
    '',
    ' ',
    '-',
    '+-1',
    '1e',
    'e1',
    '1 2',
    '0x10',
    '1_000',
    '1.5.5',
    'one',
    '٣',
    '.',
    '1e+',
  ];
  expect(read('int64', bad)).toEqual(bad.map(() => null));
  expect(
    read('int64', ['9223372036854775807', '9223372036854775808', '-9223372036854775808']),
  ).toEqual([0x7fffffffffffffffn, null, -0x8000000000000000n]);
  expect(read('uint64', ['18446744073709551615', '18446744073709551616', '-1', '-0.4'])).toEqual([
    0xffffffffffffffffn,
    null,
    null,
    0n,
  ]);
  expect(read('int8', ['127', '127.4', '127.5', '-128', '-129', null])).toEqual([
    127,
    127,
    null,
    -128,
    null,
    null,
  ]);
  expect(
    read('uint16', ['65535', '65536', '1e4', `1${'0'.repeat(60)}`, `0${'0'.repeat(60)}`]),
  ).toEqual([65535, null, 10000, null, 0]);
  expect(
    read('int64', ['1e99999999999999999999', '0e99999999999999999999', '1e-99999999999999999999']),
  ).toEqual([null, 0n, 0n]);
});

test('texts as decimals', () => {
  const texts = ['1.005', '1e2', '-0.005', ' 1.5 ', '.5', '999.995', '999.994', '1e-50', 'inf', ''];
  expect(read('decimal(5,2)', texts)).toEqual([
    101n,
    10000n,
    -1n,
    150n,
    50n,
    null,
    99999n,
    0n,
    null,
    null,
  ]);
  const most = '9'.repeat(38);
  expect(read('decimal(38,0)', [most, `1${'0'.repeat(38)}`, `-${most}`])).toEqual([
    BigInt(most),
    null,
    -BigInt(most),
  ]);
  expect(read('decimal(38,38)', [`0.${most}`, '1', '-0.5'])).toEqual([
    BigInt(most),
    null,
    -5n * 10n ** 37n,
  ]);
});

test('texts as floats', () => {
  const texts = [
    '1',
    '1.5e3',
    '.5',
    '5.',
    '-0',
    ' inf ',
    '-Infinity',
    'NaN',
    '1e400',
    '1e-400',
    '+2',
    '0.1',
    '12345678901234567890',
    '2.2250738585072011e-308',
  ];
  const expected = [
    1,
    1500,
    0.5,
    5,
    -0,
    Infinity,
    -Infinity,
    Number.NaN,
    Infinity,
    0,
    2,
    0.1,
    1.2345678901234567e19,
    2.225073858507201e-308,
  ];
  expect(read('float64', texts)).toEqual(expected);
  expect(read('float32', ['0.1', '1e39', '16777217', 'nan'])).toEqual([
    Math.fround(0.1),
    Infinity,
    16777216,
    Number.NaN,
  ]);
  const bad = ['', 'e', '1e', 'infinit', '--1', '1d', '0x1p3', 'nan(1)', '1 1'];
  expect(read('float64', bad)).toEqual(bad.map(() => null));
});

test('random doubles come back from their texts', () => {
  const random = new Random(SEED);
  const view = new DataView(new ArrayBuffer(8));
  const values = Array.from({ length: 5000 }, () => {
    view.setUint32(0, random.below(2 ** 32));
    view.setUint32(4, random.below(2 ** 32));
    const value = random.next() < 0.5 ? view.getFloat64(0) : random.below(1e9) / 1000;
    return Number.isNaN(value) ? 0 : value;
  });
  const texts = print('float64', values) as string[];
  expect(texts.map(Number), `seed ${SEED}`).toEqual(values.map((v) => v));
  expect(read('float64', texts)).toEqual(values);
  const floats = values.map(Math.fround).filter(Number.isFinite);
  expect(read('float32', print('float32', floats) as string[])).toEqual(floats);
});

test('texts as bools', () => {
  const texts = [
    'true',
    'T',
    '1',
    'Yes',
    'y',
    'false',
    'F',
    '0',
    'NO',
    'n',
    'on',
    ' true',
    '2',
    '',
    null,
  ];
  const expected = [true, true, true, true, true, false, false, false, false, false];
  expect(read('bool', texts)).toEqual([...expected, null, null, null, null, null]);
});

test('texts of numbers, bools and decimals', () => {
  expect(print('int64', [0n, -0x8000000000000000n, null])).toEqual([
    '0',
    '-9223372036854775808',
    null,
  ]);
  expect(print('uint64', [0xffffffffffffffffn])).toEqual(['18446744073709551615']);
  expect(print('uint8', [255, 0])).toEqual(['255', '0']);
  expect(print('bool', [true, false, null])).toEqual(['true', 'false', null]);
  expect(print('decimal(10,2)', [150n, -5n, 0n])).toEqual(['1.50', '-0.05', '0.00']);
  expect(print('decimal(3,3)', [0n, -1n])).toEqual(['.000', '-.001']);
  expect(print('decimal(38,0)', [-(10n ** 38n - 1n)])).toEqual([`-${'9'.repeat(38)}`]);
});

test('texts of floats', () => {
  const values = [
    1,
    1e15,
    1e16,
    1e20,
    0.1,
    1e-4,
    1e-5,
    1.5e-10,
    -0,
    123456789.125,
    5e-324,
    NaN,
    Infinity,
    -Infinity,
  ];
  expect(print('float64', values)).toEqual([
    '1.0',
    '1000000000000000.0',
    '1e+16',
    '1e+20',
    '0.1',
    '0.0001',
    '1e-05',
    '1.5e-10',
    '-0.0',
    '123456789.125',
    '5e-324',
    'nan',
    'inf',
    '-inf',
  ]);
  expect(print('float32', [0.1, 16777216, 123456792, 1e-45].map(Math.fround))).toEqual([
    '0.1',
    '16777216.0',
    '123456790.0',
    '1e-45',
  ]);
});

test('bytes, JSON and dictionaries', () => {
  const bytes = [new TextEncoder().encode('Zoë'), Uint8Array.of(0xff), null];
  expect(valuesOf(wasm, c.tryCast('utf8'), { c: ['binary', bytes] })).toEqual(['Zoë', null, null]);
  expect(() => valuesOf(wasm, c.cast('utf8'), { c: ['binary', bytes] })).toThrow(
    /0xff in row 1 is no utf8/,
  );
  expect(valuesOf(wasm, c.cast('binary'), { c: ['utf8', ['é', null]] })).toEqual([
    Uint8Array.of(0xc3, 0xa9),
    null,
  ]);
  const documents = [
    '{"a":[1,2]}',
    ' true ',
    '{"a":1',
    '',
    '1 2',
    '"x',
    'null',
    '[1,]',
    '01',
    null,
  ];
  expect(read('json', documents)).toEqual([
    '{"a":[1,2]}',
    ' true ',
    null,
    null,
    null,
    null,
    'null',
    null,
    null,
    null,
  ]);
  expect(valuesOf(wasm, c.cast('utf8'), { c: ['json', ['{"a":1}', '"x"', null]] })).toEqual([
    '{"a":1}',
    '"x"',
    null,
  ]);
  expect(read('dictionary', ['a', 'b', 'a', null, ''])).toEqual(['a', 'b', 'a', null, '']);
  const words = { c: ['dictionary', ['1', 'x', null, '1']] } as const;
  expect(valuesOf(wasm, c.tryCast('int32'), words)).toEqual([1, null, null, 1]);
  expect(valuesOf(wasm, c.cast('dictionary'), { c: ['int32', [7, null, 7]] })).toEqual([
    '7',
    null,
    '7',
  ]);
});

test('JSON to values, and values to JSON', () => {
  const json = (documents: readonly (string | null)[]) => ({ c: ['json', documents] }) as const;
  const numbers = json(['1.7', '"12"', 'null', null, '{}', '"x"', '1e2', '300', ' 7 ']);
  const integers = [2, 12, null, null, null, null, 100, 300, 7];
  expect(valuesOf(wasm, c.tryCast('int32'), numbers)).toEqual(integers);
  expect(() => valuesOf(wasm, c.cast('int8'), numbers)).toThrow(/in row 4 is no int8/);
  expect(valuesOf(wasm, c.cast('int32'), json(['1', 'null', '"3"']))).toEqual([1, null, 3]);
  expect(valuesOf(wasm, c.cast('bool'), json(['true', '0', '"t"']))).toEqual([true, false, true]);
  expect(valuesOf(wasm, c.cast('decimal(6,2)'), json(['1.239', '"-5"']))).toEqual([124n, -500n]);
  expect(valuesOf(wasm, c.cast('date'), json(['"1970-01-02"', null]))).toEqual([1, null]);
  expect(valuesOf(wasm, c.cast('json'), { c: ['int32', [7, null]] })).toEqual(['7', null]);
  const half = { c: ['float64', [0.5, -0.25, null]] } as const;
  const fraction = c.cast('decimal(2,2)').cast('json');
  expect(valuesOf(wasm, fraction, { c: [...half.c] })).toEqual(['0.50', '-0.25', null]);
  expect(valuesOf(wasm, c.cast('json'), { c: ['bool', [true, null]] })).toEqual(['true', null]);
  const floats = { c: ['float64', [0.5, 1e20, Infinity, Number.NaN]] } as const;
  expect(valuesOf(wasm, c.tryCast('json'), floats)).toEqual(['0.5', '1e+20', null, null]);
  expect(valuesOf(wasm, lit(7).cast('json'), { c: ['bool', [true]] })).toEqual(['7']);
});

test('nulls without a type', () => {
  const columns = { c: ['null', [null, null]] } as const;
  for (const type of ['utf8', 'int32', 'dictionary', 'json', 'timestamp'] as const) {
    expect(valuesOf(wasm, c.cast(type), columns)).toEqual([null, null]);
  }
});

test('constants and selections', () => {
  const options = { constant: ['c'] };
  expect(valuesOf(wasm, c.cast('int32'), { c: ['utf8', ['7', '7']] }, options)).toEqual([7, 7]);
  expect(valuesOf(wasm, c.tryCast('int32'), { c: ['utf8', ['x', 'x']] }, options)).toEqual([
    null,
    null,
  ]);
  expect(valuesOf(wasm, c.cast('utf8'), { c: ['float64', [0.5, 0.5]] }, options)).toEqual([
    '0.5',
    '0.5',
  ]);
  expect(valuesOf(wasm, c.cast('dictionary'), { c: ['utf8', ['x', 'x']] }, options)).toEqual([
    'x',
    'x',
  ]);
  expect(valuesOf(wasm, c.cast('utf8'), { c: ['utf8', [null]] }, options)).toEqual([null]);
  expect(valuesOf(wasm, lit('12').cast('int64'), { c: ['utf8', ['x', 'x']] })).toEqual([12n, 12n]);
  const columns = { c: ['utf8', ['x', '5', 'y', '6']] } as const;
  expect(valuesOf(wasm, c.cast('int64'), columns, { rows: [1, 3] })).toEqual([5n, 6n]);
  expect(valuesOf(wasm, c.cast('int64').cast('utf8'), columns, { rows: [3] })).toEqual(['6']);
  expect(() => valuesOf(wasm, c.cast('int64'), columns)).toThrow(
    /'x' in row 0 is no int64; use tryCast/,
  );
});
