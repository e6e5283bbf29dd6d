/** Where logs begin and end, and what groups have committed. */
import type { OffsetCommit, OffsetPoint, TopicPartition } from '../../client.ts';
import { kafkaError, kafkaErrorName } from '../kafka-errors.ts';
import { type WireReader, WireWriter } from '../wire.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection, RawCall } from './connections.ts';
import { toMillraceError } from './errors.ts';

/** Kafka's pseudo timestamps. */
const TIMESTAMPS = { earliest: -2n, latest: -1n } as const;
/** We are a client, not a replica. */
const NO_REPLICA = -1;
/** Member and generation of a commit outside a membership. */
export const NO_MEMBER = { memberId: '', generationId: -1 } as const;

const OFFSET_FETCH_KEY = 9;
/** kafkajs's newest (4) cannot wait for transactions that are pending. */
const OFFSET_FETCH_VERSION = 7;

/** Who commits. */
export interface Committer {
  readonly memberId: string;
  readonly generationId: number;
}

type Isolation = 'read_committed' | 'read_uncommitted';

/** Where `at` is in each partition, in the order asked; follows moving leaders. */
export async function listOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: OffsetPoint,
  isolation: Isolation,
): Promise<bigint[]> {
  if (typeof at === 'string') {
    return offsetsAt(cluster, partitions, TIMESTAMPS[at], isolation, `the ${at} offsets`);
  }
  const what = `the offsets at timestamp ${at.timestampMs}`;
  const timestamp = BigInt(Math.max(0, Math.ceil(at.timestampMs)));
  const found = await offsetsAt(cluster, partitions, timestamp, isolation, what);
  // Where no message is so late, Kafka answers -1.
  const late = partitions.filter((_, i) => found[i]! < 0n);
  const ends = await listOffsets(cluster, late, 'latest', isolation);
  return found.map((offset) => (offset < 0n ? ends.shift()! : offset));
}

async function offsetsAt(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  isolation: Isolation,
  what: string,
): Promise<bigint[]> {
  if (partitions.length === 0) return [];
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  const found = new Map<string, bigint>();
  await cluster.retrying(async () => {
    try {
      const missing = partitions.filter((partition) => !found.has(keyOf(partition)));
      for (const [node, led] of await byLeader(cluster, missing)) {
        const connection = await cluster.connection('control', node);
        await readOffsets(connection, led, timestamp, isolation, found);
      }
    } catch (error) {
      cluster.forgetTopics(topics);
      throw toMillraceError(error, `Reading ${what} of ${topics.join(', ')}`);
    }
  });
  return partitions.map((partition) => found.get(keyOf(partition))!);
}

async function readOffsets(
  { broker }: BrokerConnection,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  isolation: Isolation,
  found: Map<string, bigint>,
): Promise<void> {
  const topics = [...byTopic(partitions)].map(([topic, same]) => ({
    topic,
    partitions: same.map(({ partition }) => ({ partition, timestamp: `${timestamp}` })),
  }));
  const isolationLevel = isolation === 'read_committed' ? 1 : 0;
  const answer = await broker.listOffsets({ replicaId: NO_REPLICA, isolationLevel, topics });
  for (const { topic, partitions: offsets } of answer.responses) {
    for (const { partition, offset } of offsets) {
      found.set(keyOf({ topic, partition }), BigInt(offset));
    }
  }
}

async function byLeader(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
): Promise<Map<number, TopicPartition[]>> {
  const topics = await cluster.topics([...new Set(partitions.map(({ topic }) => topic))]);
  const infos = new Map(topics.flatMap((topic) => topic.partitions).map((p) => [keyOf(p), p]));
  return Map.groupBy(partitions, (partition) => {
    const leader = infos.get(keyOf(partition))?.leader;
    const what = `Finding the leader of ${partition.topic}/${partition.partition}`;
    const context = { topic: partition.topic, partition: partition.partition };
    if (leader === undefined) throw kafkaError('UNKNOWN_TOPIC_OR_PARTITION', what, context);
    if (leader < 0) throw kafkaError('LEADER_NOT_AVAILABLE', what, context);
    return leader;
  });
}

/** The group's committed offsets in the order asked; waits for transactions that are pending. */
export async function committedOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<(bigint | undefined)[]> {
  const what = `Reading the offsets of group '${groupId}'`;
  const call = offsetFetchCall(groupId, partitions);
  const offsets = await atCoordinator(cluster, groupId, what, async (connection) => {
    const answer = (await connection.call(call))!;
    if (answer.errorCode === 0) return answer.offsets;
    throw kafkaError(kafkaErrorName(answer.errorCode), what, { groupId });
  });
  return partitions.map((partition) => offsets.get(keyOf(partition)));
}

/** Offsets by partition; `errorCode` is the first that is not 0, of the group or a partition. */
interface CommittedOffsets {
  readonly errorCode: number;
  readonly offsets: ReadonlyMap<string, bigint>;
}

/*
  OffsetFetch Request (Version 7), behind the TAG_BUFFER of its header
    => group_id [topics] require_stable TAG_BUFFER
    group_id => COMPACT_STRING
    topics => name [partition_indexes] TAG_BUFFER
      name => COMPACT_STRING
      partition_indexes => INT32
    require_stable => BOOLEAN
*/
function offsetFetchCall(
  groupId: string,
  partitions: readonly TopicPartition[],
): RawCall<CommittedOffsets> {
  const writer = new WireWriter().noTags().compactString(groupId);
  writer.compactArray([...byTopic(partitions)], ([topic, same]) => {
    writer.compactString(topic).compactArray(same, ({ partition }) => writer.int32(partition));
    writer.noTags();
  });
  return {
    apiKey: OFFSET_FETCH_KEY,
    apiName: 'OffsetFetch',
    apiVersion: OFFSET_FETCH_VERSION,
    body: writer.int8(1).noTags().bytes,
    read: readCommitted,
  };
}

/*
  OffsetFetch Response (Version 7), behind the TAG_BUFFER of its header
    => throttle_time_ms [topics] error_code TAG_BUFFER
    throttle_time_ms => INT32
    topics => name [partitions] TAG_BUFFER
      name => COMPACT_STRING
      partitions => partition_index committed_offset committed_leader_epoch metadata error_code
                    TAG_BUFFER
        partition_index => INT32
        committed_offset => INT64 (-1: none)
        committed_leader_epoch => INT32
        metadata => COMPACT_NULLABLE_STRING
        error_code => INT16
    error_code => INT16
*/
function readCommitted(reader: WireReader): CommittedOffsets {
  const offsets = new Map<string, bigint>();
  let firstError = 0;
  reader.tags();
  reader.int32();
  reader.compactArray(() => {
    const topic = reader.compactString() ?? '';
    reader.compactArray(() => {
      const partition = reader.int32();
      const offset = reader.int64();
      reader.int32();
      reader.compactString();
      firstError ||= reader.int16();
      reader.tags();
      if (offset >= 0n) offsets.set(keyOf({ topic, partition }), offset);
    });
    reader.tags();
  });
  const errorCode = reader.int16();
  return { errorCode: errorCode || firstError, offsets };
}

/**
 * Commits as `committer`; retries what passes. Kafka's refusal of a stale member comes out as
 * Kafka's error name in the context (`isFencingError`), for the caller to name.
 */
export async function commitOffsets(
  cluster: Cluster,
  groupId: string,
  committer: Committer,
  offsets: readonly OffsetCommit[],
): Promise<void> {
  if (offsets.length === 0) return;
  const topics = [...byTopic(offsets)].map(([topic, same]) => ({
    topic,
    partitions: same.map(({ partition, offset, metadata }) => ({
      partition,
      offset: `${offset}`,
      metadata: metadata ?? '',
    })),
  }));
  const { memberId, generationId } = committer;
  const request = { groupId, groupGenerationId: generationId, memberId, topics };
  const what = `Committing for group '${groupId}'`;
  await atCoordinator(cluster, groupId, what, ({ broker }) => broker.offsetCommit(request));
}

/** Runs a request at the group's coordinator, looked up again whenever it failed or moved. */
async function atCoordinator<T>(
  cluster: Cluster,
  groupId: string,
  what: string,
  request: (connection: BrokerConnection) => Promise<T>,
): Promise<T> {
  return cluster.retrying(async () => {
    try {
      const node = await cluster.coordinator(groupId);
      return await request(await cluster.connection('control', node));
    } catch (error) {
      cluster.forgetCoordinator(groupId);
      throw toMillraceError(error, what, { groupId });
    }
  });
}

function byTopic<T extends TopicPartition>(items: readonly T[]): Map<string, T[]> {
  return Map.groupBy(items, ({ topic }) => topic);
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${partition}/${topic}`;
}
