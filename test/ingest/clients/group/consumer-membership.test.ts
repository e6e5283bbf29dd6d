import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { GroupListener, GroupOptions } from '../../../../src/ingest/client.ts';
import { ConsumerMembership } from '../../../../src/ingest/clients/group/consumer-membership.ts';
import type {
  ConsumerBeat,
  ConsumerBeatAnswer,
  ConsumerTransport,
} from '../../../../src/ingest/clients/group/consumer-transport.ts';
import type { GroupCluster } from '../../../../src/ingest/clients/group/group-cluster.ts';
import type { GroupIdentity } from '../../../../src/ingest/clients/group/group-transport.ts';
import { readCommittedAs } from '../../../../src/ingest/clients/group/membership.ts';
import { kafkaError } from '../../../../src/ingest/clients/kafka-errors.ts';

const TOPIC = 'orders';
const BOTH = [0, 1].map((partition) => ({ topic: TOPIC, partition }));
const OPTIONS: GroupOptions = {
  ...{ groupId: 'g', topics: [TOPIC], protocol: 'consumer', assignors: [], instanceId: 'one' },
  ...{ sessionTimeoutMs: 6_000, heartbeatIntervalMs: 60_000, rebalanceTimeoutMs: 5_000 },
};
const CLUSTER: GroupCluster = {
  options: { retries: 0, retryDelayMs: 1 },
  signal: new AbortController().signal,
  topics: async () => [],
  topicNames: async () => [TOPIC],
};

/** A broker with one member, which it moves to `epoch` with the next heartbeat. */
class FakeBroker implements ConsumerTransport {
  readonly beats: ConsumerBeat[] = [];
  epoch = 1;
  refusal: string | undefined;

  async heartbeat(what: string, beat: ConsumerBeat): Promise<ConsumerBeatAnswer> {
    this.beats.push(beat);
    if (this.refusal !== undefined) throw kafkaError(this.refusal, what);
    const assignment = beat.epoch === 0 ? [{ topicId: 'id', partitions: [0, 1] }] : null;
    return { memberEpoch: this.epoch, heartbeatIntervalMs: 60_000, assignment };
  }

  topicsById = async () => new Map([['id', TOPIC]]);
  commit = async () => {};
  close = async () => {};
}

async function joined(broker: FakeBroker): Promise<ConsumerMembership> {
  const assigned = Promise.withResolvers<void>();
  const listener: GroupListener = {
    onAssign: async () => assigned.resolve(),
    onRevoke: async () => undefined,
    onLost: async () => undefined,
    onError: () => undefined,
  };
  const settings = { cluster: CLUSTER, options: OPTIONS, listener, topicsRefreshMs: 60_000 };
  const member = new ConsumerMembership(settings, broker);
  await member.start();
  await assigned.promise;
  // The next heartbeat tells what it has; those that a test asks for come behind.
  const deadline = Date.now() + 5_000;
  while (broker.beats.length < 2 && Date.now() < deadline) await delay(1);
  return member;
}

/** Refuses every epoch but the broker's own, and notes who asked. */
function reader(broker: FakeBroker) {
  const asked: (GroupIdentity | undefined)[] = [];
  const read = async (as?: GroupIdentity) => {
    asked.push(as);
    if (as !== undefined && as.generationId !== broker.epoch) {
      throw kafkaError(broker.refusal ?? 'STALE_MEMBER_EPOCH', 'Reading the offsets');
    }
    return 'offsets';
  };
  return { asked, read };
}

describe('committed offsets are asked for', () => {
  test('under the epoch of the member that has the partitions', async () => {
    const broker = new FakeBroker();
    const member = await joined(broker);
    const { asked, read } = reader(broker);
    expect(await readCommittedAs([member], 'g', BOTH, read)).toBe('offsets');
    expect(asked).toEqual([{ memberId: member.memberId, generationId: 1 }]);
    await member.leave();
  });

  test('as nobody for another group, for partitions of others and before the join', async () => {
    const broker = new FakeBroker();
    const member = await joined(broker);
    const { asked, read } = reader(broker);
    await readCommittedAs([member], 'another', BOTH, read);
    await readCommittedAs([member], 'g', [{ topic: TOPIC, partition: 2 }], read);
    await readCommittedAs([], 'g', BOTH, read);
    expect(asked).toEqual([undefined, undefined, undefined]);
    await member.leave();
  });

  test('again, where the broker has moved the member to another epoch', async () => {
    const broker = new FakeBroker();
    const member = await joined(broker);
    const { asked, read } = reader(broker);
    broker.epoch = 4;
    expect(await readCommittedAs([member], 'g', BOTH, read)).toBe('offsets');
    expect(asked.map((as) => as?.generationId)).toEqual([1, 4]);
    await member.leave();
  });

  test('as nobody, where the group has given the member up', async () => {
    const broker = new FakeBroker();
    const member = await joined(broker);
    const { asked, read } = reader(broker);
    broker.epoch = 4;
    broker.refusal = 'UNKNOWN_MEMBER_ID';
    expect(await readCommittedAs([member], 'g', BOTH, read)).toBe('offsets');
    expect(asked.map((as) => as?.generationId)).toEqual([1, undefined]);
    broker.refusal = undefined;
    await member.leave();
  });

  test('and another refusal is passed on', async () => {
    const broker = new FakeBroker();
    const member = await joined(broker);
    const refused = readCommittedAs([member], 'g', BOTH, async () => {
      throw kafkaError('GROUP_AUTHORIZATION_FAILED', 'Reading the offsets');
    });
    await expect(refused).rejects.toMatchObject({
      context: { kafkaError: 'GROUP_AUTHORIZATION_FAILED' },
    });
    await member.leave();
  });
});

test('a static member says that it comes back, another one that it leaves', async () => {
  const broker = new FakeBroker();
  const member = await joined(broker);
  await member.leave();
  expect(broker.beats.map(({ epoch }) => epoch)).toEqual([0, 1, -2]);
  expect(broker.beats[0]).toMatchObject({ topics: [TOPIC], owned: [], rebalanceTimeoutMs: 5_000 });
  const owned = [{ topicId: 'id', partitions: [0, 1] }];
  expect(broker.beats[1]).toMatchObject({ topics: null, owned, rebalanceTimeoutMs: -1 });
});
