/** Functions of batches on the main thread, in the middle of a stream. */
import { Int32, type RecordBatch, Table, vectorFromArray } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { col, MillraceError, type Run, Stream } from '../../src/index.ts';
import { rowsOf } from '../arrow/batches.ts';

const numbers = (...batches: readonly (readonly number[])[]) =>
  batches.flatMap((values) => new Table({ n: vectorFromArray([...values], new Int32()) }).batches);
const SCHEMA = { n: 'int32' } as const;
const stream = (...batches: readonly (readonly number[])[]) =>
  Stream.fromBatches(numbers(...batches), { schema: SCHEMA, workers: 2 });

const numbersOf = (table: Table) => table.getChild('n')!.toJSON();

async function failure(run: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await run.then(
    () => undefined,
    (reason) => reason,
  );
  if (error instanceof MillraceError) return error;
  throw new Error('nothing failed', { cause: error });
}

describe('map', () => {
  test('makes other columns of a batch, between steps in the workers', async () => {
    const result = stream([1, 2, 3], [4, 5])
      .filter(col('n').gt(1))
      .map(
        (batch) => {
          const n = batch.getChild('n')!.toArray() as Int32Array;
          return { n, square: Float64Array.from(n, (value) => value * value) };
        },
        { schema: { n: 'int32', square: 'float64' } },
      )
      .filter(col('square').lt(25))
      .select('square');
    expect(rowsOf(await result.collect())).toEqual([{ square: 4 }, { square: 9 }, { square: 16 }]);
  });

  test('may be asynchronous, and keeps the schema where none is given', async () => {
    const calls: number[] = [];
    const result = stream([1, 2], [3]).map(async function pass(batch) {
      await new Promise((resolve) => setImmediate(resolve));
      calls.push(batch.numRows);
      return batch;
    });
    expect(rowsOf(await result.collect())).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(calls.sort()).toEqual([1, 2]);
    expect(result.explain()).toContain('1. map(pass), on the main thread, batch by batch');
  });

  test('may give more rows or fewer, or none', async () => {
    const twice = stream([1, 2], [3]).map((batch) => {
      const n = [...batch.getChild('n')!];
      return { n: n.flatMap((value) => [value, value]) };
    });
    expect(numbersOf(await twice.collect())).toEqual([1, 1, 2, 2, 3, 3]);
    const none = stream([1, 2], [3]).map(() => ({ n: [] }));
    expect((await none.collect()).numRows).toBe(0);
  });

  test('is not called for no rows', async () => {
    let calls = 0;
    const result = stream([1, 2], [30])
      .filter(col('n').gt(10))
      .map(
        (batch) => {
          calls += 1;
          return { m: batch.getChild('n')!.toArray() };
        },
        { schema: { m: 'int32' } },
      );
    expect(rowsOf(await result.collect())).toEqual([{ m: 30 }]);
    expect(calls).toBe(1);
  });

  test('a limit behind it counts the rows that it gives', async () => {
    const twice = stream([1, 2], [3], [4]).map((batch) => {
      const n = [...batch.getChild('n')!];
      return { n: n.flatMap((value) => [value, value]) };
    });
    expect(numbersOf(await twice.limit(5).collect())).toEqual([1, 1, 2, 2, 3]);
  });
});

describe('filter', () => {
  const odd = (batch: RecordBatch<{ n: Int32 }>) =>
    [...batch.getChild('n')!].map((n) => n! % 2 === 1);

  test.each([
    ['an array', odd],
    ['a vector, later', async (batch: Parameters<typeof odd>[0]) => vectorFromArray(odd(batch))],
  ])('keeps the rows that %s says', async (_, mask) => {
    const result = stream([1, 2, 3, 4], [5, 6])
      .filter(col('n').ne(1))
      .filter(mask as () => boolean[])
      .map({ more: col('n').add(1) });
    expect(rowsOf(await result.collect())).toEqual([
      { n: 3, more: 4 },
      { n: 5, more: 6 },
    ]);
  });

  test('keeps all, or none', async () => {
    const all = stream([1], [2]).filter((batch) => new Uint8Array(batch.numRows).fill(1));
    expect((await all.collect()).numRows).toBe(2);
    const none = stream([1], [2]).filter((batch) => new Uint8Array(batch.numRows));
    expect((await none.collect()).numRows).toBe(0);
    expect(none.explain()).toContain('filter(inline function), on the main thread');
  });
});

describe('values that are not of the type, but mean one of it', () => {
  const given = (values: readonly unknown[], type: 'int64' | 'uint64' | 'decimal(5,2)') =>
    stream([1])
      .map(() => ({ x: values }), { schema: { x: type } })
      .select({ x: col('x').cast('utf8') })
      .collect();
  const texts = async (...args: Parameters<typeof given>) => [
    ...(await given(...args)).getChild('x')!,
  ];

  test('are taken where the type holds them exactly', async () => {
    const whole = [1, 2n, -3, 2 ** 53 - 1];
    expect(await texts(whole, 'int64')).toEqual(['1', '2', '-3', '9007199254740991']);
    const money = ['1.50', 1.5, -0.01, '-999.99', 7];
    expect(await texts(money, 'decimal(5,2)')).toEqual([
      '1.50',
      '1.50',
      '-0.01',
      '-999.99',
      '7.00',
    ]);
  });

  test.each([
    ['int64', 1.5, 'row 0, which is no int64; give a bigint, or a whole number up to 2^53'],
    ['int64', 2 ** 53, 'which is no int64; give a bigint'],
    ['uint64', -1, 'which is no uint64; give a bigint'],
    ['decimal(5,2)', '1.505', "give a text or a number that it holds exactly, such as '12.50'"],
    ['decimal(5,2)', 1000, 'which is no decimal(5,2)'],
    ['decimal(5,2)', 150n, 'which is no decimal(5,2)'],
  ] as const)('%s refuses %s', async (type, value, words) => {
    expect((await failure(given([value], type))).message).toContain(words);
  });
});

describe('a function that fails', () => {
  test('ends the run, naming its step; all before came out', async () => {
    const seen: number[] = [];
    const run = await stream([1], [2], [3], [4])
      .map(function refuse(batch) {
        if (batch.getChild('n')!.get(0) === 3) throw new RangeError('no threes');
        return batch;
      })
      .forEach((batch) => {
        seen.push(batch.getChild('n')!.get(0)!);
      })
      .run();
    const error = await failure(run.closed);
    expect(error).toMatchObject({ code: 'CONSUMER_FAILED', context: { step: 'map(refuse)' } });
    expect(error.message).toBe('map(refuse) failed: no threes');
    expect(seen).toEqual([1, 2]);
  });

  test('ends the run where it gives what is no batch or no mask', async () => {
    const noBatch = await failure(
      stream([1])
        .map((() => 7) as never)
        .collect(),
    );
    expect(noBatch.message).toContain('map(inline function) failed: it gave number; give a');
    const noMask = await failure(
      stream([1])
        .filter(() => [true, true])
        .collect(),
    );
    expect(noMask.message).toContain('filter(inline function) failed: it gave more than 1 values');
  });
});

describe('batches of one partition', () => {
  const COUNT = 60;
  const singles = () => stream(...Array.from({ length: COUNT }, (_, n) => [n]));
  const inOrder = Array.from({ length: COUNT }, (_, n) => n);

  test('come in order, once, one after the other, whichever worker has them', async () => {
    const seen: number[] = [];
    let under = 0;
    const result = singles()
      .map(async (batch) => {
        under += 1;
        expect(under).toBe(1);
        const n = batch.getChild('n')!.get(0)!;
        seen.push(n);
        await new Promise((resolve) => setTimeout(resolve, n % 3));
        under -= 1;
        return batch;
      })
      .filter(col('n').mod(5).ne(0))
      .filter((batch) => new Uint8Array(batch.numRows).fill(1));
    expect(numbersOf(await result.collect())).toEqual(inOrder.filter((n) => n % 5 !== 0));
    expect(seen).toEqual(inOrder);
  });

  test('come once also where a morsel is done again, with more memory', async () => {
    const seen: number[] = [];
    const text = 'x'.repeat(100);
    const result = singles()
      .map(
        (batch) => {
          const n = batch.getChild('n')!.get(0)!;
          seen.push(n);
          const rows = n % 10 === 3 ? 20_000 : 1;
          return { n: new Int32Array(rows).fill(n), text: Array(rows).fill(text) };
        },
        { schema: { n: 'int32', text: 'utf8' } },
      )
      .map({ text: col('text').concat(col('text')).concat(col('text')) })
      .filter(col('text').length().eq(300));
    const table = await result.collect();
    expect(table.numRows).toBe(COUNT - 6 + 6 * 20_000);
    expect(seen).toEqual(inOrder);
  });

  test('come once also where a later step fails on a row of them', async () => {
    const seen: number[][] = [];
    const out: number[] = [];
    const run = await stream([1, 2], [3, 9, 5], [6])
      .map((batch) => {
        seen.push([...batch.getChild('n')!] as number[]);
        return batch;
      })
      .filter((batch) => new Uint8Array(batch.numRows).fill(1))
      .map({ n: col('n').add(2 ** 31 - 6) })
      .forEach((batch) => {
        out.push(...([...batch.getChild('n')!] as number[]));
      })
      .run();
    expect(await failure(run.closed)).toMatchObject({ code: 'EVALUATION_FAILED' });
    expect(seen.slice(0, 2)).toEqual([
      [1, 2],
      [3, 9, 5],
    ]);
    expect(seen.length).toBeLessThanOrEqual(3);
    expect(out).toHaveLength(3);
  });
});

test('stop() inside a function does not wait for the function', async () => {
  const started = Promise.withResolvers<Run>();
  let calls = 0;
  const run = await stream([1], [2], [3])
    .map(async (batch) => {
      calls += 1;
      await (await started.promise).stop();
      return batch;
    })
    .forEach((batch) => void batch)
    .run();
  started.resolve(run);
  await run.closed;
  expect(calls).toBeGreaterThan(0);
});

test('a plan that was copied has no functions', async () => {
  const { plan } = stream([1])
    .map((batch) => batch)
    .toKafka({ topic: 'copies' });
  const { runPlan } = await import('../../src/pipeline/run-plan.ts');
  const error = await failure(
    runPlan(structuredClone({ ...plan, sink: { kind: 'batches', borrow: false } as const }), {
      onBatch: () => undefined,
    }),
  );
  expect(error).toMatchObject({ code: 'INVALID_PLAN' });
  expect(error.message).toContain('the plan was copied');
});

test('what map takes beside a function is its schema alone', () => {
  const columns = { more: 1 };
  const call = stream([1]).map as unknown as (...args: unknown[]) => unknown;
  const on = stream([1]);
  expect(() => call.call(on, columns, { schema: SCHEMA })).toThrow('takes no options');
  expect(() => call.call(on, () => 1, { schem: SCHEMA })).toThrow('schema');
  expect(() => call.call(on, () => 1, { schema: { n: 'in32' } })).toThrow("did you mean 'int32'");
  expect(() => on.map(() => ({ m: [] }), { schema: { m: 'int32' } }).select('n' as never)).toThrow(
    'no column n',
  );
});
