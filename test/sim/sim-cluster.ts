/** A Kafka cluster in memory that delays, loses, repeats and fences as a seed says. */
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
import type { Chance, VirtualClock } from './virtual-clock.ts';
import { makeBatch, readBatches, type SimMessage } from './wire.ts';

/** What goes wrong, as shares of the requests. */
export interface Faults {
  readonly fetchLost: number;
  readonly produceLostBefore: number;
  readonly produceLostAfter: number;
  readonly produceRefused: number;
  readonly commitLost: number;
}

/** One stored message of the output topic, with the run that wrote it. */
export interface Stored extends SimMessage {
  readonly producerId: bigint;
}

interface InputBatch {
  readonly base: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

const REBALANCE_MS = 10_000;

/** The brokers, and what they store. */
export class SimCluster {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly input: InputBatch[][];
  readonly output: Stored[][];
  readonly committed = new Map<number, bigint>();
  /** Where the group began, by partition: what lies before was somebody else's to read. */
  readonly begins: readonly number[];
  /** Every rule that was broken; empty at the end of a good run. */
  readonly violations: string[] = [];
  /** How often a member took too long to give its partitions back. */
  lateRevokes = 0;
  readonly #sequences = new Map<string, number>();
  readonly #members = new Set<SimMember>();
  #nextProducer = 1n;
  #generation = 0;

  constructor(
    clock: VirtualClock,
    chance: Chance,
    faults: Faults,
    size: { inputs: number; outputs: number; batches: number },
  ) {
    this.clock = clock;
    this.chance = chance;
    this.faults = faults;
    this.output = Array.from({ length: size.outputs }, () => []);
    this.input = Array.from({ length: size.inputs }, (_, partition) => {
      const batches: InputBatch[] = [];
      let offset = 0;
      for (let i = 0; i < size.batches; i++) {
        const count = chance.between(1, 5);
        const messages = Array.from({ length: count }, (_, j) => ({
          partition,
          offset: offset + j,
        }));
        batches.push({ base: offset, count, bytes: makeBatch(offset, messages) });
        offset += count;
      }
      return batches;
    });
    // A group's offset may lie in the middle of a batch.
    this.begins = this.input.map((_, partition) => {
      if (!chance.happens(0.3)) return 0;
      const begin = chance.between(0, this.endOf(partition));
      this.committed.set(partition, BigInt(begin));
      return begin;
    });
  }

  endOf(partition: number): number {
    const last = this.input[partition]!.at(-1);
    return last === undefined ? 0 : last.base + last.count;
  }

  /** Whether every message is stored and every offset committed. */
  get done(): boolean {
    return this.input.every((_, p) => (this.committed.get(p) ?? 0n) === BigInt(this.endOf(p)));
  }

  /** Settles after a delay, now and then a long one; never, once the client is dead. */
  delay(client: SimClient): Promise<void> {
    const mostMs = this.chance.happens(0.1) ? 500 : 20;
    return new Promise((resolve) => {
      this.clock.after(this.chance.between(0, mostMs), () => {
        if (!client.dead) resolve();
      });
    });
  }

  newProducer(): bigint {
    return this.#nextProducer++;
  }

  append(partition: number, bytes: Uint8Array): ProduceResult {
    const result = { topic: 'out', partition, baseOffset: 0n, logAppendTimeMs: -1n };
    const [batch] = readBatches(bytes);
    const { producerId, baseSequence } = batch!.stamp;
    const key = `${producerId}/${partition}`;
    const expected = this.#sequences.get(key) ?? 0;
    if (baseSequence + batch!.messages.length === expected) {
      return { ...result, error: 'DUPLICATE_SEQUENCE_NUMBER' };
    }
    if (baseSequence !== expected) return { ...result, error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' };
    this.#sequences.set(key, expected + batch!.messages.length);
    for (const message of batch!.messages) this.output[partition]!.push({ ...message, producerId });
    return result;
  }

  commit(offsets: readonly OffsetCommit[]): void {
    for (const { partition, offset } of offsets) {
      const stored = new Set(
        this.output
          .flat()
          .filter((m) => m.partition === partition)
          .map((m) => m.offset),
      );
      for (let i = this.begins[partition]!; i < Number(offset); i++) {
        if (stored.has(i)) continue;
        this.violations.push(`offset ${offset} of ${partition} committed, ${i} not stored`);
        break;
      }
      this.committed.set(partition, offset);
    }
  }

  join(member: SimMember): void {
    this.#members.add(member);
    void this.#rebalance();
  }

  leave(member: SimMember): void {
    if (this.#members.delete(member)) void this.#rebalance();
  }

  // Everybody gives back (or is taken from, where that takes too long), then all are dealt out.
  async #rebalance(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    const members = [...this.#members];
    await Promise.all(members.map((member) => member.giveBack(REBALANCE_MS)));
    if (generation !== this.#generation) return;
    const alive = members.filter((member) => this.#members.has(member));
    for (const [i, member] of alive.entries()) {
      const partitions = this.input.map((_, p) => p).filter((p) => p % alive.length === i);
      member.give(
        generation,
        partitions.map((partition) => ({ topic: 'in', partition })),
      );
    }
  }
}

/** One member of the group. */
class SimMember implements GroupMember {
  readonly memberId = 'm';
  generationId = -1;
  readonly client: SimClient;
  readonly listener: GroupListener;
  #owned: readonly TopicPartition[] = [];
  #giving: Promise<void> = Promise.resolve();

  constructor(client: SimClient, listener: GroupListener) {
    this.client = client;
    this.listener = listener;
  }

  /** A rebalance that begins while another is under way waits for the same hooks. */
  giveBack(limitMs: number): Promise<void> {
    this.#giving = this.#giving.then(() => this.#giveBack(limitMs));
    return this.#giving;
  }

  async #giveBack(limitMs: number): Promise<void> {
    const owned = this.#owned;
    this.#owned = [];
    if (owned.length === 0) return;
    const { clock } = this.client.cluster;
    let late = false;
    const timeout = new Promise<void>((resolve) =>
      clock.after(limitMs, () => {
        late = true;
        resolve();
      }),
    );
    const revoked = this.client.dead ? timeout : this.listener.onRevoke(owned);
    await Promise.race([revoked, timeout]);
    this.generationId = -1;
    if (late) this.client.cluster.lateRevokes += 1;
    if (!late || this.client.dead) return;
    await Promise.all([this.listener.onLost(owned), revoked]);
  }

  give(generation: number, partitions: readonly TopicPartition[]): void {
    if (this.client.dead) return;
    this.generationId = generation;
    this.#owned = partitions;
    this.#giving = this.#giving.then(() => this.listener.onAssign(partitions));
  }

  async commit(offsets: readonly OffsetCommit[]): Promise<void> {
    const { cluster } = this.client;
    const generation = this.generationId;
    await cluster.delay(this.client);
    if (cluster.chance.happens(cluster.faults.commitLost)) throw unreachable();
    // As Kafka does: who commits under a generation that has passed is refused.
    if (generation === -1 || generation !== this.generationId) {
      throw new MillraceError('fenced', { code: 'GROUP_FENCED' });
    }
    cluster.commit(offsets);
  }

  async leave(): Promise<void> {
    await this.#giving;
    const owned = this.#owned;
    this.#owned = [];
    if (owned.length > 0) await this.listener.onRevoke(owned);
    this.client.cluster.leave(this);
  }
}

const unreachable = () => new MillraceError('connection lost', { code: 'BROKER_UNREACHABLE' });

/** One process's connection; `kill` is the end of the process, as the cluster sees it. */
export class SimClient implements KafkaClient {
  readonly name = 'simulation';
  readonly version = '1';
  readonly cluster: SimCluster;
  dead = false;
  #member: SimMember | undefined;

  constructor(cluster: SimCluster) {
    this.cluster = cluster;
  }

  kill(): void {
    this.dead = true;
    if (this.#member !== undefined) this.cluster.leave(this.#member);
  }

  async topics(names: readonly string[]) {
    await this.cluster.delay(this);
    return names.map((topic) => {
      const count = topic === 'in' ? this.cluster.input.length : this.cluster.output.length;
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
    await cluster.delay(this);
    if (cluster.chance.happens(cluster.faults.fetchLost)) throw unreachable();
    const sets = request.positions.map(({ topic, partition, offset }): RecordSet => {
      const batches = cluster.input[partition]!.filter((b) => b.base + b.count > Number(offset));
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
    const sent = request.batches.map((b) => ({ partition: b.partition, bytes: b.bytes.slice() }));
    if (chance.happens(faults.produceLostBefore)) {
      await cluster.delay(this);
      throw unreachable();
    }
    await new Promise<void>((resolve) => cluster.clock.after(chance.between(0, 20), resolve));
    const results = sent.map(({ partition, bytes }) =>
      chance.happens(faults.produceRefused)
        ? {
            topic: 'out',
            partition,
            baseOffset: -1n,
            logAppendTimeMs: -1n,
            error: 'NOT_LEADER_OR_FOLLOWER',
          }
        : cluster.append(partition, bytes),
    );
    await cluster.delay(this);
    if (chance.happens(faults.produceLostAfter)) throw unreachable();
    return results;
  }

  async initProducerId() {
    await this.cluster.delay(this);
    return { producerId: this.cluster.newProducer(), producerEpoch: 0 };
  }

  async topicNames() {
    await this.cluster.delay(this);
    return ['in', 'out'];
  }

  async listOffsets(partitions: readonly TopicPartition[], at: OffsetPoint) {
    await this.cluster.delay(this);
    return partitions.map((p) =>
      at === 'earliest' ? 0n : BigInt(this.cluster.endOf(p.partition)),
    );
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
