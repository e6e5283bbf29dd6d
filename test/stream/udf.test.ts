/** User functions in worker threads: what they compute, and whom they harm. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Int32, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  col,
  MillraceError,
  type RunStats,
  Stream,
  type UdfOptions,
  udf,
} from '../../src/index.ts';
import { rowsOf } from '../arrow/batches.ts';

const MODULE = new URL('./functions.ts', import.meta.url);
const harmless = { args: ['int32'], returns: 'int32?', mode: 'row' } as const;

/** Batches of one column `n`. */
function batchesOf(...batches: readonly (readonly number[])[]) {
  return batches.flatMap(
    (values) => new Table({ n: vectorFromArray([...values], new Int32()) }).batches,
  );
}

interface Outcome {
  readonly values: (number | null)[];
  readonly error?: MillraceError;
  readonly stats?: RunStats;
}

/** Calls `harm` on batches that each are a morsel, and says what came before the end. */
async function harm(
  batches: readonly (readonly number[])[],
  options: Partial<UdfOptions> = {},
  workers = 2,
): Promise<Outcome> {
  const call = udf(MODULE, 'harm', { ...harmless, ...options } as UdfOptions<['int32'], 'int32?'>);
  const values: (number | null)[] = [];
  const run = await Stream.fromBatches(batchesOf(...batches), { workers })
    .select({ n: call(col('n')) })
    .forEach((batch) => {
      for (const row of batch) values.push(row.n as number | null);
    })
    .run();
  try {
    return { values, stats: await run.closed };
  } catch (error) {
    if (error instanceof MillraceError) return { values, error };
    throw error;
  }
}

test('functions of vectors and of rows run in the workers', async () => {
  const risk = udf(MODULE, 'risk', { args: ['float64', 'utf8?'], returns: 'float64' });
  const greet = udf(MODULE, 'greet', { args: ['utf8'], returns: 'utf8', mode: 'row' });
  const table = new Table({
    amount: vectorFromArray([1.5, 2, 3]),
    country: vectorFromArray(['DE', null, 'FR'], new Utf8()),
  });
  const stream = Stream.fromBatches(table, {
    schema: { amount: 'float64', country: 'utf8?' },
    workers: 1,
  })
    .map({ risk: risk(col('amount'), col('country')), hello: greet(col('country')) })
    .filter(col('risk').gt(1.5))
    .drop('amount');
  expect(rowsOf(await stream.collect())).toEqual([
    { country: null, risk: 4, hello: null },
    { country: 'FR', risk: 6, hello: 'Hello, FR!' },
  ]);
  expect(stream.explain()).toContain('risk = risk(amount, country), hello = greet(country)');
  const line = 'functions risk(amount, country): in the workers, vector, at most 10000 ms a morsel';
  expect(stream.explain()).toContain(line);
});

test('modules may be JavaScript, also in a data URL', async () => {
  const code = 'export const next = ([a]) => a.values.map((n) => n + 1)';
  const next = udf(`data:text/javascript,${code}`, 'next', { args: ['int32'], returns: 'int32' });
  const stream = Stream.fromBatches(batchesOf([1, 2]), { schema: { n: 'int32' }, workers: 1 });
  expect(rowsOf(await stream.select({ n: next(col('n')) }).collect())).toEqual([
    { n: 2 },
    { n: 3 },
  ]);
});

describe('before anything is read', () => {
  const start = async (url: URL | string, name: string) => {
    let read = false;
    const batches = (function* () {
      read = true;
      yield* batchesOf([1]);
    })();
    const call = udf(url, name, { args: ['int32'], returns: 'int32' });
    const stream = Stream.fromBatches(batches, { schema: { n: 'int32' }, workers: 2 });
    try {
      await stream.select({ n: call(col('n')) }).collect();
    } catch (error) {
      expect(read).toBe(false);
      return error as MillraceError;
    }
    throw new Error('nothing failed');
  };

  test.each([
    // What a compiler that turns .ts into .js leaves behind; the test's own loader would find it.
    [new URL('./functions.js', import.meta.url), 'risk', 'INVALID_OPTION', 'there is file:'],
    ['data:text/javascript,throw new Error("oh")', 'f', 'CONSUMER_FAILED', 'failed: oh'],
    ['data:text/javascript,process.exit(3)', 'f', 'WORKER_DIED', 'while it loaded the module'],
  ])('%s, %s is %s', async (url, name, code, message) => {
    const error = await start(url, name);
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(message);
  });
});

describe('a function that fails', () => {
  test('ends the run at its row; all before came out', async () => {
    const { values, error } = await harm([[1, 2], [3, -1, 5], [6]]);
    expect(values).toEqual([2, 3, 4]);
    expect(error).toMatchObject({ code: 'EVALUATION_FAILED', context: { function: 'harm' } });
    expect(error!.message).toContain('harm(n) in row 1 threw RangeError: negative');
  });

  test("is null and counted under onError: 'null'", async () => {
    const { values, stats } = await harm(
      [
        [1, -1],
        [-1, 4],
      ],
      { onError: 'null' },
    );
    expect(values).toEqual([2, null, null, 5]);
    expect(stats).toMatchObject({ functionErrors: 2 });
  });
});

describe.each([
  ['a loop without end', -2],
  ['a wait without end', -5],
  ['a regular expression that explodes', -6],
])('%s', (_, poison) => {
  test('fails its morsel alone, in time', async () => {
    const began = performance.now();
    const batches = [[1], [2], [poison, 3], [4], [5], [6]];
    const { values, error } = await harm(batches, { timeoutMs: 300 });
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(error).toMatchObject({
      code: 'UDF_TIMEOUT',
      context: { function: 'harm', timeoutMs: 300 },
    });
    expect(error!.message).toContain('rows 2 to 3 of the batches: harm(n) took longer than');
    expect(values).toEqual([2, 3]);
  });
});

test("a call that takes too long is null under onError: 'null'; all others come out", async () => {
  const batches = [[1], [2], [-2, 3], [4], [5], [6], [-2], [8]];
  const { values, stats } = await harm(batches, { onError: 'null', timeoutMs: 300 });
  expect(values).toEqual([2, 3, null, null, 5, 6, 7, null, 9]);
  expect(stats).toMatchObject({ functionErrors: 3 });
});

describe('a function that ends its thread', () => {
  test('fails its morsel alone', async () => {
    const { values, error } = await harm([[1], [2], [-3, 3], [4], [5], [6]], {}, 1);
    expect(error).toMatchObject({ code: 'WORKER_DIED', retry: 'never' });
    expect(error!.message).toContain('twice the worker thread ended while it ran harm(n)');
    expect(values).toEqual([2, 3]);
  });

  test("is null under onError: 'null', and all others come out", async () => {
    const { values, stats } = await harm([[1], [-3], [2], [3]], { onError: 'null' }, 1);
    expect(values).toEqual([2, null, 3, 4]);
    expect(stats).toMatchObject({ functionErrors: 1 });
  });

  test('once is run again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-udf-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const once = udf(MODULE, 'exitOnce', { args: ['utf8'], returns: 'bool', mode: 'row' });
    const stream = Stream.fromBatches(batchesOf([1], [2]), { workers: 1 });
    const table = await stream.select({ ok: once(join(folder, 'ended')) }).collect();
    expect(rowsOf(table)).toEqual([{ ok: true }, { ok: true }]);
  });

  test('by a leak fails its morsel alone', async () => {
    const { values, error } = await harm([[1], [-4], [2]], { timeoutMs: 60_000 }, 1);
    expect(error).toMatchObject({ code: 'WORKER_DIED' });
    expect(error!.message).toContain('memory');
    expect(values).toEqual([2]);
  });
});

test('rows that are done again are not computed from what a function wrote', async () => {
  const double = udf(MODULE, 'double', { args: ['int32'], returns: 'int32' });
  const stream = Stream.fromBatches(batchesOf([1, 2, 3, 4]), { schema: { n: 'int32' }, workers: 1 })
    .map({ doubled: double(col('n')) })
    // 6 is too much.
    .filter(
      col('doubled')
        .add(2 ** 31 - 6)
        .ne(0),
    );
  const seen: unknown[] = [];
  const read = async () => {
    for await (const batch of stream.batches()) for (const row of batch) seen.push(row.doubled);
  };
  await expect(read()).rejects.toMatchObject({ code: 'EVALUATION_FAILED', context: { row: 2 } });
  expect(seen).toEqual([2, 4]);
});

test('one that is isolated may write to what it was given before', async () => {
  const hoard = udf(MODULE, 'hoard', { args: ['int32'], returns: 'int32', isolated: true });
  const count = 400;
  const batches = Array.from({ length: count }, (_, n) => [n * 3, n * 3 + 1, n * 3 + 2]);
  const stream = Stream.fromBatches(batchesOf(...batches), { schema: { n: 'int32' }, workers: 1 })
    .map({ m: hoard(col('n')) })
    .filter(col('n').mod(3).ne(1));
  expect(stream.explain()).toContain('in the workers, vector, isolated, at most');
  const expected = batches.flat().filter((n) => n % 3 !== 1);
  expect(rowsOf(await stream.collect())).toEqual(expected.map((n) => ({ n, m: n + 1 })));
});

test('an abort ends a run whose modules load for ever', async () => {
  const url = 'data:text/javascript,await new Promise(() => {}); export const f = () => 1';
  const call = udf(url, 'f', { args: ['int32?'], returns: 'int32' });
  const aborting = new AbortController();
  const run = Stream.fromBatches(batchesOf([1]), { workers: 1 })
    .select({ n: call(col('n')) })
    .forEach(() => {})
    .run({ signal: aborting.signal });
  setTimeout(() => aborting.abort(), 200);
  await expect(run).rejects.toMatchObject({
    code: 'ABORTED',
    message: expect.stringContaining('modules of user functions were loading'),
  });
});
