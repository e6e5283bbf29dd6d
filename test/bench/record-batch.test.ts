import { Reader, readRecordsBatch } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import { RowDigest } from '../../bench/broker/digest.ts';
import { PacedOrders, scheduledTimes } from '../../bench/broker/paced-orders.ts';
import { encodeRecordBatch } from '../../bench/broker/record-batch.ts';
import { workload } from '../../bench/data/workload.ts';

const valuesOf = (batch: Buffer) =>
  readRecordsBatch(Reader.from(batch)).records.map(({ value }) => value?.toString());

describe('the record batches that topics are filled with', () => {
  test('are read by another client as the messages they are made of', () => {
    const messages = workload('order').messages(300);
    const text = Buffer.from(messages.bytes);
    const expected = Array.from({ length: 250 }, (_, i) =>
      text.toString('utf8', messages.offsets[i + 20], messages.offsets[i + 21]),
    );
    expect(valuesOf(encodeRecordBatch(messages, 20, 270))).toEqual(expected);
  });

  test('carry the time that each message was scheduled for', () => {
    const orders = new PacedOrders(10);
    const startUs = 1_790_000_000_000_123;
    // Beyond the pool: it is repeated.
    const stamped = orders.stamp(23, 29, (i) => startUs + i * 50);
    const buffer = Buffer.alloc(64 * 1024, 'x');
    const batch = encodeRecordBatch(stamped, 3, 9, 0, buffer);
    expect(batch.buffer).toBe(buffer.buffer);
    const expected = Array.from({ length: 6 }, (_, i) => startUs + (i + 23) * 50);
    expect([...scheduledTimes(batch)]).toEqual(expected);
    const parsed = valuesOf(batch).map((value) => JSON.parse(value!) as Record<string, number>);
    expect(parsed.map(({ user_id }) => user_id)).toEqual(expected);
    expect(parsed.map(({ amount }) => amount! > 1_000)).toEqual(
      expected.map((_, i) => orders.isKept(i + 3)),
    );
  });
});

describe('the digest that engines are compared by', () => {
  const digestOf = (...rows: string[]) => {
    const digest = new RowDigest();
    for (const row of rows) digest.add(row);
    return digest.toString();
  };

  test('does not depend on the order of the rows', () => {
    expect(digestOf('a', 'b', 'c')).toBe(digestOf('c', 'a', 'b'));
  });

  test('depends on every row, and on how often it came', () => {
    const others = [digestOf('a', 'b'), digestOf('a', 'b', 'd'), digestOf('a', 'b', 'c', 'c')];
    expect(new Set([digestOf('a', 'b', 'c'), ...others]).size).toBe(4);
  });
});
