import { describe, expect, test } from 'vitest';
import {
  followReplicas,
  REPLICA_MAX_MS,
  ReadReplicas,
} from '../../../src/ingest/clients/read-replicas.ts';

const INFO = {
  topic: 't',
  topicId: 'id',
  partitions: [0, 1].map((partition) => ({ topic: 't', partition, leader: 1, leaderEpoch: 5 })),
};
const NODES = new Map([1, 2, 3].map((node) => [node, true]));

function readFrom(replicas: ReadReplicas, nodes = NODES): (number | undefined)[] {
  return replicas.applyTo(INFO, nodes).partitions.map((part) => part.readFrom);
}

test('a partition is read from the replica that its leader named, until it is forgotten', () => {
  const replicas = new ReadReplicas();
  expect(replicas.applyTo(INFO, NODES)).toBe(INFO);
  replicas.choose('t', 1, 2);
  expect(readFrom(replicas)).toEqual([undefined, 2]);
  replicas.forget('t', 1);
  expect(readFrom(replicas)).toEqual([undefined, undefined]);
});

test('a replica that failed, or has gone, is not read from', () => {
  const replicas = new ReadReplicas();
  replicas.choose('t', 0, 2);
  replicas.choose('t', 1, 3);
  expect(readFrom(replicas, new Map([[3, true]]))).toEqual([undefined, 3]);
  replicas.forgetNode(2);
  expect(readFrom(replicas)).toEqual([undefined, 3]);
});

test("a leader's word holds for some minutes", () => {
  let nowMs = 0;
  const replicas = new ReadReplicas(() => nowMs);
  replicas.choose('t', 0, 2);
  nowMs = REPLICA_MAX_MS - 1;
  expect(replicas.hasExpired('t', 0, 2)).toBe(false);
  expect(readFrom(replicas)[0]).toBe(2);
  nowMs = REPLICA_MAX_MS;
  expect(readFrom(replicas)[0]).toBeUndefined();
  expect(replicas.hasExpired('t', 0, 2)).toBe(true);
  expect(replicas.hasExpired('t', 0, 1)).toBe(false);
});

describe('an answer', () => {
  const infos = new Map([['t', INFO]]);
  const at = (partition: number) => ({ topic: 't', partition, offset: 0n });
  const asked = (node: number) => ({
    node,
    positions: [at(0), at(1)],
    maxBytes: 1,
    partitionMaxBytes: 1,
    minBytes: 1,
    maxWaitMs: 1,
    isolation: 'read_committed' as const,
  });

  test('that names a nearer replica has the partition move there', () => {
    const replicas = new ReadReplicas();
    const nearer = [{ topic: 't', partition: 1, replica: 3 }];
    const result = { sets: [], failures: [], nearer };
    const { failures } = followReplicas(replicas, asked(1), infos, result);
    expect(failures).toEqual([{ topic: 't', partition: 1, error: 'NOT_LEADER_OR_FOLLOWER' }]);
    expect(readFrom(replicas)).toEqual([undefined, 3]);
  });

  test('of a replica that is behind is no wrong offset, and its leader is asked again', () => {
    const replicas = new ReadReplicas();
    replicas.choose('t', 0, 2);
    const failed = [{ topic: 't', partition: 0, error: 'OFFSET_OUT_OF_RANGE' }];
    const result = { sets: [], failures: failed, nearer: [] };
    const { failures } = followReplicas(replicas, asked(2), infos, result);
    expect(failures[0]!.error).toBe('NOT_LEADER_OR_FOLLOWER');
    expect(readFrom(replicas)).toEqual([undefined, undefined]);
    expect(followReplicas(replicas, asked(1), infos, result).failures).toEqual(failed);
  });
});
