import { describe, expect, test } from 'vitest';
import type { FetchRequest, RecordSet } from '../../../../src/ingest/client.ts';
import { copiedFetch } from '../../../../src/ingest/clients/kafkajs/copied-fetch.ts';
import { COMPRESSION_ID, compress } from '../../../../src/ingest/compression.ts';
import { cutRecordSet } from '../../../../src/ingest/record-set.ts';
import { makeInstance, openArena } from '../../../wasm/harness.ts';
import { type BatchSpec, buildBatch, buildMarker } from '../../build-batch.ts';
import { readBatches } from '../../read-records.ts';
import { type AnswerPart, brokerWith, fetchAnswer, own } from './fetch-answer.ts';

const LIMITS = { maxRows: 65_536, maxBytes: 4 * 1024 * 1024 };
const wasm = makeInstance({ megabytes: 48 });

function readBack(bytes: Uint8Array) {
  openArena(wasm);
  const { records, nextOffset, controlBatches } = readBatches(wasm, bytes);
  return { records, nextOffset, controlBatches };
}

function request(offsets: readonly bigint[], changes: Partial<FetchRequest> = {}): FetchRequest {
  return {
    node: 1,
    positions: offsets.map((offset, partition) => ({ topic: 't', partition, offset })),
    maxBytes: 1_000,
    partitionMaxBytes: 500,
    minBytes: 1,
    maxWaitMs: 100,
    isolation: 'read_uncommitted',
    ...changes,
  };
}

async function copied(part: AnswerPart) {
  const { broker } = brokerWith(fetchAnswer(part));
  const answer = await copiedFetch(own)(broker, request([0n]), new Map(), undefined);
  return answer.partitions[0]!;
}

const RECORDS: BatchSpec['records'] = [
  { key: 'k', value: 'v', headers: [] },
  { key: null, value: null, offsetDelta: 3, timestampDelta: 5n },
  { key: '', value: '', offsetDelta: 4, timestampDelta: -7n },
  {
    key: Buffer.from([0xff, 0x00]),
    value: 'x'.repeat(300),
    headers: [
      ['a', '1'],
      ['a', null],
      ['ü', Buffer.from([0xfe])],
    ],
    offsetDelta: 200,
  },
];

describe('batches are what they were', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('%s', async (compression) => {
    const plain = { baseOffset: 1_000n, baseTimestamp: 1_700_000_000_000n, records: RECORDS };
    const spec = { ...plain, lastOffsetDelta: 220 };
    const packed = buildBatch({
      ...spec,
      attributes: COMPRESSION_ID[compression],
      compress: (records) => compress(compression, records),
    });
    const { records } = await copied({ records: packed });
    expect(readBack(records)).toEqual(readBack(buildBatch(spec)));
    expect(readBack(records).nextOffset).toBe(1_221n);
    // Nothing of them is compressed: every byte is as if it had never been.
    const same = buildBatch({ ...spec, records: RECORDS });
    expect(records.subarray(61).equals(same.subarray(61))).toBe(true);
  });

  test.each([
    [0n, 0n],
    [2n ** 40n, 2n ** 40n],
    [2n ** 53n + 1n, 2n ** 53n + 3n],
    [-1n, 2n ** 62n],
    [2n ** 62n, -1n],
  ])('timestamps %s and %s', async (first, second) => {
    const records = [{}, { timestampDelta: second - first }];
    const batch = buildBatch({ baseOffset: 2n ** 54n, baseTimestamp: first, records });
    const read = readBack((await copied({ records: batch })).records);
    expect(read.records.map(({ timestamp }) => timestamp)).toEqual([first, second]);
    expect(read.records.map(({ offset }) => offset)).toEqual([2n ** 54n, 2n ** 54n + 1n]);
  });

  test("the broker's time", async () => {
    const records = [{ timestampDelta: 1n }, { timestampDelta: 2n }];
    const times = { baseTimestamp: 5n, maxTimestamp: 99n };
    const batch = buildBatch({ attributes: 8, ...times, records });
    const read = readBack((await copied({ records: batch })).records);
    expect(read.records.map(({ timestamp }) => timestamp)).toEqual([99n, 99n]);
  });

  test('several, with those that have lost messages at their ends', async () => {
    const batches = [
      buildBatch({ baseOffset: 5n, lastOffsetDelta: 9, records: [{ offsetDelta: 2 }] }),
      buildBatch({ baseOffset: 20n, records: [{}, {}] }),
    ];
    const { records } = await copied({ records: Buffer.concat(batches) });
    const cuts = cutRecordSet(setOf(records), { ...LIMITS, maxRows: 1 });
    expect(cuts.map(({ baseOffset, nextOffset }) => [baseOffset, nextOffset])).toEqual([
      [5n, 15n],
      [20n, 22n],
    ]);
  });

  test('a gigantic one becomes several without a gap or an overlap', async () => {
    const records = Array.from({ length: 40 }, (_, i) => ({
      value: 'z'.repeat(100_000),
      offsetDelta: 2 * i,
    }));
    const batch = buildBatch({ baseOffset: 7n, lastOffsetDelta: 99, records });
    const { records: bytes } = await copied({ records: batch });
    const cuts = cutRecordSet(setOf(bytes), { maxRows: 1, maxBytes: 1 });
    expect(cuts.length).toBeGreaterThan(3);
    for (const [i, cut] of cuts.entries()) {
      expect(cut.baseOffset).toBe(i === 0 ? 7n : cuts[i - 1]!.nextOffset);
    }
    expect(cuts.at(-1)!.nextOffset).toBe(107n);
    const offsets = readBack(bytes).records.map(({ offset }) => offset);
    expect(offsets).toEqual(records.map(({ offsetDelta }) => 7n + BigInt(offsetDelta)));
  });

  test('transactions, of which the aborted one is left out where that is asked for', async () => {
    const transactional = { attributes: 16, records: [{ value: 'a' }] };
    const batches = [
      buildBatch({ ...transactional, baseOffset: 0n, producerId: 8n }),
      buildBatch({ ...transactional, baseOffset: 1n, producerId: 9n }),
      buildMarker(2n, 8n, 'abort'),
      buildMarker(3n, 9n, 'commit'),
      buildBatch({ ...transactional, baseOffset: 4n, producerId: 8n }),
    ];
    const aborted = [{ producerId: 8n, firstOffset: 0n }];
    const part = await copied({ aborted, records: Buffer.concat(batches) });
    expect(part.abortedTransactions).toEqual(aborted);
    const [cut] = cutRecordSet({ ...setOf(part.records), abortedTransactions: aborted }, LIMITS);
    expect(cut).toMatchObject({ nextOffset: 5n, records: 2, batches: 5, dropped: [0] });
    expect(readBack(part.records).controlBatches).toBe(2);
  });
});

function setOf(records: Buffer): RecordSet {
  return {
    ...{ topic: 't', partition: 0, fetchOffset: 0n },
    chunks: [records],
    byteLength: records.length,
    ...{ highWatermark: 0n, lastStableOffset: 0n, logStartOffset: 0n, abortedTransactions: [] },
  };
}

test('messages from before Kafka 0.11 are refused by the words that raw fetches have', async () => {
  const message = Buffer.alloc(12 + 22);
  message.writeBigInt64BE(41n, 0);
  message.writeInt32BE(22, 8);
  message.writeInt8(1, 16);
  message.fill(0xff, 26);
  await expect(copied({ records: message })).rejects.toMatchObject({
    code: 'CORRUPT_BATCH',
    context: { topic: 't', partition: 0, offset: 41n },
  });
});

test('a damaged batch is an error that names it, though kafkajs would take it', async () => {
  const sound = buildBatch({ baseOffset: 5n, records: [{ value: 'abc' }] });
  const damaged = buildBatch({ baseOffset: 6n, records: [{ value: 'abc' }] });
  damaged[damaged.length - 2]! ^= 1;
  const limits = { maxWaitTime: 0, minBytes: 0, maxBytes: 0, isolationLevel: 0, rackId: '' };
  const { response } = own.fetch({ ...limits, topics: [] });
  const read = await response.decode(fetchAnswer({ records: damaged }));
  expect(read.responses[0]!.partitions[0]!.messages).toHaveLength(1);
  await expect(copied({ records: Buffer.concat([sound, damaged]) })).rejects.toMatchObject({
    code: 'CORRUPT_BATCH',
    context: { topic: 't', partition: 0, offset: 6n },
  });
});

test('an answer about some partitions that failed', async () => {
  const answer = fetchAnswer(
    { partition: 0, records: buildBatch({ records: [{}] }) },
    { partition: 1, errorCode: 1, highWatermark: -1n },
    { partition: 2, preferredReadReplica: 4 },
  );
  const { broker, asked } = brokerWith(answer);
  const positions = request([0n, 7n, 8n]);
  const { partitions } = await copiedFetch(own)(broker, positions, new Map(), 'here');
  expect(partitions).toMatchObject([
    { partition: 0, errorCode: 0, highWatermark: 100n, logStartOffset: 0n },
    { partition: 1, errorCode: 1 },
    { partition: 2, preferredReadReplica: 4 },
  ]);
  expect(asked).toEqual([
    [
      { partition: 0, offset: 0n, maxBytes: 500 },
      { partition: 1, offset: 7n, maxBytes: 500 },
      { partition: 2, offset: 8n, maxBytes: 500 },
    ],
  ]);
});

describe('batches without messages, of which kafkajs says nothing', () => {
  const empty = buildBatch({ baseOffset: 10n, lastOffsetDelta: 9, records: [] });

  test('are passed up to the end', async () => {
    const { broker, asked } = brokerWith(
      fetchAnswer({ highWatermark: 20n, records: empty }, { partition: 1, highWatermark: 3n }),
      fetchAnswer({ highWatermark: 22n, records: empty }),
    );
    const positions = request([12n, 3n]);
    const { partitions } = await copiedFetch(own)(broker, positions, new Map(), undefined);
    const [cut] = cutRecordSet(setOf(partitions[0]!.records), LIMITS);
    expect(cut).toMatchObject({ baseOffset: 12n, nextOffset: 22n, records: 0 });
    expect(readBack(partitions[0]!.records)).toMatchObject({ records: [], nextOffset: 22n });
    expect(partitions[1]!.records).toHaveLength(0);
    expect(asked[1]).toEqual([{ partition: 0, offset: 12n, maxBytes: 134_217_728 }]);
  });

  test('are passed no further than what is decided', async () => {
    const ends = { highWatermark: 30n, lastStableOffset: 20n, records: empty };
    const { broker, asked } = brokerWith(fetchAnswer(ends), fetchAnswer(ends), fetchAnswer(ends));
    const at = (offset: bigint) => request([offset], { isolation: 'read_committed' });
    const copy = copiedFetch(own);
    const { partitions } = await copy(broker, at(10n), new Map(), undefined);
    const [cut] = cutRecordSet(setOf(partitions[0]!.records), LIMITS);
    expect(cut!.nextOffset).toBe(20n);
    const done = await copy(broker, at(20n), new Map(), undefined);
    expect(done.partitions[0]!.records).toHaveLength(0);
    expect(asked).toHaveLength(3);
  });

  test('and messages that had no room are fetched', async () => {
    const later = buildBatch({ baseOffset: 20n, records: [{ value: 'late' }] });
    const all = Buffer.concat([empty, later]);
    const part = { highWatermark: 21n };
    const { broker } = brokerWith(
      fetchAnswer({ ...part, records: all.subarray(0, empty.length + 20) }),
      fetchAnswer({ ...part, records: all }),
    );
    const { partitions } = await copiedFetch(own)(broker, request([10n]), new Map(), undefined);
    expect(readBack(partitions[0]!.records).records).toMatchObject([
      { offset: 20n, value: 'late' },
    ]);
  });
});
