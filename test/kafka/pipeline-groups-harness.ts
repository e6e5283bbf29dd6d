import { setTimeout as delay } from 'node:timers/promises';
import type { RecordBatch } from 'apache-arrow';
import { onTestFinished } from 'vitest';
import { type KafkaSourceOptions, type Run, Stream, type TopicPartition } from '../../src/index.ts';
import { kafkajs, sharedBrokers } from './cluster.ts';

/** One row as a member read it. */
export interface Row {
  readonly id: number;
  readonly partition: number;
  readonly offset: bigint;
  readonly topic: string;
}

/** Times of groups that are quick to notice. */
export const QUICK = {
  sessionTimeoutMs: 6_000,
  heartbeatIntervalMs: 200,
  rebalanceTimeoutMs: 10_000,
};

/** A run that hands over batches, what it read, and which partitions came and went. */
export interface Reader {
  readonly run: Run;
  readonly rows: Row[];
  /** `assign 0,1`, `revoke 2`, `lost 3`. */
  readonly events: string[];
  /** The numbers of its partitions. */
  owned(): number[];
  ids(): number[];
}

/** What a reader's source takes besides brokers and schema. */
export type ReaderOptions = Omit<KafkaSourceOptions, 'codec' | 'schema' | 'brokers'>;

/** Starts a run over messages `{"id":1}`; it is stopped at the end of the test. */
export async function read(
  options: ReaderOptions,
  take: (rows: readonly Row[], reader: { readonly run?: Run }) => void | Promise<void> = () =>
    undefined,
): Promise<Reader> {
  const rows: Row[] = [];
  const events: string[] = [];
  const running: { run?: Run } = {};
  const noting =
    (name: string, hook: ReaderOptions['onAssign']) =>
    async (partitions: readonly TopicPartition[], run: Run) => {
      const numbers = partitions.map(({ partition }) => partition).sort((a, b) => a - b);
      events.push(`${name} ${numbers.join()}`);
      await hook?.(partitions, run);
    };
  const run = await Stream.fromKafka({
    ...{ brokers: sharedBrokers(), schema: { id: 'int64' }, batch: { maxRows: 100, maxWaitMs: 5 } },
    ...{ workers: 1, commitIntervalMs: 100 },
    ...options,
    onAssign: noting('assign', options.onAssign),
    onRevoke: noting('revoke', options.onRevoke),
    onLost: noting('lost', options.onLost),
  })
    .select('id', '_partition', '_offset', '_topic')
    .forEach(async (batch: RecordBatch) => {
      const part = rowsOf(batch);
      rows.push(...part);
      await take(part, running);
    })
    .run();
  running.run = run;
  onTestFinished(() => run.stop());
  const owned = () => run.assignment().map(({ partition }) => partition);
  return { run, rows, events, owned, ids: () => rows.map(({ id }) => id) };
}

function rowsOf(batch: RecordBatch): Row[] {
  return [...batch].map((row) => ({
    id: Number(row.id),
    partition: row._partition,
    offset: row._offset,
    topic: row._topic,
  }));
}

/** Writes `{"id":n}` to partitions in turn, on and on. */
export async function startWriter(topic: string, partitions: number) {
  const producer = kafkajs().producer();
  await producer.connect();
  let written = 0;
  let stopped = false;
  const writing = (async () => {
    while (!stopped) {
      const messages = Array.from({ length: partitions }, (_, partition) => {
        return { partition, value: `{"id":${written + partition}}` };
      });
      await producer.send({ topic, messages });
      written += partitions;
      await delay(5);
    }
  })();
  /** Ends it; answers how many messages there are, numbered from 0. */
  const stop = async () => {
    stopped = true;
    await writing;
    await producer.disconnect();
    return written;
  };
  onTestFinished(async () => void (await stop()));
  return { written: () => written, stop };
}

/** Writes ids to one partition, in order. */
export async function write(
  topic: string,
  ids: readonly number[],
  { partition = 0, timestampMs }: { partition?: number; timestampMs?: (id: number) => number } = {},
): Promise<void> {
  const producer = kafkajs().producer();
  await producer.connect();
  const messages = ids.map((id) => ({
    partition,
    value: `{"id":${id}}`,
    ...(timestampMs === undefined ? {} : { timestamp: String(timestampMs(id)) }),
  }));
  for (let at = 0; at < messages.length; at += 100) {
    await producer.send({ topic, messages: messages.slice(at, at + 100) });
  }
  await producer.disconnect();
}
