/**
 * Fetch requests whose answers keep the records encoded.
 *
 * The library's request builders and framing are used; only its response parser is replaced by one
 * that takes views of the record sets instead of making an object per message.
 */

import {
  type API,
  createAPI,
  fetchV12,
  fetchV13,
  fetchV14,
  fetchV15,
  fetchV16,
  fetchV17,
  type Reader,
  type Writer,
} from '@platformatic/kafka';
import { MillraceError } from '../../../errors.ts';
import type {
  AbortedTransaction,
  FetchFailure,
  FetchRequest,
  FetchResult,
  RecordSet,
  TopicInfo,
  TopicPartition,
} from '../../client.ts';
import { followReplicas, type ReadResult } from '../read-replicas.ts';
import type { ApiVersions } from './apis.ts';
import type { Cluster } from './cluster.ts';
import { kafkaError, kafkaErrorName, toMillraceError } from './errors.ts';

/** From this version on topics are named by their id. */
const TOPIC_ID_VERSION = 13;
/** No incremental fetch session: each request says all it wants. */
const NO_SESSION_ID = 0;
const NO_SESSION_EPOCH = -1;
/** Asks for no check of divergence: that is for replicas. */
const NO_LAST_EPOCH = -1;
/** For a partition that the metadata do not know: the broker then does not check the epoch. */
const ANY_EPOCH = -1;

/** One partition of an answer, records left encoded. `topic` is a name or, from v13, an id. */
export interface RawFetchPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: bigint;
  readonly lastStableOffset: bigint;
  readonly logStartOffset: bigint;
  readonly abortedTransactions: readonly AbortedTransaction[];
  /** The replica to ask instead, which is nearer; -1 where there is none. */
  readonly preferredReadReplica: number;
  /** Views on the socket's chunks, which the library neither reuses nor writes. */
  readonly chunks: readonly Uint8Array[];
  readonly byteLength: number;
}

/** A whole answer. */
export interface RawFetchAnswer {
  readonly errorCode: number;
  readonly partitions: readonly RawFetchPartition[];
}

type FetchArgs = Parameters<typeof fetchV12.createRequest>;
type FetchRequestTopic = fetchV12.FetchRequestTopic;

/** Every Fetch version with topic names or ids and flexible encoding, newest first. */
export const RAW_FETCH: ApiVersions<FetchArgs, RawFetchAnswer> = {
  name: 'Fetch',
  versions: [
    rawFetchApi(17, fetchV17.createRequest),
    rawFetchApi(16, fetchV16.createRequest),
    rawFetchApi(15, fetchV15.createRequest),
    rawFetchApi(14, fetchV14.createRequest),
    rawFetchApi(13, fetchV13.createRequest),
    rawFetchApi(12, fetchV12.createRequest),
  ],
};

/**
 * One fetch to one broker. Errors of single partitions are values; a lost connection or a time-out
 * rejects with `BROKER_UNREACHABLE`.
 */
export async function rawFetch(cluster: Cluster, request: FetchRequest): Promise<FetchResult> {
  const { node, positions } = request;
  if (positions.length === 0) {
    const message = 'A fetch has no positions; name at least one partition.';
    throw new MillraceError(message, { code: 'INVALID_OPTION', context: { node } });
  }
  try {
    const broker = await cluster.connection('fetch', node);
    const byId = broker.versionOf(RAW_FETCH) >= TOPIC_ID_VERSION;
    const names = [...new Set(positions.map(({ topic }) => topic))];
    const infos = new Map((await cluster.topics(names)).map((info) => [info.topic, info]));
    const answer = await broker.call(
      RAW_FETCH,
      request.maxWaitMs,
      request.minBytes,
      request.maxBytes,
      request.isolation === 'read_committed' ? 1 : 0,
      NO_SESSION_ID,
      NO_SESSION_EPOCH,
      requestTopics(request, infos, byId),
      [],
      cluster.options.rack ?? '',
    );
    if (answer.errorCode !== 0) throw kafkaError(kafkaErrorName(answer.errorCode), 'Fetching');
    const result = fetchResult(request, infos, byId, answer);
    return followReplicas(cluster.replicas, request, infos, result);
  } catch (error) {
    // Those that were read here are read from their leaders until they say something new.
    cluster.replicas.forgetNode(node);
    throw toMillraceError(error, `Fetching from broker ${node}`, { node });
  }
}

function requestTopics(
  request: FetchRequest,
  infos: ReadonlyMap<string, TopicInfo>,
  byId: boolean,
): FetchRequestTopic[] {
  const topics = new Map<string, FetchRequestTopic>();
  for (const { topic, partition, offset } of request.positions) {
    const info = infos.get(topic);
    let entry = topics.get(topic);
    if (entry === undefined) {
      entry = { topicId: wireName(topic, infos, byId), partitions: [] };
      topics.set(topic, entry);
    }
    entry.partitions.push({
      partition,
      // A follower would serve a consumer too, behind the leader's end. With the epoch, a broker
      // that the partition has moved away from answers FENCED_LEADER_EPOCH instead; so does the
      // follower that we read from when a new leader was elected.
      currentLeaderEpoch: info?.partitions[partition]?.leaderEpoch ?? ANY_EPOCH,
      fetchOffset: offset,
      lastFetchedEpoch: NO_LAST_EPOCH,
      partitionMaxBytes: request.partitionMaxBytes,
    });
  }
  return [...topics.values()];
}

/** What the wire calls a topic: its name itself, or its id. */
function wireName(topic: string, infos: ReadonlyMap<string, TopicInfo>, byId: boolean): string {
  return byId ? (infos.get(topic)?.topicId ?? topic) : topic;
}

function fetchResult(
  request: FetchRequest,
  infos: ReadonlyMap<string, TopicInfo>,
  byId: boolean,
  answer: RawFetchAnswer,
): ReadResult {
  const topicOf = new Map<string, string>();
  for (const topic of infos.keys()) topicOf.set(wireName(topic, infos, byId), topic);
  const offsets = new Map<string, bigint>();
  for (const { topic, partition, offset } of request.positions) {
    offsets.set(`${partition}/${topic}`, offset);
  }
  const sets: RecordSet[] = [];
  const failures: FetchFailure[] = [];
  const nearer: (TopicPartition & { replica: number })[] = [];
  for (const { topic: named, errorCode, preferredReadReplica, ...part } of answer.partitions) {
    const topic = topicOf.get(named);
    const fetchOffset = offsets.get(`${part.partition}/${topic}`);
    // An answer about what was not asked for cannot be used, and does no harm.
    if (topic === undefined || fetchOffset === undefined) continue;
    if (errorCode === 0 && preferredReadReplica >= 0) {
      nearer.push({ topic, partition: part.partition, replica: preferredReadReplica });
    } else if (errorCode === 0) {
      sets.push({ ...part, topic, fetchOffset, release: () => releaseChunks(part.chunks) });
    } else {
      failures.push({ topic, partition: part.partition, error: kafkaErrorName(errorCode) });
    }
  }
  return { sets, failures, nearer };
}

// Fetched bytes live outside of the heap, and the collector marks the whole heap each time that
// some tens of megabytes have come in: that was a third of all CPU time. A chunk that is its whole
// buffer has nothing of another partition or answer in it, so it can go once it was copied.
function releaseChunks(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
  }
}

function rawFetchApi(
  version: number,
  createRequest: (...args: FetchArgs) => Writer,
): API<FetchArgs, RawFetchAnswer> {
  return createAPI(1, version, createRequest, parseRawFetch);
}

/*
  Fetch Response (12 to 17) => throttle_time_ms error_code session_id [responses] TAG_BUFFER
    throttle_time_ms => INT32
    error_code => INT16
    session_id => INT32
    responses => topic [partitions] TAG_BUFFER
      topic => COMPACT_STRING (the name, version 12) or UUID (the id, from 13)
      partitions => partition_index error_code high_watermark last_stable_offset log_start_offset
                    [aborted_transactions] preferred_read_replica records TAG_BUFFER
        partition_index => INT32
        error_code => INT16
        high_watermark => INT64
        last_stable_offset => INT64
        log_start_offset => INT64
        aborted_transactions => producer_id first_offset TAG_BUFFER   (the array may be null)
          producer_id => INT64
          first_offset => INT64
        preferred_read_replica => INT32
        records => COMPACT_RECORDS: UNSIGNED_VARINT length + 1, or 0 for null; then the batches
*/
export function parseRawFetch(
  _correlationId: number,
  _apiKey: number,
  version: number,
  reader: Reader,
): RawFetchAnswer {
  const byId = version >= TOPIC_ID_VERSION;
  const partitions: RawFetchPartition[] = [];
  reader.readInt32();
  const errorCode = reader.readInt16();
  reader.readInt32();
  reader.readArray(() => {
    const topic = byId ? reader.readUUID() : reader.readString();
    reader.readArray(() => {
      partitions.push(parsePartition(reader, topic));
    });
  });
  return { errorCode, partitions };
}

function parsePartition(reader: Reader, topic: string): RawFetchPartition {
  const partition = reader.readInt32();
  const errorCode = reader.readInt16();
  const highWatermark = reader.readInt64();
  const lastStableOffset = reader.readInt64();
  const logStartOffset = reader.readInt64();
  const abortedTransactions =
    reader.readNullableArray(() => ({
      producerId: reader.readInt64(),
      firstOffset: reader.readInt64(),
    })) ?? [];
  const preferredReadReplica = reader.readInt32();
  const byteLength = Math.max(reader.readUnsignedVarInt() - 1, 0);
  const end = reader.position + byteLength;
  // `subarray` throws where `end` is behind the answer's end, and copies nothing.
  const chunks = byteLength === 0 ? [] : reader.buffer.subarray(reader.position, end).buffers;
  reader.skip(byteLength);
  const offsets = { highWatermark, lastStableOffset, logStartOffset };
  const about = { ...offsets, abortedTransactions, preferredReadReplica };
  return { topic, partition, errorCode, ...about, chunks, byteLength };
}
