import { expect, test } from 'vitest';
import { rowRun } from '../../src/rows/row-run.ts';
import type { MovableRun, OnMoved, Run, SeekPosition } from '../../src/run.ts';

const idle = { move: () => undefined, commit: async () => undefined };

test('a run that a hook is given drops what the source holds when it seeks', async () => {
  const asked: unknown[] = [];
  const run = {
    closed: Promise.resolve(),
    pause: (partitions: unknown) => void asked.push('pause', partitions),
    seek: async (positions: readonly SeekPosition[], onMoved?: OnMoved) => {
      asked.push('checked');
      onMoved?.([{ topic: 't', partition: 0, offset: 9n }]);
      asked.push(positions);
    },
  } as unknown as MovableRun;
  const given = rowRun(run, { ...idle, move: (positions) => asked.push('moved', positions) });
  const positions = [{ topic: 't', partition: 0, offset: 'latest' as const }];
  await given.seek(positions);
  const moved = [{ topic: 't', partition: 0, offset: 9n }];
  expect(asked).toEqual(['checked', 'moved', moved, positions]);
  given.pause(positions);
  expect(asked.slice(4)).toEqual(['pause', positions]);
  expect(given.closed).toBe(run.closed);
});

test("its commit of everything is the source's own; that of offsets is the run's", async () => {
  const asked: unknown[] = [];
  const run = { commit: async (offsets: unknown) => void asked.push(offsets) } as unknown as Run;
  const commit = async (own: Run) => void asked.push(own === run);
  const given = rowRun(run, { ...idle, commit });
  await given.commit();
  const offsets = [{ topic: 't', partition: 0, offset: 9n }];
  await given.commit(offsets);
  expect(asked).toEqual([true, offsets]);
});
