/** Where logs begin and end, and what groups have committed. */
import type { OffsetCommit, OffsetPoint, TopicPartition } from '../../client.ts';
import { kafkaError, kafkaErrorName } from '../kafka-errors.ts';
import {
  atCoordinator,
  groupByTopic,
  type Isolation,
  offsetKey,
  offsetsOf,
} from '../partition-offsets.ts';
import { type WireReader, WireWriter } from '../wire.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection, RawCall } from './connections.ts';
import { toMillraceError } from './errors.ts';

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

/** Where `at` is in each partition, in the order asked; follows moving leaders. */
export function listOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: OffsetPoint,
  isolation: Isolation,
): Promise<bigint[]> {
  return offsetsOf({ cluster, toMillraceError }, readOffsets, partitions, at, isolation);
}

async function readOffsets(
  { broker }: BrokerConnection,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  isolation: Isolation,
  found: Map<string, bigint>,
): Promise<void> {
  const topics = [...groupByTopic(partitions)].map(([topic, same]) => ({
    topic,
    partitions: same.map(({ partition }) => ({ partition, timestamp: `${timestamp}` })),
  }));
  const isolationLevel = isolation === 'read_committed' ? 1 : 0;
  const answer = await broker.listOffsets({ replicaId: NO_REPLICA, isolationLevel, topics });
  for (const { topic, partitions: offsets } of answer.responses) {
    for (const { partition, offset } of offsets) {
      found.set(offsetKey({ topic, partition }), BigInt(offset));
    }
  }
}

/** The group's committed offsets in the order asked; waits for transactions that are pending. */
export async function committedOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<(bigint | undefined)[]> {
  const what = `Reading the offsets of group '${groupId}'`;
  const call = offsetFetchCall(groupId, partitions);
  const offsets = await atCoordinator(
    { cluster, toMillraceError },
    groupId,
    what,
    async (connection) => {
      const answer = (await connection.call(call))!;
      if (answer.errorCode === 0) return answer.offsets;
      throw kafkaError(kafkaErrorName(answer.errorCode), what, { groupId });
    },
  );
  return partitions.map((partition) => offsets.get(offsetKey(partition)));
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
  writer.compactArray([...groupByTopic(partitions)], ([topic, same]) => {
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
      if (offset >= 0n) offsets.set(offsetKey({ topic, partition }), offset);
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
  const topics = [...groupByTopic(offsets)].map(([topic, same]) => ({
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
  await atCoordinator({ cluster, toMillraceError }, groupId, what, ({ broker }) =>
    broker.offsetCommit(request),
  );
}

/** Runs a request at the group's coordinator, looked up again whenever it failed or moved. */
