import { beforeEach, describe, expect, test } from 'vitest';
import { map, nullable } from '../../../src/arrow/schema-literal.ts';
import { MillraceError } from '../../../src/errors.ts';
import { col, type Operand } from '../../../src/operators/expr.ts';
import type {
  UdfFixedOutput,
  UdfOutput,
  UdfVector,
} from '../../../src/operators/udf/function-types.ts';
import type { UdfOptions } from '../../../src/operators/udf/udf.ts';
import { udf } from '../../../src/operators/udf/udf.ts';
import { makeInstance, openArena } from '../../wasm/harness.ts';
import { type Input, MODULE, runUdf } from './run-udf.ts';

const wasm = makeInstance({ megabytes: 32 });
beforeEach(() => openArena(wasm));

const numbers: Input = { type: 'float64', values: [1, 2, 3, 4] };

function failure(action: () => unknown): MillraceError {
  try {
    action();
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

test.each([-1, 0.5, Number.NaN, 4, 2 ** 32])('row %s is none of the output', (row) => {
  for (const returns of ['int32?', 'utf8?'] as const) {
    for (const value of [null, returns === 'int32?' ? 1 : 'x']) {
      const f = (_: unknown, __: number, out: UdfOutput) => {
        out.setNull(0);
        out.set(row, value);
      };
      const error = failure(() => runUdf(wasm, { f, inputs: [numbers], options: { returns } }));
      expect(error.message).toContain(`wrote to row ${row}, but the call has rows 0 to 3`);
    }
  }
});

test('an output is closed when its call is over', () => {
  let kept: UdfOutput | undefined;
  const f = (_: unknown, __: number, out: UdfOutput) => {
    kept = out;
    out.setNull(1);
  };
  runUdf(wasm, { f, inputs: [numbers], options: { returns: 'int32?' } });
  expect(() => kept!.set(1, 5)).toThrow('wrote to row 1 of an earlier call');
  expect(() => kept!.setNull(2)).toThrow('wrote to row 2 of an earlier call');
});

describe('isolated', () => {
  const shared = (array: ArrayBufferView) => array.buffer === wasm.memory.buffer;

  test('a function of vectors is given copies of all buffers', () => {
    const inputs: readonly Input[] = [
      { type: 'float64?', values: [1, null, 3, 4] },
      { type: 'utf8', values: ['a', 'longer than eight', '', 'd'] },
      { type: 'bool', values: [true, false, true, true] },
      { type: 'decimal(5,2)', values: [1n, -2n, 3n, 4n] },
      { type: 'dictionary', values: ['x', 'y', 'x', 'x'] },
      { type: ['int32'], values: [[1, 2], [], [3], [4]] },
    ];
    const f = (args: readonly UdfVector[], rows: number, out: UdfFixedOutput) => {
      const seen = viewsOf(args);
      expect(seen.length).toBeGreaterThan(8);
      for (const view of seen) expect(shared(view)).toBe(false);
      expect(shared(out.values)).toBe(false);
      for (let row = 0; row < rows; row++) {
        (out.values as Float64Array)[row] = args.filter((arg) => !arg.isNull(row)).length;
      }
      expect(args.map((arg) => arg.get(1))).toEqual([
        null,
        'longer than eight',
        false,
        -2n,
        'y',
        [],
      ]);
    };
    const options = { returns: 'float64', isolated: true } as const;
    expect(runUdf(wasm, { f, inputs, options }).values).toEqual([6, 5, 6, 6]);
  });

  test('else they are views', () => {
    const f = ([n]: readonly UdfVector[], _: number, out: UdfFixedOutput) => {
      for (const view of [...viewsOf([n!]), out.values]) expect(shared(view)).toBe(true);
    };
    runUdf(wasm, { f, inputs: [numbers], options: { returns: 'float64' } });
  });
});

/** Every typed array that can be reached from vectors. */
function viewsOf(value: unknown): ArrayBufferView[] {
  if (ArrayBuffer.isView(value)) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(viewsOf);
}

describe('what a function gives', () => {
  const bad: readonly (readonly [UdfOptions['returns'], unknown, string])[] = [
    ['bool', 1, 'give a boolean'],
    ['int8', 128, 'from -128 to 127'],
    ['int32', 1.5, 'a whole number'],
    ['uint32', -1, 'from 0 to 4294967295'],
    ['int64', 5, 'give a bigint'],
    ['uint64', -1n, 'from 0n'],
    ['float64', '1', 'a number'],
    ['float32', 1e39, 'in its range'],
    ['decimal(3,1)', 1000n, 'at most 3 digits'],
    ['time', 86_400_000_000n, 'from 0n to 86399999999n'],
    ['utf8', 'a\ud800', 'toWellFormed()'],
    ['dictionary', 'a\ud800', 'toWellFormed()'],
    ['utf8', 7, 'give a string'],
    ['json', '{', 'JSON.stringify'],
    ['binary', 'x', 'a Uint8Array'],
    ['null', 1, 'give null'],
    [{ a: 'int32' }, [], 'an object with its members'],
    [{ a: 'int32' }, {}, 'undefined, which is no int32'],
    [{ a: 'int32' }, { a: null }, 'null, which its declaration'],
    [['int32'], {}, 'an array'],
    [['int32'], [1, 'x'], "in an item 'x'"],
    [map('int32'), [], 'a Map or an object'],
    [map('int32'), new Map([['a', 1.5]]), 'in a value 1.5'],
    ['utf8', null, 'does not allow'],
    ['int32', null, 'does not allow'],
    ['utf8', undefined, 'a row without a value is null'],
    ['int32', Promise.resolve(1), 'a promise'],
    ['int64', 2n ** 63n, 'from -9223372036854775808n'],
  ];

  test.each(bad)('%j is not %s', (returns, value, wayOut) => {
    const f = (n: number) => (n === 3 ? value : undefined);
    const rows = [2];
    const run = { f, inputs: [numbers], rows, options: { returns, mode: 'row' } } as const;
    const error = failure(() => runUdf(wasm, run));
    expect(error).toMatchObject({ code: 'EVALUATION_FAILED', context: { row: 2 } });
    expect(error.message).toContain('f(a) in row 2 ');
    expect(error.message).toContain(wayOut);
  });

  test.each(bad)('%j is not %s, set or returned by a function of vectors', (returns, value) => {
    if (value === undefined || value instanceof Promise) return;
    const set = (_: unknown, rows: number, out: UdfOutput) => {
      for (let row = 0; row < rows; row++) out.set(row, value);
    };
    const returned = (_: unknown, rows: number) => new Array(rows).fill(value);
    for (const f of [set, returned]) {
      const run = { f, inputs: [numbers], rows: [1, 2], options: { returns } } as const;
      const error = failure(() => runUdf(wasm, run));
      expect(error).toMatchObject({ code: 'EVALUATION_FAILED', context: { row: 1 } });
    }
  });

  test.each([
    [() => [1, 2, 3], 'only 3 values for 4'],
    [() => [1, 2, 3, 4, 5], 'more than 4 values'],
    [() => new Float64Array(3), 'only 3 values for 4'],
    [() => 7, 'returned 7; write to the output'],
    [() => null, 'returned null'],
    [async () => [], 'a promise'],
    [(_: unknown, __: number, out: UdfOutput) => out.set(4, 1), 'wrote to row 4'],
    [(_: unknown, __: number, out: UdfOutput) => out.setNull(0), 'add ? to returns'],
  ])('%s as a whole is refused', (f, why) => {
    for (const returns of ['float64', 'utf8'] as const) {
      const error = failure(() => runUdf(wasm, { f, inputs: [numbers], options: { returns } }));
      expect(error.code).toBe('EVALUATION_FAILED');
      if (returns === 'float64') expect(error.message).toContain(why);
    }
  });

  test('a text that nothing was written to is null, or an error; a number is 0', () => {
    const f = () => undefined;
    const run = { f, inputs: [numbers] };
    expect(runUdf(wasm, { ...run, options: { returns: 'utf8?' } }).values).toEqual(
      new Array(4).fill(null),
    );
    expect(runUdf(wasm, { ...run, options: { returns: 'int16' } }).values).toEqual([0, 0, 0, 0]);
    expect(() => runUdf(wasm, { ...run, options: { returns: 'utf8' } })).toThrow('undefined');
  });

  test('what is written past the view goes nowhere', () => {
    const f = (_: unknown, rows: number, out: UdfFixedOutput) => {
      for (let row = -5; row < rows + 5; row++) (out.values as Float64Array)[row] = row;
    };
    const { values } = runUdf(wasm, { f, inputs: [numbers], options: { returns: 'float64' } });
    expect(values).toEqual([0, 1, 2, 3]);
  });
});

describe('what a function throws', () => {
  const f = (n: number) => {
    if (n === 3) throw new TypeError('no threes');
    return n;
  };

  test('names the row of a function of rows', () => {
    const run = { f, inputs: [numbers], options: { returns: 'float64', mode: 'row' } } as const;
    const error = failure(() => runUdf(wasm, run));
    expect(error.message).toBe('f(a) in row 2 threw TypeError: no threes');
    expect(error).toMatchObject({
      code: 'EVALUATION_FAILED',
      context: { row: 2, expression: 'f(a)', function: 'f' },
      cause: expect.any(TypeError),
    });
  });

  test('names all rows of a function of vectors', () => {
    const all = () => {
      throw 'a text';
    };
    const run = { f: all, inputs: [numbers], rows: [1, 3], options: { returns: 'bool' } } as const;
    const error = failure(() => runUdf(wasm, run));
    expect(error.message).toBe('f(a) on the 2 rows 1 to 3 threw a text');
    expect(error.context).toMatchObject({ row: 1 });
  });

  test("is null and counted under onError: 'null'", () => {
    const options = { returns: 'float64?', mode: 'row', onError: 'null' } as const;
    const rows = runUdf(wasm, { f, inputs: [numbers], options });
    expect(rows).toMatchObject({ values: [1, 2, null, 4], errors: 1 });
    const all = () => {
      throw new Error('all');
    };
    const vectors = { returns: 'utf8?', onError: 'null' } as const;
    const run = runUdf(wasm, { f: all, inputs: [numbers], options: vectors });
    expect(run).toMatchObject({ values: [null, null, null, null], errors: 4 });
  });

  test("bad values, nested ones too, are null under onError: 'null'", () => {
    const texts = (n: number) => (n % 2 === 0 ? n : 'odd');
    const options = { mode: 'row', onError: 'null' } as const;
    const utf8 = { ...options, returns: 'utf8?' } as const;
    expect(runUdf(wasm, { f: texts, inputs: [numbers], options: utf8 })).toMatchObject({
      values: ['odd', null, 'odd', null],
      errors: 2,
    });
    const lists = (n: number) => [n % 2 === 0 ? 'even' : n];
    const returns = nullable(['float64']);
    const nested = { ...options, returns } as const;
    expect(runUdf(wasm, { f: lists, inputs: [numbers], options: nested })).toMatchObject({
      values: [[1], null, [3], null],
      errors: 2,
    });
  });

  test('a call that is skipped is null and counted', () => {
    const options = { returns: 'float64?', mode: 'row', onError: 'null' } as const;
    const run = { f, inputs: [numbers], rows: [0, 2], options, skipped: true };
    expect(runUdf(wasm, run)).toMatchObject({ values: [null, null], errors: 2, calls: 0 });
  });
});

describe('operands', () => {
  const attempt = (type: Input['type'], arg: Input['type'], operand: Operand = col('a')) => {
    const values = [null, null];
    const input = typeof type === 'string' && !type.endsWith('?') ? [] : values;
    const options = { args: [arg], returns: 'bool' } as const;
    const f = (_: unknown, rows: number) => new Array(rows).fill(true);
    return runUdf(wasm, { f, inputs: [{ type, values: input }], operands: [operand], options });
  };

  test.each([
    ['utf8', 'float64', 'a is utf8, but argument 1 of f is declared float64'],
    ['float64?', 'float64', 'a may be null, but argument 1 of f is declared float64'],
    ['float64', 'int32', 'a is float64'],
    ['decimal(5,2)', 'decimal(5,1)', 'a is decimal(5,2), but argument 1 of f is declared decimal'],
    ['timestamp(us)', 'timestamp(ms)', 'a is timestamp'],
    ['timestamp(ms)', 'timestamp(us)', 'a is timestamp(ms)'],
    ['int32', 'utf8', 'a is int32'],
    ['null', 'utf8', 'a may be null'],
    ['timestamp(ms,local)', 'timestamp(ms)', 'local'],
    ['utf8', 'dictionary', 'a is utf8'],
  ] as const)('%s for %s', (type, arg, message) => {
    const error = failure(() => attempt(type, arg));
    expect(error.code).toBe('TYPE_MISMATCH');
    expect(error.message).toContain(message);
  });

  test.each([
    ['int32', 'int64'],
    ['int32', 'float64'],
    ['int64', 'float64'],
    ['uint8', 'int16'],
    ['float32', 'float64'],
    ['int32', 'decimal(12,2)'],

    ['timestamp(ms,Europe/Berlin)', 'timestamp(ms)'],
    ['dictionary', 'utf8'],
  ] as const)('%s stands for %s', (type, arg) => {
    expect(attempt(type, arg)).toMatchObject({ values: [] });
  });

  test('nested ones must match member by member', () => {
    const all = { values: [] };
    const inputs = (type: Input['type']) => [{ type, ...all }];
    const f = () => [];
    const of = (type: Input['type'], arg: Input['type']) =>
      runUdf(wasm, { f, inputs: inputs(type), options: { args: [arg], returns: 'bool' } });
    expect(of({ a: 'int32' }, { a: 'int32?' }).values).toEqual([]);
    expect(of(['utf8'], ['utf8?']).values).toEqual([]);
    expect(() => of({ a: 'int32?' }, { a: 'int32' })).toThrow('{a int32?}');
    expect(() => of({ b: 'int32' }, { a: 'int32' })).toThrow('{b int32}');
    expect(() => of(map('utf8?'), map('utf8'))).toThrow('map(utf8?)');
    expect(() => of(['utf8'], 'utf8')).toThrow('[utf8]');
  });

  test('constants become the declared type, exactly', () => {
    const constants: readonly (readonly [Operand, Input['type'], unknown])[] = [
      [1, 'int8', 1],
      [1, 'int64', 1n],
      [1n, 'float64', 1],
      [5n, 'decimal(3,1)', 50n],
      [1.5, 'decimal(3,1)', 15n],
      ['1970-01-02', 'date', 1],
      ['x', 'dictionary', 'x'],
      ['{}', 'json', '{}'],
      [true, 'bool', true],
      [new Date(5), 'timestamp(ms)', 5n],
      [new Date(5), 'timestamp(ns)', 5_000_000n],
      [null, 'binary?', null],
    ];
    for (const [operand, arg, expected] of constants) {
      openArena(wasm);
      let seen: unknown;
      const f = (value: unknown) => {
        seen = value;
        return true;
      };
      const options = { args: [arg], returns: 'bool', mode: 'row', nulls: 'call' } as const;
      runUdf(wasm, { f, inputs: [numbers], operands: [operand], options });
      expect(seen, `${String(operand)} as ${arg}`).toEqual(expected);
    }
  });

  test.each([
    [300, 'int8'],
    [1.5, 'int64'],
    [2n ** 60n + 1n, 'float64'],
    ['x', 'float64'],
    [1, 'utf8'],
    [new Date(5), 'timestamp(s)'],
    [null, 'int32'],
    [1, { a: 'int32' }],
  ] as const)('the constant %s is no %j', (operand, arg) => {
    expect(failure(() => attempt('float64', arg, operand)).code).toBe('TYPE_MISMATCH');
  });

  test('are as many as there are arguments', () => {
    const call = udf(MODULE, 'f', { args: ['int32'], returns: 'bool' }) as (
      ...operands: Operand[]
    ) => unknown;
    expect(() => call()).toThrow('0 operands, but declares 1 argument');
    expect(() => call(1, 2)).toThrow('2 operands');
  });
});

describe('declarations', () => {
  const declare = (options: object, name: unknown = 'f', url: unknown = MODULE) =>
    failure(() => udf(url as URL, name as string, options as UdfOptions));
  const fine = { args: [], returns: 'bool' };

  test.each([
    [{ ...fine, mode: 'rows' }, "mode is 'rows'; it is 'vector' or 'row'"],
    [{ ...fine, nulls: 'no' }, "nulls is 'no'"],
    [{ ...fine, pure: 1 }, 'pure is 1'],
    [{ ...fine, onError: 'null' }, 'declare returns as nullable'],
    [{ ...fine, onError: 'skip' }, "onError is 'skip'"],
    [{ ...fine, timeoutMs: 0 }, 'timeoutMs of f is 0'],
    [{ ...fine, timeout: 5 }, "no option 'timeout'"],
    [{ returns: 'bool' }, 'args of f is undefined'],
  ])('%j is refused', (options, message) => {
    const error = declare(options);
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(message);
  });

  test('types are those of schemas', () => {
    const error = declare({ args: ['flot64'], returns: 'bool' });
    expect(error.code).toBe('INVALID_SCHEMA');
    expect(error.message).toContain("'argument 1 of f' is 'flot64'; did you mean 'float64'?");
  });

  test('a module has an absolute URL, a function a name', () => {
    expect(declare(fine, 'f', './f.ts').message).toContain('import.meta.url');
    expect(declare(fine, 'f', 'https://example.com/f.js').code).toBe('INVALID_OPTION');
    expect(declare(fine, '').message).toContain("not ''");
    expect(failure(() => udf(MODULE, 'f', undefined as never)).message).toContain(
      '{ args, returns',
    );
  });

  test('a call is plain data that crosses threads', () => {
    const { node } = udf(MODULE, 'f', { args: ['int32'], returns: 'bool' })(col('a'));
    expect(structuredClone(node)).toEqual(node);
    expect(Object.isFrozen(node)).toBe(true);
  });
});
