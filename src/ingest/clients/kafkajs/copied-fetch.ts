/** Fetches of which kafkajs makes an object per message, written into record batches again. */
import type { FetchRequest, TopicInfo } from '../../client.ts';
import { crc32c } from '../../crc32c.ts';
import { BATCH_FIELD, BATCH_HEADER_BYTES, BATCH_LENGTH_END } from '../../record-batch.ts';
import { corrupt } from '../../record-set.ts';
import { kafkaError, kafkaErrorName } from '../kafka-errors.ts';
import { WireReader } from '../wire.ts';
import { emptyBatch, encodeBatches } from './batch-encoder.ts';
import type { OwnFetchAnswer, OwnFetchInput, OwnRequests } from './own-requests.ts';
import { type AskFetch, parseRawFetch, type RawFetchPartition } from './raw-fetch.ts';

/** For a partition that the metadata do not know: the broker then does not check the epoch. */
const ANY_EPOCH = -1;
/** What a partition is asked for alone, so that the next message is in it, however large. */
const WHOLE_MAX_BYTES = 128 * 1024 * 1024;
/** Nothing of kafkajs's is kept: there is no memory to give back. */
const NO_PAYLOAD = Buffer.alloc(0);

/** Fetches with kafkajs's own requests, as `rawFetch` takes it. */
export function copiedFetch(own: OwnRequests): AskFetch {
  const copy: AskFetch = async (broker, request, infos, rack) => {
    const { request: asked, response } = own.fetch(inputOf(request, infos, rack));
    const checked = async (payload: Buffer) => {
      for (const part of parseRawFetch(new WireReader(payload), payload).partitions) check(part);
      return response.decode(payload);
    };
    const answer = (await broker.ask({ request: asked, response: { decode: checked } }))!;
    return { payload: NO_PAYLOAD, errorCode: answer.errorCode, partitions: partitionsOf(answer) };
  };
  return async (broker, request, infos, rack) => {
    const answer = await copy(broker, request, infos, rack);
    const behind = standing(request, answer.partitions);
    const partitions = new Map(answer.partitions.map((part) => [keyOf(part), part]));
    for (const position of behind) {
      const alone = { ...request, positions: [position], minBytes: 1, maxWaitMs: 0 };
      const whole = { maxBytes: WHOLE_MAX_BYTES, partitionMaxBytes: WHOLE_MAX_BYTES };
      const { errorCode, partitions: again } = await copy(
        broker,
        { ...alone, ...whole },
        infos,
        rack,
      );
      if (errorCode !== 0) throw kafkaError(kafkaErrorName(errorCode), 'Fetching');
      for (const part of again) partitions.set(keyOf(part), passed(request, position.offset, part));
    }
    return { ...answer, partitions: [...partitions.values()] };
  };
}

function inputOf(
  request: FetchRequest,
  infos: ReadonlyMap<string, TopicInfo>,
  rack = '',
): OwnFetchInput {
  const topics = [...Map.groupBy(request.positions, ({ topic }) => topic)];
  return {
    maxWaitTime: request.maxWaitMs,
    minBytes: request.minBytes,
    maxBytes: request.maxBytes,
    isolationLevel: request.isolation === 'read_committed' ? 1 : 0,
    rackId: rack,
    topics: topics.map(([topic, positions]) => ({
      topic,
      partitions: positions.map(({ partition, offset }) => ({
        partition,
        currentLeaderEpoch: infos.get(topic)?.partitions[partition]?.leaderEpoch ?? ANY_EPOCH,
        fetchOffset: `${offset}`,
        maxBytes: request.partitionMaxBytes,
      })),
    })),
  };
}

// kafkajs does not look at checksums, and what is written anew has right ones.
function check({ topic, partition, records }: RawFetchPartition): void {
  for (let at = 0; at + BATCH_HEADER_BYTES <= records.length; ) {
    const end = at + BATCH_LENGTH_END + records.readInt32BE(at + BATCH_FIELD.length);
    const isBatch = records[at + BATCH_FIELD.magic] === 2;
    // Older formats are refused once kafkajs has read them; what is cut off is fetched again.
    if (!isBatch || end > records.length || end < at + BATCH_HEADER_BYTES) return;
    const crc = crc32c(records.subarray(at + BATCH_FIELD.attributes, end));
    if (crc !== records.readUInt32BE(at + BATCH_FIELD.crc)) {
      const what = 'its CRC32C does not match its bytes';
      throw corrupt(topic, partition, records.readBigInt64BE(at), what);
    }
    at = end;
  }
}

function partitionsOf({ responses }: OwnFetchAnswer): RawFetchPartition[] {
  return responses.flatMap(({ topicName: topic, partitions }) =>
    partitions.map((part) => ({
      topic,
      partition: part.partition,
      errorCode: part.errorCode,
      highWatermark: BigInt(part.highWatermark),
      lastStableOffset: BigInt(part.lastStableOffset),
      logStartOffset: BigInt(part.lastStartOffset),
      abortedTransactions: part.abortedTransactions.map(({ producerId, firstOffset }) => ({
        producerId: BigInt(producerId),
        firstOffset: BigInt(firstOffset),
      })),
      preferredReadReplica: part.preferredReadReplica,
      records: encodeBatches(topic, part.partition, part.messages),
    })),
  );
}

/*
  A batch may have no messages any more: compaction leaves the last one of each producer, for its
  sequence numbers. kafkajs says nothing of such a batch, and a position before it would stand there
  for ever. Where an answer has no message for anybody, a partition whose end is not reached stands
  before one, or its messages had no room. It is asked for alone, with room for any batch: what has
  no messages then has none up to the end that the answer names.
*/
function standing(request: FetchRequest, partitions: readonly RawFetchPartition[]) {
  if (partitions.some(({ records }) => records.length > 0)) return [];
  const ends = new Map(partitions.map((part) => [keyOf(part), endOf(request, part)]));
  return request.positions.filter(
    (position) => position.offset < (ends.get(keyOf(position)) ?? 0n),
  );
}

function passed(request: FetchRequest, offset: bigint, part: RawFetchPartition): RawFetchPartition {
  const end = endOf(request, part);
  if (part.records.length > 0 || offset >= end) return part;
  return { ...part, records: emptyBatch(offset, end) };
}

/** Up to where there may be messages; nowhere where the answer is an error or another replica. */
function endOf({ isolation }: FetchRequest, part: RawFetchPartition): bigint {
  if (part.errorCode !== 0 || part.preferredReadReplica >= 0) return 0n;
  return isolation === 'read_committed' ? part.lastStableOffset : part.highWatermark;
}

function keyOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${partition}/${topic}`;
}
