import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/index.ts';
import type { AssignorName, GroupOptions } from '../../src/ingest/client.ts';
import type { GroupIdentity } from '../../src/ingest/clients/group/group-transport.ts';
import { createTopic, kafkajs, sharedBrokers, uniqueName } from './cluster.ts';
import { CLIENTS, clientOn } from './conformance-harness.ts';
import {
  join,
  joinWatching,
  type Observed,
  readAs,
  revokedSince,
  TIMES,
  together,
  until,
} from './group-harness.ts';
import { writeMessages } from './pipeline-harness.ts';

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

const have = (size: number, ...members: readonly Observed[]) =>
  members.every((member) => member.owned().length === size);

const troubles = (...members: readonly Observed[]) =>
  members.flatMap(({ events }) => events).filter((event) => /^(lost|error)/.test(event));

describe.each(CLIENTS)('%s', (name) => {
  describe.each(WAYS)('by %s', (_, how, flows) => {
    test('three members over six partitions get two each, one leaves, one joins', async () => {
      const topic = await createTopic('protocols', { partitions: 6 });
      const groupId = uniqueName('group');
      const clients = [clientOn(name), clientOn(name), clientOn(name), clientOn(name)];
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
      const idler = await joinWatching(50, { ...options, pattern: none }, name);
      const one = await joinWatching(50, { ...options, pattern }, name);
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

  describe.each([
    ['the classic protocol', classic('range')],
    ['cooperative-sticky', COOPERATIVE],
    ['the consumer protocol', CONSUMER],
  ] as const)('a static member of %s', (_, how) => {
    test('that restarts has its partitions again, and the others notice nothing', async () => {
      const topic = await createTopic('static', { partitions: 4 });
      const groupId = uniqueName('group');
      const other = await join(clientOn(name), groupId, topic, how);
      const first = clientOn(name);
      const one = await join(first, groupId, topic, { ...how, instanceId: 'one' });
      await until('two each', () => have(2, one, other));
      const [owned, noted] = [one.owned(), [...other.events]];
      await first.close();
      const again = await join(clientOn(name), groupId, topic, { ...how, instanceId: 'one' });
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
    test('of a classic group whose place is taken is told so, and leaves it at that', async () => {
      const topic = await createTopic('fenced', { partitions: 1 });
      const how = { ...classic('range'), instanceId: 'one' };
      const groupId = uniqueName('group');
      const one = await join(clientOn(name), groupId, topic, how);
      await until('the assignment', () => have(1, one));
      const two = await join(clientOn(name), groupId, topic, how);
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
      const one = await join(clientOn(name), groupId, topic, how);
      await until('the assignment', () => have(1, one));
      await expect(join(clientOn(name), groupId, topic, how)).rejects.toMatchObject({
        message: expect.stringContaining('give each running member one of its own'),
        context: { kafkaError: 'UNRELEASED_INSTANCE_ID' },
      });
      await one.member.leave();
      expect(troubles(one)).toEqual([]);
    });
  });

  test('a group takes the assignor that all its members know, and any can lead', async () => {
    const topic = await createTopic('common', { partitions: 3 });
    const groupId = uniqueName('group');
    const offers = classic('cooperative-sticky', 'round-robin', 'range');
    const one = await join(clientOn(name), groupId, topic, offers);
    await until('everything', () => have(3, one));
    // From here on only round-robin is left.
    const two = await join(clientOn(name), groupId, topic, classic('round-robin'));
    await until('all three', () => together(one, two).join() === '0,1,2' && !have(3, one));
    expect([one.owned(), two.owned()]).toContainEqual([0, 2]);
    const stranger = join(clientOn(name), groupId, topic, COOPERATIVE);
    await expect(stranger).rejects.toMatchObject({
      message: expect.stringContaining('know none of the assignors that are offered'),
      context: { kafkaError: 'INCONSISTENT_GROUP_PROTOCOL' },
    });
    await Promise.all([one.member.leave(), two.member.leave()]);
    expect(troubles(one, two)).toEqual([]);
  });

  test('by the consumer protocol, new partitions are taken, and no others touched', async () => {
    const topic = await createTopic('grows', { partitions: 1 });
    const one = await join(clientOn(name), uniqueName('group'), topic, CONSUMER);
    await until('the assignment', () => have(1, one));
    const admin = kafkajs().admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await admin.disconnect();
    await until('the new partitions', () => have(3, one));
    expect(one.events).toEqual(['assign 0', 'assign 1,2']);
    await one.member.leave();
  });

  test('by the consumer protocol, offsets are read and committed under the epoch', async () => {
    const client = clientOn(name);
    const topic = await createTopic('epochs', { partitions: 2 });
    const groupId = uniqueName('group');
    const one = await join(client, groupId, topic, CONSUMER);
    await until('the assignment', () => have(2, one));
    const partition = { topic, partition: 1 };
    await one.member.commit([{ ...partition, offset: 5n }]);
    expect(await client.committed(groupId, [partition])).toEqual([5n]);
    // A member that joins moves the epoch of the one that is there.
    const two = await join(clientOn(name), groupId, topic, CONSUMER);
    await until('one each', () => have(1, one, two));
    const [mine] = one.owned();
    await one.member.commit([{ topic, partition: mine!, offset: 6n }]);
    expect(await client.committed(groupId, [{ topic, partition: mine! }])).toEqual([6n]);
    const outside = client.commit(groupId, [{ ...partition, offset: 1n }]);
    await expect(outside).rejects.toMatchObject({ code: 'GROUP_FENCED' });
    await Promise.all([one.member.leave(), two.member.leave()]);
    expect(troubles(one, two)).toEqual([]);
  });

  test('by the consumer protocol, offsets are not read under an epoch that is not', async () => {
    const topic = await createTopic('stale', { partitions: 1 });
    const groupId = uniqueName('group');
    const one = await join(clientOn(name), groupId, topic, CONSUMER);
    await until('the assignment', () => have(1, one));
    const { memberId, generationId } = one.member;
    const read = (as: GroupIdentity) => readAs(name, groupId, [{ topic, partition: 0 }], as);
    expect(await read({ memberId, generationId })).toEqual([undefined]);
    await expect(read({ memberId, generationId: generationId + 1 })).rejects.toMatchObject({
      context: { kafkaError: 'STALE_MEMBER_EPOCH' },
    });
    await expect(read({ memberId: 'nobody', generationId })).rejects.toMatchObject({
      context: { kafkaError: 'UNKNOWN_MEMBER_ID' },
    });
    await one.member.leave();
  });

  test.each(['classic', 'consumer'] as const)(
    'a stream as a static member (%s)',
    async (protocol) => {
      const topic = await createTopic('static-stream', { partitions: 3 });
      const messages = Array.from({ length: 30 }, (_, id) => ({
        partition: id % 3,
        value: JSON.stringify({ id }),
      }));
      await writeMessages(topic, messages);
      const stream = Stream.fromKafka({
        brokers: sharedBrokers(),
        client: name,
        topic,
        groupId: uniqueName('group'),
        group: { protocol, instanceId: 'one' },
        until: 'latest',
        schema: { id: 'int64' },
      });
      expect((await stream.collect()).numRows).toBe(30);
      await writeMessages(topic, messages.slice(0, 6));
      // The same member again, before its session is over: it goes on where it was.
      expect((await stream.collect()).numRows).toBe(6);
    },
  );

  test.each([
    ['classic', COOPERATIVE],
    ['consumer', CONSUMER],
  ] as const)('members of both clients work in one group (%s)', async (_, how) => {
    const topic = await createTopic('both', { partitions: 4 });
    const groupId = uniqueName('group');
    const other = CLIENTS.find((client) => client !== name)!;
    const one = await join(clientOn(name), groupId, topic, { ...how, instanceId: 'one' });
    await until('all four', () => have(4, one));
    const two = await join(clientOn(other), groupId, topic, { ...how, instanceId: 'two' });
    await until('two each', () => have(2, one, two));
    expect(together(one, two)).toEqual([0, 1, 2, 3]);
    await Promise.all([one.member.leave(), two.member.leave()]);
    expect(troubles(one, two)).toEqual([]);
  });
});
