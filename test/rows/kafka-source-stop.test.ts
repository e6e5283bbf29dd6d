import { afterEach, expect, it, vi } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { playSource } from './played-source.ts';

afterEach(() => vi.restoreAllMocks());

const aborted = expect.objectContaining({
  code: 'ABORTED',
  message: 'the source is closed; make a new one',
});

it('nothing begins once it was stopped', async () => {
  const { source, give } = playSource({ pause: vi.fn(), resume: vi.fn(), seek: vi.fn() });
  await source.start();
  give(0n);
  await source.poll();
  await source.stop();
  const calls = {
    start: () => source.start(),
    poll: () => source.poll(),
    commit: () => source.commit(),
    pause: () => source.pause(),
    resume: () => source.resume(),
    seek: () => source.seek({ topic: 'orders', partition: 0, offset: 0n }),
    seekToBeginning: () => source.seekToBeginning(),
    seekToEnd: () => source.seekToEnd(),
    messages: () => source.messages().next(),
    records: () => source.records().next(),
  };
  for (const [name, call] of Object.entries(calls)) {
    await expect(call(), name).rejects.toEqual(aborted);
  }
  await source.stop();
});

it('so it is where it never started', async () => {
  const { source } = playSource();
  await source.stop();
  await expect(source.start()).rejects.toEqual(aborted);
  await expect(source.poll()).rejects.toEqual(aborted);
  await expect(source.commit()).rejects.toEqual(aborted);
});

it('a poll and a loop that wait when it is stopped come to their end', async () => {
  const { source } = playSource();
  await source.start();
  const waiting = source.poll();
  const stopping = source.stop();
  expect(await waiting).toBeUndefined();
  await stopping;
  const other = playSource().source;
  await other.start();
  const loop = (async () => {
    for await (const value of other.messages()) expect(value).toBe('nothing comes');
  })();
  await other.stop();
  await loop;
});

it('a loop may commit the message that it has in hands while the source stops', async () => {
  const committed: bigint[] = [];
  const leaving = Promise.withResolvers<void>();
  const { source, give } = playSource({
    commit: async (positions) => void committed.push(...positions!.map(({ offset }) => offset)),
    stop: () => leaving.promise,
  });
  await source.start();
  give(0n);
  for await (const record of source.records()) {
    const stopping = source.stop();
    await source.commit(record);
    expect(committed).toContain(1n);
    leaving.resolve();
    await stopping;
    await expect(source.commit(record)).rejects.toEqual(aborted);
  }
});

it('warns of a run that failed where no loop and no poll was told', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const failed = () => Promise.reject(new MillraceError('no broker', { code: 'KAFKA_ERROR' }));
  const told = playSource({ closed: failed() }).source;
  await expect(told.poll()).rejects.toThrow('no broker');
  await told.stop();
  expect(warned).not.toHaveBeenCalled();
  const untold = playSource({ closed: failed() }).source;
  await untold.start();
  await untold.stop();
  expect(warned).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'no broker' }));
});
