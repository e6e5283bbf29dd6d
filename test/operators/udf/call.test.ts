import { beforeEach, describe, expect, test } from 'vitest';
import type { FieldLiteral } from '../../../src/arrow/schema-literal.ts';
import { map, nullable } from '../../../src/arrow/schema-literal.ts';
import { col } from '../../../src/operators/expr.ts';
import type {
  UdfBytesVector,
  UdfDictionaryVector,
  UdfFixedOutput,
  UdfFixedVector,
  UdfListVector,
  UdfMapVector,
  UdfOutput,
  UdfStructVector,
  UdfVector,
} from '../../../src/operators/udf/function-types.ts';
import { makeInstance, openArena } from '../../wasm/harness.ts';
import { runUdf } from './run-udf.ts';

const wasm = makeInstance({ megabytes: 64 });
beforeEach(() => openArena(wasm));

const MAX = 2n ** 63n - 1n;

/** Values of each type, nulls among them: every one must come through as it is. */
const TYPES: readonly (readonly [FieldLiteral, readonly unknown[]])[] = [
  ['bool?', [true, false, null, true]],
  ['int8?', [-128, 127, null, 0]],
  ['int16?', [-32768, 32767, null, 0]],
  ['int32?', [-(2 ** 31), 2 ** 31 - 1, null, 0]],
  ['int64?', [-MAX - 1n, MAX, null, 0n]],
  ['uint8?', [0, 255, null, 7]],
  ['uint16?', [0, 65535, null, 7]],
  ['uint32?', [0, 2 ** 32 - 1, null, 7]],
  ['uint64?', [0n, 2n ** 64n - 1n, null, 7n]],
  ['float32?', [1.5, -0, null, Number.POSITIVE_INFINITY]],
  ['float64?', [1.1, Number.NaN, null, -0]],
  ['decimal(38,2)?', [10n ** 38n - 1n, -(10n ** 38n) + 1n, null, -1n]],
  ['utf8?', ['', 'grüße 🌊 and more text', null, 'short']],
  ['dictionary?', ['DE', 'FR', null, 'DE']],
  ['json?', ['{"a":[1,null]}', '"x"', null, '1e3']],
  ['binary?', [Uint8Array.of(), Uint8Array.of(0, 255), null, Uint8Array.of(7)]],
  ['date?', [-1, 20_000, null, 0]],
  ['time?', [0n, 86_399_999_999n, null, 1n]],
  ['duration?', [-5n, MAX, null, 1n]],
  ['timestamp(ns)?', [-1n, MAX, null, 1n]],
  ['null', [null, null, null, null]],
  [
    nullable({ city: 'utf8?', zip: 'int32' }),
    [{ city: 'B', zip: 1 }, { city: null, zip: 2 }, null, { city: '', zip: 3 }],
  ],
  [nullable(['int32?']), [[1, null, 3], [], null, [4]]],
  [nullable(map('float64?')), [new Map([['a', 1]]), new Map(), null, new Map([['b', null]])]],
];

describe.each(TYPES)('%j', (type, values) => {
  const inputs = [{ type, values }];
  const options = { returns: type, nulls: 'call' } as const;

  test('comes through a function of rows', () => {
    const f = (value: unknown) => value;
    const { values: out } = runUdf(wasm, { f, inputs, options: { ...options, mode: 'row' } });
    expect(out).toEqual(values);
  });

  test('comes through a function of vectors that sets rows', () => {
    const f = ([a]: [UdfVector], rows: number, out: UdfOutput) => {
      for (let row = 0; row < rows; row++) out.set(row, a.get(row));
    };
    expect(runUdf(wasm, { f, inputs, options }).values).toEqual(values);
  });

  test('comes through a function of vectors that returns values', () => {
    const f = ([a]: [UdfVector], rows: number) =>
      Array.from({ length: rows }, (_, row) => a.get(row));
    expect(runUdf(wasm, { f, inputs, options }).values).toEqual(values);
  });

  test('comes through where rows are left out', () => {
    const f = (value: unknown) => value;
    const many = [{ type, values: [...values, ...values, ...values] }];
    const rows = [0, 2, 5, 9, 10];
    const run = { f, inputs: many, rows, options: { ...options, mode: 'row' } } as const;
    expect(runUdf(wasm, run).values).toEqual(rows.map((row) => values[row % 4]));
  });

  test('is skipped where it is null', () => {
    const seen: unknown[] = [];
    const f = (value: unknown) => {
      seen.push(value);
      return value;
    };
    const run = { f, inputs, options: { returns: type, mode: 'row' } } as const;
    expect(runUdf(wasm, run).values).toEqual(values);
    expect(seen).not.toContain(null);
  });

  test('comes through a pure function', () => {
    const f = (value: unknown) => value;
    const run = { f, inputs, options: { ...options, mode: 'row', pure: true } } as const;
    expect(runUdf(wasm, run).values).toEqual(values);
  });
});

const numbers = { type: 'float64', values: [1, 2, 3, 4] } as const;

describe('vectors', () => {
  test('are views on the column itself where all rows are in play', () => {
    let shared: unknown;
    const f = ([a]: [UdfFixedVector<number, Float64Array>], rows: number, out: UdfFixedOutput) => {
      shared = a.values.buffer;
      for (let row = 0; row < rows; row++) out.values[row] = a.values[row]! * 2;
    };
    const { values } = runUdf(wasm, { f, inputs: [numbers], options: { returns: 'float64' } });
    expect(values).toEqual([2, 4, 6, 8]);
    expect(shared).toBe(wasm.memory.buffer);
  });

  test('hold the selected rows alone, and results go where those were', () => {
    let seen: number[] = [];
    const f = ([a]: [UdfFixedVector<number, Float64Array>]) => {
      seen = [...a.values];
      return a.values.map((value) => value * 10);
    };
    const rows = [1, 3];
    const run = { f, inputs: [numbers], rows, options: { returns: 'float64' } } as const;
    expect(runUdf(wasm, run).values).toEqual([20, 40]);
    expect(seen).toEqual([2, 4]);
  });

  test('of texts have bytes, offsets and texts', () => {
    const f = ([a]: [UdfBytesVector<string>]) => [
      `${a.offsets} ${a.data.length} ${a.bytes(1)} ${a.get(0)}`,
      ...['', '', ''],
    ];
    const inputs = [{ type: 'utf8', values: ['ab', 'c', '', 'ü'] }] as const;
    const { values } = runUdf(wasm, { f, inputs, options: { returns: 'utf8' } });
    expect(values[0]).toBe('0,2,3,3,5 5 99 ab');
  });

  test('of dictionaries have indices and values', () => {
    const f = ([a]: [UdfDictionaryVector]) => [
      `${a.indices} ${a.values.length} ${a.values.get(1)} ${a.get(2)} ${a.nullCount}`,
      ...['', '', ''],
    ];
    const inputs = [{ type: 'dictionary?', values: ['x', 'y', 'x', null] }] as const;
    const { values } = runUdf(wasm, { f, inputs, options: { returns: 'utf8' } });
    expect(values[0]).toBe('0,1,0,0 2 y x 1');
  });

  test('of structs, lists and maps have children', () => {
    const f = ([s, l, m]: [UdfStructVector, UdfListVector, UdfMapVector]) => [
      `${s.field('n').get(1)} ${s.children.length} ${l.offsets} ${l.items.get(2)} ` +
        `${m.keys.get(0)} ${m.values.get(0)}`,
      '',
    ];
    const inputs = [
      { type: { n: 'int32' }, values: [{ n: 1 }, { n: 2 }] },
      { type: ['int64'], values: [[1n, 2n], [3n]] },
      { type: map('bool'), values: [new Map([['k', true]]), new Map()] },
    ] as const;
    const { values } = runUdf(wasm, { f, inputs, options: { returns: 'utf8' } });
    expect(values[0]).toBe('2 1 0,2,3 3 k true');
    const wrong = ([s]: [UdfStructVector]) => [s.field('nn').get(0), ''];
    const run = { f: wrong, inputs: inputs.slice(0, 1), options: { returns: 'utf8' } } as const;
    expect(() => runUdf(wasm, run)).toThrow("no member 'nn'");
  });

  test('of decimals have two words a value', () => {
    const f = ([a]: [UdfFixedVector<bigint, BigUint64Array>], _: number, out: UdfFixedOutput) => {
      (out.values as BigUint64Array).set(a.values);
    };
    const inputs = [{ type: 'decimal(38,0)', values: [-1n, 2n ** 64n] }] as const;
    const { values } = runUdf(wasm, { f, inputs, options: { returns: 'decimal(38,0)' } });
    expect(values).toEqual([-1n, 2n ** 64n]);
  });

  test('of dictionaries are texts where texts are declared, in either mode', () => {
    const inputs = [{ type: 'dictionary?', values: ['x', 'y', null, 'x'] }] as const;
    const args = ['utf8?'] as const;
    const row = { f: (v: string) => `${v}!`, inputs } as const;
    const options = { args, returns: 'utf8?' } as const;
    const expected = ['x!', 'y!', null, 'x!'];
    expect(runUdf(wasm, { ...row, options: { ...options, mode: 'row' } }).values).toEqual(expected);
    const f = ([a]: [UdfBytesVector<string | null>], rows: number) =>
      Array.from({ length: rows }, (_, i) => (a.isNull(i) ? null : `${a.get(i)}!`));
    expect(runUdf(wasm, { f, inputs, options }).values).toEqual(expected);
    const nothing = [{ type: 'dictionary?', values: [null, null] }] as const;
    expect(runUdf(wasm, { f, inputs: nothing, options }).values).toEqual([null, null]);
  });

  test('of constants are as long as all others', () => {
    const f = ([a, b, c]: UdfVector[], rows: number) =>
      Array.from({ length: rows }, (_, i) => `${a!.get(i)}${b!.get(i)}${c!.get(i)}`);
    const options = { args: ['float64', 'int8', 'date?'], returns: 'utf8' } as const;
    const operands = [col('a'), 7, null];
    const { values } = runUdf(wasm, { f, inputs: [numbers], operands, options });
    expect(values).toEqual(['17null', '27null', '37null', '47null']);
  });
});

test('a function without arguments sees the rows', () => {
  const f = (_: unknown, rows: number) => new Int32Array(rows).fill(rows);
  expect(runUdf(wasm, { f, options: { returns: 'int32' } }).values).toEqual([4, 4, 4, 4]);
});

test('a function of four arguments and more', () => {
  const f = (a: number, b: number, c: number, d: number) => a + b + c + d;
  const inputs = [numbers, numbers, numbers, numbers];
  const options = { returns: 'float64', mode: 'row' } as const;
  expect(runUdf(wasm, { f, inputs, options }).values).toEqual([4, 8, 12, 16]);
});

test('no row in play is no call', () => {
  const f = () => {
    throw new Error('called');
  };
  const run = { f, inputs: [numbers], rows: [], options: { returns: 'utf8' } } as const;
  expect(runUdf(wasm, run)).toMatchObject({ values: [], calls: 0 });
});

test('nulls that are skipped make a result nullable, and never reach a vector', () => {
  const f = ([a]: [UdfFixedVector<number, Float64Array>]) => {
    expect(a.validity).toBeUndefined();
    return a.values.map((value) => value + 1);
  };
  const inputs = [{ type: 'float64?', values: [1, null, 3, null] }] as const;
  const options = { args: ['float64'], returns: 'float64', nulls: 'skip' } as const;
  const result = runUdf(wasm, { f, inputs, options });
  expect(result).toMatchObject({ values: [2, null, 4, null], calls: 1, nullable: true });
  const none = [{ type: 'float64?', values: [null, null] }] as const;
  expect(runUdf(wasm, { f, inputs: none, options })).toMatchObject({ calls: 0 });
});

describe('pure functions', () => {
  const upper = (text: string | null) => text?.toUpperCase() ?? 'NONE';
  const options = { returns: 'utf8', mode: 'row', nulls: 'call', pure: true } as const;

  test('see each text of a dictionary once, and only texts of selected rows', () => {
    const inputs = [{ type: 'dictionary?', values: ['a', 'b', null, 'a', 'c', null] }] as const;
    const result = runUdf(wasm, { f: upper, inputs, rows: [0, 2, 3, 5], options });
    expect(result).toMatchObject({ values: ['A', 'NONE', 'A', 'NONE'], calls: 2 });
  });

  test('see texts that repeat once, and others as they come', () => {
    const repeated = Array.from({ length: 2_000 }, (_, i) => `t${i % 5}`);
    const few = runUdf(wasm, { f: upper, inputs: [{ type: 'utf8', values: repeated }], options });
    expect(few).toMatchObject({ values: repeated.map((t) => t.toUpperCase()), calls: 5 });
    const unique = Array.from({ length: 2_000 }, (_, i) => `t${i}`);
    const many = runUdf(wasm, { f: upper, inputs: [{ type: 'utf8', values: unique }], options });
    expect(many).toMatchObject({ values: unique.map((t) => t.toUpperCase()), calls: 2_000 });
  });

  test('see texts of any length as they are, and give up where there are too many', () => {
    const long = Array.from({ length: 3_000 }, (_, i) => `${'x'.repeat(i % 9)}é${(i * 31) % 700}`);
    const some = runUdf(wasm, { f: upper, inputs: [{ type: 'utf8', values: long }], options });
    expect(some.values).toEqual(long.map((text) => text.toUpperCase()));
    expect(some.calls).toBe(new Set(long).size);
    const twice = Array.from({ length: 10_000 }, (_, i) => `t${i % 5_000}`);
    const many = runUdf(wasm, { f: upper, inputs: [{ type: 'utf8', values: twice }], options });
    expect(many).toMatchObject({ values: twice.map((t) => t.toUpperCase()), calls: 10_000 });
  });

  test('are called once for constants alone', () => {
    const f = (a: number, b: string) => `${b}${a}`;
    const run = { f, inputs: [numbers], operands: [1, 'x'] };
    const args = ['float64', 'utf8'] as const;
    const text = runUdf(wasm, { ...run, options: { ...options, args } });
    expect(text).toMatchObject({ values: ['x1', 'x1', 'x1', 'x1'], calls: 1 });
    const list = { ...options, args, returns: ['utf8'] } as const;
    const lists = runUdf(wasm, { ...run, f: (a: number) => [`${a}`], options: list });
    expect(lists).toMatchObject({ values: [['1'], ['1'], ['1'], ['1']], calls: 1 });
  });

  test('of one text and constants share calls, too', () => {
    const f = (text: string, n: number) => `${text}${n}`;
    const inputs = [{ type: 'dictionary', values: ['a', 'b', 'a'] }] as const;
    const args = ['dictionary', 'int32'] as const;
    const operands = [col('a'), 3];
    const result = runUdf(wasm, { f, inputs, operands, options: { ...options, args } });
    expect(result).toMatchObject({ values: ['a3', 'b3', 'a3'], calls: 2 });
  });
});
