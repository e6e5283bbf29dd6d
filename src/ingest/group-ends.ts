/** How far a group has read to the ends that a bounded run wants, whoever of it did. */
import { MillraceError } from '../errors.ts';
import type { KafkaSourcePlan } from '../plan.ts';
import type { KafkaClient, TopicPartition } from './client.ts';
import type { StartPositions } from './start-positions.ts';

/** A partition, and the offset behind the last that is wanted of it. */
export interface PartitionEnd extends TopicPartition {
  readonly end: bigint;
}

/** What a look finds: all is read, or something was committed since the look before, or neither. */
export type GroupLook = 'read' | 'moved' | 'still';

/** The ends of one run, held against what its group has committed. */
export class GroupEnds {
  readonly #plan: KafkaSourcePlan;
  readonly #client: KafkaClient;
  readonly #positions: StartPositions;
  #ends: readonly PartitionEnd[];
  #before = '';

  constructor(
    plan: KafkaSourcePlan,
    client: KafkaClient,
    positions: StartPositions,
    ends: readonly PartitionEnd[],
  ) {
    this.#plan = plan;
    this.#client = client;
    this.#positions = positions;
    this.#ends = ends;
  }

  /**
   * Whether every end is committed by the group, or has nothing before it in its log.
   *
   * @param onlySinceStart an offset that the group had before this run began counts for nothing
   *   where `startFrom` goes before it: nobody may have read that partition again yet.
   * @throws MillraceError what the cluster says.
   */
  async look({ onlySinceStart }: { onlySinceStart: boolean }): Promise<GroupLook> {
    try {
      return await this.#look(onlySinceStart);
    } catch (error) {
      const problem = MillraceError.from(error);
      if (problem.code !== 'UNKNOWN_TOPIC' || !(await this.#forgetDeleted())) throw problem;
      return this.#look(onlySinceStart);
    }
  }

  async #look(onlySinceStart: boolean): Promise<GroupLook> {
    const ends = this.#ends;
    if (ends.length === 0) return 'read';
    const committed = await this.#client.committed(this.#plan.groupId!, ends);
    this.#positions.note(ends, committed);
    const open = ends.filter((partition, i) => {
      if ((committed[i] ?? 0n) < partition.end) return true;
      return onlySinceStart && !this.#positions.isReadOn(partition);
    });
    if (open.length === 0) return 'read';
    const now = committed.join();
    const moved = this.#before !== '' && this.#before !== now;
    this.#before = now;
    if (moved) return 'moved';
    const earliest = await this.#client.listOffsets(open, 'earliest');
    return open.every(({ end }, i) => earliest[i]! >= end) ? 'read' : 'still';
  }

  // Topics that only a pattern named may go; nobody can read them to their ends any more.
  async #forgetDeleted(): Promise<boolean> {
    const { pattern, topics } = this.#plan;
    if (pattern === undefined) return false;
    const names = new Set([...topics, ...(await this.#client.topicNames())]);
    const left = this.#ends.filter(({ topic }) => names.has(topic));
    const forgot = left.length < this.#ends.length;
    this.#ends = left;
    return forgot;
  }
}
