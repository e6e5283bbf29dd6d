import { afterEach, expect, it, vi } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { KafkaSource } from '../../src/rows/kafka-source.ts';
import type { Run } from '../../src/run.ts';
import { Runnable } from '../../src/stream/runnable.ts';

afterEach(() => vi.restoreAllMocks());

it('a start that failed is not for ever: the next one connects anew', async () => {
  const away = new MillraceError('no broker answers', { code: 'BROKER_UNREACHABLE' });
  const run = { closed: new Promise(() => {}), stop: async () => ({}) } as unknown as Run;
  const runs = vi.spyOn(Runnable.prototype, 'run');
  runs.mockRejectedValueOnce(away).mockResolvedValue(run);
  const source = new KafkaSource({ topics: ['orders'], brokers: ['127.0.0.1:1'] });
  await expect(Promise.all([source.start(), source.start()])).rejects.toBe(away);
  expect(runs).toHaveBeenCalledTimes(1);
  await source.start();
  await source.start();
  expect(runs).toHaveBeenCalledTimes(2);
  await source.stop();
});

it('poll keeps its time while the source begins, and then tells how that ended', async () => {
  const away = new MillraceError('no broker answers', { code: 'BROKER_UNREACHABLE' });
  const first = Promise.withResolvers<Run>();
  const run = { closed: new Promise(() => {}), stop: async () => ({}) } as unknown as Run;
  const runs = vi.spyOn(Runnable.prototype, 'run');
  runs.mockReturnValueOnce(first.promise).mockResolvedValue(run);
  const source = new KafkaSource({ topics: ['orders'], brokers: ['127.0.0.1:1'] });
  expect(await source.poll({ timeoutMs: 20 })).toBeUndefined();
  expect(await source.poll({ timeoutMs: 20 })).toBeUndefined();
  first.reject(away);
  // Nobody waited for it when it failed.
  await new Promise(setImmediate);
  await expect(source.poll({ timeoutMs: 20 })).rejects.toBe(away);
  expect(runs).toHaveBeenCalledTimes(1);
  expect(await source.poll({ timeoutMs: 20 })).toBeUndefined();
  expect(runs).toHaveBeenCalledTimes(2);
  await source.stop();
});
