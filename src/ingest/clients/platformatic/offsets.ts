/** Where logs begin and end, and what groups have committed. */

import type { OffsetCommit, OffsetPoint, TopicPartition } from '../../client.ts';
import type { GroupIdentity } from '../group/group-transport.ts';
import {
  atCoordinator,
  groupByTopic,
  type Isolation,
  offsetKey,
  offsetsOf,
} from '../partition-offsets.ts';
import { LIST_OFFSETS, OFFSET_COMMIT, OFFSET_FETCH } from './apis.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection } from './connections.ts';
import { toMillraceError } from './errors.ts';

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

/** Where `at` is in each partition, in the order asked; follows moving leaders. */
export function listOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: OffsetPoint,
  isolation: Isolation,
): Promise<bigint[]> {
  return offsetsOf({ cluster, toMillraceError }, readOffsets, partitions, at, isolation);
}

/**
 * The group's committed offsets in the order asked; waits for transactions that are pending.
 *
 * @param as the member in protocol `consumer` who asks.
 */
export async function committedOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
  as?: GroupIdentity,
): Promise<(bigint | undefined)[]> {
  const what = `Reading the offsets of group '${groupId}'`;
  const topics = [...groupByTopic(partitions)].map(([name, same]) => ({
    name,
    partitionIndexes: same.map(({ partition }) => partition),
  }));
  const { memberId = null, generationId: memberEpoch = -1 } = as ?? {};
  const answer = await atCoordinator({ cluster, toMillraceError }, groupId, what, (broker) =>
    broker.call(OFFSET_FETCH, [{ groupId, memberId, memberEpoch, topics }], true),
  );
  const offsets = new Map<string, bigint>();
  for (const { name, partitions: committed } of answer.groups[0]?.topics ?? []) {
    for (const { partitionIndex, committedOffset } of committed) {
      const key = offsetKey({ topic: name, partition: partitionIndex });
      if (committedOffset >= 0n) offsets.set(key, committedOffset);
    }
  }
  return partitions.map((partition) => offsets.get(offsetKey(partition)));
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
  await atCoordinator(
    { cluster, toMillraceError },
    groupId,
    `Committing for group '${groupId}'`,
    (broker) => broker.call(OFFSET_COMMIT, groupId, generationId, memberId, instanceId, topics),
  );
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
      found.set(offsetKey({ topic: name, partition: partitionIndex }), offset);
    }
  }
}
