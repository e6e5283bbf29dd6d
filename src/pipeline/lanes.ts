/** The partitions that are a pipeline's now, each with the order in which its morsels leave. */
import { MillraceError } from '../errors.ts';
import type { TopicPartition } from '../ingest/client.ts';
import { partitionKey } from '../ingest/partition-key.ts';
import { PartitionOrder } from '../morsel/order.ts';

/** A partition from its assignment, or from a seek, until it is taken away or sent elsewhere. */
export interface Lane extends TopicPartition {
  readonly order: PartitionOrder<() => void>;
  /** Taken from us, or sent elsewhere: nothing more of this lane comes out or is committed. */
  lost: boolean;
  /** About to be taken: what the consumer was not handed is left to whoever has it next. */
  leaving: boolean;
  /** A morsel failed or was cut: those behind it are not written. */
  failed: boolean;
  /** The offset behind what the consumer was handed last. */
  handed: bigint;
  /** What the outlet has of the partition and has not settled, earlier lanes of it among them. */
  readonly outputs: { count: number };
}

/** Whether two name the same partition. */
export const isSame = (a: TopicPartition, b: TopicPartition) =>
  a.topic === b.topic && a.partition === b.partition;

/** The lanes of one pipeline; at most one of a partition is open. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  /** Opens a lane, in the place of that which the partition has. */
  open({ topic, partition }: TopicPartition, position: bigint): void {
    const before = this.close({ topic, partition });
    this.#lanes.set(partitionKey({ topic, partition }), {
      topic,
      partition,
      order: new PartitionOrder(),
      lost: false,
      leaving: false,
      failed: false,
      handed: position,
      outputs: before?.outputs ?? { count: 0 },
    });
  }

  /** The open lane of a partition. */
  get(partition: TopicPartition): Lane | undefined {
    return this.#lanes.get(partitionKey(partition));
  }

  /** Ends a partition's lane, and answers which it was. */
  close(partition: TopicPartition): Lane | undefined {
    const lane = this.get(partition);
    if (lane !== undefined) lane.lost = true;
    this.#lanes.delete(partitionKey(partition));
    return lane;
  }

  /** The partitions, ordered by topic and number. */
  partitions(): TopicPartition[] {
    return [...this.#lanes.values()]
      .map(({ topic, partition }) => ({ topic, partition }))
      .sort((a, b) =>
        a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
      );
  }

  /**
   * The open lane of a partition that the caller named.
   *
   * @throws MillraceError `INVALID_OPTION` where the partition is not ours.
   */
  ours(partition: TopicPartition): Lane {
    const lane = this.get(partition);
    if (lane !== undefined) return lane;
    const own = this.partitions().map((p) => `${p.topic}-${p.partition}`);
    const name = `${partition.topic}-${partition.partition}`;
    const have = own.length === 0 ? 'it has none' : `it has ${own.slice(0, 20).join(', ')}`;
    throw new MillraceError(
      `the partition ${name} is not this run's now; ${have}: ask assignment(), or act in onAssign`,
      { code: 'INVALID_OPTION', context: { ...partition } },
    );
  }
}
