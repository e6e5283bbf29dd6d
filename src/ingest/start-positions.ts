/** At which offset a partition begins that is ours now. */
import type { KafkaSourcePlan } from '../plan.ts';
import type { KafkaClient, OffsetPoint, TopicPartition } from './client.ts';

const keyOf = ({ topic, partition }: TopicPartition) => `${topic}\0${partition}`;

/**
 * Start positions of one run.
 *
 * In a group `startFrom` must not make partitions begin again whenever they change hands. So it
 * holds for a partition that this run gets for the first time, and only while the group's committed
 * offset is still what it was when the run began: else somebody has read on meanwhile, and what
 * they committed counts.
 */
export class StartPositions {
  readonly #plan: KafkaSourcePlan;
  readonly #client: KafkaClient;
  /** Partitions that there were when the run began, and what the group had committed then. */
  readonly #before = new Map<string, bigint | undefined>();
  readonly #started = new Set<string>();

  constructor(plan: KafkaSourcePlan, client: KafkaClient) {
    this.#plan = plan;
    this.#client = client;
  }

  /** Notes what there is when the run begins. */
  async prepare(partitions: readonly TopicPartition[]): Promise<void> {
    const { groupId, startFrom } = this.#plan;
    const committed =
      groupId === undefined || startFrom === 'committed' || partitions.length === 0
        ? []
        : await this.#client.committed(groupId, partitions);
    for (const [i, partition] of partitions.entries()) {
      this.#before.set(keyOf(partition), committed[i]);
    }
  }

  /** The first offset of each, in the order asked. */
  async of(partitions: readonly TopicPartition[]): Promise<bigint[]> {
    const { groupId } = this.#plan;
    const committed =
      groupId === undefined || partitions.length === 0
        ? []
        : await this.#client.committed(groupId, partitions);
    const points = partitions.map((partition, i) => this.#pointOf(partition, committed[i]));
    const offsets = await this.#resolve(partitions, points);
    for (const partition of partitions) this.#started.add(keyOf(partition));
    return offsets;
  }

  #pointOf(partition: TopicPartition, committed: bigint | undefined): OffsetPoint | bigint {
    const { startFrom, offsetReset } = this.#plan;
    const key = keyOf(partition);
    const moved = this.#started.has(key) || committed !== this.#before.get(key);
    if (committed !== undefined && (startFrom === 'committed' || moved)) return committed;
    if (startFrom === 'committed') return this.#orAll(key, offsetReset);
    if (startFrom === 'earliest' || startFrom === 'latest') return this.#orAll(key, startFrom);
    if ('timestampMs' in startFrom) return startFrom;
    const named = startFrom.offsets.find((start) => keyOf(start) === key);
    return named?.offset ?? this.#orAll(key, offsetReset);
  }

  // What is in a partition that was not there when the run began came behind its latest messages.
  #orAll(key: string, point: 'earliest' | 'latest'): 'earliest' | 'latest' {
    return this.#before.has(key) ? point : 'earliest';
  }

  // One request per point: nearly always all partitions have the same.
  async #resolve(
    partitions: readonly TopicPartition[],
    points: readonly (OffsetPoint | bigint)[],
  ): Promise<bigint[]> {
    const offsets: bigint[] = [];
    const open = [...partitions.keys()].filter((i) => {
      const point = points[i]!;
      if (typeof point === 'bigint') offsets[i] = point;
      return typeof point !== 'bigint';
    });
    for (const [point, indexes] of Map.groupBy(open, (i) => points[i] as OffsetPoint)) {
      const asked = indexes.map((i) => partitions[i]!);
      const found = await this.#client.listOffsets(asked, point, this.#plan.isolation);
      for (const [j, i] of indexes.entries()) offsets[i] = found[j]!;
    }
    return offsets;
  }
}
