import { Reader, Writer } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import {
  encodeProduce,
  parseRawProduce,
} from '../../../../src/ingest/clients/platformatic/raw-produce.ts';

const REQUEST = { node: 1, acks: -1, timeoutMs: 5_000 } as const;

describe('encodeProduce', () => {
  test('groups partitions by topic and keeps the bytes', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(16), 4, 8).fill(0xab);
    const writer = encodeProduce({
      ...REQUEST,
      batches: [
        { topic: 'a', partition: 0, bytes: Buffer.from([1, 2]) },
        { topic: 'b', partition: 5, bytes: new Uint8Array(0) },
        { topic: 'a', partition: 3, bytes: shared },
      ],
    });
    const reader = Reader.from(writer.buffer);
    expect(reader.readNullableString()).toBe(null);
    expect(reader.readInt16()).toBe(-1);
    expect(reader.readInt32()).toBe(5_000);
    const topics = reader.readArray(() => ({
      topic: reader.readString(),
      parts: reader.readArray(() => [reader.readInt32(), [...reader.readBytes()]]),
    }));
    expect(topics).toEqual([
      {
        topic: 'a',
        parts: [
          [0, [1, 2]],
          [3, new Array(8).fill(0xab)],
        ],
      },
      { topic: 'b', parts: [[5, []]] },
    ]);
    reader.readTaggedFields();
    expect(reader.remaining).toBe(0);
  });

  test('carries the transaction, and says when no answer will come', () => {
    const batches = [{ topic: 'a', partition: 0, bytes: Buffer.from([1]) }];
    const writer = encodeProduce({ ...REQUEST, acks: 0, transactionalId: 'tx', batches });
    expect(Reader.from(writer.buffer).readString()).toBe('tx');
    expect(writer.context.noResponse).toBe(true);
    expect(encodeProduce({ ...REQUEST, batches }).context.noResponse).toBe(false);
  });
});

test('parseRawProduce reads each partition and the first message about a record', () => {
  const writer = Writer.create().appendArray(['a'], (w, topic) => {
    w.appendString(topic).appendArray([0, 1], (_, partition) => {
      w.appendInt32(partition)
        .appendInt16(partition === 0 ? 0 : 87)
        .appendInt64(42n)
        .appendInt64(-1n)
        .appendInt64(0n)
        .appendArray(partition === 0 ? [] : ['a null key'], (_, message) => {
          w.appendInt32(0).appendString(message);
        })
        .appendString(null);
    });
  });
  const answer = writer.appendInt32(0).appendTaggedFields().buffer;
  const common = { topic: 'a', baseOffset: 42n, logAppendTimeMs: -1n };
  expect(parseRawProduce(0, 0, 11, Reader.from(answer))).toEqual([
    { ...common, partition: 0, errorCode: 0, errorMessage: null },
    { ...common, partition: 1, errorCode: 87, errorMessage: 'a null key' },
  ]);
});
