import { setTimeout as delay } from 'node:timers/promises';
import { Admin } from '@platformatic/kafka';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testClient } from './client-harness.ts';
import { createTopic, kafkajs, sharedBrokers, uniqueName } from './cluster.ts';
import {
  idle,
  join,
  joinWatching,
  type Observed,
  RANGE,
  TIMES,
  together,
  until,
} from './group-harness.ts';

describe('a consumer group', () => {
  test('a member alone has everything; commits are read back; leaving revokes', async () => {
    const client = testClient();
    const topic = await createTopic('group-one', { partitions: 3 });
    const groupId = uniqueName('group');
    const one = await join(client, groupId, topic);
    await until('the assignment', () => one.owned().length === 3);
    expect(one.member.generationId).toBe(1);
    await one.member.commit([{ topic, partition: 1, offset: 12n }]);
    expect(await client.committed(groupId, [{ topic, partition: 1 }])).toEqual([12n]);
    // Whoever is not in the group may not commit for it.
    const outside = client.commit(groupId, [{ topic, partition: 1, offset: 1n }]);
    await expect(outside).rejects.toMatchObject({ code: 'GROUP_FENCED' });
    one.whenRevoked = (member) => member.commit([{ topic, partition: 1, offset: 13n }]);
    await one.member.leave();
    expect(one.events).toEqual(['assign 0,1,2', 'revoke 0,1,2', 'revoked']);
    expect(await client.committed(groupId, [{ topic, partition: 1 }])).toEqual([13n]);
    const late = one.member.commit([{ topic, partition: 1, offset: 99n }]);
    await expect(late).rejects.toMatchObject({ code: 'GROUP_FENCED' });
  });

  test('the revoke is awaited and commits under the old generation', async () => {
    const client = testClient();
    const topic = await createTopic('group-two', { partitions: 4 });
    const groupId = uniqueName('group');
    const one = await join(client, groupId, topic);
    await until('the first assignment', () => one.owned().length === 4);
    const draining = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<number>();
    one.whenRevoked = async (member) => {
      reached.resolve(member.generationId);
      await draining.promise;
      await member.commit([{ topic, partition: 0, offset: 77n }]);
    };
    const joining = join(client, groupId, topic);
    const entered = { done: false };
    joining.finally(() => {
      entered.done = true;
    });
    expect(await reached.promise).toBe(1);
    // Longer than several heartbeats: the member stays in the group, and the other waits.
    await delay(5 * TIMES.heartbeatIntervalMs);
    expect(entered.done).toBe(false);
    expect(one.events).toEqual(['assign 0,1,2,3', 'revoke 0,1,2,3']);
    one.whenRevoked = idle;
    draining.resolve();
    const two = await joining;
    await until('both', () => together(one, two).join() === '0,1,2,3');
    expect(one.owned()).toHaveLength(2);
    expect(two.owned()).toHaveLength(2);
    expect(one.member.generationId).toBe(two.member.generationId);
    expect(await client.committed(groupId, [{ topic, partition: 0 }])).toEqual([77n]);
    // A commit of the generation before is refused, though the member is alive and well.
    const stale = one.member.commit([{ topic, partition: 0, offset: 1n }], 1);
    await expect(stale).rejects.toMatchObject({ code: 'GROUP_FENCED', retry: 'backoff' });
    await two.member.leave();
    await until('one alone again', () => one.owned().length === 4);
    await one.member.leave();
    expect([...one.events, ...two.events].filter((e) => /lost|error/.test(e))).toEqual([]);
  });

  test('a drain that takes too long is told that it lost, and the member comes back', async () => {
    const client = testClient();
    const topic = await createTopic('group-slow', { partitions: 2 });
    const groupId = uniqueName('group');
    const slow = await join(client, groupId, topic, { rebalanceTimeoutMs: 1_000 });
    await until('the first assignment', () => slow.owned().length === 2);
    const commits: Promise<unknown>[] = [];
    const draining = Promise.withResolvers<void>();
    slow.whenRevoked = async (member) => {
      await draining.promise;
      commits.push(member.commit([{ topic, partition: 0, offset: 5n }], 1).catch((e) => e));
    };
    const two = await join(client, groupId, topic, { rebalanceTimeoutMs: 1_000 });
    await until('the loss', () => slow.events.includes('lost 0,1'));
    await until('the other has all', () => two.owned().length === 2);
    draining.resolve();
    slow.whenRevoked = idle;
    await until('both', () => together(slow, two).join() === '0,1' && slow.owned().length === 1);
    expect(await commits[0]).toMatchObject({ code: 'GROUP_FENCED' });
    expect(await client.committed(groupId, [{ topic, partition: 0 }])).toEqual([undefined]);
    await slow.member.leave();
    await two.member.leave();
  });

  test('a member that was removed behind its back is told so and joins anew', async () => {
    const client = testClient();
    const topic = await createTopic('group-removed', { partitions: 1 });
    const groupId = uniqueName('group');
    const one = await join(client, groupId, topic);
    await until('the first assignment', () => one.owned().length === 1);
    const id = one.member.memberId;
    await removeMember(groupId, id);
    const fenced = one.member.commit([{ topic, partition: 0, offset: 3n }]);
    await expect(fenced).rejects.toMatchObject({ code: 'GROUP_FENCED' });
    await until('the new assignment', () => one.events.length === 3);
    expect(one.events).toEqual(['assign 0', 'lost 0', 'assign 0']);
    expect(one.member.memberId).not.toBe(id);
    await one.member.commit([{ topic, partition: 0, offset: 4n }]);
    expect(await client.committed(groupId, [{ topic, partition: 0 }])).toEqual([4n]);
    await one.member.leave();
  });

  test('a member that knows no common protocol is refused, and disturbs nobody', async () => {
    const client = testClient();
    const topic = await createTopic('group-kafkajs', { partitions: 4 });
    const groupId = uniqueName('group');
    const one = await join(client, groupId, topic);
    await until('the first assignment', () => one.owned().length === 4);
    // kafkajs calls its assigner RoundRobinAssigner, ours is Kafka's range.
    const consumer = kafkajs().consumer({ groupId, retry: { retries: 0 } });
    onTestFinished(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    const crashed = Promise.withResolvers<string>();
    consumer.on('consumer.crash', ({ payload }) => crashed.resolve(payload.error.message));
    await consumer.run({ eachMessage: async () => undefined });
    expect(await crashed.promise).toContain('protocol');
    expect(one.owned()).toHaveLength(4);
    await one.member.leave();
  });

  test('a topic that does not exist and impossible times are clear errors', async () => {
    const client = testClient({ retryDelayMs: 1 });
    const topic = uniqueName('missing');
    await expect(join(client, 'g', topic)).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    const there = await createTopic('group-times');
    const short = join(client, uniqueName('g'), there, { sessionTimeoutMs: 1 });
    await expect(short).rejects.toMatchObject({
      context: { kafkaError: 'INVALID_SESSION_TIMEOUT' },
    });
  });

  test('no partition ever has two owners, however members come and go', async () => {
    const topic = await createTopic('group-churn', { partitions: 6 });
    const groupId = uniqueName('group');
    const clients = [testClient(), testClient(), testClient()];
    const members: Observed[] = [];
    const everyone: Observed[] = [];
    // Joins and leaves overlap on purpose: nobody waits until the group has settled.
    for (const step of ['+', '+', '+', '-', '+', '-', '-', '+', '+', '-']) {
      if (step === '+') {
        const joined = await join(clients[everyone.length % 3]!, groupId, topic);
        joined.whenRevoked = () => delay(20);
        members.push(joined);
        everyone.push(joined);
      } else {
        await members.shift()!.member.leave();
      }
      const now = together(...everyone);
      expect(new Set(now).size).toBe(now.length);
    }
    await until('equal shares', () => members.every((member) => member.owned().length === 3));
    expect(together(...members)).toEqual([0, 1, 2, 3, 4, 5]);
    await Promise.all(members.map(({ member }) => member.leave()));
    expect(everyone.flatMap(({ events }) => events).filter((e) => /lost|error/.test(e))).toEqual(
      [],
    );
  });

  test('new partitions are found and shared out', async () => {
    const topic = await createTopic('group-grows', { partitions: 1 });
    const groupId = uniqueName('group');
    const one = await joinWatching(50, { groupId, topics: [topic], ...RANGE, ...TIMES });
    await until('the assignment', () => one.owned().length === 1);
    const admin = kafkajs().admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await admin.disconnect();
    await until('the new partitions', () => one.owned().length === 3);
    expect(one.events).toEqual(['assign 0', 'revoke 0', 'revoked', 'assign 0,1,2']);
    await one.member.leave();
  });

  test('a drain that fails is an error, and the member is gone all the same', async () => {
    const client = testClient();
    const topic = await createTopic('group-fails', { partitions: 1 });
    const groupId = uniqueName('group');
    const one = await join(client, groupId, topic, { sessionTimeoutMs: 60_000 });
    await until('the assignment', () => one.owned().length === 1);
    one.whenRevoked = async () => {
      throw new Error('the disk is full');
    };
    await expect(one.member.leave()).rejects.toThrow('the disk is full');
    const next = await join(client, groupId, topic);
    await until('the successor', () => next.owned().length === 1);
    next.whenRevoked = one.whenRevoked;
    await join(client, groupId, topic);
    await until('the error', () => next.events.includes('error the disk is full'));
  });

  test('close leaves the group without a drain', async () => {
    const client = testClient();
    const topic = await createTopic('group-close', { partitions: 2 });
    const groupId = uniqueName('group');
    const one = await join(client, groupId, topic, { sessionTimeoutMs: 60_000 });
    await until('the first assignment', () => one.owned().length === 2);
    await client.close();
    expect(one.events).toEqual(['assign 0,1']);
    const next = await join(testClient(), groupId, topic);
    await until('the successor', () => next.owned().length === 2);
    await next.member.leave();
  });
});

/** Takes a member out of its group, as an operator would. */
async function removeMember(groupId: string, memberId: string): Promise<void> {
  const admin = new Admin({ clientId: 'operator', bootstrapBrokers: sharedBrokers() });
  try {
    await admin.removeMembersFromConsumerGroup({ groupId, members: [{ memberId }] });
  } finally {
    await admin.close();
  }
}
