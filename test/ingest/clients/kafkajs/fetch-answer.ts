/** Answers to fetches by hand, and a broker that gives them. */
import { copyingPackages } from '../../../../bench/broker/copying-kafkajs.ts';
import type { BrokerConnection } from '../../../../src/ingest/clients/kafkajs/connections.ts';
import { addCodecs } from '../../../../src/ingest/clients/kafkajs/own-codecs.ts';
import {
  type OwnRequest,
  type OwnRequests,
  ownRequests,
} from '../../../../src/ingest/clients/kafkajs/own-requests.ts';
import { WireReader, WireWriter } from '../../../../src/ingest/clients/wire.ts';

addCodecs(copyingPackages.require);
/** Those of a real kafkajs that copies. */
export const own: OwnRequests = ownRequests(copyingPackages.require)!;

/** One partition of an answer. */
export interface AnswerPart {
  readonly partition?: number;
  readonly errorCode?: number;
  readonly highWatermark?: bigint;
  readonly lastStableOffset?: bigint;
  readonly aborted?: readonly { producerId: bigint; firstOffset: bigint }[];
  readonly preferredReadReplica?: number;
  readonly records?: Buffer;
}

/** A Fetch answer of version 11 about topic `t`. */
export function fetchAnswer(...parts: readonly AnswerPart[]): Buffer {
  const writer = new WireWriter().int32(0).int16(0).int32(0).int32(1).string('t');
  writer.array(parts, (part) => {
    const { highWatermark = 100n } = part;
    writer
      .int32(part.partition ?? 0)
      .int16(part.errorCode ?? 0)
      .int64(highWatermark)
      .int64(part.lastStableOffset ?? highWatermark)
      .int64(0n)
      .array(part.aborted ?? [], ({ producerId, firstOffset }) => {
        writer.int64(producerId).int64(firstOffset);
      })
      .int32(part.preferredReadReplica ?? -1)
      .byteString(part.records ?? Buffer.alloc(0));
  });
  return Buffer.from(writer.bytes);
}

/** A connection that decodes `answers` in turn, and what it was asked for, by partition. */
export function brokerWith(...answers: readonly Buffer[]) {
  const asked: { partition: number; offset: bigint; maxBytes: number }[][] = [];
  const left = [...answers];
  const broker = {
    ask: async <Answer>({ request, response }: OwnRequest<Answer>) => {
      asked.push(positionsIn((await request.encode()).buffer));
      return response.decode(left.shift()!);
    },
  };
  return { broker: broker as unknown as BrokerConnection, asked };
}

// Fetch Request (Version 11): replica_id max_wait_ms min_bytes max_bytes isolation_level
// session_id session_epoch [topics], as in `raw-fetch.ts`.
function positionsIn(body: Buffer) {
  const reader = new WireReader(body);
  for (let i = 0; i < 4; i++) reader.int32();
  reader.int8();
  reader.int64();
  const topics = reader.array(() => {
    reader.string();
    return reader.array(() => {
      const partition = reader.int32();
      reader.int32();
      const offset = reader.int64();
      reader.int64();
      return { partition, offset, maxBytes: reader.int32() };
    });
  });
  return topics.flat().sort((a, b) => a.partition - b.partition);
}
