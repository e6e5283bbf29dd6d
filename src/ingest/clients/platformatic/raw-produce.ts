/** Produce requests whose record batches are bytes already. */

import { type API, createAPI, type Reader, Writer } from '@platformatic/kafka';
import type { ProduceBatch, ProduceRequest, ProduceResult } from '../../client.ts';
import { park, type Ticket } from '../gathered-writes.ts';
import {
  ConnectionTurns,
  produceResults,
  type RawProducePartition,
  unacknowledged,
} from '../produce-answers.ts';
import type { ApiVersions } from './apis.ts';
import type { Cluster } from './cluster.ts';
import { type BrokerConnection, GATHERING_PURPOSE } from './connections.ts';
import { toMillraceError } from './errors.ts';

/** With acks 0 there is no answer; the library then calls back with a boolean. */
type RawProduceAnswer = readonly RawProducePartition[] | boolean;

/** A request, and the ticket that stands for it on a connection that gathers. */
export interface TicketedProduce {
  readonly request: ProduceRequest;
  readonly ticket: Ticket | undefined;
}

/** Versions 9 to 11 differ only in which errors a broker may give. */
export const RAW_PRODUCE: ApiVersions<[TicketedProduce], RawProduceAnswer> = {
  name: 'Produce',
  versions: [11, 10, 9].map(rawProduceApi),
};

/** Sends produce requests; made once per client. */
export class RawProducer {
  readonly #turns: ConnectionTurns<BrokerConnection>;

  constructor(cluster: Cluster) {
    this.#turns = new ConnectionTurns((node) => cluster.connection(GATHERING_PURPOSE, node));
  }

  /**
   * One produce to one broker. Requests to one broker leave in the order of the calls, several of
   * them on their way at a time. Refusals are values; a lost connection or a time-out rejects with
   * `BROKER_UNREACHABLE`: then it is not known what was stored.
   *
   * The bytes may be in shared memory. They are read until the call settles, and not after: with an
   * answer the request has left whole, without one its connection is gone. Where no answer comes
   * (acks 0) they are copied.
   */
  async produce(request: ProduceRequest): Promise<ProduceResult[]> {
    const { node, batches } = request;
    if (batches.length === 0) return [];
    const ticket = request.acks === 0 ? undefined : park(gather(encodeProduce(request).buffers));
    try {
      const broker = await this.#turns.next(node);
      const answer = await broker.call(RAW_PRODUCE, { request, ticket });
      if (typeof answer !== 'boolean') return produceResults(batches, answer);
      // Nothing is acknowledged: the socket's pace is all that holds the caller back.
      await broker.drained();
      return batches.map(({ topic, partition }) => unacknowledged(topic, partition));
    } catch (error) {
      throw toMillraceError(error, `Producing to broker ${node}`, { node });
    } finally {
      ticket?.release();
    }
  }
}

function rawProduceApi(version: number): API<[TicketedProduce], RawProduceAnswer> {
  const encode = ({ request, ticket }: TicketedProduce) =>
    ticket === undefined ? encodeProduce(request) : Writer.create().append(ticket.bytes);
  return createAPI<[TicketedProduce], RawProduceAnswer>(0, version, encode, parseRawProduce);
}

/** Buffers from this size on are sent as they are; smaller ones are put together. */
const WORTH_GATHERING_BYTES = 4_096;

// A request is many buffers of a few bytes between a few large ones.
function gather(buffers: readonly Buffer[]): Buffer[] {
  const parts: Buffer[] = [];
  let small: Buffer[] = [];
  for (const buffer of buffers) {
    if (buffer.length < WORTH_GATHERING_BYTES) {
      small.push(buffer);
      continue;
    }
    if (small.length > 0) parts.push(Buffer.concat(small));
    small = [];
    parts.push(buffer);
  }
  if (small.length > 0) parts.push(Buffer.concat(small));
  return parts;
}

/*
  Produce Request (Versions 9 to 11) => transactional_id acks timeout_ms [topic_data] TAG_BUFFER
    transactional_id => COMPACT_NULLABLE_STRING
    acks => INT16
    timeout_ms => INT32
    topic_data => name [partition_data] TAG_BUFFER
      name => COMPACT_STRING
      partition_data => index records TAG_BUFFER
        index => INT32
        records => COMPACT_RECORDS: UNSIGNED_VARINT length + 1, then the batch
*/
export function encodeProduce(request: ProduceRequest): Writer {
  const topics = new Map<string, ProduceBatch[]>();
  for (const batch of request.batches) {
    const sameTopic = topics.get(batch.topic);
    if (sameTopic === undefined) topics.set(batch.topic, [batch]);
    else sameTopic.push(batch);
  }
  const writer = Writer.create()
    .appendString(request.transactionalId ?? null)
    .appendInt16(request.acks)
    .appendInt32(request.timeoutMs)
    .appendArray([...topics], (w, [topic, batches]) => {
      w.appendString(topic).appendArray(batches, (_, { partition, bytes }) => {
        w.appendInt32(partition)
          .appendUnsignedVarInt(bytes.byteLength + 1)
          .append(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      });
    })
    .appendTaggedFields();
  writer.context.noResponse = request.acks === 0;
  return writer;
}

/*
  Produce Response (Versions 9 to 11) => [responses] throttle_time_ms TAG_BUFFER
    responses => name [partition_responses] TAG_BUFFER
      name => COMPACT_STRING
      partition_responses => index error_code base_offset log_append_time_ms log_start_offset
                             [record_errors] error_message TAG_BUFFER
        index => INT32
        error_code => INT16
        base_offset => INT64
        log_append_time_ms => INT64
        log_start_offset => INT64
        record_errors => batch_index batch_index_error_message TAG_BUFFER
          batch_index => INT32
          batch_index_error_message => COMPACT_NULLABLE_STRING
        error_message => COMPACT_NULLABLE_STRING
    throttle_time_ms => INT32
*/
export function parseRawProduce(
  _correlationId: number,
  _apiKey: number,
  _version: number,
  reader: Reader,
): RawProducePartition[] {
  const partitions: RawProducePartition[] = [];
  reader.readArray(() => {
    const topic = reader.readString();
    reader.readArray(() => {
      partitions.push(parsePartition(reader, topic));
    });
  });
  return partitions;
}

function parsePartition(reader: Reader, topic: string): RawProducePartition {
  const partition = reader.readInt32();
  const errorCode = reader.readInt16();
  const baseOffset = reader.readInt64();
  const logAppendTimeMs = reader.readInt64();
  reader.readInt64();
  const recordErrors = reader.readArray(() => {
    reader.readInt32();
    return reader.readNullableString();
  });
  const firstRecordError = recordErrors.find((message) => message !== null) ?? null;
  const errorMessage = reader.readNullableString() ?? firstRecordError;
  return { topic, partition, errorCode, baseOffset, logAppendTimeMs, errorMessage };
}
