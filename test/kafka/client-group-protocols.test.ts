import { setTimeout as delay } from 'node:timers/promises';
import { Connection, consumerGroupHeartbeatV1 } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import type { AssignorName, GroupOptions } from '../../src/ingest/client.ts';
import { testClient } from './client-harness.ts';
import { createTopic, kafkajs, sharedBrokers, uniqueName } from './cluster.ts';
import {
  idle,
  join,
  joinWatching,
  type Observed,
  revokedSince,
  TIMES,
  together,
  until,
} from './group-harness.ts';

type Protocol = Pick<GroupOptions, 'protocol' | 'assignors'>;

const classic = (...assignors: AssignorName[]): Protocol => ({ protocol: 'classic', assignors });
const COOPERATIVE = classic('cooperative-sticky');
const CONSUMER: Protocol = { protocol: 'consumer', assignors: [] };

/** The ways to join; `flows`: partitions that stay are not taken away in between. */
const WAYS = [
  ['range', classic('range'), false],
  ['round-robin', classic('round-robin'), false],
  ['cooperative-sticky', COOPERATIVE, true],
  ['the consumer protocol', CONSUMER, true],
] as const;

const INCREMENTAL = WAYS.filter(([, , flows]) => flows);

const have = (size: number, ...members: readonly Observed[]) =>
  members.every((member) => member.owned().length === size);

const troubles = (...members: readonly Observed[]) =>
  members.flatMap(({ events }) => events).filter((event) => /^(lost|error)/.test(event));

describe.each(WAYS)('by %s', (_, how, flows) => {
  test('three members over six partitions get two each, one leaves, one joins', async () => {
    const topic = await createTopic('protocols', { partitions: 6 });
    const groupId = uniqueName('group');
    const clients = [testClient(), testClient(), testClient(), testClient()];
    const enter = (i: number) => join(clients[i]!, groupId, topic, how);
    const one = await enter(0);
    const two = await enter(1);
    const three = await enter(2);
    await until('two each', () => have(2, one, two, three));
    expect(together(one, two, three)).toEqual([0, 1, 2, 3, 4, 5]);

    const before = [one, two].map((member) => ({ member, from: member.events.length }));
    await three.member.leave();
    await until('three each', () => have(3, one, two));
    expect(together(one, two)).toEqual([0, 1, 2, 3, 4, 5]);
    if (flows)
      for (const { member, from } of before) expect(revokedSince(member, from)).toEqual([]);

    const four = await enter(3);
    await until('two each again', () => have(2, one, two, four));
    expect(together(one, two, four)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { member, from } of before) {
      const revoked = revokedSince(member, from);
      if (!flows) continue;
      // The one that went to the new member, and nothing else.
      expect(revoked).toHaveLength(1);
      expect(four.owned()).toContain(revoked[0]);
    }
    await Promise.all([one, two, four].map(({ member }) => member.leave()));
    expect(troubles(one, two, three, four)).toEqual([]);
  });

  test('a new topic that matches the pattern is picked up', async () => {
    const prefix = uniqueName('pattern');
    const none = new RegExp(`nothing-${prefix}`);
    const groupId = uniqueName('group');
    const first = await createTopic(`${prefix}-a`, { partitions: 2 });
    const other = await createTopic(`not-${prefix}-a`);
    const pattern = new RegExp(`${prefix}-(a|b)-.*`, 'g');
    const options = { groupId, topics: [], ...TIMES, ...how };
    // A member whose pattern matches nothing yet is in the group all the same.
    const idler = await joinWatching(50, { ...options, pattern: none });
    const one = await joinWatching(50, { ...options, pattern });
    await until('the first topic', () => one.ownedOf(first).length === 2);
    expect(one.ownedOf(other)).toEqual([]);
    const second = await createTopic(`${prefix}-b`, { partitions: 3 });
    await until('the second topic', () => one.ownedOf(second).length === 3);
    expect(one.ownedOf(first)).toEqual([0, 1]);
    if (flows) expect(revokedSince(one, 0)).toEqual([]);
    expect(idler.owned()).toEqual([]);
    await Promise.all([one.member.leave(), idler.member.leave()]);
    expect(troubles(one, idler)).toEqual([]);
  });
});

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
});

describe.each([
  ['the classic protocol', classic('range')],
  ['cooperative-sticky', COOPERATIVE],
  ['the consumer protocol', CONSUMER],
] as const)('a static member of %s', (_, how) => {
  test('that restarts has its partitions again, and the others notice nothing', async () => {
    const topic = await createTopic('static', { partitions: 4 });
    const groupId = uniqueName('group');
    const other = await join(testClient(), groupId, topic, how);
    const first = testClient();
    const one = await join(first, groupId, topic, { ...how, instanceId: 'one' });
    await until('two each', () => have(2, one, other));
    const [owned, noted] = [one.owned(), [...other.events]];
    await first.close();
    const again = await join(testClient(), groupId, topic, { ...how, instanceId: 'one' });
    await until('its partitions', () => have(2, again));
    expect(again.owned()).toEqual(owned);
    await again.member.commit([{ topic, partition: owned[0]!, offset: 3n }]);
    // Longer than several heartbeats, which would have told of a rebalance.
    await delay(5 * TIMES.heartbeatIntervalMs);
    expect(other.events).toEqual(noted);
    await Promise.all([again.member.leave(), other.member.leave()]);
    expect(troubles(again, other)).toEqual([]);
  });
});

describe('a static member', () => {
  test('of a classic group whose place is taken is told so, and does not take it back', async () => {
    const topic = await createTopic('fenced', { partitions: 1 });
    const how = { ...classic('range'), instanceId: 'one' };
    const groupId = uniqueName('group');
    const one = await join(testClient(), groupId, topic, how);
    await until('the assignment', () => have(1, one));
    const two = await join(testClient(), groupId, topic, how);
    await until('the place', () => have(1, two));
    await until('the error', () => one.events.some((event) => event.startsWith('error')));
    expect(one.events[1]).toBe('lost 0');
    expect(one.events[2]).toMatch(/Member 'one' is out of group .* with the same instanceId/);
    expect(two.owned()).toEqual([0]);
    await two.member.leave();
  });

  test('of the consumer protocol cannot have a place that is taken', async () => {
    const topic = await createTopic('taken', { partitions: 1 });
    const how = { ...CONSUMER, instanceId: 'one' };
    const groupId = uniqueName('group');
    const one = await join(testClient(), groupId, topic, how);
    await until('the assignment', () => have(1, one));
    await expect(join(testClient(), groupId, topic, how)).rejects.toMatchObject({
      message: expect.stringContaining('give each running member one of its own'),
      context: { kafkaError: 'UNRELEASED_INSTANCE_ID' },
    });
    await one.member.leave();
    expect(troubles(one)).toEqual([]);
  });
});

test('a group takes the assignor that all its members know, and any of them can lead', async () => {
  const topic = await createTopic('common', { partitions: 3 });
  const groupId = uniqueName('group');
  const offers = classic('cooperative-sticky', 'round-robin', 'range');
  const one = await join(testClient(), groupId, topic, offers);
  await until('everything', () => have(3, one));
  // From here on only round-robin is left.
  const two = await join(testClient(), groupId, topic, classic('round-robin'));
  await until('all three', () => together(one, two).join() === '0,1,2' && !have(3, one));
  expect([one.owned(), two.owned()]).toContainEqual([0, 2]);
  const stranger = join(testClient(), groupId, topic, COOPERATIVE);
  await expect(stranger).rejects.toMatchObject({
    message: expect.stringContaining('know none of the assignors that are offered'),
    context: { kafkaError: 'INCONSISTENT_GROUP_PROTOCOL' },
  });
  await Promise.all([one.member.leave(), two.member.leave()]);
  expect(troubles(one, two)).toEqual([]);
});

describe('the consumer protocol', () => {
  test('a member that the broker gave up is told so, and joins anew', async () => {
    const topic = await createTopic('given-up', { partitions: 2 });
    const groupId = uniqueName('group');
    const client = testClient();
    const one = await join(client, groupId, topic, CONSUMER);
    await until('the assignment', () => have(2, one));
    await leaveFor(groupId, one.member.memberId);
    await until('the new assignment', () => one.events.length === 3);
    expect(one.events).toEqual(['assign 0,1', 'lost 0,1', 'assign 0,1']);
    await one.member.commit([{ topic, partition: 0, offset: 4n }]);
    expect(await client.committed(groupId, [{ topic, partition: 0 }])).toEqual([4n]);
    await one.member.leave();
    const late = one.member.commit([{ topic, partition: 0, offset: 9n }]);
    await expect(late).rejects.toMatchObject({ code: 'GROUP_FENCED' });
  });

  test('new partitions are taken, without any of the others', async () => {
    const topic = await createTopic('grows', { partitions: 1 });
    const one = await join(testClient(), uniqueName('group'), topic, CONSUMER);
    await until('the assignment', () => have(1, one));
    const admin = kafkajs().admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await admin.disconnect();
    await until('the new partitions', () => have(3, one));
    expect(one.events).toEqual(['assign 0', 'assign 1,2']);
    await one.member.leave();
  });

  test('a drain that takes too long is told that it lost, and the member comes back', async () => {
    const topic = await createTopic('slow', { partitions: 2 });
    const groupId = uniqueName('group');
    const how = { ...CONSUMER, rebalanceTimeoutMs: 1_000 };
    const slow = await join(testClient(), groupId, topic, how);
    await until('both', () => have(2, slow));
    const draining = Promise.withResolvers<void>();
    slow.whenRevoked = () => draining.promise;
    const two = await join(testClient(), groupId, topic, how);
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
