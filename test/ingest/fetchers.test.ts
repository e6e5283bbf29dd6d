import { describe, expect, test } from 'vitest';
import type { MillraceError } from '../../src/errors.ts';
import type { FetchRequest, KafkaClient } from '../../src/ingest/client.ts';
import { Fetchers } from '../../src/ingest/fetchers.ts';
import { PartitionBuffer } from '../../src/ingest/partition-buffer.ts';
import { partitionKey } from '../../src/ingest/partition-key.ts';
import { readKafkaSource } from '../../src/stream/source-options.ts';
import { pass } from '../pipeline/fakes.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';

const TOPIC = 'orders';

/** Two partitions at one broker, empty; `refusals` has Kafka's answer for those that fail. */
async function setUp(refusals: Record<number, string>) {
  const clock = new VirtualClock();
  const errors: MillraceError[] = [];
  const fetched: { partition: number; atMs: number }[] = [];
  const partitions = [0, 1].map((partition) => ({ topic: TOPIC, partition, leader: 1 }));
  const buffers = new Map(
    partitions.map(({ partition }) => {
      const buffer = new PartitionBuffer(TOPIC, partition, 0n, undefined);
      buffer.ready = true;
      return [partitionKey(buffer), buffer];
    }),
  );
  const client = {
    topics: async () => [{ topic: TOPIC, topicId: 'id', partitions }],
    async fetch({ positions }: FetchRequest) {
      for (const { partition } of positions) fetched.push({ partition, atMs: clock.nowMs() });
      await new Promise<void>((resolve) => clock.after(10, resolve));
      const failures = positions.flatMap(({ partition }) => {
        const error = refusals[partition];
        return error === undefined ? [] : [{ topic: TOPIC, partition, error }];
      });
      const nothing = { chunks: [], byteLength: 0, abortedTransactions: [] };
      const logEnd = { highWatermark: 0n, lastStableOffset: 0n, logStartOffset: 0n };
      const sets = positions
        .filter(({ partition }) => refusals[partition] === undefined)
        .map(({ offset, ...of }) => ({ ...of, fetchOffset: offset, ...nothing, ...logEnd }));
      return { sets, failures };
    },
  };
  const { source: plan } = readKafkaSource({ topic: TOPIC, schema: { id: 'int64' } });
  const fetchers = new Fetchers(
    { plan, client: client as unknown as KafkaClient, clock, buffers, maxBufferedBytes: 1e6 },
    {
      onData: () => undefined,
      onReset: () => undefined,
      onMissing: async () => false,
      onError: (error) => void errors.push(error),
    },
  );
  await fetchers.learnLeaders(false);
  const times = (of: number) =>
    fetched.filter(({ partition }) => partition === of).map(({ atMs }) => atMs);
  return { fetchers, clock, errors, buffers, times };
}

describe('a partition whose fetch Kafka refuses', () => {
  test.each(['TOPIC_AUTHORIZATION_FAILED', 'UNSUPPORTED_COMPRESSION_TYPE', 'INVALID_REQUEST'])(
    'for good, with %s, ends the run with one error that names it',
    async (refusal) => {
      const { clock, errors, times } = await setUp({ 1: refusal });
      await pass(clock, 5_000);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({
        code: 'KAFKA_ERROR',
        retry: 'never',
        context: { topic: TOPIC, partition: 1, kafkaError: refusal },
      });
      expect(errors[0]!.message).toContain(`partition 1 of topic '${TOPIC}'`);
      expect(times(1)).toHaveLength(1);
    },
  );

  test("for good, but is no longer read, is its new owner's", async () => {
    const { fetchers, clock, errors, buffers } = await setUp({ 1: 'TOPIC_AUTHORIZATION_FAILED' });
    buffers.delete(partitionKey({ topic: TOPIC, partition: 1 }));
    await pass(clock, 1_000);
    expect(errors).toEqual([]);
    fetchers.stop();
  });

  test.each(['UNKNOWN_SERVER_ERROR', 'NOT_LEADER_OR_FOLLOWER', 'KAFKA_STORAGE_ERROR'])(
    'in passing, with %s, is asked less and less often; the others flow on',
    async (refusal) => {
      const refusals: Record<number, string> = { 1: refusal };
      const { fetchers, clock, errors, times } = await setUp(refusals);
      await pass(clock, 30_000);
      expect(errors).toEqual([]);
      const asked = times(1);
      const pauses = asked.slice(1).map((atMs, index) => atMs - asked[index]!);
      const expected = [200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000];
      expect(pauses).toHaveLength(expected.length);
      // A fetch of the others, of 10 ms, may be on its way when it is due.
      for (const [index, pause] of pauses.entries()) {
        expect(pause).toBeGreaterThanOrEqual(expected[index]!);
        expect(pause).toBeLessThanOrEqual(expected[index]! + 20);
      }
      expect(times(0).length).toBeGreaterThan(1_000);
      // An answer ends it: the next failure is a first one.
      delete refusals[1];
      await pass(clock, 6_000);
      refusals[1] = refusal;
      const since = clock.nowMs();
      await pass(clock, 500);
      const again = times(1).find((atMs) => atMs > since);
      expect(again! - since).toBeLessThan(250);
      fetchers.stop();
    },
  );
});
