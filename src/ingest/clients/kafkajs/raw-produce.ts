/** Produce requests whose record batches are bytes already; kafkajs's own encode each message. */
import type { ProduceRequest, ProduceResult } from '../../client.ts';
import { park } from '../gathered-writes.ts';
import {
  ConnectionTurns,
  produceResults,
  type RawProducePartition,
  unacknowledged,
} from '../produce-answers.ts';
import { type WireReader, WireWriter } from '../wire.ts';
import type { Cluster } from './cluster.ts';
import { type BrokerConnection, GATHERING_PURPOSE, type RawCall } from './connections.ts';
import { toMillraceError } from './errors.ts';

const API_KEY = 0;
/** The newest version with a plain header: it says why a batch was refused. */
const VERSION = 8;

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
   * The bytes may be in shared memory. They are read until the call settles, and not after: where
   * no answer came in time its connection is ended. Where none comes (acks 0) they are copied.
   */
  async produce(request: ProduceRequest): Promise<ProduceResult[]> {
    const { node, batches, acks } = request;
    if (batches.length === 0) return [];
    const parts = encodeProduce(request);
    const ticket = acks === 0 ? undefined : park(parts);
    let broker: BrokerConnection | undefined;
    try {
      broker = await this.#turns.next(node);
      const body = ticket === undefined ? Buffer.concat(parts) : ticket.bytes;
      const answer = await broker.call(produceCall(body, acks !== 0));
      if (answer !== undefined) return produceResults(batches, answer);
      // Nothing is acknowledged: the socket's pace is all that holds the caller back.
      await broker.drained();
      return batches.map(({ topic, partition }) => unacknowledged(topic, partition));
    } catch (error) {
      // kafkajs keeps a connection on which an answer is late, with requests perhaps unsent.
      await broker?.destroy();
      throw toMillraceError(error, `Producing to broker ${node}`, { node });
    } finally {
      ticket?.release();
    }
  }
}

function produceCall(body: Buffer, answered: boolean): RawCall<RawProducePartition[]> {
  const api = { apiKey: API_KEY, apiName: 'Produce', apiVersion: VERSION };
  return { ...api, body, answered, read: parseRawProduce };
}

/*
  Produce Request (Version 8) => transactional_id acks timeout_ms [topic_data]
    transactional_id => NULLABLE_STRING
    acks => INT16
    timeout_ms => INT32
    topic_data => name [partition_data]
      name => STRING
      partition_data => index records
        index => INT32
        records => INT32 length, then the batch
*/
/** The request in parts: the batches where they lie, and what stands between them. */
export function encodeProduce(request: ProduceRequest): Buffer[] {
  const parts: Buffer[] = [];
  let writer = new WireWriter()
    .string(request.transactionalId ?? null)
    .int16(request.acks)
    .int32(request.timeoutMs);
  const topics = [...Map.groupBy(request.batches, ({ topic }) => topic)];
  writer.int32(topics.length);
  for (const [topic, batches] of topics) {
    writer.string(topic).int32(batches.length);
    for (const { partition, bytes } of batches) {
      parts.push(writer.int32(partition).int32(bytes.byteLength).bytes);
      parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      writer = new WireWriter();
    }
  }
  return parts;
}

/*
  Produce Response (Version 8) => [responses] throttle_time_ms
    responses => name [partition_responses]
      name => STRING
      partition_responses => index error_code base_offset log_append_time_ms log_start_offset
                             [record_errors] error_message
        index => INT32
        error_code => INT16
        base_offset => INT64
        log_append_time_ms => INT64
        log_start_offset => INT64
        record_errors => batch_index batch_index_error_message
          batch_index => INT32
          batch_index_error_message => NULLABLE_STRING
        error_message => NULLABLE_STRING
    throttle_time_ms => INT32
*/
export function parseRawProduce(reader: WireReader): RawProducePartition[] {
  const partitions: RawProducePartition[] = [];
  reader.array(() => {
    const topic = reader.string() ?? '';
    reader.array(() => partitions.push(parsePartition(reader, topic)));
  });
  return partitions;
}

function parsePartition(reader: WireReader, topic: string): RawProducePartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const baseOffset = reader.int64();
  const logAppendTimeMs = reader.int64();
  reader.int64();
  const recordErrors = reader.array(() => {
    reader.int32();
    return reader.string();
  });
  const firstRecordError = recordErrors.find((message) => message !== null) ?? null;
  const errorMessage = reader.string() ?? firstRecordError;
  return { topic, partition, errorCode, baseOffset, logAppendTimeMs, errorMessage };
}
