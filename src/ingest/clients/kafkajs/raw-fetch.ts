/** Fetch requests whose answers keep the records encoded; kafkajs's own make an object each. */
import { MillraceError } from '../../../errors.ts';
import type {
  AbortedTransaction,
  FetchFailure,
  FetchPosition,
  FetchRequest,
  FetchResult,
  RecordSet,
  TopicInfo,
  TopicPartition,
} from '../../client.ts';
import { kafkaError, kafkaErrorName } from '../kafka-errors.ts';
import { followReplicas, type ReadResult } from '../read-replicas.ts';
import { type WireReader, WireWriter } from '../wire.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection, RawCall } from './connections.ts';
import { toMillraceError } from './errors.ts';

const API_KEY = 1;
/** The newest version that names topics by name and has a plain header. */
const VERSION = 11;
const NO_REPLICA = -1;
/** Length and correlation id before an answer. */
const FRAME_BYTES = 8;
/** No incremental fetch session: each request says all it wants. */
const NO_SESSION_ID = 0;
const NO_SESSION_EPOCH = -1;
/** That of a replica's own log: we have none. */
const NO_LOG_START = -1n;
/** For a partition that the metadata do not know: the broker then does not check the epoch. */
const ANY_EPOCH = -1;

/** One partition of an answer, records left encoded. */
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
  /** A view on the answer, which kafkajs neither reuses nor writes. */
  readonly records: Buffer;
}

/** A whole answer. */
export interface RawFetchAnswer {
  /** The answer without its frame; `records` are views on it. */
  readonly payload: Buffer;
  readonly errorCode: number;
  readonly partitions: readonly RawFetchPartition[];
}

/** Sends a fetch and reads its answer; `infos` are those of its topics. */
export type AskFetch = (
  broker: BrokerConnection,
  request: FetchRequest,
  infos: ReadonlyMap<string, TopicInfo>,
  rack: string | undefined,
) => Promise<RawFetchAnswer>;

const askRaw: AskFetch = async (broker, request, infos, rack) =>
  (await broker.call(fetchCall(request, infos, rack)))!;

/**
 * One fetch to one broker. Errors of single partitions are values; a lost connection or a time-out
 * rejects with `BROKER_UNREACHABLE`.
 */
export async function rawFetch(
  cluster: Cluster,
  request: FetchRequest,
  ask: AskFetch = askRaw,
): Promise<FetchResult> {
  const { node, positions } = request;
  if (positions.length === 0) {
    const message = 'A fetch has no positions; name at least one partition.';
    throw new MillraceError(message, { code: 'INVALID_OPTION', context: { node } });
  }
  try {
    const broker = await cluster.connection('fetch', node);
    const names = [...new Set(positions.map(({ topic }) => topic))];
    const infos = new Map((await cluster.topics(names)).map((info) => [info.topic, info]));
    const answer = await ask(broker, request, infos, cluster.options.rack);
    if (answer.errorCode !== 0) throw kafkaError(kafkaErrorName(answer.errorCode), 'Fetching');
    return followReplicas(cluster.replicas, request, infos, fetchResult(positions, answer));
  } catch (error) {
    // Those that were read here are read from their leaders until they say something new.
    cluster.replicas.forgetNode(node);
    throw toMillraceError(error, `Fetching from broker ${node}`, { node });
  }
}

/*
  Fetch Request (Version 11) => replica_id max_wait_ms min_bytes max_bytes isolation_level
                                session_id session_epoch [topics] [forgotten_topics_data] rack_id
    topics => topic [partitions]
      topic => STRING
      partitions => partition current_leader_epoch fetch_offset log_start_offset
                    partition_max_bytes
        fetch_offset, log_start_offset => INT64, the others INT32
    rack_id => STRING
*/
function fetchCall(
  request: FetchRequest,
  infos: ReadonlyMap<string, TopicInfo>,
  rack = '',
): RawCall<RawFetchAnswer> {
  const writer = new WireWriter()
    .int32(NO_REPLICA)
    .int32(request.maxWaitMs)
    .int32(request.minBytes)
    .int32(request.maxBytes)
    .int8(request.isolation === 'read_committed' ? 1 : 0)
    .int32(NO_SESSION_ID)
    .int32(NO_SESSION_EPOCH);
  const topics = [...Map.groupBy(request.positions, ({ topic }) => topic)];
  writer.array(topics, ([topic, positions]) => {
    writer.string(topic).array(positions, ({ partition, offset }) => {
      writer
        .int32(partition)
        // A follower would serve a consumer too, behind the leader's end. With the epoch, a broker
        // that the partition has moved away from answers FENCED_LEADER_EPOCH instead; so does the
        // follower that we read from when a new leader was elected.
        .int32(infos.get(topic)?.partitions[partition]?.leaderEpoch ?? ANY_EPOCH)
        .int64(offset)
        .int64(NO_LOG_START)
        .int32(request.partitionMaxBytes);
    });
  });
  const { bytes } = writer.array([], () => undefined).string(rack);
  const apiName = 'Fetch';
  return { apiKey: API_KEY, apiName, apiVersion: VERSION, body: bytes, read: parseRawFetch };
}

function fetchResult(positions: readonly FetchPosition[], answer: RawFetchAnswer): ReadResult {
  const offsets = new Map<string, bigint>();
  for (const { topic, partition, offset } of positions) {
    offsets.set(`${partition}/${topic}`, offset);
  }
  const sets: RecordSet[] = [];
  const failures: FetchFailure[] = [];
  const nearer: (TopicPartition & { replica: number })[] = [];
  const { payload } = answer;
  const held = new Set<object>();
  const release = (set: object) => {
    if (held.delete(set) && held.size === 0) free(payload);
  };
  for (const { errorCode, preferredReadReplica, records, ...part } of answer.partitions) {
    const { topic, partition } = part;
    const fetchOffset = offsets.get(`${partition}/${topic}`);
    // An answer about what was not asked for cannot be used, and does no harm.
    if (fetchOffset === undefined) continue;
    if (errorCode !== 0) {
      failures.push({ topic, partition, error: kafkaErrorName(errorCode) });
      continue;
    }
    if (preferredReadReplica >= 0) {
      nearer.push({ topic, partition, replica: preferredReadReplica });
      continue;
    }
    const byteLength = records.length;
    const chunks = byteLength === 0 ? [] : [records];
    const set = { ...part, fetchOffset, chunks, byteLength };
    sets.push({ ...set, release: () => release(set) });
    held.add(set);
  }
  return { sets, failures, nearer };
}

// Fetched bytes live outside of the heap, and the collector marks the whole heap each time that
// some tens of megabytes have come in. kafkajs puts an answer together in one buffer; where that
// has nothing of another answer in it, it can go once all sets were copied.
function free({ buffer, byteLength }: Buffer): void {
  const isWhole = buffer.byteLength === byteLength + FRAME_BYTES;
  if (isWhole && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/*
  Fetch Response (Version 11) => throttle_time_ms error_code session_id [responses]
    throttle_time_ms => INT32
    error_code => INT16
    session_id => INT32
    responses => topic [partitions]
      topic => STRING
      partitions => partition_index error_code high_watermark last_stable_offset log_start_offset
                    [aborted_transactions] preferred_read_replica records
        partition_index => INT32
        error_code => INT16
        high_watermark => INT64
        last_stable_offset => INT64
        log_start_offset => INT64
        aborted_transactions => producer_id first_offset   (INT64 both; the array may be null)
        preferred_read_replica => INT32
        records => INT32 length, or -1 for null; then the batches
*/
export function parseRawFetch(reader: WireReader, payload: Buffer): RawFetchAnswer {
  const partitions: RawFetchPartition[] = [];
  reader.int32();
  const errorCode = reader.int16();
  reader.int32();
  reader.array(() => {
    const topic = reader.string() ?? '';
    reader.array(() => partitions.push(parsePartition(reader, topic)));
  });
  return { payload, errorCode, partitions };
}

function parsePartition(reader: WireReader, topic: string): RawFetchPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  const logStartOffset = reader.int64();
  const abortedTransactions = reader.array(() => ({
    producerId: reader.int64(),
    firstOffset: reader.int64(),
  }));
  const preferredReadReplica = reader.int32();
  const records = reader.raw(Math.max(reader.int32(), 0));
  const offsets = { highWatermark, lastStableOffset, logStartOffset };
  const about = { ...offsets, abortedTransactions, preferredReadReplica };
  return { topic, partition, errorCode, ...about, records };
}
