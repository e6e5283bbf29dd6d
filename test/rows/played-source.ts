/** A source over a run that a test plays: it gives batches, and answers what it is asked. */
import type { RecordBatch } from 'apache-arrow';
import { vi } from 'vitest';
import { KafkaSource } from '../../src/rows/kafka-source.ts';
import type { RowSourceOptions } from '../../src/rows/row-source-options.ts';
import type { MovableRun, PartitionHooks } from '../../src/run.ts';
import { Stream } from '../../src/stream.ts';
import { type Messages, messageBatch } from './message-batch.ts';

/** The partition that is the source's. */
export const OURS = { topic: 'orders', partition: 0 };

/**
 * Plays a run; the test restores the mocks.
 *
 * @param asked what it answers otherwise than that all went well.
 * @param options of the source, besides topic and group.
 */
export function playSource(
  asked: Partial<MovableRun> = {},
  options: Partial<RowSourceOptions> = { codec: 'string' },
) {
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
  const made = vi.spyOn(Stream, 'fromKafka');
  const source = new KafkaSource<string>({ topic: 'orders', groupId: 'g', ...options });
  const hooks = made.mock.lastCall![0] as Required<PartitionHooks>;
  const settled: bigint[] = [];
  /** Hands over messages, by default two; `settled` has their first offset once they are done. */
  const give = (firstOffset: bigint, messages: Partial<Messages> = {}) => {
    const values = [`v${firstOffset}`, `v${firstOffset + 1n}`];
    void Promise.resolve(take(messageBatch({ values, firstOffset, ...messages }))).then(
      () => settled.push(firstOffset),
      () => undefined,
    );
  };
  return { source, give, settled, hooks, run: run as unknown as MovableRun };
}
