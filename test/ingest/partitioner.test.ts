import { Partitioners } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { murmur2, partitionForKey, toPositive } from '../../src/ingest/partitioner.ts';

/** From Kafka's own UtilsTest.testMurmur2. */
const JAVA_HASHES: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

describe('murmur2', () => {
  test.each(JAVA_HASHES)('hashes %s as the Java client does', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  test('reads a view in the middle of a buffer', () => {
    const bytes = Buffer.from('xxfoobarxx');
    expect(murmur2(bytes.subarray(2, 8))).toBe(-790332482);
  });
});

test('toPositive clears the sign bit only', () => {
  expect(toPositive(-1)).toBe(0x7fffffff);
  expect(toPositive(-0x80000000)).toBe(0);
  expect(toPositive(7)).toBe(7);
});

test('chooses the partition that kafkajs chooses, for keys of every length to 40', () => {
  const choose = Partitioners.DefaultPartitioner();
  for (const partitions of [1, 2, 7, 50]) {
    const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
      partitionId,
      leader: 0,
      partitionErrorCode: 0,
      replicas: [],
      isr: [],
    }));
    for (let length = 0; length <= 40; length++) {
      const key = Buffer.from(Array.from({ length }, (_, i) => (i * 89 + length * 31) & 0xff));
      const expected = choose({ topic: 't', partitionMetadata, message: { key, value: null } });
      expect(partitionForKey(key, partitions)).toBe(expected);
    }
  }
});
