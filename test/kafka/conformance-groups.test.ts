import { describe, expect, test } from 'vitest';
import { createTopic, uniqueName } from './cluster.ts';
import { CLIENTS, clientOn, VARIANTS } from './conformance-harness.ts';
import { join, type Observed, together, until } from './group-harness.ts';

const ASSIGNORS = ['range', 'round-robin', 'cooperative-sticky'] as const;

function troubles(...members: readonly Observed[]): string[] {
  return members.flatMap(({ events }) => events).filter((event) => /lost|error/.test(event));
}

describe.each(VARIANTS)('%s: a member', (name) => {
  test('alone: commits are read back, strangers and late ones are fenced', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-group', { partitions: 3 });
    const groupId = uniqueName('group');
    const one = await join(client, groupId, topic);
    await until('the assignment', () => one.owned().length === 3);
    await one.member.commit([{ topic, partition: 1, offset: 12n }]);
    expect(await client.committed(groupId, [{ topic, partition: 1 }])).toEqual([12n]);
    const outside = client.commit(groupId, [{ topic, partition: 1, offset: 1n }]);
    await expect(outside).rejects.toMatchObject({ code: 'GROUP_FENCED', retry: 'backoff' });
    one.whenRevoked = (member) => member.commit([{ topic, partition: 1, offset: 13n }]);
    await one.member.leave();
    expect(one.events).toEqual(['assign 0,1,2', 'revoke 0,1,2', 'revoked']);
    expect(await client.committed(groupId, [{ topic, partition: 1 }])).toEqual([13n]);
    const late = one.member.commit([{ topic, partition: 1, offset: 99n }]);
    await expect(late).rejects.toMatchObject({ code: 'GROUP_FENCED' });
  });

  test('whose revoke is awaited, and commits under the old generation', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-revoke', { partitions: 4 });
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
    expect(await reached.promise).toBe(1);
    expect(one.events).toEqual(['assign 0,1,2,3', 'revoke 0,1,2,3']);
    draining.resolve();
    const two = await joining;
    one.whenRevoked = async () => undefined;
    await until('both', () => together(one, two).join() === '0,1,2,3' && two.owned().length === 2);
    expect(await client.committed(groupId, [{ topic, partition: 0 }])).toEqual([77n]);
    const stale = one.member.commit([{ topic, partition: 0, offset: 1n }], 1);
    await expect(stale).rejects.toMatchObject({ code: 'GROUP_FENCED' });
    await two.member.leave();
    await until('one alone again', () => one.owned().length === 4);
    await one.member.leave();
    expect(troubles(one, two)).toEqual([]);
  });
});

describe.each(CLIENTS)('%s: groups', (name) => {
  test.each(ASSIGNORS)('%s: members of both clients share out six partitions', async (assignor) => {
    const topic = await createTopic('conf-mixed', { partitions: 6 });
    const groupId = uniqueName('group');
    const options = { assignors: [assignor] } as const;
    // The client under test leads the group and shares out; the other two follow.
    const members = [await join(clientOn(name), groupId, topic, options)];
    for (const other of CLIENTS) members.push(await join(clientOn(other), groupId, topic, options));
    const even = (count: number) => () =>
      together(...members).join() === '0,1,2,3,4,5' &&
      members.every((member) => member.owned().length === 6 / count);
    await until('two each', even(3));
    await members.shift()!.member.leave();
    await until('three each', even(2));
    await Promise.all(members.map(({ member }) => member.leave()));
    expect(troubles(...members)).toEqual([]);
  });

  test('with cooperative-sticky, partitions that stay are not touched', async () => {
    const topic = await createTopic('conf-sticky', { partitions: 4 });
    const groupId = uniqueName('group');
    const options = { assignors: ['cooperative-sticky'] } as const;
    const one = await join(clientOn(name), groupId, topic, options);
    await until('all four', () => one.owned().length === 4);
    const two = await join(clientOn(name), groupId, topic, options);
    await until('two each', () => one.owned().length === 2 && two.owned().length === 2);
    const revoked = one.events.filter((event) => event.startsWith('revoke '));
    expect(revoked).toHaveLength(1);
    expect(revoked[0]!.split(',')).toHaveLength(2);
    await two.member.leave();
    await one.member.leave();
  });

  test('a drain that takes too long loses, and the member comes back', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-slow', { partitions: 2 });
    const groupId = uniqueName('group');
    const slow = await join(client, groupId, topic, { rebalanceTimeoutMs: 1_000 });
    await until('the first assignment', () => slow.owned().length === 2);
    const draining = Promise.withResolvers<void>();
    slow.whenRevoked = () => draining.promise;
    const two = await join(client, groupId, topic, { rebalanceTimeoutMs: 1_000 });
    await until('the loss', () => slow.events.includes('lost 0,1'));
    draining.resolve();
    slow.whenRevoked = async () => undefined;
    await until('one each', () => slow.owned().length === 1 && two.owned().length === 1);
    await Promise.all([slow.member.leave(), two.member.leave()]);
  });

  test('a pattern, a missing topic and impossible times', async () => {
    const client = clientOn(name, { retryDelayMs: 1 });
    const prefix = uniqueName('conf-pattern');
    await client.createTopics([{ topic: `${prefix}-a`, partitions: 2 }]);
    await createTopic('conf-other');
    const options = { topics: [], pattern: new RegExp(`${prefix}-.`) };
    const one = await join(client, uniqueName('group'), '', options);
    await until('the topic that matches', () => one.ownedOf(`${prefix}-a`).length === 2);
    expect(one.owned()).toHaveLength(2);
    await one.member.leave();
    const missing = join(client, uniqueName('g'), uniqueName('missing'));
    await expect(missing).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    const short = join(client, uniqueName('g'), `${prefix}-a`, { sessionTimeoutMs: 1 });
    await expect(short).rejects.toMatchObject({
      context: { kafkaError: 'INVALID_SESSION_TIMEOUT' },
    });
  });

  test('closing the client leaves the group without a drain', async () => {
    const client = clientOn(name);
    const topic = await createTopic('conf-leave', { partitions: 2 });
    const groupId = uniqueName('group');
    const one = await join(client, groupId, topic, { sessionTimeoutMs: 60_000 });
    await until('the first assignment', () => one.owned().length === 2);
    await client.close();
    expect(one.events).toEqual(['assign 0,1']);
    const next = await join(clientOn(name), groupId, topic);
    await until('the successor', () => next.owned().length === 2);
    await next.member.leave();
  });
});
