/** Where logs begin and end, and what groups have committed. */
import type { OffsetCommit, OffsetPoint, TopicPartition } from '../../client.ts';
import type { GroupIdentity } from '../group/group-transport.ts';
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
export const NO_MEMBER = { memberId: '', generationId: -1, instanceId: null } as const;

const OFFSET_FETCH_KEY = 9;
/** kafkajs's newest (4) cannot wait for transactions that are pending. */
const OFFSET_FETCH_VERSIONS = [9, 8];
/** From this version on the member who asks is named. */
const READER_VERSION = 9;
const OFFSET_COMMIT_KEY = 8;
/** The same requests; 9 takes the epoch of a member in protocol `consumer`, too. */
const OFFSET_COMMIT_VERSIONS = [9, 8];
const ANY_EPOCH = -1;

/** Who commits. */
export interface Committer {
  readonly memberId: string;
  /** The member's epoch in protocol `consumer`. */
  readonly generationId: number;
  readonly instanceId: string | null;
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

/**
 * The group's committed offsets in the order asked; waits for transactions that are pending.
 *
 * @param as the member in protocol `consumer` who asks.
 */
export async function committedOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
  as?: GroupIdentity,
): Promise<(bigint | undefined)[]> {
  const what = `Reading the offsets of group '${groupId}'`;
  const offsets = await atCoordinator(
    { cluster, toMillraceError },
    groupId,
    what,
    async (connection) => {
      const call = offsetFetchCall(connection, groupId, partitions, as);
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
  OffsetFetch Request (Versions 8 and 9), behind the TAG_BUFFER of its header
    => [groups] require_stable TAG_BUFFER
    groups => group_id member_id member_epoch [topics] TAG_BUFFER
      group_id => COMPACT_STRING
      member_id => COMPACT_NULLABLE_STRING   (from 9)
      member_epoch => INT32   (from 9)
      topics => name [partition_indexes] TAG_BUFFER
        name => COMPACT_STRING
        partition_indexes => INT32
    require_stable => BOOLEAN
*/
function offsetFetchCall(
  connection: BrokerConnection,
  groupId: string,
  partitions: readonly TopicPartition[],
  as?: GroupIdentity,
): RawCall<CommittedOffsets> {
  const apiVersion = connection.newestOf(OFFSET_FETCH_KEY, OFFSET_FETCH_VERSIONS);
  const writer = new WireWriter().noTags();
  writer.compactArray([groupId], (id) => {
    writer.compactString(id);
    if (apiVersion >= READER_VERSION) {
      writer.compactString(as?.memberId ?? null).int32(as?.generationId ?? ANY_EPOCH);
    }
    writer.compactArray([...groupByTopic(partitions)], ([topic, same]) => {
      writer.compactString(topic).compactArray(same, ({ partition }) => writer.int32(partition));
      writer.noTags();
    });
    writer.noTags();
  });
  const body = writer.int8(1).noTags().bytes;
  const api = { apiKey: OFFSET_FETCH_KEY, apiName: 'OffsetFetch', apiVersion };
  return { ...api, body, read: readCommitted };
}

/*
  OffsetFetch Response (Versions 8 and 9), behind the TAG_BUFFER of its header
    => throttle_time_ms [groups] TAG_BUFFER
    throttle_time_ms => INT32
    groups => group_id [topics] error_code TAG_BUFFER
      group_id => COMPACT_STRING
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
    reader.compactString();
    reader.compactArray(() => {
      const topic = reader.compactString() ?? '';
      reader.compactArray(() => {
        const partition = reader.int32();
        const offset = reader.int64();
        reader.int32();
        reader.compactString();
        const errorCode = reader.int16();
        firstError ||= errorCode;
        reader.tags();
        if (offset >= 0n) offsets.set(offsetKey({ topic, partition }), offset);
      });
      reader.tags();
    });
    firstError = reader.int16() || firstError;
    reader.tags();
  });
  return { errorCode: firstError, offsets };
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
  const what = `Committing for group '${groupId}'`;
  await atCoordinator({ cluster, toMillraceError }, groupId, what, async (connection) => {
    const call = offsetCommitCall(connection, groupId, committer, offsets);
    const errorCode = (await connection.call(call))!;
    if (errorCode !== 0) throw kafkaError(kafkaErrorName(errorCode), what, { groupId });
  });
}

/*
  OffsetCommit Request (Versions 8 and 9), behind the TAG_BUFFER of its header
    => group_id generation_id_or_member_epoch member_id group_instance_id [topics] TAG_BUFFER
    group_id, member_id => COMPACT_STRING
    generation_id_or_member_epoch => INT32
    group_instance_id => COMPACT_NULLABLE_STRING
    topics => name [partitions] TAG_BUFFER
      name => COMPACT_STRING
      partitions => partition_index committed_offset committed_leader_epoch committed_metadata
                    TAG_BUFFER
        partition_index => INT32
        committed_offset => INT64
        committed_leader_epoch => INT32
        committed_metadata => COMPACT_NULLABLE_STRING
*/
function offsetCommitCall(
  connection: BrokerConnection,
  groupId: string,
  { memberId, generationId, instanceId }: Committer,
  offsets: readonly OffsetCommit[],
): RawCall<number> {
  const apiVersion = connection.newestOf(OFFSET_COMMIT_KEY, OFFSET_COMMIT_VERSIONS);
  const writer = new WireWriter().noTags().compactString(groupId).int32(generationId);
  writer.compactString(memberId).compactString(instanceId);
  writer.compactArray([...groupByTopic(offsets)], ([topic, same]) => {
    writer.compactString(topic).compactArray(same, ({ partition, offset, metadata }) => {
      writer.int32(partition).int64(offset).int32(ANY_EPOCH);
      writer.compactString(metadata ?? '').noTags();
    });
    writer.noTags();
  });
  const body = writer.noTags().bytes;
  const api = { apiKey: OFFSET_COMMIT_KEY, apiName: 'OffsetCommit', apiVersion };
  return { ...api, body, read: readCommitError };
}

/*
  OffsetCommit Response (Versions 8 and 9), behind the TAG_BUFFER of its header
    => throttle_time_ms [topics] TAG_BUFFER
    throttle_time_ms => INT32
    topics => name [partitions] TAG_BUFFER
      name => COMPACT_STRING
      partitions => partition_index error_code TAG_BUFFER   (INT32, INT16)
*/
/** The first error that is not 0. */
function readCommitError(reader: WireReader): number {
  let firstError = 0;
  reader.tags();
  reader.int32();
  reader.compactArray(() => {
    reader.compactString();
    reader.compactArray(() => {
      reader.int32();
      firstError ||= reader.int16();
      reader.tags();
    });
    reader.tags();
  });
  return firstError;
}
