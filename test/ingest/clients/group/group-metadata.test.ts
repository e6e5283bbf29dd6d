import {
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  decodeCooperativeStickyGeneration,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
} from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import { cooperativeStickyAssignor } from '../../../../src/ingest/assignors/cooperative-sticky.ts';
import { rangeAssignor } from '../../../../src/ingest/assignors/range.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../../src/ingest/clients/group/group-metadata.ts';

const owned = [
  { topic: 'a', partition: 0 },
  { topic: 'a', partition: 3 },
  { topic: 'b', partition: 1 },
];
const grouped = [
  { topic: 'a', partitions: [0, 3] },
  { topic: 'b', partitions: [1] },
];
const state = { topics: ['a', 'b'], owned, generationId: 7, rack: 'north' };

describe('subscriptions', () => {
  test('are what the library reads', () => {
    const read = decodeConsumerProtocolSubscription(
      encodeSubscription(state, cooperativeStickyAssignor),
    );
    expect(read).toMatchObject({ topics: ['a', 'b'], generationId: 7, rackId: 'north' });
    expect(read.ownedPartitions).toEqual(grouped);
    expect(decodeCooperativeStickyGeneration(read.userData)).toBe(7);
    const eager = decodeConsumerProtocolSubscription(encodeSubscription(state, rangeAssignor));
    expect(eager.userData ?? Buffer.alloc(0)).toHaveLength(0);
  });

  test.each([0, 1, 2, 3])('of version %i are read', (version) => {
    const userData = Buffer.from([0, 0, 0, 9]);
    const written = encodeConsumerProtocolSubscription({
      version,
      topics: ['b', 'a'],
      ownedPartitions: grouped,
      generationId: 7,
      userData,
    });
    expect(decodeSubscription('m', 'i', written)).toEqual({
      memberId: 'm',
      instanceId: 'i',
      topics: new Set(['a', 'b']),
      owned: version >= 1 ? owned : [],
      // Older members have the generation in the user data alone.
      generationId: version >= 2 ? 7 : 9,
    });
  });
});

test('assignments are what the library writes and reads', () => {
  const read = decodeConsumerProtocolAssignment(encodeAssignment(owned));
  expect(read.assignedPartitions).toEqual(grouped);
  const written = encodeConsumerProtocolAssignment({ version: 1, assignedPartitions: grouped });
  expect(decodeAssignment(written)).toEqual(owned);
  expect(decodeAssignment(Buffer.alloc(0))).toEqual([]);
});
