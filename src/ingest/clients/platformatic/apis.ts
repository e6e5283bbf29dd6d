/**
 * The protocol versions that are spoken, newest first.
 *
 * All are "flexible" versions, which every broker from Kafka 3.0 on knows; the versions of one
 * list take the same arguments and give the same answer.
 */

import {
  type API,
  consumerGroupHeartbeatV0,
  consumerGroupHeartbeatV1,
  createTopicsV7,
  describeConfigsV4,
  findCoordinatorV4,
  findCoordinatorV5,
  findCoordinatorV6,
  heartbeatV4,
  initProducerIdV4,
  initProducerIdV5,
  joinGroupV7,
  joinGroupV8,
  joinGroupV9,
  leaveGroupV4,
  leaveGroupV5,
  listOffsetsV7,
  listOffsetsV8,
  listOffsetsV9,
  metadataV11,
  metadataV12,
  offsetCommitV8,
  offsetCommitV9,
  offsetFetchV8,
  offsetFetchV9,
  syncGroupV5,
  UnsupportedApiError,
} from '@platformatic/kafka';

/** The versions of one request that we can send, newest first. */
export interface ApiVersions<Args extends unknown[], Answer> {
  readonly name: string;
  /** The way out where a broker knows none of them; default: a newer Kafka. */
  readonly wayOut?: string;
  readonly versions: readonly API<Args, Answer>[];
}

/** Lowest and highest version that a broker knows, by API key. */
export type BrokerVersions = ReadonlyMap<number, readonly [min: number, max: number]>;

/** The newest version that both sides know; throws where there is none. */
export function pickVersion<Args extends unknown[], Answer>(
  api: ApiVersions<Args, Answer>,
  broker: BrokerVersions,
): API<Args, Answer> {
  for (const version of api.versions) {
    const range = broker.get(version.key);
    if (range && version.version >= range[0] && version.version <= range[1]) return version;
  }
  const ours = api.versions.map((version) => version.version).join(', ');
  const theirs = broker.get(api.versions[0]?.key ?? -1)?.join(' to ') ?? 'none';
  throw new UnsupportedApiError(
    `The broker knows ${api.name} in versions ${theirs}, Millrace in ${ours}: ` +
      (api.wayOut ?? 'use Kafka 3.0 or later.'),
  );
}

/** Brokers, topics, leaders. */
export const METADATA = { name: 'Metadata', versions: [metadataV12.api, metadataV11.api] };
/** Which broker a group reports to. */
export const FIND_COORDINATOR = {
  name: 'FindCoordinator',
  versions: [findCoordinatorV6.api, findCoordinatorV5.api, findCoordinatorV4.api],
};
/** Where partitions begin and end. */
export const LIST_OFFSETS = {
  name: 'ListOffsets',
  versions: [listOffsetsV9.api, listOffsetsV8.api, listOffsetsV7.api],
};
/** What a group has committed. */
export const OFFSET_FETCH = {
  name: 'OffsetFetch',
  versions: [offsetFetchV9.api, offsetFetchV8.api],
};
/** Commits the offsets of a group. */
export const OFFSET_COMMIT = {
  name: 'OffsetCommit',
  versions: [offsetCommitV9.api, offsetCommitV8.api],
};
/** A new producer identity. */
export const INIT_PRODUCER_ID = {
  name: 'InitProducerId',
  versions: [initProducerIdV5.api, initProducerIdV4.api],
};
/** Settings of a topic. */
export const DESCRIBE_CONFIGS = { name: 'DescribeConfigs', versions: [describeConfigsV4.api] };
/** Makes topics. */
export const CREATE_TOPICS = { name: 'CreateTopics', versions: [createTopicsV7.api] };
/** First half of a rebalance: who is there. */
export const JOIN_GROUP = {
  name: 'JoinGroup',
  versions: [joinGroupV9.api, joinGroupV8.api, joinGroupV7.api],
};
/** Second half of a rebalance: who gets what. */
export const SYNC_GROUP = { name: 'SyncGroup', versions: [syncGroupV5.api] };
/** A sign of life of a group member. */
export const HEARTBEAT = { name: 'Heartbeat', versions: [heartbeatV4.api] };
/** The whole life of a member whose group the broker shares out (KIP-848). */
export const CONSUMER_GROUP_HEARTBEAT = {
  name: 'ConsumerGroupHeartbeat',
  wayOut: "use Kafka 4.0 or later, or protocol: 'classic'.",
  versions: [consumerGroupHeartbeatV1.api, consumerGroupHeartbeatV0.api],
};
/** Ends a membership. */
export const LEAVE_GROUP = { name: 'LeaveGroup', versions: [leaveGroupV5.api, leaveGroupV4.api] };
