/** Which partitions a member has, and since when without a break. */

import type { TopicPartition } from '../../client.ts';

interface Owned {
  readonly partition: TopicPartition;
  readonly sinceGeneration: number;
}

const keyOf = ({ topic, partition }: TopicPartition) => `${partition}/${topic}`;

/** The partitions of one member; as many as the group has at most. */
export class OwnedPartitions {
  readonly #owned = new Map<string, Owned>();

  get size(): number {
    return this.#owned.size;
  }

  /** All of them, in the order they came. */
  get all(): TopicPartition[] {
    return [...this.#owned.values()].map(({ partition }) => partition);
  }

  /** What an assignment brings and what it takes; what stays is in neither. */
  compare(assignment: readonly TopicPartition[]): {
    readonly added: TopicPartition[];
    readonly revoked: TopicPartition[];
  } {
    const assigned = new Set(assignment.map(keyOf));
    return {
      added: assignment.filter((partition) => !this.#owned.has(keyOf(partition))),
      revoked: this.all.filter((partition) => !assigned.has(keyOf(partition))),
    };
  }

  add(partitions: readonly TopicPartition[], generation: number): void {
    for (const partition of partitions) {
      this.#owned.set(keyOf(partition), { partition, sinceGeneration: generation });
    }
  }

  remove(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#owned.delete(keyOf(partition));
  }

  /** Forgets all; answers what there was. */
  clear(): TopicPartition[] {
    const all = this.all;
    this.#owned.clear();
    return all;
  }

  /** Whether all of these have been owned since `generation`, or longer. */
  haveBeenSince(partitions: readonly TopicPartition[], generation: number): boolean {
    return partitions.every((partition) => {
      const owned = this.#owned.get(keyOf(partition));
      return owned !== undefined && owned.sinceGeneration <= generation;
    });
  }
}
