import { expect, test } from 'vitest';
import {
  REPLICA_MAX_MS,
  ReadReplicas,
} from '../../../../src/ingest/clients/platformatic/read-replicas.ts';

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
