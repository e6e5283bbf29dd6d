import { expect, test } from 'vitest';
import { parseRawFetch } from '../../../../src/ingest/clients/kafkajs/raw-fetch.ts';
import { WireReader, WireWriter } from '../../../../src/ingest/clients/wire.ts';

const RECORDS = Buffer.from('what the broker keeps');

/** A Fetch answer, version 11, with one partition of records and one that failed. */
function answer(): Buffer {
  const writer = new WireWriter().int32(0).int16(0).int32(0).int32(1).string('topic').int32(2);
  writer.int32(4).int16(0).int64(30n).int64(29n).int64(3n);
  writer
    .array([8n], (id) => writer.int64(id).int64(11n))
    .int32(-1)
    .byteString(RECORDS);
  writer.int32(5).int16(1).int64(-1n).int64(-1n).int64(-1n).int32(-1).int32(-1).int32(-1);
  return Buffer.from(writer.bytes);
}

test('records are a view on the answer, failures come without', () => {
  const bytes = answer();
  const { errorCode, partitions } = parseRawFetch(new WireReader(bytes), bytes);
  expect(errorCode).toBe(0);
  expect(partitions).toMatchObject([
    {
      topic: 'topic',
      partition: 4,
      errorCode: 0,
      highWatermark: 30n,
      lastStableOffset: 29n,
      logStartOffset: 3n,
      abortedTransactions: [{ producerId: 8n, firstOffset: 11n }],
    },
    { topic: 'topic', partition: 5, errorCode: 1, abortedTransactions: [] },
  ]);
  expect(partitions[0]!.records.equals(RECORDS)).toBe(true);
  expect(partitions[0]!.records.buffer).toBe(bytes.buffer);
  expect(partitions[1]!.records).toHaveLength(0);
});

test('an answer that ends early is damaged, wherever it ends', () => {
  const bytes = answer();
  for (let length = 0; length < bytes.length; length++) {
    const part = bytes.subarray(0, length);
    expect(() => parseRawFetch(new WireReader(part), part), `${length} bytes`).toThrow(RangeError);
  }
});
