import { afterEach, expect, it, vi } from 'vitest';
import type { MillraceError } from '../../src/errors.ts';
import type { RunStats } from '../../src/run.ts';
import { playSource } from './played-source.ts';

afterEach(() => vi.restoreAllMocks());

const VALUES = ['{"id":0}', 'no json', '{"id":2}'];

/** A source with two good messages and a bad one between them. */
async function play(onBadMessage: ((error: MillraceError) => unknown) | undefined) {
  const committed: bigint[] = [];
  const commit = async (positions?: readonly { offset: bigint }[]) => {
    committed.push(...positions!.map(({ offset }) => offset));
  };
  const stats = () => ({ rejects: 0, messagesIn: 3 }) as RunStats;
  const asked = { commit, stats };
  const played = playSource(asked, onBadMessage === undefined ? {} : { onBadMessage });
  await played.source.start();
  played.give(10n, { values: VALUES });
  return { ...played, committed };
}

it('whoever takes a bad message is awaited before the next and before the commit', async () => {
  const stored = Promise.withResolvers<void>();
  const told: bigint[] = [];
  const { source, committed } = await play((error) => {
    told.push(error.context.offset as bigint);
    return stored.promise;
  });
  expect(await source.poll()).toMatchObject({ offset: 10n });
  const second = source.poll();
  let isThere = false;
  void second.then(() => {
    isThere = true;
  });
  await vi.waitFor(() => expect(told).toEqual([11n]));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isThere).toBe(false);
  stored.resolve();
  expect(await second).toMatchObject({ offset: 12n });
  expect(source.stats()).toMatchObject({ rejects: 1, messagesIn: 3 });
  await source.stop();
  expect(committed).toEqual([12n]);
});

it('a commit by hand leaves out what onBadMessage has still, also where that fails', async () => {
  const stored = Promise.withResolvers<void>();
  const { source, committed } = await play(() => stored.promise);
  await source.poll();
  const second = source.poll();
  await vi.waitFor(() => expect(source.stats()?.rejects).toBe(1));
  await source.commit();
  expect(committed).toEqual([11n]);
  stored.reject(new TypeError('the dead letters are full'));
  await expect(second).rejects.toMatchObject({ code: 'CONSUMER_FAILED' });
  await source.stop();
  expect(committed.every((offset) => offset === 11n)).toBe(true);
});

it.each<[string, () => unknown]>([
  ['rejects', () => Promise.reject(new TypeError('the dead letters are full'))],
  [
    'throws',
    () => {
      throw new TypeError('the dead letters are full');
    },
  ],
])('where it %s the source ends, and the message is not committed', async (_, fail) => {
  const { source, committed, settled } = await play(fail);
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const value of source.messages()) seen.push(value);
  })();
  const failure = {
    code: 'CONSUMER_FAILED',
    message: 'onBadMessage failed on orders-0 offset 11: the dead letters are full',
    cause: expect.any(TypeError),
  };
  await expect(reading).rejects.toMatchObject(failure);
  expect(seen).toEqual([{ id: 0 }]);
  await expect(source.poll({ timeoutMs: 1_000 })).rejects.toMatchObject(failure);
  await source.commit();
  expect(committed).toEqual([11n]);
  await source.stop();
  expect(committed.every((offset) => offset === 11n)).toBe(true);
  expect(settled).toEqual([]);
});

it('without one the loop fails, which counts, too', async () => {
  const { source } = await play(undefined);
  await source.poll();
  await expect(source.poll()).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
  expect(source.stats()).toMatchObject({ rejects: 1 });
  await source.stop();
});
