import { afterEach, expect, it, vi } from 'vitest';
import type { CommitPosition } from '../../src/run.ts';
import { OURS, playSource } from './played-source.ts';

afterEach(() => vi.restoreAllMocks());

it('seeks when it knows which partitions are its own, and not for ever', async () => {
  const dealt = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<never>();
  let ours: (typeof OURS)[] = [];
  const sought: unknown[] = [];
  const seek = async (positions: unknown) => void sought.push(positions);
  const run = { dealt: dealt.promise, closed: closed.promise, assignment: () => ours, seek };
  const { source } = playSource(run);
  const seeking = source.seekToBeginning();
  await new Promise(setImmediate);
  expect(sought).toEqual([]);
  ours = [OURS];
  dealt.resolve();
  await seeking;
  expect(sought).toEqual([[{ ...OURS, offset: 'earliest' }]]);
  vi.restoreAllMocks();

  // One whose run ends before does not wait.
  const other = playSource({ dealt: new Promise(() => undefined), closed: closed.promise });
  const starting = other.source.start();
  closed.reject(new Error('the broker is gone'));
  await starting;
});

it('hands out what comes from where it was sent while the seek still settles', async () => {
  const commits = Promise.withResolvers<void>();
  const { source, give, settled } = playSource({
    seek: async (positions, onMoved) => {
      onMoved?.(positions as CommitPosition[]);
      await commits.promise;
    },
  });
  await source.start();
  give(0n);
  expect(await source.poll()).toMatchObject({ offset: 0n });
  const seeking = source.seek({ ...OURS, offset: 70n });
  // The outlet hands over the next batch when the one before is taken.
  await vi.waitFor(() => expect(settled).toEqual([0n]));
  give(70n);
  expect(await source.poll({ timeoutMs: 1_000 })).toMatchObject({ offset: 70n });
  commits.resolve();
  await seeking;
  expect(await source.poll({ timeoutMs: 1_000 })).toMatchObject({ offset: 71n });
  expect(settled).toEqual([0n]);
  await source.stop();
});

it('a commit of before a seek says nothing of the message at hand behind it', async () => {
  const answer = Promise.withResolvers<void>();
  const committed: bigint[] = [];
  const { source, give } = playSource({
    seek: async (positions, onMoved) => onMoved?.(positions as CommitPosition[]),
    commit: async (positions) => {
      committed.push(...positions!.map(({ offset }) => offset));
      await answer.promise;
    },
  });
  await source.start();
  give(70n);
  await source.poll();
  const committing = source.commit();
  await vi.waitFor(() => expect(committed).toEqual([71n]));
  await source.seek({ ...OURS, offset: 10n });
  give(10n);
  expect(await source.poll()).toMatchObject({ offset: 10n });
  answer.resolve();
  await committing;
  await source.stop();
  // The end commits where it was sent.
  expect(committed).toEqual([71n, 10n]);
});
