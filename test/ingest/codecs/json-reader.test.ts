import { describe, expect, test } from 'vitest';
import type { SchemaLiteral } from '../../../src/arrow/schema-literal.ts';
import { MAX_REJECTS } from '../../../src/ingest/codecs/codec.ts';
import type { Value } from '../../wasm/columns.ts';
import { RowDecoder } from './decode-rows.ts';

/** What one message gives under a schema of the one column `x`: its value, or the reject's code. */
function read(type: SchemaLiteral[string], text: string): Value | { reject: string } {
  const { rows, decoded } = new RowDecoder({ x: type }).decode([`{"x":${text}}`]);
  const [reject] = decoded.rejects;
  return reject === undefined ? rows[0]!.x! : { reject: reject.code };
}

function rejectOf(schema: SchemaLiteral, text: string | null, options = {}) {
  const { decoded } = new RowDecoder(schema, options).decode([text]);
  return decoded.rejects[0];
}

describe('integers', () => {
  test.each([
    ['0', 0n],
    ['-0', 0n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['1.0', 1n],
    ['1e3', 1000n],
    ['1200e-2', 12n],
    ['0e999999999999', 0n],
    ['0.000e5', 0n],
    ['922337203685477580.7e1', 9223372036854775807n],
    ['-100000000000000000000e-20', -1n],
  ])('int64 %s', (text, value) => {
    expect(read('int64', text)).toBe(value);
  });

  test.each([
    ['9223372036854775808', 'range'],
    ['-9223372036854775809', 'range'],
    ['18446744073709551616', 'range'],
    ['99999999999999999999999', 'range'],
    ['1e19', 'range'],
    ['1e999999999999999', 'range'],
    ['1.5', 'type'],
    ['1e-1', 'type'],
    ['"1"', 'type'],
    ['true', 'type'],
    ['[1]', 'type'],
    ['01', 'syntax'],
    ['-', 'syntax'],
    ['1.', 'syntax'],
    ['+1', 'syntax'],
    ['1e', 'syntax'],
    ['null', 'null'],
  ])('int64 refuses %s', (text, reject) => {
    expect(read('int64', text)).toEqual({ reject });
  });

  test('int32 keeps its own range', () => {
    expect(read('int32', '2147483647')).toBe(2147483647);
    expect(read('int32', '-2147483648')).toBe(-2147483648);
    expect(read('int32', '2147483648')).toEqual({ reject: 'range' });
    expect(read('int32', '-2147483649')).toEqual({ reject: 'range' });
    expect(read('int32', '2147483648.5')).toEqual({ reject: 'type' });
  });
});

describe('float64', () => {
  test.each([
    '0',
    '-0',
    '1.1',
    '123456789012345678',
    '0.1e-6',
    '9007199254740993',
    '1e22',
    '1e23',
    '2.2250738585072011e-308',
    '4.9e-324',
    '2e-324',
    '1.7976931348623157e308',
    '1.7976931348623158e308',
    '6.0221409e+23',
    '0.000000000000000000000000000000000000000000000000012345678901234567890123',
    `17976931348623157${'0'.repeat(292)}`,
    '1e-400',
  ])('%s as JSON.parse reads it', (text) => {
    expect(read('float64', text)).toBe(JSON.parse(text));
  });

  test.each(['1e309', '-1e309', '1.8e308', '1e99999'])('%s is out of range', (text) => {
    expect(read('float64', text)).toEqual({ reject: 'range' });
  });
});

describe('bool, utf8', () => {
  test('booleans', () => {
    expect(read('bool', 'true')).toBe(true);
    expect(read('bool', 'false')).toBe(false);
    expect(read('bool', '1')).toEqual({ reject: 'type' });
    expect(read('bool', 'truE')).toEqual({ reject: 'syntax' });
  });

  test.each([
    '""',
    '"a"',
    '"é日🎁"',
    '"\\u00e9\\ud83c\\udf81\\b\\f\\n\\r\\t\\/\\\\\\""',
    `"${'x'.repeat(99)}"`,
  ])('text %s', (text) => {
    expect(read('utf8', text)).toBe(JSON.parse(text));
  });

  test('lone surrogates have no UTF-8', () => {
    for (const text of ['"\\ud800"', '"\\udc00"', '"\\ud800\\u0041"', '"\\ud800x"']) {
      expect(read('utf8', text)).toEqual({ reject: 'surrogate' });
      expect(rejectOf({ x: 'utf8?' }, `{"unread":${text}}`)?.code).toBe('surrogate');
    }
  });
});

describe('structs and lists', () => {
  const schema = { o: { a: 'int32', b: 'utf8?' }, l: [{ k: 'utf8', v: ['int64?'] }] } as const;

  test('nested values', () => {
    const text = '{"o":{"b":"z","a":1},"l":[{"k":"p","v":[1,null,3]},{"v":[],"k":"q"}]}';
    const { rows } = new RowDecoder(schema).decode([text, text]);
    const row = {
      o: { a: 1, b: 'z' },
      l: [
        { k: 'p', v: [1n, null, 3n] },
        { k: 'q', v: [] },
      ],
    };
    expect(rows).toEqual([row, row]);
  });

  test('a reject deep inside names the column and leaves neighbours alone', () => {
    const good = '{"o":{"a":1},"l":[{"k":"p","v":[7]}]}';
    const bad = '{"o":{"a":2},"l":[{"k":"p","v":[8,null]},{"k":"q","v":[9,"x"]}]}';
    const { rows, decoded, selected } = new RowDecoder(schema).decode([good, bad, good]);
    expect(decoded.rejects).toEqual([
      {
        row: 1,
        code: 'type',
        position: bad.indexOf('"x"'),
        column: 'l[].v[]',
        reason: `expected int64 for column "l[].v[]", found a string, \`"x"\` (byte 57)`,
      },
    ]);
    expect(rows[2]).toEqual({ o: { a: 1, b: null }, l: [{ k: 'p', v: [7n] }] });
    expect(rows[2]).toEqual(rows[0]);
    expect(rows[1]).toEqual({ o: { a: 0, b: null }, l: [] });
    expect(selected).toEqual([0, 2]);
  });
});

describe('nulls, missing members, tombstones', () => {
  const schema = { id: 'int64', note: 'utf8?' } as const;

  test('a missing member is null', () => {
    const { rows } = new RowDecoder(schema).decode(['{"id":1}', '{"note":null,"id":2}']);
    expect(rows).toEqual([
      { id: 1n, note: null },
      { id: 2n, note: null },
    ]);
  });

  test('or a reject where it must not be', () => {
    expect(rejectOf(schema, '{"note":"x"}')).toMatchObject({ code: 'missing', column: 'id' });
    expect(rejectOf(schema, '{"id":null}')).toMatchObject({
      code: 'null',
      column: 'id',
      position: 6,
    });
  });

  test('a tombstone is a row of nulls, if it can be', () => {
    expect(rejectOf(schema, null)).toMatchObject({ code: 'null-message', column: 'id' });
    const { rows, decoded } = new RowDecoder({ a: 'int64?', b: 'utf8?' }).decode([null]);
    expect(decoded.rejectCount).toBe(0);
    expect(rows).toEqual([{ a: null, b: null }]);
    const projected = new RowDecoder(schema, { columns: ['note'], validate: 'full' });
    expect(projected.decode([null]).decoded.rejectCount).toBe(0);
  });

  test('an empty message is no JSON', () => {
    expect(rejectOf(schema, '')).toMatchObject({ code: 'syntax', position: 0 });
  });
});

describe('members that are not read', () => {
  const schema = { id: 'int64', other: 'int32' } as const;
  const columns = ['id'];

  test('are checked for syntax only', () => {
    expect(rejectOf(schema, '{"id":1,"other":"text"}', { columns })).toBeUndefined();
    expect(rejectOf(schema, '{"id":1}', { columns })).toBeUndefined();
    expect(rejectOf(schema, '{"id":1,"other":tru}', { columns })?.code).toBe('syntax');
  });

  test("validate: 'full' checks their type and presence, too", () => {
    const options = { columns, validate: 'full' };
    expect(rejectOf(schema, '{"id":1,"other":2}', options)).toBeUndefined();
    expect(rejectOf(schema, '{"id":1,"other":"x"}', options)).toMatchObject({
      code: 'type',
      column: 'other',
    });
    expect(rejectOf(schema, '{"id":1,"other":3000000000}', options)?.code).toBe('range');
    expect(rejectOf(schema, '{"id":1}', options)).toMatchObject({
      code: 'missing',
      column: 'other',
    });
    expect(rejectOf(schema, '{"id":1,"other":null}', options)?.code).toBe('null');
  });

  test("validate: 'full' over many rows keeps only the columns that are read", () => {
    const wide = { id: 'int64', l: [{ a: 'utf8?', b: ['int32'] }], s: 'utf8?' } as const;
    const decoder = new RowDecoder(wide, { columns: ['id'], validate: 'full' });
    const texts = Array.from({ length: 500 }, (_, i) => {
      const items = Array.from({ length: i }, () => '{"a":"text","b":[1,2,3]},{"b":[]}').join();
      return `{"s":${i % 2 === 0 ? 'null' : `"${'s'.repeat(i * 10)}"`},"l":[${items}],"id":${i}}`;
    });
    const { rows, decoded } = decoder.decode(texts);
    expect(decoded.rejects).toEqual([]);
    expect(rows).toEqual(texts.map((_, i) => ({ id: BigInt(i) })));
  });

  test("unknown: 'error' refuses what the schema does not name, at every level", () => {
    const options = { unknown: 'error' };
    const nested = { o: { a: 'int32' } } as const;
    expect(rejectOf(schema, '{"id":1,"other":"text"}', { ...options, columns })).toBeUndefined();
    expect(rejectOf(schema, '{"id":1,"other":2,"z":3}', options)).toMatchObject({
      code: 'unknown-field',
      position: 18,
      reason: 'the schema does not name this field: a string, `"z"` (byte 18)',
    });
    expect(rejectOf(nested, '{"o":{"a":1,"b":2}}', options)?.code).toBe('unknown-field');
    expect(rejectOf(nested, '{"o":{"a":1,"b":2}}')).toBeUndefined();
  });

  test('no column at all: syntax only', () => {
    const decoder = new RowDecoder(schema, { columns: [] });
    const { decoded, selected } = decoder.decode(['{}', '{"a":[1,{"b":2}]}', '{"a":}', '[]']);
    expect(decoded.columns.size).toBe(0);
    expect(decoded.rejects.map(({ row, code }) => [row, code])).toEqual([
      [2, 'syntax'],
      [3, 'type'],
    ]);
    expect(selected).toEqual([0, 1]);
  });
});

describe('duplicate keys', () => {
  test('the last value counts, whatever the first left behind', () => {
    const schema = { a: 'utf8?', l: [{ b: ['int32?'] }], o: { p: 'int64?', q: 'utf8?' } } as const;
    const text =
      '{"a":"long text","l":[{"b":[1,2]},{"b":[null]}],"o":{"p":1,"q":"x"},' +
      '"a":null,"l":[{"b":[3]}],"o":{"q":null},"a":"z"}';
    const { rows, decoded } = new RowDecoder(schema).decode([text, text, text]);
    expect(decoded.rejects).toEqual([]);
    const row = { a: 'z', l: [{ b: [3] }], o: { p: null, q: null } };
    expect(rows).toEqual([row, row, row]);
  });

  test('each one is checked', () => {
    expect(rejectOf({ a: 'int64' }, '{"a":"x","a":1}')?.code).toBe('type');
  });
});

describe('keys', () => {
  test('with escapes, non-ASCII and long ones', () => {
    const long = 'a_very_long_name_that_goes_on_and_on_for_more_than_forty_eight_bytes_';
    const names = ['é', `${long}1`, `${long}2`, 'a"b\\c', 'sixteen_bytes_16', 'k'.repeat(4000)];
    const schema = Object.fromEntries(names.map((name) => [name, 'int32' as const]));
    const values = Object.fromEntries(names.map((name, i) => [name, i]));
    const plain = JSON.stringify(values);
    const escaped = plain.replace(
      /[a-z_é]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    const { rows, decoded } = new RowDecoder(schema).decode([plain, escaped, plain]);
    expect(decoded.rejects).toEqual([]);
    expect(rows).toEqual([values, values, values]);
  });

  test('hundreds of them, in any order', () => {
    const names = Array.from({ length: 700 }, (_, i) => `metric_name_with_prefix_${i}`);
    const schema = Object.fromEntries(names.map((name) => [name, 'int32?' as const]));
    const forward = Object.fromEntries(names.map((name, i) => [name, i]));
    const backward = Object.fromEntries(Object.entries(forward).reverse());
    const decoder = new RowDecoder(schema);
    const { rows, decoded } = decoder.decode(
      [forward, backward, forward].map((o) => JSON.stringify(o)),
    );
    expect(decoded.rejects).toEqual([]);
    expect(rows).toEqual([forward, forward, forward]);
  });
});

describe('rejects', () => {
  test('only the first are described, all are counted', () => {
    const texts = Array.from({ length: MAX_REJECTS + 500 }, (_, i) =>
      i % 3 === 0 ? '{"x":1}' : '{',
    );
    const { decoded, selected } = new RowDecoder({ x: 'int64' }).decode(texts);
    expect(decoded.rejectCount).toBe(MAX_REJECTS);
    expect(selected).toEqual(texts.flatMap((text, i) => (text === '{' ? [] : [i])));
    const all = new RowDecoder({ x: 'int64' }).decode(texts.map(() => '{'));
    expect(all.decoded.rejectCount).toBe(texts.length);
    expect(all.decoded.rejects).toHaveLength(MAX_REJECTS);
    expect(all.selected).toEqual([]);
  });

  test.each([
    ['{"x":1} x', 'trailing', 8],
    ['[1]', 'type', 0],
    ['7', 'type', 0],
    ['\ufeff{"x":1}', 'syntax', 0],
    ['{"x":1,}', 'syntax', 7],
    ['{"x" 1}', 'syntax', 5],
    ["{'x':1}", 'syntax', 1],
    ['{"x":1', 'syntax', 6],
    ['{"x":\u00001}', 'syntax', 5],
    ['{"x":1}\u0000', 'trailing', 7],
    ['{"y":"a\nb","x":1}', 'syntax', 7],
  ])('%j: %s at byte %i', (text, code, position) => {
    expect(rejectOf({ x: 'int64' }, text)).toMatchObject({ code, position });
  });

  test('plans that cannot be', () => {
    const unknown = () => new RowDecoder({ x: 'int64' }, { columns: ['y'] });
    expect(unknown).toThrow('the schema has no column "y"; it has "x"');
  });
});
