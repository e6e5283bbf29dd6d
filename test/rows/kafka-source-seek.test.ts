import type { RecordBatch } from 'apache-arrow';
import { afterEach, expect, it, vi } from 'vitest';
import { KafkaSource } from '../../src/rows/kafka-source.ts';
import type { MovableRun } from '../../src/run.ts';
import { Stream } from '../../src/stream.ts';
import { messageBatch } from './message-batch.ts';

const OURS = { topic: 'orders', partition: 0 };

afterEach(() => vi.restoreAllMocks());

/** A source over a run that the test plays: it gives batches, and answers what it is asked. */
function setUp(asked: Partial<MovableRun>) {
  let take!: (batch: RecordBatch) => void | Promise<void>;
  const run = {
    closed: new Promise(() => undefined),
    assignment: () => [OURS],
    commit: async () => undefined,
    stop: async () => undefined,
    ...asked,
  };
  vi.spyOn(Stream.prototype, 'forEach').mockImplementation((onBatch) => {
    take = onBatch as typeof take;
    return { run: async () => run } as unknown as ReturnType<Stream['forEach']>;
  });
  const source = new KafkaSource<string>({ topic: 'orders', codec: 'string', groupId: 'g' });
  const settled: bigint[] = [];
  const give = (firstOffset: bigint) => {
    const values = [`v${firstOffset}`, `v${firstOffset + 1n}`];
    void Promise.resolve(take(messageBatch({ values, firstOffset }))).then(
      () => settled.push(firstOffset),
      () => undefined,
    );
  };
  return { source, give, settled };
}

it('hands out what comes from where it was sent while the seek still settles', async () => {
  const commits = Promise.withResolvers<void>();
  const { source, give, settled } = setUp({
    seek: async (_, onMoved) => {
      onMoved?.();
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
  const { source, give } = setUp({
    seek: async (_, onMoved) => onMoved?.(),
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
  expect(committed).toEqual([71n]);
});
