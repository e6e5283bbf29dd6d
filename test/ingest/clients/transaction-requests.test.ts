import {
  addOffsetsToTxnV3,
  addOffsetsToTxnV4,
  addPartitionsToTxnV3,
  endTxnV3,
  endTxnV4,
  initProducerIdV4,
  initProducerIdV5,
  Reader,
  txnOffsetCommitV3,
  txnOffsetCommitV4,
} from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import {
  addOffsets,
  addPartitions,
  commitOffsets,
  endTransaction,
  initProducerId,
  NOT_A_MEMBER,
} from '../../../src/ingest/clients/transaction-requests.ts';
import { WireReader, WireWriter } from '../../../src/ingest/clients/wire.ts';

const producer = { transactionalId: 'tx-ä', producerId: 2n ** 40n + 7n, producerEpoch: 300 };
const partitions = [
  { topic: 'one', partition: 5 },
  { topic: 'two', partition: 0 },
  { topic: 'one', partition: 1_000_000 },
];

/** Topics as the library's own encoders take them. */
const topics = [
  { name: 'one', partitions: [5, 1_000_000] },
  { name: 'two', partitions: [0] },
];

describe('the bytes are those of an independent encoder', () => {
  const { transactionalId, producerId, producerEpoch } = producer;

  test.each([initProducerIdV4, initProducerIdV5])('InitProducerId %#', ({ createRequest }) => {
    const fresh = createRequest(transactionalId, 60_000, -1n, -1).buffer;
    expect(initProducerId(transactionalId, 60_000).body).toEqual(fresh);
    const later = createRequest(transactionalId, 1, producerId, producerEpoch).buffer;
    expect(initProducerId(transactionalId, 1, producer).body).toEqual(later);
  });

  test('AddPartitionsToTxn', () => {
    const { createRequest } = addPartitionsToTxnV3;
    const theirs = createRequest([{ ...producer, topics, verifyOnly: false }]).buffer;
    expect(addPartitions(producer, partitions).body).toEqual(theirs);
  });

  test.each([addOffsetsToTxnV3, addOffsetsToTxnV4])('AddOffsetsToTxn %#', ({ createRequest }) => {
    const theirs = createRequest(transactionalId, producerId, producerEpoch, 'group').buffer;
    expect(addOffsets(producer, 'group').body).toEqual(theirs);
  });

  test.each([endTxnV3, endTxnV4])('EndTxn %#', ({ createRequest }) => {
    for (const outcome of ['commit', 'abort'] as const) {
      const isCommit = outcome === 'commit';
      const theirs = createRequest(transactionalId, producerId, producerEpoch, isCommit).buffer;
      expect(endTransaction(producer, outcome).body).toEqual(theirs);
    }
  });

  test.each([txnOffsetCommitV3, txnOffsetCommitV4])('TxnOffsetCommit %#', ({ createRequest }) => {
    const offsets = partitions.map((place, i) => ({ ...place, offset: BigInt(i), metadata: 'm' }));
    const committed = (partitionIndex: number, committedOffset: bigint) => ({
      partitionIndex,
      committedOffset,
      committedLeaderEpoch: -1,
      committedMetadata: 'm',
    });
    const theirTopics = [
      { name: 'one', partitions: [committed(5, 0n), committed(1_000_000, 2n)] },
      { name: 'two', partitions: [committed(0, 1n)] },
    ];
    for (const member of [
      NOT_A_MEMBER,
      { memberId: 'member', generationId: 7, instanceId: 'static' },
    ]) {
      const { memberId, generationId, instanceId } = member;
      const theirs = createRequest(
        ...([transactionalId, 'group', producerId, producerEpoch] as const),
        ...([generationId, memberId, instanceId, theirTopics] as const),
      ).buffer;
      expect(commitOffsets(producer, 'group', offsets, member).body).toEqual(theirs);
    }
  });
});

describe('answers', () => {
  /** An answer by partition, with a tag that nobody knows behind each of its parts. */
  const byPartition = (codes: readonly number[]) => {
    const writer = new WireWriter().int32(0);
    const tag = () => writer.unsignedVarint(1).unsignedVarint(9).unsignedVarint(2).int16(1);
    writer.compactArray([0], () => {
      writer.compactString('topic').compactArray(codes, (code) => {
        writer.int32(code + 100).int16(code);
        tag();
      });
      tag();
    });
    return tag().bytes;
  };

  test('by partition, in the order of the answer', () => {
    const { read } = addPartitions(producer, partitions);
    expect(read(new WireReader(byPartition([3, 0])))).toEqual([
      { topic: 'topic', partition: 103, errorCode: 3 },
      { topic: 'topic', partition: 100, errorCode: 0 },
    ]);
  });

  test('read as an independent decoder reads them', () => {
    const bytes = byPartition([0, 0]);
    const parsed = txnOffsetCommitV3.parseResponse(1, 28, 3, Reader.from(bytes));
    const ours = commitOffsets(producer, 'group', [], NOT_A_MEMBER).read(new WireReader(bytes));
    const theirs = parsed.topics.flatMap(({ name, partitions: parts }) =>
      parts.map(({ partitionIndex, errorCode }) => ({
        topic: name,
        partition: partitionIndex,
        errorCode,
      })),
    );
    expect(ours).toEqual(theirs);
  });

  test('about the whole request', () => {
    const { bytes } = new WireWriter().int32(0).int16(51).int64(9n).int16(4).noTags();
    const { read } = initProducerId('tx', 1);
    expect(read(new WireReader(bytes))).toEqual({
      errorCode: 51,
      producerId: 9n,
      producerEpoch: 4,
    });
    expect(endTransaction(producer, 'abort').read(new WireReader(bytes)).errorCode).toBe(51);
  });

  test('one that ends early is damaged, wherever it ends', () => {
    const bytes = byPartition([0, 47]);
    const { read } = addPartitions(producer, partitions);
    // The last tags belong to the answer's end, which holds nothing.
    const needed = bytes.length - 5;
    for (let length = 0; length < needed; length++) {
      const reader = new WireReader(bytes.subarray(0, length));
      expect(() => read(reader), `${length} bytes`).toThrow(RangeError);
    }
  });
});
