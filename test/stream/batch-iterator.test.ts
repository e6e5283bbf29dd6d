import { Int32, type RecordBatch } from 'apache-arrow';
import { expect, test } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import type { Run, RunStats } from '../../src/run.ts';
import { iterateRun } from '../../src/stream/batch-iterator.ts';
import { batchOf, dataOf } from '../arrow/batches.ts';

const batchOfOne = (n: number) => batchOf({ n: dataOf(new Int32(), [n]) });

/** A run that offers `count` batches and notes which were taken. */
function makeRun(count: number, failure?: MillraceError) {
  const taken: number[] = [];
  const refused: string[] = [];
  let stops = 0;
  const start = async (onBatch: (batch: RecordBatch) => Promise<void>): Promise<Run> => {
    const offer = async () => {
      for (let n = 0; n < count; n++) {
        try {
          await onBatch(batchOfOne(n));
          taken.push(n);
        } catch (error) {
          refused.push((error as MillraceError).code);
          break;
        }
      }
      if (failure !== undefined) throw failure;
      return {} as RunStats;
    };
    const closed = offer();
    return {
      closed,
      stop: async () => {
        stops++;
        await closed.catch(() => undefined);
      },
      stats: () => ({}) as RunStats,
      on: () => () => undefined,
      assignment: () => [],
      pause: () => undefined,
      resume: () => undefined,
      seek: async () => undefined,
      commit: async () => undefined,
    };
  };
  return { start, taken, refused, stops: () => stops };
}

test('a batch is taken when the next one is asked for', async () => {
  const { start, taken } = makeRun(3);
  const iterator = iterateRun(start);
  expect(taken).toEqual([]);
  await iterator.next();
  expect(taken).toEqual([]);
  await iterator.next();
  expect(taken).toEqual([0]);
  await iterator.next();
  expect(await iterator.next()).toMatchObject({ done: true });
  expect(taken).toEqual([0, 1, 2]);
});

test('nothing starts before the first batch is asked for', async () => {
  let started = 0;
  const { start } = makeRun(1);
  const iterator = iterateRun((onBatch) => {
    started++;
    return start(onBatch);
  });
  expect(started).toBe(0);
  await iterator.next();
  expect(started).toBe(1);
  await iterator.return();
});

test('leaving refuses the batch at hand and those behind it, and stops the run', async () => {
  const { start, taken, refused, stops } = makeRun(5);
  for await (const batch of iterateRun(start)) {
    if (batch.getChild('n')!.get(0) === 2) break;
  }
  expect(taken).toEqual([0, 1]);
  expect(refused).toEqual(['ABORTED']);
  expect(stops()).toBe(1);
});

test('the error that ends the run is thrown behind the batches before it', async () => {
  const failure = new MillraceError('broken', { code: 'CORRUPT_BATCH' });
  const { start } = makeRun(2, failure);
  const seen: unknown[] = [];
  const loop = async () => {
    for await (const batch of iterateRun(start)) seen.push(batch.getChild('n')!.get(0));
  };
  await expect(loop()).rejects.toBe(failure);
  expect(seen).toEqual([0, 1]);
});

test('a run that fails while it is being left says so, unless it was the leaving', async () => {
  const leave = async (failure: MillraceError) => {
    for await (const _ of iterateRun(makeRun(3, failure).start)) break;
  };
  const failure = new MillraceError('no commit', { code: 'KAFKA_ERROR' });
  await expect(leave(failure)).rejects.toBe(failure);
  await expect(leave(new MillraceError('left', { code: 'ABORTED' }))).resolves.toBeUndefined();
});
