/** One text for a topic and a partition of it. */
import type { TopicPartition } from './client.ts';

/** The key of a partition in maps and sets. No topic's name has the separator in it. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}\0${partition}`;
}
