/** One process's connection to the simulated cluster. */
import { MillraceError } from '../../src/errors.ts';
import type {
  FetchRequest,
  FetchResult,
  GroupListener,
  GroupMember,
  GroupOptions,
  KafkaClient,
  OffsetCommit,
  OffsetPoint,
  ProduceRequest,
  ProduceResult,
  RecordSet,
  TopicPartition,
} from '../../src/ingest/client.ts';
import type { SimCluster } from './sim-cluster.ts';
import { SimMember } from './sim-member.ts';

const noTransactions = () => new Error('the simulated cluster has no transactions');
const unreachable = () => new MillraceError('connection lost', { code: 'BROKER_UNREACHABLE' });

/** One process's connection; `kill` is the end of the process, as the cluster sees it. */
export class SimClient implements KafkaClient {
  readonly name = 'simulation';
  readonly version = '1';
  readonly cluster: SimCluster;
  dead = false;
  /** Partitions that must not be asked for. */
  readonly paused = new Set<number>();
  /** Who it writes as. */
  producerId = -1n;
  /** The ends that it was told first, by partition. */
  ends: readonly bigint[] | undefined;
  #member: SimMember | undefined;

  constructor(cluster: SimCluster) {
    this.cluster = cluster;
  }

  /** A partition is ours (anew). */
  noteAssigned(partition: number): void {
    this.paused.delete(partition);
    this.cluster.endSeeks(partition);
  }

  kill(): void {
    this.dead = true;
    if (this.#member !== undefined) this.cluster.leave(this.#member);
  }

  async topics(names: readonly string[]) {
    await this.cluster.delay(this);
    return names.map((topic) => {
      const { input, outputs } = this.cluster;
      const output = outputs.find((one) => one.topic === topic);
      const count = output?.partitions ?? input.length;
      const partitions = Array.from({ length: count }, (_, partition) => ({
        topic,
        partition,
        leader: partition % 2,
        leaderEpoch: 0,
      }));
      return { topic, topicId: topic, partitions };
    });
  }

  async fetch(request: FetchRequest): Promise<FetchResult> {
    const { cluster } = this;
    for (const { partition } of request.positions) {
      if (this.paused.has(partition)) cluster.violations.push(`${partition} fetched while paused`);
    }
    await cluster.delay(this);
    if (cluster.chance.happens(cluster.faults.fetchLost)) throw unreachable();
    const sets = request.positions.map(({ topic, partition, offset }): RecordSet => {
      const batches = cluster.log(partition).filter((b) => b.base + b.count > Number(offset));
      const chunks = batches.slice(0, cluster.chance.between(0, 4)).map((b) => b.bytes);
      // A broker may cut the last batch short.
      const last = chunks.at(-1);
      if (chunks.length > 1 && cluster.chance.happens(0.3)) {
        chunks[chunks.length - 1] = last!.subarray(0, cluster.chance.between(1, last!.length - 1));
      }
      const end = BigInt(cluster.endOf(partition));
      return {
        topic,
        partition,
        fetchOffset: offset,
        chunks,
        byteLength: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
        highWatermark: end,
        lastStableOffset: end,
        logStartOffset: 0n,
        abortedTransactions: [],
      };
    });
    return { sets, failures: [] };
  }

  async produce(request: ProduceRequest): Promise<ProduceResult[]> {
    const { cluster } = this;
    const { chance, faults } = cluster;
    // The bytes travel now; the sender may be dead when they arrive.
    const sent = request.batches.map((b) => ({ ...b, bytes: b.bytes.slice() }));
    if (chance.happens(faults.produceLostBefore)) {
      await cluster.delay(this);
      throw unreachable();
    }
    await new Promise<void>((resolve) => cluster.clock.after(chance.between(0, 20), resolve));
    const results = sent.map(({ topic, partition, bytes }) =>
      chance.happens(faults.produceRefused)
        ? {
            topic,
            partition,
            baseOffset: -1n,
            logAppendTimeMs: -1n,
            error: 'NOT_LEADER_OR_FOLLOWER',
          }
        : cluster.append(topic, partition, bytes),
    );
    await cluster.delay(this);
    if (chance.happens(faults.produceLostAfter)) throw unreachable();
    return results;
  }

  async initProducerId() {
    await this.cluster.delay(this);
    this.producerId = this.cluster.newProducer();
    return { producerId: this.producerId, producerEpoch: 0 };
  }

  async initTransactions(): Promise<never> {
    throw noTransactions();
  }

  async addPartitionsToTransaction(): Promise<never> {
    throw noTransactions();
  }

  async sendOffsetsToTransaction(): Promise<never> {
    throw noTransactions();
  }

  async endTransaction(): Promise<never> {
    throw noTransactions();
  }

  async topicNames() {
    await this.cluster.delay(this);
    return ['in', 'out'];
  }

  async listOffsets(partitions: readonly TopicPartition[], at: OffsetPoint) {
    const { cluster } = this;
    if (at === 'earliest') {
      await cluster.delay(this);
      return partitions.map(() => 0n);
    }
    // Each of another leader, which answers when it does.
    const ends = await Promise.all(
      partitions.map(async ({ partition }) => {
        await cluster.delay(this);
        return BigInt(cluster.endOf(partition));
      }),
    );
    this.ends ??= ends;
    return ends;
  }

  async committed(_groupId: string, partitions: readonly TopicPartition[]) {
    await this.cluster.delay(this);
    return partitions.map((p) => this.cluster.committed.get(p.partition));
  }

  async commit(_groupId: string, offsets: readonly OffsetCommit[]): Promise<void> {
    await this.cluster.delay(this);
    this.cluster.commit(offsets);
  }

  async joinGroup(_options: GroupOptions, listener: GroupListener): Promise<GroupMember> {
    await this.cluster.delay(this);
    const member = new SimMember(this, listener);
    this.#member = member;
    queueMicrotask(() => this.cluster.join(member));
    return member;
  }

  async maxMessageBytes(): Promise<number> {
    return 1_000_000;
  }

  async createTopics(): Promise<void> {}

  async close(): Promise<void> {}
}
