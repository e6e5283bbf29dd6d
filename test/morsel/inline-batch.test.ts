/** What a map's function gives: which columns, and values of nested types. */
import { Int32, Table, vectorFromArray } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { toSchema } from '../../src/arrow/schema-literal.ts';
import { decimalToString, map, nullable, Stream } from '../../src/index.ts';
import { batchFrom } from '../../src/morsel/inline-batch.ts';

const ints = (...values: (number | null)[]) => vectorFromArray(values, new Int32());

/** The values of a column of a type, as JSON has them; decimals of scale 2. */
function through(values: readonly unknown[], type: unknown): unknown[] {
  const batch = batchFrom({ v: values }, toSchema({ v: type } as { v: 'int32' }));
  return batch.toArray().map(({ v }) => plain(v));
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint32Array) return decimalToString(value, 2);
  const json = (value as { toJSON?: () => object }).toJSON?.() ?? value;
  if (Array.isArray(json)) return json.map(plain);
  return Object.fromEntries(Object.entries(json).map(([name, member]) => [name, plain(member)]));
}

describe('a column that the schema does not have', () => {
  const unknown = /it gave the column z, which the schema does not have; name it in map\(fn, \{ sc/;
  const given: [string, () => unknown][] = [
    ['an object', () => ({ a: [1], z: [2] })],
    ['a Table', () => new Table({ a: ints(1), z: ints(2) })],
    [
      'a Table of several batches',
      () => new Table({ z: ints(2) }).concat(new Table({ z: ints(1) })),
    ],
    ['a RecordBatch', () => new Table({ a: ints(1), z: ints(2) }).batches[0]],
  ];

  test.each(given)('is refused in %s', (_, give) => {
    expect(() => batchFrom(give(), toSchema({ a: 'int32?' }))).toThrow(unknown);
  });

  test('is refused also where map has no schema of its own', async () => {
    const table = new Table({ a: ints(1) });
    const result = Stream.fromBatches(table, { workers: 1 }).map(() => ({ a: [1], z: [2] }));
    await expect(result.collect()).rejects.toThrow(unknown);
  });

  test('may be there without values', () => {
    const { schema } = batchFrom({ a: [1], z: undefined }, toSchema({ a: 'int32?' }));
    expect(schema.fields.map(({ name }) => name)).toEqual(['a']);
  });
});

describe('values of nested types', () => {
  test.each([
    ['whole numbers of a list', ['int64'], [[1, 2n], [], [3]], [['1n', '2n'], [], ['3n']]],
    ['members', { d: 'decimal(5,2)' }, [{ d: 1 }, { d: '1.5' }], [{ d: '1.00' }, { d: '1.50' }]],
    [
      'values of a map',
      map('uint64'),
      [{ k: 1 }, new Map([['k', 2n]])],
      [{ k: '1n' }, { k: '2n' }],
    ],
    [
      'values deep inside',
      { l: [{ m: map('decimal(5,2)?') }] },
      [{ l: [{ m: { k: '1.5', n: null } }] }, { l: [] }],
      [{ l: [{ m: { k: '1.50', n: null } }] }, { l: [] }],
    ],
  ])('take what they take at the top: %s', (_, type, values, expected) => {
    expect(through(values, type)).toEqual(expected);
  });

  test('a member that is missing is null, not 0', () => {
    const type = nullable({ d: 'int32?', e: 'utf8?' });
    expect(through([{ d: 1 }, { e: 'x', d: undefined }, null], type)).toEqual([
      { d: 1, e: null },
      { d: null, e: 'x' },
      null,
    ]);
    expect(through([{ d: 1 }, {}], { d: 'int32' })).toEqual([{ d: 1 }, { d: null }]);
  });

  test('a list may be a set, a vector or a typed array', () => {
    const values = [new Set([1, 2]), ints(3, null), Int32Array.of(4), [5]];
    expect(through(values, ['int32?'])).toEqual([[1, 2], [3, null], [4], [5]]);
  });

  test('are taken as batches give them', () => {
    const l = [[{ d: 1 }, { d: null }], []];
    const schema = toSchema({ l: [{ d: 'int32?' }], m: map('int32') });
    const first = batchFrom({ l, m: [{ k: 1 }, {}] }, schema);
    const given = { l: [...first.getChild('l')!], m: [...first.getChild('m')!] };
    const again = batchFrom(given, schema).toArray();
    expect(again.map(plain)).toEqual([
      { l: l[0], m: { k: 1 } },
      { l: [], m: {} },
    ]);
  });
});

describe('the error of a value that does not fit', () => {
  test.each([
    [['int64'], [[1], [2, 1.5]], "'v[1]' is 1.5 in row 1, which is no int64; give a bigint, or"],
    [{ d: 'int8' }, [{ d: 300 }], "'v.d' is 300 in row 0, which is no int8; give a whole number"],
    [map('decimal(5,2)'), [{ k: '1.505' }], "'v['k']' is '1.505' in row 0, which is no decimal("],
    [{ l: [{ d: 'bool' }] }, [{ l: [{ d: true }, { d: 1 }] }], "'v.l[1].d' is 1 in row 0, which"],
    [['int32'], [[1, undefined]], "'v[1]' is undefined in row 0, which is no int32; give null"],
    [['int32'], [new Map([[1, 2]])], 'which is no [int32]; give an array'],
    [{ d: 'int32' }, [new Map([['d', 2]])], 'which is no {d int32}; give an object with its'],
    [map('int32'), [[1]], 'which is no map(int32); give a Map or an object'],
    [map('int32'), [new Map([[1, 1]])], 'which is no map(int32); give a Map or an object'],
    [{ d: 'int32' }, [{ d: 1, z: 2 }], "'v.z' is 2 in row 0, which the schema does not have; name"],
    ['json', [{ a: 1 }], 'is { a: 1 } in row 0, which is no json; give its JSON text: JSON.str'],
    ['json', ['x'], 'which is no json; give its JSON text: JSON.stringify(value)'],
    ['decimal(5,2)', [1n], "such as '12.50'; a bigint might lack its point, so give String"],
    ['utf8', ['\ud800'], 'which is no utf8; it has a lone surrogate'],
  ])('names its place and the way out: %j', (type, values, words) => {
    expect(() => through(values, type)).toThrow(words);
  });
});
