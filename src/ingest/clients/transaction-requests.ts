/**
 * The requests of a transactional producer, written and read by us: the same bytes with either
 * library, which knows older versions, or reports the first error of several.
 */
import type { OffsetCommit, ProducerIdentity, TopicPartition } from '../client.ts';
import { groupByTopic } from './partition-offsets.ts';
import { type WireReader, WireWriter } from './wire.ts';

/** One request. All are flexible: its header, and that of its answer, end in a TAG_BUFFER. */
export interface TransactionRequest<Answer> {
  readonly apiKey: number;
  readonly apiName: string;
  /** Versions of this very layout, newest first; the last is what Kafka 3.0 knows. */
  readonly versions: readonly number[];
  /** What stands behind the header. */
  readonly body: Buffer;
  /** Reads what stands behind the answer's header. */
  read(reader: WireReader): Answer;
}

/** A producer as requests name it. */
interface Named extends ProducerIdentity {
  readonly transactionalId: string;
}

/** Kafka's answer about a whole request, or about one partition of it. */
export interface Verdict extends Partial<TopicPartition> {
  /** 0: done. */
  readonly errorCode: number;
}

/** What an InitProducerId is answered with. */
export interface InitAnswer extends Verdict, ProducerIdentity {}

/** The member that commits; see `TransactionMember`. */
export interface Committer {
  readonly memberId: string;
  readonly generationId: number;
  readonly instanceId: string | null;
}

/** A committer that is no member: the group's coordinator does not look who it is. */
export const NOT_A_MEMBER: Committer = { memberId: '', generationId: -1, instanceId: null };

const NO_PRODUCER: ProducerIdentity = { producerId: -1n, producerEpoch: -1 };
const ANY_LEADER_EPOCH = -1;

/*
  InitProducerId Request (Versions 4 and 5) => transactional_id transaction_timeout_ms producer_id
                                               producer_epoch TAG_BUFFER
    transactional_id => COMPACT_NULLABLE_STRING
    transaction_timeout_ms => INT32
    producer_id => INT64   (-1: whoever has the id is fenced)
    producer_epoch => INT16   (-1, likewise)

  InitProducerId Response (Versions 4 and 5) => throttle_time_ms error_code producer_id
                                                producer_epoch TAG_BUFFER
    throttle_time_ms => INT32
    error_code => INT16
    producer_id => INT64
    producer_epoch => INT16
*/
/** Takes the id over; from `current` on, if that still has it. */
export function initProducerId(
  transactionalId: string,
  transactionTimeoutMs: number,
  current: ProducerIdentity = NO_PRODUCER,
): TransactionRequest<InitAnswer> {
  const writer = new WireWriter()
    .compactString(transactionalId)
    .int32(transactionTimeoutMs)
    .int64(current.producerId)
    .int16(current.producerEpoch);
  return {
    apiKey: 22,
    apiName: 'InitProducerId',
    versions: [5, 4],
    body: writer.noTags().bytes,
    read: (reader) => {
      const { errorCode } = readVerdict(reader);
      return { errorCode, producerId: reader.int64(), producerEpoch: reader.int16() };
    },
  };
}

/*
  AddPartitionsToTxn Request (Version 3; later ones are for brokers)
    => transactional_id producer_id producer_epoch [topics] TAG_BUFFER
    transactional_id => COMPACT_STRING
    producer_id => INT64
    producer_epoch => INT16
    topics => name [partitions] TAG_BUFFER
      name => COMPACT_STRING
      partitions => INT32

  AddPartitionsToTxn Response (Version 3) => throttle_time_ms [topics] TAG_BUFFER, see below
*/
export function addPartitions(
  producer: Named,
  partitions: readonly TopicPartition[],
): TransactionRequest<Verdict[]> {
  const writer = writeProducer(new WireWriter(), producer);
  writer.compactArray([...groupByTopic(partitions)], ([topic, same]) => {
    writer.compactString(topic).compactArray(same, ({ partition }) => writer.int32(partition));
    writer.noTags();
  });
  const body = writer.noTags().bytes;
  const read = readVerdicts;
  return { apiKey: 24, apiName: 'AddPartitionsToTxn', versions: [3], body, read };
}

/*
  AddOffsetsToTxn Request (Versions 3 and 4) => transactional_id producer_id producer_epoch group_id
                                                TAG_BUFFER
    transactional_id => COMPACT_STRING
    producer_id => INT64
    producer_epoch => INT16
    group_id => COMPACT_STRING

  AddOffsetsToTxn Response (Versions 3 and 4) => throttle_time_ms error_code TAG_BUFFER
*/
/** Announces that the transaction commits offsets of a group; {@link commitOffsets} names them. */
export function addOffsets(producer: Named, groupId: string): TransactionRequest<Verdict> {
  const { bytes } = writeProducer(new WireWriter(), producer).compactString(groupId).noTags();
  const read = readVerdict;
  return { apiKey: 25, apiName: 'AddOffsetsToTxn', versions: [4, 3], body: bytes, read };
}

/*
  EndTxn Request (Versions 3 and 4) => transactional_id producer_id producer_epoch committed
                                       TAG_BUFFER
    transactional_id => COMPACT_STRING
    producer_id => INT64
    producer_epoch => INT16
    committed => BOOLEAN

  EndTxn Response (Versions 3 and 4) => throttle_time_ms error_code TAG_BUFFER
*/
export function endTransaction(
  producer: Named,
  outcome: 'commit' | 'abort',
): TransactionRequest<Verdict> {
  const writer = writeProducer(new WireWriter(), producer).int8(outcome === 'commit' ? 1 : 0);
  const body = writer.noTags().bytes;
  return { apiKey: 26, apiName: 'EndTxn', versions: [4, 3], body, read: readVerdict };
}

/*
  TxnOffsetCommit Request (Versions 3 and 4)
    => transactional_id group_id producer_id producer_epoch generation_id member_id
       group_instance_id [topics] TAG_BUFFER
    transactional_id, group_id, member_id => COMPACT_STRING
    producer_id => INT64
    producer_epoch => INT16
    generation_id => INT32
    group_instance_id => COMPACT_NULLABLE_STRING
    topics => name [partitions] TAG_BUFFER
      name => COMPACT_STRING
      partitions => partition_index committed_offset committed_leader_epoch committed_metadata
                    TAG_BUFFER
        partition_index => INT32
        committed_offset => INT64
        committed_leader_epoch => INT32
        committed_metadata => COMPACT_NULLABLE_STRING

  TxnOffsetCommit Response (Versions 3 and 4) => throttle_time_ms [topics] TAG_BUFFER, see below
*/
export function commitOffsets(
  { transactionalId, producerId, producerEpoch }: Named,
  groupId: string,
  offsets: readonly OffsetCommit[],
  { memberId, generationId, instanceId }: Committer,
): TransactionRequest<Verdict[]> {
  const writer = new WireWriter()
    .compactString(transactionalId)
    .compactString(groupId)
    .int64(producerId)
    .int16(producerEpoch)
    .int32(generationId)
    .compactString(memberId)
    .compactString(instanceId);
  writer.compactArray([...groupByTopic(offsets)], ([topic, same]) => {
    writer.compactString(topic).compactArray(same, ({ partition, offset, metadata }) => {
      writer.int32(partition).int64(offset).int32(ANY_LEADER_EPOCH);
      writer.compactString(metadata ?? '').noTags();
    });
    writer.noTags();
  });
  const body = writer.noTags().bytes;
  const read = readVerdicts;
  return { apiKey: 28, apiName: 'TxnOffsetCommit', versions: [4, 3], body, read };
}

function writeProducer(writer: WireWriter, producer: Named): WireWriter {
  const { transactionalId, producerId, producerEpoch } = producer;
  return writer.compactString(transactionalId).int64(producerId).int16(producerEpoch);
}

// throttle_time_ms error_code, with which all answers about a whole request begin.
function readVerdict(reader: WireReader): Verdict {
  reader.int32();
  return { errorCode: reader.int16() };
}

/*
  An answer by partition => throttle_time_ms [topics] TAG_BUFFER
    throttle_time_ms => INT32
    topics => name [partitions] TAG_BUFFER
      name => COMPACT_STRING
      partitions => partition_index error_code TAG_BUFFER
        partition_index => INT32
        error_code => INT16
*/
function readVerdicts(reader: WireReader): Verdict[] {
  const verdicts: Verdict[] = [];
  reader.int32();
  reader.compactArray(() => {
    const topic = reader.compactString() ?? '';
    const partitions = reader.compactArray(() => {
      const verdict = { partition: reader.int32(), errorCode: reader.int16() };
      reader.tags();
      return verdict;
    });
    for (const verdict of partitions) verdicts.push({ topic, ...verdict });
    reader.tags();
  });
  return verdicts;
}
