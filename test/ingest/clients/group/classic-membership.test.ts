import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { cooperativeStickyAssignor } from '../../../../src/ingest/assignors/cooperative-sticky.ts';
import type { GroupListener, GroupOptions } from '../../../../src/ingest/client.ts';
import { ClassicMembership } from '../../../../src/ingest/clients/group/classic-membership.ts';
import type { GroupCluster } from '../../../../src/ingest/clients/group/group-cluster.ts';
import {
  encodeAssignment,
  encodeSubscription,
} from '../../../../src/ingest/clients/group/group-metadata.ts';
import type {
  GroupTransport,
  JoinedGroup,
} from '../../../../src/ingest/clients/group/group-transport.ts';
import { kafkaError } from '../../../../src/ingest/clients/kafka-errors.ts';

const TOPIC = 'orders';
const both = [0, 1].map((partition) => ({ topic: TOPIC, partition }));
const options: GroupOptions = {
  ...{ groupId: 'g', topics: [TOPIC], protocol: 'classic', assignors: ['cooperative-sticky'] },
  ...{ sessionTimeoutMs: 6_000, heartbeatIntervalMs: 1, rebalanceTimeoutMs: 5_000 },
};
const metadata = encodeSubscription(
  { topics: [TOPIC], owned: [], generationId: -1, rack: undefined },
  cooperativeStickyAssignor,
);
const members = [{ memberId: 'm', instanceId: null, metadata }];
const cluster: GroupCluster = {
  options: { retries: 5, retryDelayMs: 1 },
  signal: new AbortController().signal,
  topics: async () => [],
  topicNames: async () => [TOPIC],
};

/** A group whose only member leads it; a test sets what its answers are from some point on. */
class FakeGroup implements GroupTransport {
  readonly events: string[] = [];
  joins = 0;
  beat = async () => {};
  rejoin = async () => {};

  async joinGroup(): Promise<JoinedGroup> {
    this.joins += 1;
    if (this.joins > 1) await this.rejoin();
    return {
      ...{ memberId: 'm', generationId: this.joins, leader: 'm' },
      ...{ protocolName: 'cooperative-sticky', skipAssignment: true, members },
    };
  }

  syncGroup = async () => encodeAssignment(both);
  heartbeat = () => this.beat();
  partitionCounts = async () => new Map([[TOPIC, 2]]);
  abortWaiting = async () => {};
  close = async () => {};

  async leaveGroup(): Promise<void> {
    this.events.push('leave');
  }

  async commit({ generationId }: { generationId: number }): Promise<void> {
    this.events.push(`commit under ${generationId}`);
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited 5 s in vain');
    await delay(1);
  }
}

async function joined(group: FakeGroup, topicsRefreshMs = 60_000): Promise<ClassicMembership> {
  const note = (what: string) => async (partitions: readonly { partition: number }[]) => {
    group.events.push(`${what} ${partitions.map(({ partition }) => partition)}`);
  };
  const listener: GroupListener = {
    onAssign: note('assign'),
    onLost: note('lost'),
    async onRevoke(partitions) {
      await note('revoke')(partitions);
      await member.commit([{ ...both[0]!, offset: 5n }], 1);
    },
    onError: (error) => void group.events.push(`error ${error.message}`),
  };
  const member = new ClassicMembership({ cluster, options, listener, topicsRefreshMs }, group);
  await member.start();
  await until(() => group.events.length === 1);
  return member;
}

/** Has the group rebalance, and answers what settles the member's second JoinGroup. */
async function rejoining(group: FakeGroup) {
  const answer = Promise.withResolvers<void>();
  group.rejoin = () => answer.promise;
  group.beat = async () => {
    throw kafkaError('REBALANCE_IN_PROGRESS', 'Sending a heartbeat');
  };
  await until(() => group.joins === 2);
  return answer;
}

const IN_ORDER = ['assign 0,1', 'revoke 0,1', 'commit under 1', 'leave'];

describe('a cooperative member that leaves between two generations', () => {
  test.each(['REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR'])(
    'drains and commits where its JoinGroup is answered %s',
    async (refusal) => {
      const group = new FakeGroup();
      const member = await joined(group);
      const answer = await rejoining(group);
      const left = member.leave();
      answer.reject(kafkaError(refusal, 'Joining'));
      await left;
      expect(group.events).toEqual(IN_ORDER);
    },
  );

  test('drains and commits where the last heartbeat is still on its way', async () => {
    const group = new FakeGroup();
    const member = await joined(group, 1);
    const beat = Promise.withResolvers<void>();
    let beats = 0;
    group.beat = () => {
      beats += 1;
      return beat.promise;
    };
    await until(() => beats === 1);
    // Other partitions end the generation; its end waits for the heartbeat.
    const counted = Promise.withResolvers<void>();
    group.partitionCounts = async () => {
      counted.resolve();
      return new Map([[TOPIC, 3]]);
    };
    await counted.promise;
    await setImmediate();
    const left = member.leave();
    group.beat = async () => {};
    beat.resolve();
    await left;
    expect(group.joins).toBe(1);
    expect(group.events).toEqual(IN_ORDER);
  });

  test('has lost everything where the group does not know it any more', async () => {
    const group = new FakeGroup();
    const member = await joined(group);
    const answer = await rejoining(group);
    const left = member.leave();
    answer.reject(kafkaError('UNKNOWN_MEMBER_ID', 'Joining'));
    await left;
    expect(group.events).toEqual(['assign 0,1', 'lost 0,1', 'leave']);
  });

  test('has lost everything where the group gives it up during the drain', async () => {
    const group = new FakeGroup();
    const member = await joined(group);
    const answer = await rejoining(group);
    group.commit = () => new Promise(() => {});
    group.beat = async () => {
      throw kafkaError('UNKNOWN_MEMBER_ID', 'Sending a heartbeat');
    };
    const left = member.leave();
    answer.reject(kafkaError('REBALANCE_IN_PROGRESS', 'Joining'));
    await until(() => group.events.includes('lost 0,1'));
    expect(group.events).toEqual(['assign 0,1', 'revoke 0,1', 'lost 0,1']);
    void left;
  });
});
