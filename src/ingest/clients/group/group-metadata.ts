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

import type { Assignor, Subscription } from '../../assignors/assignor.ts';
import type { TopicPartition } from '../../client.ts';
import { WireReader, WireWriter } from '../wire.ts';

const SUBSCRIPTION_VERSION = 3;
const OWNED_VERSION = 1;
const GENERATION_VERSION = 2;
const NO_GENERATION = -1;
const GENERATION_BYTES = 4;
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
  const { topics, owned, generationId, rack } = state;
  const writer = new WireWriter().int16(SUBSCRIPTION_VERSION);
  writer.array(topics, (topic) => writer.string(topic));
  writer.byteString(assignor.isCooperative ? generationBytes(generationId) : Buffer.alloc(0));
  writePartitions(writer, owned);
  return writer.int32(generationId).string(rack ?? null).bytes;
}

/** A member as the leader hears of it. */
export function decodeSubscription(
  memberId: string,
  instanceId: string | null,
  metadata: Buffer,
): Subscription {
  const reader = new WireReader(metadata);
  const version = reader.int16();
  const topics = new Set(reader.array(() => reader.string() ?? ''));
  const userData = reader.raw(Math.max(reader.int32(), 0));
  const owned = version >= OWNED_VERSION ? readPartitions(reader) : [];
  const told = version >= GENERATION_VERSION ? reader.int32() : NO_GENERATION;
  const generationId = told >= 0 ? told : generationIn(userData);
  return { memberId, instanceId, topics, owned, generationId };
}

/** A member's share, for SyncGroup. */
export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const writer = new WireWriter().int16(ASSIGNMENT_VERSION);
  writePartitions(writer, partitions);
  return writer.byteString(Buffer.alloc(0)).bytes;
}

/** The share that SyncGroup answered; none where it is empty. */
export function decodeAssignment(bytes: Buffer): TopicPartition[] {
  if (bytes.length === 0) return [];
  const reader = new WireReader(bytes);
  reader.int16();
  return readPartitions(reader);
}

function writePartitions(writer: WireWriter, partitions: readonly TopicPartition[]): void {
  const topics = [...Map.groupBy(partitions, ({ topic }) => topic)];
  writer.array(topics, ([topic, same]) => {
    writer.string(topic).array(same, ({ partition }) => writer.int32(partition));
  });
}

function readPartitions(reader: WireReader): TopicPartition[] {
  return reader
    .array(() => {
      const topic = reader.string() ?? '';
      return reader.array(() => ({ topic, partition: reader.int32() }));
    })
    .flat();
}

function generationBytes(generationId: number): Buffer {
  const bytes = Buffer.alloc(GENERATION_BYTES);
  bytes.writeInt32BE(generationId);
  return bytes;
}

function generationIn(userData: Buffer): number {
  return userData.length < GENERATION_BYTES ? NO_GENERATION : userData.readInt32BE(0);
}
