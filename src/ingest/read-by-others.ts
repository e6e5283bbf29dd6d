/** Whether a group has read to given ends, whoever of it did. */
import type { KafkaClient, TopicPartition } from './client.ts';

/** A partition, and the offset behind the last that is wanted of it. */
export interface PartitionEnd extends TopicPartition {
  readonly end: bigint;
}

/**
 * Whether every end is committed by the group, or has nothing before it in its log.
 *
 * @throws MillraceError what the cluster says.
 */
export async function readByOthers(
  client: KafkaClient,
  groupId: string,
  ends: readonly PartitionEnd[],
): Promise<boolean> {
  if (ends.length === 0) return true;
  const committed = await client.committed(groupId, ends);
  const open = ends.filter(({ end }, i) => (committed[i] ?? 0n) < end);
  if (open.length === 0) return true;
  const earliest = await client.listOffsets(open, 'earliest');
  return open.every(({ end }, i) => earliest[i]! >= end);
}
