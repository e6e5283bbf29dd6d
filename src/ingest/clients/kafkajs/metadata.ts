/** Metadata requests: kafkajs's own versions know neither topic ids nor leader epochs. */

import { type WireReader, WireWriter } from '../wire.ts';
import type { RawCall } from './connections.ts';

const API_KEY = 3;
const VERSION = 12;
/** The id of a topic that is asked for by its name. */
const NO_TOPIC_ID = Buffer.alloc(16);

/** What the cluster says. */
export interface Metadata {
  readonly brokers: readonly {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
  }[];
  readonly controllerId: number;
  readonly topics: readonly TopicMetadata[];
}

/** What it says of one topic. */
export interface TopicMetadata {
  readonly errorCode: number;
  readonly name: string;
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly {
    readonly index: number;
    readonly leaderId: number;
    readonly leaderEpoch: number;
  }[];
}

/*
  Metadata Request (Version 12), behind the TAG_BUFFER of its header
    => [topics] allow_auto_topic_creation include_topic_authorized_operations TAG_BUFFER
    topics => topic_id name TAG_BUFFER   (null: all topics)
      topic_id => UUID
      name => COMPACT_NULLABLE_STRING
*/
/** Asks for topics by name; `undefined`: for all. */
export function metadataCall(names: readonly string[] | undefined): RawCall<Metadata> {
  const writer = new WireWriter().noTags();
  if (names === undefined) writer.unsignedVarint(0);
  else {
    writer.compactArray(names, (name) => {
      writer.raw(NO_TOPIC_ID).compactString(name).noTags();
    });
  }
  const { bytes } = writer.int8(0).int8(0).noTags();
  return { apiKey: API_KEY, apiName: 'Metadata', apiVersion: VERSION, body: bytes, read };
}

/*
  Metadata Response (Version 12), behind the TAG_BUFFER of its header
    => throttle_time_ms [brokers] cluster_id controller_id [topics] TAG_BUFFER
    throttle_time_ms => INT32
    brokers => node_id host port rack TAG_BUFFER
      node_id => INT32
      host => COMPACT_STRING
      port => INT32
      rack => COMPACT_NULLABLE_STRING
    cluster_id => COMPACT_NULLABLE_STRING
    controller_id => INT32
    topics => error_code name topic_id is_internal [partitions] topic_authorized_operations
              TAG_BUFFER
      error_code => INT16
      name => COMPACT_NULLABLE_STRING
      topic_id => UUID
      is_internal => BOOLEAN
      partitions => error_code partition_index leader_id leader_epoch [replica_nodes] [isr_nodes]
                    [offline_replicas] TAG_BUFFER   (all INT32 but error_code, INT16)
      topic_authorized_operations => INT32
*/
function read(reader: WireReader): Metadata {
  reader.tags();
  reader.int32();
  const brokers = reader.compactArray(() => {
    const nodeId = reader.int32();
    const host = reader.compactString() ?? '';
    const port = reader.int32();
    reader.compactString();
    reader.tags();
    return { nodeId, host, port };
  });
  reader.compactString();
  const controllerId = reader.int32();
  const topics = reader.compactArray(() => readTopic(reader));
  return { brokers, controllerId, topics };
}

function readTopic(reader: WireReader): TopicMetadata {
  const errorCode = reader.int16();
  const name = reader.compactString() ?? '';
  const topicId = reader.uuid();
  const isInternal = reader.int8() !== 0;
  const partitions = reader.compactArray(() => {
    reader.int16();
    const index = reader.int32();
    const leaderId = reader.int32();
    const leaderEpoch = reader.int32();
    for (let lists = 0; lists < 3; lists++) reader.compactArray(() => reader.int32());
    reader.tags();
    return { index, leaderId, leaderEpoch };
  });
  reader.int32();
  reader.tags();
  return { errorCode, name, topicId, isInternal, partitions };
}
