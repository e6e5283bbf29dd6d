/** Where logs begin and end, and what groups have committed. */

import type { OffsetCommit, OffsetPoint, TopicPartition } from '../../client.ts';
import { LIST_OFFSETS, OFFSET_COMMIT, OFFSET_FETCH } from './apis.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection } from './connections.ts';
import { kafkaError, toMillraceError } from './errors.ts';

/** Kafka's pseudo timestamps. */
const TIMESTAMPS = { earliest: -2n, latest: -1n } as const;
/** We are a client, not a replica. */
const NO_REPLICA = -1;
const ANY_EPOCH = -1;
/** Member and generation of a commit outside a membership. */
export const NO_MEMBER = { memberId: '', generationId: -1, instanceId: null } as const;

/** Who commits. */
export interface Committer {
  readonly memberId: string;
  /** The member's epoch in protocol `consumer`. */
  readonly generationId: number;
  readonly instanceId: string | null;
}

type Isolation = 'read_committed' | 'read_uncommitted';

/** Where `at` is in each partition, in the order asked; follows moving leaders. */
export async function listOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: OffsetPoint,
  isolation: Isolation,
): Promise<bigint[]> {
  if (typeof at === 'string') {
    return offsetsAt(cluster, partitions, TIMESTAMPS[at], isolation, `the ${at} offsets`);
  }
  const what = `the offsets at timestamp ${at.timestampMs}`;
  const timestamp = BigInt(Math.max(0, Math.ceil(at.timestampMs)));
  const found = await offsetsAt(cluster, partitions, timestamp, isolation, what);
  // Where no message is so late, Kafka answers -1.
  const late = partitions.filter((_, i) => found[i]! < 0n);
  const ends = await listOffsets(cluster, late, 'latest', isolation);
  return found.map((offset) => (offset < 0n ? ends.shift()! : offset));
}

async function offsetsAt(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  isolation: Isolation,
  what: string,
): Promise<bigint[]> {
  if (partitions.length === 0) return [];
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  const found = new Map<string, bigint>();
  await cluster.retrying(async () => {
    try {
      const missing = partitions.filter((partition) => !found.has(keyOf(partition)));
      for (const [node, led] of await byLeader(cluster, missing)) {
        const broker = await cluster.connection('control', node);
        await readOffsets(broker, led, timestamp, isolation, found);
      }
    } catch (error) {
      cluster.forgetTopics(topics);
      throw toMillraceError(error, `Reading ${what} of ${topics.join(', ')}`);
    }
  });
  return partitions.map((partition) => found.get(keyOf(partition))!);
}

/** The group's committed offsets in the order asked; waits for transactions that are pending. */
export async function committedOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<(bigint | undefined)[]> {
  const what = `Reading the offsets of group '${groupId}'`;
  const topics = [...groupByTopic(partitions)].map(([name, same]) => ({
    name,
    partitionIndexes: same.map(({ partition }) => partition),
  }));
  const answer = await atCoordinator(cluster, groupId, what, (broker) =>
    broker.call(OFFSET_FETCH, [{ groupId, memberId: null, memberEpoch: -1, topics }], true),
  );
  const offsets = new Map<string, bigint>();
  for (const { name, partitions: committed } of answer.groups[0]?.topics ?? []) {
    for (const { partitionIndex, committedOffset } of committed) {
      const key = keyOf({ topic: name, partition: partitionIndex });
      if (committedOffset >= 0n) offsets.set(key, committedOffset);
    }
  }
  return partitions.map((partition) => offsets.get(keyOf(partition)));
}

/**
 * Commits as `committer`; retries what passes. Kafka's refusal of a stale member comes out as
 * Kafka's error name in the context (`isFencingError`), for the caller to name.
 */
export async function commitOffsets(
  cluster: Cluster,
  groupId: string,
  committer: Committer,
  offsets: readonly OffsetCommit[],
): Promise<void> {
  if (offsets.length === 0) return;
  const topics = [...groupByTopic(offsets)].map(([name, same]) => ({
    name,
    partitions: same.map(({ partition, offset, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: ANY_EPOCH,
      committedMetadata: metadata ?? '',
    })),
  }));
  const { memberId, generationId, instanceId } = committer;
  await atCoordinator(cluster, groupId, `Committing for group '${groupId}'`, (broker) =>
    broker.call(OFFSET_COMMIT, groupId, generationId, memberId, instanceId, topics),
  );
}

/** Runs a request at the group's coordinator, looked up again whenever it failed or moved. */
async function atCoordinator<T>(
  cluster: Cluster,
  groupId: string,
  what: string,
  request: (broker: BrokerConnection) => Promise<T>,
): Promise<T> {
  return cluster.retrying(async () => {
    try {
      const node = await cluster.coordinator(groupId);
      return await request(await cluster.connection('control', node));
    } catch (error) {
      cluster.forgetCoordinator(groupId);
      throw toMillraceError(error, what, { groupId });
    }
  });
}

async function byLeader(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
): Promise<Map<number, TopicPartition[]>> {
  const topics = await cluster.topics([...new Set(partitions.map(({ topic }) => topic))]);
  const infos = new Map(topics.flatMap((topic) => topic.partitions).map((p) => [keyOf(p), p]));
  const leaders = new Map<number, TopicPartition[]>();
  for (const partition of partitions) {
    const leader = infos.get(keyOf(partition))?.leader;
    const what = `Finding the leader of ${partition.topic}/${partition.partition}`;
    if (leader === undefined)
      throw kafkaError('UNKNOWN_TOPIC_OR_PARTITION', what, { ...partition });
    if (leader < 0) throw kafkaError('LEADER_NOT_AVAILABLE', what, { ...partition });
    const led = leaders.get(leader);
    if (led === undefined) leaders.set(leader, [partition]);
    else led.push(partition);
  }
  return leaders;
}

async function readOffsets(
  broker: BrokerConnection,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  isolation: Isolation,
  found: Map<string, bigint>,
): Promise<void> {
  const topics = [...groupByTopic(partitions)].map(([name, same]) => ({
    name,
    partitions: same.map(({ partition }) => ({
      partitionIndex: partition,
      currentLeaderEpoch: ANY_EPOCH,
      timestamp,
    })),
  }));
  const level = isolation === 'read_committed' ? 1 : 0;
  const answer = await broker.call(LIST_OFFSETS, NO_REPLICA, level, topics);
  for (const { name, partitions: offsets } of answer.topics) {
    for (const { partitionIndex, offset } of offsets) {
      found.set(keyOf({ topic: name, partition: partitionIndex }), offset);
    }
  }
}

function groupByTopic<T extends TopicPartition>(items: readonly T[]): Map<string, T[]> {
  return Map.groupBy(items, ({ topic }) => topic);
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${partition}/${topic}`;
}
