/** Record batches of the simulation: a true header, and message ids as the body. */

/** One message: where it came from, so that order and completeness can be checked. */
export interface SimMessage {
  readonly partition: number;
  readonly offset: number;
}

const HEADER_BYTES = 61;
const MESSAGE_BYTES = 8;

/** Bytes of a batch of `count` messages. */
export const batchBytes = (count: number) => HEADER_BYTES + count * MESSAGE_BYTES;

/** Writes a batch; header fields as in record batch v2, the body is not Kafka's. */
export function writeBatch(
  target: Uint8Array,
  baseOffset: number,
  messages: readonly SimMessage[],
) {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  view.setBigInt64(0, BigInt(baseOffset));
  view.setInt32(8, batchBytes(messages.length) - 12);
  view.setInt8(16, 2);
  view.setInt32(23, messages.length - 1);
  view.setBigInt64(43, -1n);
  view.setInt16(51, -1);
  view.setInt32(53, -1);
  view.setInt32(57, messages.length);
  for (const [i, { partition, offset }] of messages.entries()) {
    view.setInt32(HEADER_BYTES + i * MESSAGE_BYTES, partition);
    view.setInt32(HEADER_BYTES + i * MESSAGE_BYTES + 4, offset);
  }
}

/** A batch of its own. */
export function makeBatch(baseOffset: number, messages: readonly SimMessage[]): Uint8Array {
  const bytes = new Uint8Array(batchBytes(messages.length));
  writeBatch(bytes, baseOffset, messages);
  return bytes;
}

/** What a batch's header says of its producer. */
export interface BatchStamp {
  readonly producerId: bigint;
  readonly baseSequence: number;
}

/** Reads one batch after the other. */
export function readBatches(bytes: Uint8Array): { messages: SimMessage[]; stamp: BatchStamp }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const batches: { messages: SimMessage[]; stamp: BatchStamp }[] = [];
  for (let at = 0; at < bytes.length; at += 12 + view.getInt32(at + 8)) {
    const messages = Array.from({ length: view.getInt32(at + 57) }, (_, i) => ({
      partition: view.getInt32(at + HEADER_BYTES + i * MESSAGE_BYTES),
      offset: view.getInt32(at + HEADER_BYTES + i * MESSAGE_BYTES + 4),
    }));
    const stamp = {
      producerId: view.getBigInt64(at + 43),
      baseSequence: view.getInt32(at + 53),
    };
    batches.push({ messages, stamp });
  }
  return batches;
}
