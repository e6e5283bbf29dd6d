import { describe, expect, it } from 'vitest';
import type { DataType, Field, Schema } from '../../../src/arrow/schema.ts';
import { createJsonEncoder } from '../../../src/ingest/codecs/json-writer.ts';
import { scalarOf } from '../../arrow/scalar-of.ts';
import type { Value } from '../../wasm/columns.ts';
import { makeInstance, openArena } from '../../wasm/harness.ts';
import { makeColumn } from '../make-column.ts';
import { encodeRows } from './encode-rows.ts';

const wasm = makeInstance();
const field = (name: string, type: DataType, nullable = true): Field => ({ name, type, nullable });
const one = (kind: 'float64' | 'utf8' | 'timestamp' | 'binary' | 'int64' | 'int32' | 'bool') =>
  ({ fields: [field('v', scalarOf(kind))] }) satisfies Schema;
const encodeOne = (kind: Parameters<typeof one>[0], values: readonly Value[]) =>
  encodeRows(
    wasm,
    one(kind),
    values.map((v) => ({ v })),
  );
const wrap = (values: readonly unknown[]) => values.map((v) => JSON.stringify({ v }));

describe('numbers', () => {
  it('are written as JSON.stringify writes them', () => {
    const values = [
      0,
      -0,
      1,
      -1,
      0.1,
      0.5,
      1.25,
      123.45,
      -0.01,
      1e-6,
      1.5e-6,
      1e-7,
      -1.5e-7,
      123456.789,
      0.30000000000000004,
      1e9,
      1e9 + 0.5,
      999_999_999.999999,
      2 ** 53 - 1,
      2 ** 53,
      2 ** 53 + 2,
      1e20,
      1e21,
      1.5e21,
      123456789012345680000,
      1.7976931348623157e308,
      5e-324,
      2.2250738585072014e-308,
      4.35,
      0.000123,
      9.95,
      1e15 + 0.3,
      100,
      1e8,
      12345678,
      99999999,
    ];
    expect(encodeOne('float64', values)).toEqual(wrap(values));
    const none = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(encodeOne('float64', none)).toEqual(wrap([null, null, null]));
  });

  it('keep every digit of int64 and int32', () => {
    const values = [
      0n,
      7n,
      -1n,
      99_999_999n,
      100_000_000n,
      -(2n ** 63n),
      2n ** 63n - 1n,
      10n ** 18n,
    ];
    expect(encodeOne('int64', values)).toEqual(values.map((v) => `{"v":${v}}`));
    const small = [0, -1, 2 ** 31 - 1, -(2 ** 31), 10_000, 9_999, 123_456_789];
    expect(encodeOne('int32', small)).toEqual(wrap(small));
  });
});

describe('text', () => {
  it('is escaped as JSON.stringify escapes it', () => {
    const controls = Array.from({ length: 0x30 }, (_, i) => String.fromCharCode(i));
    const values = [
      '',
      '"',
      '\\',
      'é 日本 🎁 \u2028\u2029\u007f',
      ...controls,
      controls.join(''),
      `${'x'.repeat(15)}"`,
      `${'x'.repeat(16)}"`,
      `"${'x'.repeat(40)}\n${'y'.repeat(20)}`,
      '"'.repeat(1000),
    ];
    expect(encodeOne('utf8', values)).toEqual(wrap(values));
  });

  it('is right at every length, whatever follows in the column', () => {
    const values = Array.from({ length: 100 }, (_, i) => 'a'.repeat(i));
    const mixed = values.flatMap((value) => [value, '"\\"']);
    expect(encodeOne('utf8', mixed)).toEqual(wrap(mixed));
  });

  it('of member names is escaped, however long', () => {
    const names = ['a"b', 'é', 'n'.repeat(700), ''];
    const schema = { fields: names.map((name) => field(name, { kind: 'int32' })) };
    const row = Object.fromEntries(names.map((name, i) => [name, i]));
    expect(encodeRows(wasm, schema, [row])).toEqual([JSON.stringify(row)]);
  });
});

describe('other types', () => {
  it('timestamps are ISO-8601 with three or six digits', () => {
    const millis = [
      0, 1, 999, -1, 951_782_400_000, 1_709_251_199_999, 253_402_300_799_999, 253_402_300_800_000,
      -62_167_219_200_000, -62_167_219_200_001, 8.64e15, -8.64e15,
    ];
    const expected = wrap(millis.map((ms) => new Date(ms).toISOString()));
    expect(
      encodeOne(
        'timestamp',
        millis.map((ms) => BigInt(ms) * 1000n),
      ),
    ).toEqual(expected);
    expect(encodeOne('timestamp', [1_500_001n, -1n])).toEqual(
      wrap(['1970-01-01T00:00:01.500001Z', '1969-12-31T23:59:59.999999Z']),
    );
    expect(encodeOne('timestamp', [2n ** 63n - 1n, -(2n ** 63n)])).toEqual(
      wrap(['+294247-01-10T04:00:54.775807Z', '-290308-12-21T19:59:05.224192Z']),
    );
  });

  it('binary is base64', () => {
    const values = Array.from({ length: 20 }, (_, i) =>
      Uint8Array.from({ length: i }, (_, k) => (k * 89 + i * 7) & 255),
    );
    expect(encodeOne('binary', values)).toEqual(
      wrap(values.map((value) => Buffer.from(value).toString('base64'))),
    );
  });

  it('nulls, structs and lists nest', () => {
    const item: DataType = {
      kind: 'struct',
      fields: [field('sku', { kind: 'utf8' }), field('tags', list({ kind: 'utf8' }))],
    };
    const schema = {
      fields: [
        field('ok', { kind: 'bool' }),
        field('items', list(item)),
        field('matrix', list(list({ kind: 'int32' }))),
        field('empty', { kind: 'struct', fields: [] }),
      ],
    };
    const rows = [
      {
        ok: true,
        items: [{ sku: 'a', tags: ['x', null] }, null],
        matrix: [[1, 2], [], null],
        empty: {},
      },
      { ok: false, items: [], matrix: null, empty: null },
      { ok: null, items: null, matrix: [[]], empty: {} },
      { ok: true, items: [{ sku: null, tags: null }], matrix: [], empty: {} },
    ];
    expect(encodeRows(wasm, schema, rows)).toEqual(rows.map((row) => JSON.stringify(row)));
  });

  it('a constant column stands for every row', () => {
    openArena(wasm);
    const column = makeColumn(wasm, { kind: 'utf8' }, ['same', 'same', 'same'], { constant: true });
    expect(encodeRows(wasm, one('utf8'), 3, new Map([['v', column]]))).toEqual(
      wrap(['same', 'same', 'same']),
    );
  });

  it('no columns are an empty object', () => {
    expect(encodeRows(wasm, { fields: [] }, [{}, {}])).toEqual(['{}', '{}']);
  });
});

describe('bind', () => {
  it('refuses a column of another type, or none', () => {
    openArena(wasm);
    const encoder = createJsonEncoder(wasm, one('utf8'));
    const column = makeColumn(wasm, { kind: 'int32' }, [1]);
    expect(() => encoder.bind(new Map([['v', column]]))).toThrow(/"v" to encode has another type/);
    expect(() => encoder.bind(new Map())).toThrow(/"v" to encode is not there/);
  });
});

function list(type: DataType): DataType {
  return { kind: 'list', item: field('item', type) };
}
