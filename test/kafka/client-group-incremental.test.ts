import { setTimeout as delay } from 'node:timers/promises';
import { Admin, Connection, consumerGroupHeartbeatV1 } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import { testClient } from './client-harness.ts';
import { createTopic, sharedBrokers, uniqueName } from './cluster.ts';
import {
  idle,
  join,
  type Observed,
  revokedSince,
  TIMES,
  together,
  until,
} from './group-harness.ts';

const INCREMENTAL = [
  ['cooperative-sticky', { protocol: 'classic', assignors: ['cooperative-sticky'] }],
  ['the consumer protocol', { protocol: 'consumer', assignors: [] }],
] as const;

const have = (size: number, ...members: readonly Observed[]) =>
  members.every((member) => member.owned().length === size);

const troubles = (...members: readonly Observed[]) =>
  members.flatMap(({ events }) => events).filter((event) => /^(lost|error)/.test(event));

describe.each(INCREMENTAL)('by %s', (_, how) => {
  test('what goes is drained and committed before its new owner has it', async () => {
    const topic = await createTopic('handover', { partitions: 2 });
    const groupId = uniqueName('group');
    const client = testClient();
    const one = await join(client, groupId, topic, how);
    await until('both', () => have(2, one));
    const readUnder = one.member.generationId;
    const draining = Promise.withResolvers<void>();
    one.whenRevoked = async (member) => {
      await draining.promise;
      const going = revokedSince(one, 0)[0]!;
      await member.commit([{ topic, partition: going, offset: 7n }], readUnder);
    };
    const two = await join(testClient(), groupId, topic, how);
    await until('the revoke', () => revokedSince(one, 0).length > 0);
    const [going] = revokedSince(one, 0);
    const staying = 1 - going!;
    // What stays is committed meanwhile, also where it was read before the group went on.
    await one.member.commit([{ topic, partition: staying, offset: 5n }], readUnder);
    await delay(10 * TIMES.heartbeatIntervalMs);
    expect(two.owned()).toEqual([]);
    draining.resolve();
    await until('one each', () => have(1, one, two));
    expect(two.owned()).toEqual([going]);
    const partitions = [going!, staying].map((partition) => ({ topic, partition }));
    expect(await client.committed(groupId, partitions)).toEqual([7n, 5n]);
    const late = one.member.commit([{ topic, partition: going!, offset: 9n }], readUnder);
    await expect(late).rejects.toMatchObject({ code: 'GROUP_FENCED' });
    await one.member.commit([{ topic, partition: staying, offset: 6n }], readUnder);
    const told = one.events.filter((event) => event !== 'assign ');
    expect(told).toEqual(['assign 0,1', `revoke ${going}`, 'revoked']);
    one.whenRevoked = idle;
    await Promise.all([one.member.leave(), two.member.leave()]);
    expect(troubles(one, two)).toEqual([]);
  });

  test('no partition ever has two owners, however members come and go', async () => {
    const topic = await createTopic('churn', { partitions: 6 });
    const groupId = uniqueName('group');
    const clients = [testClient(), testClient(), testClient()];
    const members: Observed[] = [];
    const everyone: Observed[] = [];
    // Joins and leaves overlap on purpose: nobody waits until the group has settled.
    for (const step of ['+', '+', '+', '-', '+', '-', '-', '+', '+', '-']) {
      if (step === '+') {
        const joined = await join(clients[everyone.length % 3]!, groupId, topic, how);
        joined.whenRevoked = () => delay(20);
        members.push(joined);
        everyone.push(joined);
      } else {
        await members.shift()!.member.leave();
      }
      const now = together(...everyone);
      expect(new Set(now).size).toBe(now.length);
    }
    await until('equal shares', () => {
      const now = together(...everyone);
      expect(new Set(now).size).toBe(now.length);
      return have(3, ...members);
    });
    await Promise.all(members.map(({ member }) => member.leave()));
    expect(troubles(...everyone)).toEqual([]);
  });

  test('what stays is committed all through the rebalances of the others', async () => {
    const topic = await createTopic('commits', { partitions: 2 });
    const groupId = uniqueName('group');
    const client = testClient();
    const one = await join(client, groupId, topic, how);
    await until('both', () => have(2, one));
    const readUnder = one.member.generationId;
    const first = await join(testClient(), groupId, topic, how);
    await until('one each', () => have(1, one, first));
    const [partition] = one.owned();
    let offset = 0n;
    const churning = new AbortController();
    const committing = (async () => {
      while (!churning.signal.aborted) {
        await one.member.commit([{ topic, partition: partition!, offset: ++offset }], readUnder);
        await delay(2);
      }
    })();
    await first.member.leave();
    for (let round = 0; round < 3; round++) {
      const other = await join(testClient(), groupId, topic, how);
      await until('a share', () => have(1, one, other));
      await other.member.leave();
    }
    churning.abort();
    await committing;
    expect(offset).toBeGreaterThan(20n);
    expect(revokedSince(one, 0)).not.toContain(partition);
    expect(await client.committed(groupId, [{ topic, partition: partition! }])).toEqual([offset]);
    await one.member.leave();
  });

  test('a member that the group gave up is told so, and joins anew', async () => {
    const topic = await createTopic('given-up', { partitions: 2 });
    const groupId = uniqueName('group');
    const client = testClient();
    const one = await join(client, groupId, topic, how);
    await until('the assignment', () => have(2, one));
    if (how.protocol === 'consumer') await leaveFor(groupId, one.member.memberId);
    else await removeMember(groupId, one.member.memberId);
    await until('the new assignment', () => one.events.length === 3);
    expect(one.events).toEqual(['assign 0,1', 'lost 0,1', 'assign 0,1']);
    await one.member.commit([{ topic, partition: 0, offset: 4n }]);
    expect(await client.committed(groupId, [{ topic, partition: 0 }])).toEqual([4n]);
    await one.member.leave();
    const late = one.member.commit([{ topic, partition: 0, offset: 9n }]);
    await expect(late).rejects.toMatchObject({ code: 'GROUP_FENCED' });
  });

  test('a drain that takes too long is told that it lost, and the member comes back', async () => {
    const topic = await createTopic('slow', { partitions: 2 });
    const groupId = uniqueName('group');
    const quick = { ...how, rebalanceTimeoutMs: 1_000 };
    const slow = await join(testClient(), groupId, topic, quick);
    await until('both', () => have(2, slow));
    const draining = Promise.withResolvers<void>();
    slow.whenRevoked = () => draining.promise;
    const two = await join(testClient(), groupId, topic, quick);
    await until('the loss', () => slow.events.includes('lost 0,1'));
    await until('the other has all', () => have(2, two));
    draining.resolve();
    slow.whenRevoked = idle;
    await until('one each', () => have(1, slow, two));
    expect(together(slow, two)).toEqual([0, 1]);
    await Promise.all([slow.member.leave(), two.member.leave()]);
  });
});

/** Has the broker believe that a member leaves, behind its back. */
async function leaveFor(groupId: string, memberId: string): Promise<void> {
  const [host, port] = sharedBrokers()[0]!.split(':');
  const connection = new Connection('operator', {});
  await connection.connect(host!, Number(port));
  const { api } = consumerGroupHeartbeatV1;
  const unchanged = [null, null, -1, null, null, null, null] as const;
  await api.async(connection, groupId, memberId, -1, ...unchanged);
  await connection.close();
}

/** Takes a member out of its group, as an operator would. */
async function removeMember(groupId: string, memberId: string): Promise<void> {
  const admin = new Admin({ clientId: 'operator', bootstrapBrokers: sharedBrokers() });
  try {
    await admin.removeMembersFromConsumerGroup({ groupId, members: [{ memberId }] });
  } finally {
    await admin.close();
  }
}
