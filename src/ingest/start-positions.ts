/** At which offset a partition begins that is ours now. */
import type { KafkaSourcePlan } from '../plan.ts';
import type { KafkaClient, OffsetPoint, TopicPartition } from './client.ts';
import { partitionKey } from './partition-key.ts';
import { findPartition } from './subscription.ts';

/** Where a partition begins that is ours now. */
export interface StartPosition extends TopicPartition {
  /** The first offset to read. */
  readonly position: bigint;
  /** The group does not have it by itself: it is to be committed before anything behind it is. */
  readonly due: boolean;
}

/**
 * Start positions of one run.
 *
 * In a group `startFrom` must not make partitions begin again whenever they change hands. So it
 * holds for a partition that this run gets for the first time, and only where the group's committed
 * offset was never seen to be another than when the run began: else somebody has read on meanwhile,
 * and what they committed counts. Who begins elsewhere than at the committed offset commits that
 * place first, so that the others can see it.
 */
export class StartPositions {
  readonly #plan: KafkaSourcePlan;
  readonly #client: KafkaClient;
  /** Partitions that there were when the run began, and what the group had committed then. */
  readonly #before = new Map<string, bigint | undefined>();
  readonly #started = new Set<string>();
  /** Partitions whose committed offset was seen to be another than when the run began. */
  readonly #readOn = new Set<string>();

  constructor(plan: KafkaSourcePlan, client: KafkaClient) {
    this.#plan = plan;
    this.#client = client;
  }

  /**
   * Notes what there is when the run begins.
   *
   * @throws MillraceError `UNKNOWN_TOPIC` where `startFrom` names a partition that is not there.
   */
  async prepare(partitions: readonly TopicPartition[]): Promise<void> {
    const { groupId, startFrom } = this.#plan;
    if (typeof startFrom === 'object' && 'offsets' in startFrom) {
      // A topic that a pattern names may come later, a partition that is asked for by its number
      // was meant to be there.
      const topics = new Set(partitions.map(({ topic }) => topic));
      const named = startFrom.offsets.filter(({ topic }) => topics.has(topic));
      for (const one of named) findPartition(partitions, one, 'startFrom');
    }
    const committed =
      groupId === undefined || startFrom === 'committed' || partitions.length === 0
        ? []
        : await this.#client.committed(groupId, partitions);
    for (const [i, partition] of partitions.entries()) {
      this.#before.set(partitionKey(partition), committed[i]);
    }
  }

  /** These are the group's committed offsets now. */
  note(partitions: readonly TopicPartition[], committed: readonly (bigint | undefined)[]): void {
    if (this.#plan.startFrom === 'committed') return;
    for (const [i, partition] of partitions.entries()) {
      const key = partitionKey(partition);
      if (committed[i] !== this.#before.get(key)) this.#readOn.add(key);
    }
  }

  /** Whether the group's committed offset counts, whatever `startFrom` says. */
  isReadOn(partition: TopicPartition): boolean {
    const key = partitionKey(partition);
    const { startFrom } = this.#plan;
    return startFrom === 'committed' || this.#started.has(key) || this.#readOn.has(key);
  }

  /** Where each begins, in the order asked. */
  async of(partitions: readonly TopicPartition[]): Promise<StartPosition[]> {
    const { groupId } = this.#plan;
    const committed =
      groupId === undefined || partitions.length === 0
        ? []
        : await this.#client.committed(groupId, partitions);
    this.note(partitions, committed);
    const points = partitions.map((partition, i) => this.#pointOf(partition, committed[i]));
    const offsets = await this.#resolve(partitions, points);
    for (const partition of partitions) this.#started.add(partitionKey(partition));
    return partitions.map(({ topic, partition }, i) => {
      const position = offsets[i]!;
      return { topic, partition, position, due: this.#isDue(points[i]!, position, committed[i]) };
    });
  }

  // A group without an offset begins at the earliest anyhow, whoever comes next.
  #isDue(point: OffsetPoint | bigint, position: bigint, committed: bigint | undefined): boolean {
    if (this.#plan.groupId === undefined || position === committed) return false;
    return committed !== undefined || point !== 'earliest' || this.#plan.offsetReset === 'latest';
  }

  #pointOf(partition: TopicPartition, committed: bigint | undefined): OffsetPoint | bigint {
    const { startFrom, offsetReset } = this.#plan;
    const key = partitionKey(partition);
    if (committed !== undefined && this.isReadOn(partition)) return committed;
    if (startFrom === 'committed') return this.#orAll(key, offsetReset);
    if (startFrom === 'earliest' || startFrom === 'latest') return this.#orAll(key, startFrom);
    if ('timestampMs' in startFrom) return startFrom;
    const named = startFrom.offsets.find((start) => partitionKey(start) === key);
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
