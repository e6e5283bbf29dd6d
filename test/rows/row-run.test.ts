import { expect, test } from 'vitest';
import { rowRun } from '../../src/rows/row-run.ts';
import type { MovableRun, SeekPosition } from '../../src/run.ts';

test('a run that a hook is given drops what the source holds when it seeks', async () => {
  const asked: unknown[] = [];
  const run = {
    closed: Promise.resolve(),
    pause: (partitions: unknown) => void asked.push('pause', partitions),
    seek: async (positions: readonly SeekPosition[], onMoved?: () => void) => {
      asked.push('checked');
      onMoved?.();
      asked.push(positions);
    },
  } as unknown as MovableRun;
  const given = rowRun(run, (positions) => asked.push('dropped', positions));
  const positions = [{ topic: 't', partition: 0, offset: 7n }];
  await given.seek(positions);
  expect(asked).toEqual(['checked', 'dropped', positions, positions]);
  given.pause(positions);
  expect(asked.slice(4)).toEqual(['pause', positions]);
  expect(given.closed).toBe(run.closed);
});
