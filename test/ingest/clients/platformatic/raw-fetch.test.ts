import { Reader, Writer } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import {
  parseRawFetch,
  type RawFetchAnswer,
} from '../../../../src/ingest/clients/platformatic/raw-fetch.ts';

const TOPIC_ID = 'b085ce6b-a2a5-4670-a8e7-320048f20656';
const RECORDS = Buffer.from(Array.from({ length: 300 }, (_, i) => i & 0xff));

interface Part {
  readonly partition: number;
  readonly errorCode?: number;
  readonly aborted?: readonly (readonly [bigint, bigint])[] | null;
  readonly records?: Buffer | null;
}

/** A Fetch answer with one topic, written by hand. */
function answer(version: number, parts: readonly Part[]): Buffer {
  return Writer.create()
    .appendInt32(0)
    .appendInt16(0)
    .appendInt32(0)
    .appendArray([parts], (w, list) => {
      if (version >= 13) w.appendUUID(TOPIC_ID);
      else w.appendString('orders');
      w.appendArray([...list], (_, part) => appendPart(w, part), true, false);
    })
    .appendTaggedFields().buffer;
}

function appendPart(w: Writer, { partition, errorCode, aborted, records }: Part): void {
  w.appendInt32(partition)
    .appendInt16(errorCode ?? 0)
    .appendInt64(100n)
    .appendInt64(90n)
    .appendInt64(3n)
    .appendArray(aborted === null ? null : [...(aborted ?? [])], (_, [id, first]) => {
      w.appendInt64(id).appendInt64(first);
    })
    .appendInt32(-1)
    .appendBytes(records ?? null);
  // A tagged field that we do not know: the new leader, say.
  w.appendUnsignedVarInt(1).appendUnsignedVarInt(1).appendUnsignedVarInt(3);
  w.append(Buffer.from([9, 9, 9]));
}

function parse(version: number, chunks: readonly Buffer[]): RawFetchAnswer {
  const reader = Reader.from(Buffer.alloc(0));
  reader.buffer.buffers = [...chunks];
  reader.buffer.length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  reader.length = reader.buffer.length;
  return parseRawFetch(0, 1, version, reader);
}

const PARTS: readonly Part[] = [
  { partition: 0, aborted: null, records: RECORDS },
  { partition: 1, aborted: [[7n, 5n]], records: Buffer.alloc(0) },
  { partition: 2, aborted: [], records: null, errorCode: 6 },
  { partition: 3, records: RECORDS.subarray(0, 61) },
];

describe('parseRawFetch', () => {
  test.each([12, 13, 17])('reads version %i wherever the socket cuts it', (version) => {
    const bytes = answer(version, PARTS);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { partitions } = parse(version, [bytes.subarray(0, cut), bytes.subarray(cut)]);
      expect(partitions.map((part) => part.partition)).toEqual([0, 1, 2, 3]);
      expect(partitions.map((part) => part.errorCode)).toEqual([0, 0, 6, 0]);
      expect(partitions.map((part) => part.byteLength)).toEqual([300, 0, 0, 61]);
      const records = partitions.map((part) => Buffer.concat(part.chunks));
      expect(records[0]!.equals(RECORDS)).toBe(true);
      expect(records[3]!.equals(RECORDS.subarray(0, 61))).toBe(true);
    }
  });

  test('takes the topic, the offsets and the aborted transactions', () => {
    const byName = parse(12, [answer(12, PARTS)]).partitions;
    const byId = parse(17, [answer(17, PARTS)]).partitions;
    expect(byName[0]!.topic).toBe('orders');
    expect(byId[0]!.topic).toBe(TOPIC_ID);
    expect(byId[1]!.abortedTransactions).toEqual([{ producerId: 7n, firstOffset: 5n }]);
    expect(byId[0]!.abortedTransactions).toEqual([]);
    expect(byId[0]).toMatchObject({
      highWatermark: 100n,
      lastStableOffset: 90n,
      logStartOffset: 3n,
    });
  });

  test('copies nothing: the chunks are views of what the socket gave', () => {
    const bytes = answer(17, [PARTS[0]!]);
    const { chunks } = parse(17, [bytes]).partitions[0]!;
    expect(chunks).toHaveLength(1);
    expect(chunks[0]!.buffer).toBe(bytes.buffer);
  });

  test('throws on an answer that ends early, wherever', () => {
    const bytes = answer(17, PARTS);
    for (let length = 0; length < bytes.length - 1; length++) {
      expect(() => parse(17, [bytes.subarray(0, length)])).toThrow();
    }
  });
});
