import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import type { RowSourceOptions } from '../../src/rows/row-source-options.ts';
import type { MovableRun } from '../../src/run.ts';
import { OURS, playSource } from './played-source.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A source that has a batch of five messages, and what it commits. */
async function setUp(options: Partial<RowSourceOptions> = {}, asked: Partial<MovableRun> = {}) {
  const committed: bigint[] = [];
  const commit: MovableRun['commit'] = async (positions) => {
    committed.push(...positions!.map(({ offset }) => offset));
  };
  const all = { codec: 'string', commitIntervalMs: 200, ...options } as const;
  const played = playSource({ commit, ...asked }, all);
  await played.source.start();
  played.give(0n, { values: ['a', 'b', 'c', 'd', 'e'] });
  const poll = async (count: number) => {
    for (let i = 0; i < count; i++) await played.source.poll({ timeoutMs: 1_000 });
  };
  return { ...played, committed, poll };
}

it('commits within a batch, every commitIntervalMs, what is done with', async () => {
  const { source, committed, poll } = await setUp();
  await poll(1);
  await vi.advanceTimersByTimeAsync(400);
  expect(committed).toEqual([]);
  await poll(2);
  await vi.advanceTimersByTimeAsync(199);
  expect(committed).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(committed).toEqual([2n]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(committed).toEqual([2n]);
  await poll(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(committed).toEqual([2n, 3n]);
  await source.stop();
  expect(committed).toEqual([2n, 3n, 3n]);
  expect(vi.getTimerCount()).toBe(0);
});

it('tries again what an interval could not commit, one at a time', async () => {
  const answers: PromiseWithResolvers<void>[] = [];
  const commit = () => {
    const answer = Promise.withResolvers<void>();
    answers.push(answer);
    return answer.promise;
  };
  const { poll } = await setUp({}, { commit });
  await poll(3);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(answers).toHaveLength(1);
  answers[0]!.reject(new MillraceError('not now', { code: 'KAFKA_ERROR' }));
  await vi.advanceTimersByTimeAsync(200);
  expect(answers).toHaveLength(2);
});

it.each<[string, object]>([
  ['with autoCommit: false', { autoCommit: false }],
  ['without a group', { groupId: undefined }],
])('commits nothing by time %s', async (_, options) => {
  const { committed, poll } = await setUp(options);
  await poll(3);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(committed).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

it('commits nothing by time of what a pipe has under way, nor behind the end', async () => {
  const ended = Promise.withResolvers<never>();
  const { source, committed } = await setUp({}, { closed: ended.promise });
  const reading = await source.read(async () => undefined);
  for (let i = 0; i < 3; i++) await reading.next();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(committed).toEqual([]);
  ended.reject(new Error('the broker is gone'));
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
});

it.each(['source', 'run'])('%s.commit() in onRevoke commits what was handed out', async (whose) => {
  const onRevoke: RowSourceOptions['onRevoke'] = (_, run) =>
    (whose === 'run' ? run : played.source).commit();
  const stop = async () => void (await played.hooks.onRevoke([OURS], played.run));
  const played = await setUp({ autoCommit: false, onRevoke }, { stop });
  await played.poll(3);
  await played.source.stop();
  expect(played.committed).toEqual([3n]);
});

it('hands out nothing of a partition that was lost, and commits nothing of it', async () => {
  const notOurs = new MillraceError('not ours now', { code: 'INVALID_OPTION' });
  const told: unknown[] = [];
  let onLost = async () => {};
  const played = await setUp(
    { autoCommit: false, onLost: () => onLost() },
    { commit: async () => Promise.reject(notOurs) },
  );
  const record = (await played.source.poll())!;
  onLost = async () => {
    // Already here: the loop may ask while this is awaited.
    told.push(await played.source.poll({ timeoutMs: 10 }));
  };
  await played.hooks.onLost([OURS], played.run);
  expect(told).toEqual([undefined]);
  expect(played.settled).toEqual([0n]);
  await expect(played.source.commit(record)).rejects.toMatchObject({
    code: 'GROUP_FENCED',
    message: expect.stringContaining('orders-0 was lost before offset 0 of it was committed'),
  });
  // What was never handed out is what the run says it is.
  await expect(played.source.commit({ ...OURS, offset: 1n })).rejects.toBe(notOurs);
  await played.source.stop();
});

it('commits where a seek went, and what is handed out behind it', async () => {
  const { source, committed, poll, give } = await setUp(
    { autoCommit: false },
    { seek: async (_, onMoved) => onMoved?.([{ ...OURS, offset: 70n }]), dealt: Promise.resolve() },
  );
  await poll(2);
  await source.seek({ ...OURS, offset: 'latest' });
  await source.commit();
  expect(committed).toEqual([70n]);
  give(70n);
  await poll(1);
  await source.commit();
  expect(committed).toEqual([70n, 71n]);
  await source.stop();
});
