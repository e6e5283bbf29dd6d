import { expect, test } from 'vitest';
import { meantOffset, meantValue } from '../src/nearest-value.ts';

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const ISOLATIONS = ['read_committed', 'read_uncommitted'] as const;

test.each([
  // As other clients write it: kafkajs's CompressionTypes are numbers.
  ['compression', 0, COMPRESSIONS, 'none'],
  ['compression', 1, COMPRESSIONS, 'gzip'],
  ['compression', '3', COMPRESSIONS, 'lz4'],
  ['compression', null, COMPRESSIONS, 'none'],
  ['acks', -1, ['all', 1, 0], 'all'],
  ['acks', '-1', ['all', 1, 0], 'all'],
  ['acks', '1', ['all', 1, 0], 1],
  ['acks', 'ALL', ['all', 1, 0], 'all'],
  ['isolation', 'READ_COMMITTED', ISOLATIONS, 'read_committed'],
  ['isolation', 'readUncommitted', ISOLATIONS, 'read_uncommitted'],
  ['isolation', 1, ISOLATIONS, 'read_committed'],
  ['offsetReset', 'smallest', ['earliest', 'latest'], 'earliest'],
  ['partitioner', 'RoundRobin', ['murmur2', 'round-robin', 'sticky'], 'round-robin'],
  ['partitioner', 'murmur2_random', ['murmur2', 'round-robin', 'sticky'], 'murmur2'],
  // Mistyped.
  ['compression', 'gizp', COMPRESSIONS, 'gzip'],
  ['codec', 'jsn', ['json', 'string', 'bytes'], 'json'],
  // Like nothing.
  ['compression', 'brotli', COMPRESSIONS, undefined],
  ['compression', 7, COMPRESSIONS, undefined],
  ['compression', {}, COMPRESSIONS, undefined],
  ['acks', 2, ['all', 1, 0], undefined],
])('%s: %j', (option, value, values, expected) => {
  expect(meantValue<string | number>(option, value, values)).toBe(expected);
});

test('an offset that is no bigint is shown as one', () => {
  expect(meantOffset('17')).toBe("; a string is no offset here: write 17n, or BigInt('17')");
  expect(meantOffset(17)).toBe('; a number is no offset here: write 17n, or BigInt(17)');
  for (const value of ['', '-1', -1, 1.5, Number.NaN, 17n, null, {}, 'earliest']) {
    expect(meantOffset(value)).toBe('');
  }
});
