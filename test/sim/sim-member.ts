/** One member of the simulated group. */
import { MillraceError } from '../../src/errors.ts';
import type {
  GroupListener,
  GroupMember,
  OffsetCommit,
  TopicPartition,
} from '../../src/ingest/client.ts';
import type { SimClient } from './sim-client.ts';

const topicPartition = (partition: number): TopicPartition => ({ topic: 'in', partition });

/** Owns partitions until it has given them back, or was too slow about it. */
export class SimMember implements GroupMember {
  readonly memberId = 'm';
  generationId = -1;
  readonly client: SimClient;
  readonly listener: GroupListener;
  /** Since which generation it has had each of its partitions. */
  readonly owned = new Map<number, number>();
  readonly #going = new Set<number>();
  #leaving = false;
  #giving: Promise<void> = Promise.resolve();

  constructor(client: SimClient, listener: GroupListener) {
    this.client = client;
    this.listener = listener;
  }

  /** Its partitions, but for those that it is giving back. */
  get staying(): number[] {
    return [...this.owned.keys()].filter((partition) => !this.#going.has(partition));
  }

  /**
   * Gives all back but those of `keep`. A rebalance that begins while another is under way waits
   * for the same hooks.
   */
  giveBack(limitMs: number, keep: ReadonlySet<number>): Promise<void> {
    this.#giving = this.#giving.then(() => this.#giveBack(limitMs, keep));
    return this.#giving;
  }

  async #giveBack(limitMs: number, keep: ReadonlySet<number>): Promise<void> {
    const going = this.staying.filter((partition) => !keep.has(partition));
    if (going.length === 0) return;
    for (const partition of going) this.#going.add(partition);
    const { clock } = this.client.cluster;
    let late = false;
    const timeout = new Promise<void>((resolve) =>
      clock.after(limitMs, () => {
        late = true;
        resolve();
      }),
    );
    const partitions = going.map(topicPartition);
    const revoked = this.client.dead ? timeout : this.listener.onRevoke(partitions);
    await Promise.race([revoked, timeout]);
    this.#forget(going);
    if (late) this.client.cluster.lateRevokes += 1;
    if (!late || this.client.dead) return;
    await Promise.all([this.listener.onLost(partitions), revoked]);
  }

  #forget(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.owned.delete(partition);
      this.#going.delete(partition);
    }
  }

  /** Gets partitions that nobody has; none of them where nothing is new. */
  give(generation: number, partitions: readonly number[]): void {
    if (this.client.dead || this.#leaving) return;
    this.generationId = generation;
    for (const partition of partitions) this.owned.set(partition, generation);
    this.#giving = this.#giving.then(() => {
      for (const partition of partitions) this.client.noteAssigned(partition);
      return this.listener.onAssign(partitions.map(topicPartition));
    });
  }

  async commit(offsets: readonly OffsetCommit[]): Promise<void> {
    const { cluster } = this.client;
    const since = offsets.map(({ partition }) => this.owned.get(partition));
    await cluster.delay(this.client);
    if (cluster.chance.happens(cluster.faults.commitLost)) {
      throw new MillraceError('connection lost', { code: 'BROKER_UNREACHABLE' });
    }
    // As Kafka does: who does not have the partitions any more, or has them anew, is refused.
    for (const [i, { partition }] of offsets.entries()) {
      if (since[i] !== undefined && since[i] === this.owned.get(partition)) continue;
      throw new MillraceError('fenced', { code: 'GROUP_FENCED' });
    }
    cluster.commit(offsets);
  }

  async leave(): Promise<void> {
    this.#leaving = true;
    await this.#giving;
    const owned = [...this.owned.keys()];
    if (owned.length > 0) await this.listener.onRevoke(owned.map(topicPartition));
    this.#forget(owned);
    this.client.cluster.leave(this);
  }
}
