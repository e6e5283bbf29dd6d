/**
 * What members of a classic group tell each other through the broker, which does not look inside.
 *
 *     Subscription (version 3) => version INT16 [topics STRING] user_data BYTES
 *       [owned => topic STRING [partitions INT32]] generation_id INT32 rack_id NULLABLE_STRING
 *     user data of cooperative-sticky => generation INT32
 *     Assignment => version INT16 [topic STRING [partitions INT32]] user_data BYTES
 *
 * Owned partitions came with version 1, the generation with 2, the rack with 3. Older members of
 * cooperative-sticky have the generation in the user data alone.
 */

import {
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  decodeCooperativeStickyGeneration,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
} from '@platformatic/kafka';
import type { Assignor, Subscription } from '../../assignors/assignor.ts';
import type { TopicPartition } from '../../client.ts';

const SUBSCRIPTION_VERSION = 3;
/** Assignments have not changed since version 0; Java reads any. */
const ASSIGNMENT_VERSION = 1;

/** What a member says of itself. */
export interface MemberState {
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
  /** The generation in which it got those, -1 where it has none. */
  readonly generationId: number;
  readonly rack: string | undefined;
}

/** The metadata under which a member offers `assignor`. */
export function encodeSubscription(state: MemberState, assignor: Assignor): Buffer {
  return encodeConsumerProtocolSubscription({
    version: SUBSCRIPTION_VERSION,
    topics: [...state.topics],
    ownedPartitions: byTopic(state.owned),
    generationId: state.generationId,
    ...(state.rack === undefined ? {} : { rackId: state.rack }),
    ...(assignor.isCooperative ? { userData: generationBytes(state.generationId) } : {}),
  });
}

/** A member as the leader hears of it. */
export function decodeSubscription(
  memberId: string,
  instanceId: string | null,
  metadata: Buffer,
): Subscription {
  const decoded = decodeConsumerProtocolSubscription(metadata);
  const { topics, ownedPartitions, generationId, userData } = decoded;
  return {
    memberId,
    instanceId,
    topics: new Set(topics),
    owned: ownedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    ),
    generationId: generationId >= 0 ? generationId : decodeCooperativeStickyGeneration(userData),
  };
}

/** A member's share, for SyncGroup. */
export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  return encodeConsumerProtocolAssignment({
    version: ASSIGNMENT_VERSION,
    assignedPartitions: byTopic(partitions),
  });
}

/** The share that SyncGroup answered; none where it is empty. */
export function decodeAssignment(bytes: Buffer): TopicPartition[] {
  return decodeConsumerProtocolAssignment(bytes).assignedPartitions.flatMap(
    ({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })),
  );
}

function byTopic(partitions: readonly TopicPartition[]) {
  return [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, same]) => ({
    topic,
    partitions: same.map(({ partition }) => partition),
  }));
}

function generationBytes(generationId: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(generationId);
  return bytes;
}
