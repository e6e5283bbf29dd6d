import { type RecordBatch, tableFromArrays } from 'apache-arrow';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MillraceError } from '../../src/errors.ts';
import { KafkaSink } from '../../src/rows/kafka-sink.ts';
import type { RowSinkOptions } from '../../src/rows/row-sink-options.ts';
import { FakeTopic } from './fake-topic.ts';

interface Row {
  readonly id: number;
  readonly p?: number;
}

async function setUp(options: Partial<RowSinkOptions<Row>>, partitions = 1) {
  const topic = new FakeTopic(partitions);
  const failed: MillraceError[] = [];
  let stored = 0;
  const onDelivery = (error: MillraceError | undefined) => {
    if (error === undefined) stored += 1;
    else failed.push(error);
  };
  const io = { client: topic.client };
  const sink = new KafkaSink<Row>({ topic: 'orders', onDelivery, ...options }, io);
  await sink.start();
  onTestFinished(() => sink.close());
  /** Sends, and waits until all was told; gives what it rejected with. */
  const send = async (batch: RecordBatch) => {
    const error = await sink.sendBatch(batch).then(
      () => undefined,
      (problem: MillraceError) => problem,
    );
    await sink.flush();
    return error;
  };
  const ids = () => topic.messages.map(({ value }) => (JSON.parse(value!) as Row).id);
  return { sink, send, ids, failed, stored: () => stored };
}

const counted = (count: number) => Array.from({ length: count }, (_, i) => i);
const batchOf = (arrays: Parameters<typeof tableFromArrays>[0]) =>
  tableFromArrays(arrays).batches[0]! as unknown as RecordBatch;

describe('a row of a record batch that cannot be sent does not take the others along', () => {
  it('where it is too large', async () => {
    const { sink, send, ids, failed, stored } = await setUp({ maxBatchBytes: 1_000 });
    const texts = ['a', 'x'.repeat(5_000), 'b', 'c', 'y'.repeat(5_000)];
    const error = await send(batchOf({ id: Int32Array.from(counted(5)), t: texts }));
    expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', context: { row: 1 } });
    expect(ids()).toEqual([0, 2, 3]);
    expect(failed.map(({ context }) => context.row)).toEqual([1, 4]);
    expect(stored()).toBe(3);
    expect(sink.stats()).toMatchObject({ sent: 5, delivered: 3, failed: 2, bufferedMessages: 0 });
  });

  it('where all are', async () => {
    const { sink, send, failed } = await setUp({ maxBatchBytes: 1_000 });
    const t = counted(3_000).map(() => 'x'.repeat(2_000));
    expect(await send(batchOf({ t }))).toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    expect(failed.map(({ context }) => context.row)).toEqual(counted(3_000));
    expect(sink.stats()).toMatchObject({ sent: 3_000, delivered: 0, failed: 3_000 });
  });

  it('where its column is no partition at all', async () => {
    const { sink, send, failed } = await setUp({ partitioner: { partitionColumn: 'p' } });
    const p = Int32Array.from({ length: 100_000 }, (_, row) => row + 1);
    const error = await send(batchOf({ p }));
    expect(error).toMatchObject({ code: 'EVALUATION_FAILED', context: { row: 0 } });
    expect(failed.map(({ context }) => context.row)).toEqual(counted(100_000));
    expect(failed[99_999]!.message).toContain('row 99999 goes to partition 100000');
    expect(sink.stats()).toMatchObject({ failed: 100_000, bufferedMessages: 0 });
  });

  it('where all are, and there is room then for who waits for it', async () => {
    const made: { ready?: Promise<void> } = {};
    const onDelivery = () => {
      made.ready = sink.ready();
    };
    const { sink, send } = await setUp({ partitioner: { partitionColumn: 'p' }, onDelivery });
    await send(batchOf({ p: Int32Array.of(7) }));
    await made.ready;
    expect(made.ready).toBeDefined();
  });

  it('where its column has a wrong partition, and names the row of the batch', async () => {
    const { send, ids, failed, stored } = await setUp({ partitioner: { partitionColumn: 'p' } });
    const id = Int32Array.from(counted(20_000));
    const p = Int32Array.from(id, (row) => (row === 10_000 ? 9 : 0));
    const error = await send(batchOf({ id, p }));
    expect(error).toMatchObject({ code: 'EVALUATION_FAILED', context: { row: 10_000 } });
    expect(error!.message).toContain('row 10000 goes to partition 9');
    expect(failed).toEqual([error]);
    expect(stored()).toBe(19_999);
    expect(ids()).toEqual(counted(20_000).filter((row) => row !== 10_000));
  });

  it.each<[string, Partial<RowSinkOptions<Row>>]>([
    [
      'key',
      {
        key: ({ id }) => {
          if (id === 2) throw new Error('not this one');
          return `k${id}`;
        },
      },
    ],
    [
      'row partitioner',
      {
        partitioner: {
          row: ({ id }) => {
            if (id === 2) throw new Error('not this one');
            return 0;
          },
        },
      },
    ],
  ])('where the %s fails on it', async (_, options) => {
    const { send, ids, failed } = await setUp(options);
    const error = await send(batchOf({ id: Int32Array.from(counted(5)) }));
    expect(error).toMatchObject({ code: 'CONSUMER_FAILED', message: 'not this one' });
    expect(failed).toEqual([error]);
    expect(ids()).toEqual([0, 1, 3, 4]);
  });
});

it('a batch partitioner that throws fails its piece, and the next goes on', async () => {
  let calls = 0;
  const batch = ({ numRows }: RecordBatch) => {
    calls += 1;
    if (calls === 1) throw new TypeError('no shards');
    return new Int32Array(numRows);
  };
  const { send, ids, failed } = await setUp({ partitioner: { batch } });
  const error = await send(batchOf({ id: Int32Array.from(counted(8_194)) }));
  expect(error).toMatchObject({ code: 'CONSUMER_FAILED', message: 'no shards' });
  expect(failed).toHaveLength(8_192);
  expect(ids()).toEqual([8_192, 8_193]);
});

it('a batch that cannot be sent as such is told for each row', async () => {
  const { sink, send, failed } = await setUp({ key: 'buyer' });
  const error = await send(batchOf({ id: Int32Array.from(counted(3)) }));
  expect(error).toMatchObject({ code: 'UNKNOWN_COLUMN' });
  expect(failed).toEqual([error, error, error]);
  expect(sink.stats()).toMatchObject({ sent: 3, delivered: 0, failed: 3 });
});

it('rows of a batch are told, too, where there is no topic', async () => {
  const topic = new FakeTopic(1);
  topic.missing = true;
  const told: unknown[] = [];
  const onDelivery = (error: MillraceError | undefined) => void told.push(error?.code);
  await using sink = new KafkaSink({ topic: 'orders', onDelivery }, { client: topic.client });
  await expect(sink.sendBatch([1, 2])).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
  await expect(sink.sendBatch(batchOf({ id: Int32Array.of(1) }))).rejects.toThrow();
  expect(told).toEqual(['UNKNOWN_TOPIC', 'UNKNOWN_TOPIC', 'UNKNOWN_TOPIC']);
});
