/**
 * The requests of group members. kafkajs's own know neither static members nor the protocol
 * `consumer`, so these are written and read here; all begin and are answered with the TAG_BUFFER of
 * a flexible header.
 */
import type { GroupOptions } from '../../client.ts';
import type { ConsumerBeat, ConsumerBeatAnswer } from '../group/consumer-transport.ts';
import type {
  EncodedShare,
  GroupIdentity,
  JoinedGroup,
  OfferedProtocol,
} from '../group/group-transport.ts';
import { type WireReader, WireWriter } from '../wire.ts';
import type { BrokerConnection, RawCall } from './connections.ts';

const PROTOCOL_TYPE = 'consumer';

const JOIN_GROUP = { apiKey: 11, apiName: 'JoinGroup' };
const HEARTBEAT = { apiKey: 12, apiName: 'Heartbeat', apiVersion: 4 };
const LEAVE_GROUP = { apiKey: 13, apiName: 'LeaveGroup', apiVersion: 4 };
const SYNC_GROUP = { apiKey: 14, apiName: 'SyncGroup', apiVersion: 5 };
const CONSUMER_HEARTBEAT = { apiKey: 68, apiName: 'ConsumerGroupHeartbeat' };
/** From this version on a reason to join can be given. */
const JOIN_REASON_VERSION = 8;
/** From this version on a leader is told that it has nothing to share out. */
const SKIP_ASSIGNMENT_VERSION = 9;
/** From this version on the broker can match a pattern. */
const REGEX_VERSION = 1;

/** How a request came out. */
export interface GroupAnswer {
  /** 0: it succeeded, and whatever else is answered counts. */
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

/*
  JoinGroup Request (Versions 7 to 9)
    => group_id session_timeout_ms rebalance_timeout_ms member_id group_instance_id protocol_type
       [protocols] reason TAG_BUFFER
    group_id, member_id, protocol_type => COMPACT_STRING
    session_timeout_ms, rebalance_timeout_ms => INT32
    group_instance_id => COMPACT_NULLABLE_STRING
    protocols => name metadata TAG_BUFFER
      name => COMPACT_STRING
      metadata => COMPACT_BYTES
    reason => COMPACT_NULLABLE_STRING   (from 8)
*/
/** Joins, or joins again. */
export function joinGroupCall(
  connection: BrokerConnection,
  options: GroupOptions,
  memberId: string,
  offered: readonly OfferedProtocol[],
): RawCall<GroupAnswer & JoinedGroup> {
  const apiVersion = connection.newestOf(JOIN_GROUP.apiKey, [9, 8, 7]);
  const writer = new WireWriter().noTags();
  writer.compactString(options.groupId);
  writer.int32(options.sessionTimeoutMs).int32(options.rebalanceTimeoutMs);
  writer.compactString(memberId).compactString(options.instanceId ?? null);
  writer.compactString(PROTOCOL_TYPE).compactArray(offered, ({ name, metadata }) => {
    writer.compactString(name).compactByteString(metadata).noTags();
  });
  if (apiVersion >= JOIN_REASON_VERSION) writer.compactString(null);
  const { bytes } = writer.noTags();
  const read = (reader: WireReader) => readJoined(reader, apiVersion);
  return { ...JOIN_GROUP, apiVersion, body: bytes, read };
}

/*
  JoinGroup Response (Versions 7 to 9)
    => throttle_time_ms error_code generation_id protocol_type protocol_name leader skip_assignment
       member_id [members] TAG_BUFFER
    throttle_time_ms, generation_id => INT32
    error_code => INT16
    protocol_type, protocol_name => COMPACT_NULLABLE_STRING
    leader, member_id => COMPACT_STRING
    skip_assignment => BOOLEAN   (from 9)
    members => member_id group_instance_id metadata TAG_BUFFER
      member_id => COMPACT_STRING
      group_instance_id => COMPACT_NULLABLE_STRING
      metadata => COMPACT_BYTES
*/
function readJoined(reader: WireReader, apiVersion: number): GroupAnswer & JoinedGroup {
  const errorCode = readError(reader);
  const generationId = reader.int32();
  reader.compactString();
  const protocolName = reader.compactString() ?? '';
  const leader = reader.compactString() ?? '';
  const skipAssignment = apiVersion >= SKIP_ASSIGNMENT_VERSION && reader.int8() !== 0;
  const memberId = reader.compactString() ?? '';
  const members = reader.compactArray(() => {
    const id = reader.compactString() ?? '';
    const instanceId = reader.compactString();
    const metadata = reader.compactByteString();
    reader.tags();
    return { memberId: id, instanceId, metadata };
  });
  return { errorCode, memberId, generationId, leader, protocolName, skipAssignment, members };
}

/*
  SyncGroup Request (Version 5)
    => group_id generation_id member_id group_instance_id protocol_type protocol_name [assignments]
       TAG_BUFFER
    group_id, member_id => COMPACT_STRING
    generation_id => INT32
    group_instance_id, protocol_type, protocol_name => COMPACT_NULLABLE_STRING
    assignments => member_id assignment TAG_BUFFER
      member_id => COMPACT_STRING
      assignment => COMPACT_BYTES

  SyncGroup Response (Version 5)
    => throttle_time_ms error_code protocol_type protocol_name assignment TAG_BUFFER
    throttle_time_ms => INT32
    error_code => INT16
    protocol_type, protocol_name => COMPACT_NULLABLE_STRING
    assignment => COMPACT_BYTES
*/
/** Shares out where this member leads, and asks for its own share. */
export function syncGroupCall(
  { groupId, instanceId }: GroupOptions,
  { generationId, memberId, protocolName }: JoinedGroup,
  shares: readonly EncodedShare[],
): RawCall<GroupAnswer & { readonly assignment: Buffer }> {
  const writer = new WireWriter().noTags();
  writeMember(writer, groupId, { generationId, memberId }, instanceId);
  writer.compactString(PROTOCOL_TYPE).compactString(protocolName);
  writer.compactArray(shares, ({ memberId: id, assignment }) => {
    writer.compactString(id).compactByteString(assignment).noTags();
  });
  const read = (reader: WireReader) => {
    const errorCode = readError(reader);
    reader.compactString();
    reader.compactString();
    return { errorCode, assignment: reader.compactByteString() };
  };
  return { ...SYNC_GROUP, body: writer.noTags().bytes, read };
}

/*
  Heartbeat Request (Version 4) => group_id generation_id member_id group_instance_id TAG_BUFFER
    group_id, member_id => COMPACT_STRING
    generation_id => INT32
    group_instance_id => COMPACT_NULLABLE_STRING

  Heartbeat Response (Version 4) => throttle_time_ms error_code TAG_BUFFER   (INT32, INT16)
*/
/** Tells that the member lives. */
export function heartbeatCall(
  { groupId, instanceId }: GroupOptions,
  member: GroupIdentity,
): RawCall<GroupAnswer> {
  const writer = new WireWriter().noTags();
  writeMember(writer, groupId, member, instanceId);
  const read = (reader: WireReader) => ({ errorCode: readError(reader) });
  return { ...HEARTBEAT, body: writer.noTags().bytes, read };
}

/*
  LeaveGroup Request (Version 4) => group_id [members] TAG_BUFFER
    group_id => COMPACT_STRING
    members => member_id group_instance_id TAG_BUFFER
      member_id => COMPACT_STRING
      group_instance_id => COMPACT_NULLABLE_STRING

  LeaveGroup Response (Version 4) => throttle_time_ms error_code [members] TAG_BUFFER
    throttle_time_ms => INT32
    error_code => INT16
    members => member_id group_instance_id error_code TAG_BUFFER
      member_id => COMPACT_STRING
      group_instance_id => COMPACT_NULLABLE_STRING
      error_code => INT16
*/
/** Leaves the group. */
export function leaveGroupCall(
  { groupId, instanceId }: GroupOptions,
  memberId: string,
): RawCall<GroupAnswer> {
  const writer = new WireWriter().noTags().compactString(groupId);
  writer.compactArray([memberId], (id) => {
    writer
      .compactString(id)
      .compactString(instanceId ?? null)
      .noTags();
  });
  const read = (reader: WireReader) => {
    const errorCode = readError(reader);
    const ofMembers = reader.compactArray(() => {
      reader.compactString();
      reader.compactString();
      const ofMember = reader.int16();
      reader.tags();
      return ofMember;
    });
    return { errorCode: errorCode || (ofMembers.find((code) => code !== 0) ?? 0) };
  };
  return { ...LEAVE_GROUP, body: writer.noTags().bytes, read };
}

/*
  ConsumerGroupHeartbeat Request (Versions 0 and 1)
    => group_id member_id member_epoch instance_id rack_id rebalance_timeout_ms
       [subscribed_topic_names] subscribed_topic_regex server_assignor [topic_partitions] TAG_BUFFER
    group_id, member_id => COMPACT_STRING
    member_epoch, rebalance_timeout_ms => INT32
    instance_id, rack_id, server_assignor => COMPACT_NULLABLE_STRING
    subscribed_topic_names => COMPACT_STRING   (the array may be null)
    subscribed_topic_regex => COMPACT_NULLABLE_STRING   (from 1)
    topic_partitions => topic_id [partitions] TAG_BUFFER   (the array may be null)
      topic_id => UUID
      partitions => INT32
*/
/** Joins, goes on or leaves in protocol `consumer`, by the epoch that is told. */
export function consumerHeartbeatCall(
  connection: BrokerConnection,
  { groupId, instanceId, rack }: GroupOptions,
  { memberId, epoch, rebalanceTimeoutMs, topics, owned }: ConsumerBeat,
): RawCall<GroupAnswer & ConsumerBeatAnswer> {
  const apiVersion = connection.newestOf(CONSUMER_HEARTBEAT.apiKey, [1, 0]);
  const writer = new WireWriter().noTags();
  writer.compactString(groupId).compactString(memberId).int32(epoch);
  writer
    .compactString(instanceId ?? null)
    .compactString(rack ?? null)
    .int32(rebalanceTimeoutMs);
  if (topics === null) writer.unsignedVarint(0);
  else writer.compactArray(topics, (topic) => writer.compactString(topic));
  if (apiVersion >= REGEX_VERSION) writer.compactString(null);
  writer.compactString(null);
  if (owned === null) writer.unsignedVarint(0);
  else {
    writer.compactArray(owned, ({ topicId, partitions }) => {
      writer.uuid(topicId).compactArray(partitions, (partition) => writer.int32(partition));
      writer.noTags();
    });
  }
  const wayOut = "use Kafka 4.0 or later, or protocol: 'classic'.";
  const body = writer.noTags().bytes;
  return { ...CONSUMER_HEARTBEAT, apiVersion, wayOut, body, read: readTarget };
}

/*
  ConsumerGroupHeartbeat Response (Versions 0 and 1)
    => throttle_time_ms error_code error_message member_id member_epoch heartbeat_interval_ms
       assignment TAG_BUFFER
    throttle_time_ms, member_epoch, heartbeat_interval_ms => INT32
    error_code => INT16
    error_message, member_id => COMPACT_NULLABLE_STRING
    assignment => INT8 (-1: null, and nothing follows) [topic_partitions] TAG_BUFFER
      topic_partitions => topic_id [partitions] TAG_BUFFER
        topic_id => UUID
        partitions => INT32
*/
function readTarget(reader: WireReader): GroupAnswer & ConsumerBeatAnswer {
  const errorCode = readError(reader);
  const errorMessage = reader.compactString();
  reader.compactString();
  const memberEpoch = reader.int32();
  const heartbeatIntervalMs = reader.int32();
  const answer = { errorCode, errorMessage, memberEpoch, heartbeatIntervalMs };
  if (reader.int8() < 0) return { ...answer, assignment: null };
  const assignment = reader.compactArray(() => {
    const topicId = reader.uuid();
    const partitions = reader.compactArray(() => reader.int32());
    reader.tags();
    return { topicId, partitions };
  });
  return { ...answer, assignment };
}

function writeMember(
  writer: WireWriter,
  groupId: string,
  { generationId, memberId }: GroupIdentity,
  instanceId: string | undefined,
): void {
  writer.compactString(groupId).int32(generationId);
  writer.compactString(memberId).compactString(instanceId ?? null);
}

/** What every answer begins with: the header's tags, the throttling, the error. */
function readError(reader: WireReader): number {
  reader.tags();
  reader.int32();
  return reader.int16();
}
