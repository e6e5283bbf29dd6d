/**
 * The reading side: which partitions are ours, where each one stands, and fetches that keep their
 * buffers filled without ever holding more than a bounded number of bytes.
 */
import { type Clock, sleep } from '../clock.ts';
import { MillraceError } from '../errors.ts';
import type { KafkaSourcePlan } from '../plan.ts';
import type {
  FetchFailure,
  GroupMember,
  KafkaClient,
  OffsetCommit,
  RecordSet,
  TopicPartition,
} from './client.ts';
import { PartitionBuffer } from './partition-buffer.ts';
import { cutRecordSet } from './record-set.ts';

/** What the source tells the pipeline; the promises are awaited. */
export interface SourceListener {
  /** Partitions are ours from now on, at their buffers' positions. */
  onAssign(partitions: readonly PartitionBuffer[]): void;
  /** Partitions are about to be taken: finish and commit what is in flight for them. */
  onRevoke(partitions: readonly TopicPartition[]): Promise<void>;
  /** Partitions were taken: what is in flight for them must not be committed. */
  onLost(partitions: readonly TopicPartition[]): void;
  /** A partition's offset was not in the log, and reading goes on at `offsetReset`. */
  onReset(partition: TopicPartition): void;
  /** Something was buffered, or a partition reached its end. */
  onData(): void;
  /** Reading cannot go on. */
  onError(error: MillraceError): void;
}

/** The shortest wait of a fetch while other partitions of the broker have work to do, ms. */
const SHORT_WAIT_MS = 5;
const LEADER_RETRY_MS = 200;
const RETRY_DELAY_MAX_MS = 5_000;
/** How long no broker may answer before reading fails, ms. */
const UNREACHABLE_MAX_MS = 60_000;

const keyOf = (topic: string, partition: number) => `${topic}\0${partition}`;

/** Reads the topics of a plan. */
export class KafkaSource {
  readonly buffers = new Map<string, PartitionBuffer>();
  /** Bytes in all buffers. */
  bufferedBytes = 0;
  readonly #plan: KafkaSourcePlan;
  readonly #client: KafkaClient;
  readonly #clock: Clock;
  readonly #listener: SourceListener;
  readonly #maxBufferedBytes: number;
  readonly #stopping = new AbortController();
  readonly #leaders = new Map<string, number>();
  readonly #fetchers = new Map<number, Promise<void>>();
  #member: GroupMember | undefined;
  #ends: Map<string, bigint> | undefined;
  #assigned = false;
  #unreachableSinceMs: number | undefined;
  #awaitingLeaders = false;
  #wake: (() => void)[] = [];

  /** @param maxBufferedBytes bytes of all buffers at which fetching pauses. */
  constructor(
    plan: KafkaSourcePlan,
    client: KafkaClient,
    clock: Clock,
    listener: SourceListener,
    maxBufferedBytes: number,
  ) {
    this.#plan = plan;
    this.#client = client;
    this.#clock = clock;
    this.#listener = listener;
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  /** Joins the group, or takes every partition where the plan has none. */
  async start(): Promise<void> {
    const topics = await this.#client.topics(this.#plan.topics);
    const all = topics.flatMap((topic) => topic.partitions);
    if (this.#plan.until === 'latest') {
      const ends = await this.#client.listOffsets(all, 'latest', this.#plan.isolation);
      this.#ends = new Map(all.map((p, i) => [keyOf(p.topic, p.partition), ends[i]!]));
    }
    const { groupId, group } = this.#plan;
    if (groupId === undefined) return this.#assign(all);
    this.#member = await this.#client.joinGroup(
      { groupId, topics: this.#plan.topics, protocol: 'classic', assignors: ['range'], ...group },
      {
        onAssign: (partitions) => this.#assign(partitions),
        // Nothing more of them is read: what is in flight has an end.
        onRevoke: (partitions) => {
          this.#remove(partitions);
          return this.#listener.onRevoke(partitions);
        },
        onLost: async (partitions) => {
          this.#remove(partitions);
          this.#listener.onLost(partitions);
        },
        onError: (error) => this.#fail(error),
      },
    );
  }

  /** Whether every partition that is ours was read to its end. Never true without `until`. */
  get exhausted(): boolean {
    if (this.#ends === undefined || !this.#assigned) return false;
    for (const buffer of this.buffers.values()) if (!buffer.exhausted) return false;
    return true;
  }

  /** Bytes left the buffers: fetching may go on. */
  taken(bytes: number): void {
    this.bufferedBytes -= bytes;
    this.#wakeFetchers();
  }

  /** Commits under the membership; a plan without a group commits nothing. */
  async commit(offsets: readonly OffsetCommit[]): Promise<void> {
    if (offsets.length === 0 || this.#plan.groupId === undefined) return;
    await this.#member?.commit(offsets);
  }

  /** Messages that no morsel has yet, up to the end of the log, of all partitions that are ours. */
  get lag(): bigint {
    let lag = 0n;
    for (const { highWatermark, position, bufferedRecords } of this.buffers.values()) {
      if (highWatermark > position) lag += highWatermark - position;
      lag += BigInt(bufferedRecords);
    }
    return lag;
  }

  /**
   * Ends the fetches; buffers and membership stay, so that what is in flight can be committed. A
   * long poll under way ends with the client: nobody waits for what it brings.
   */
  stopFetching(): void {
    this.#stopping.abort();
    this.#wakeFetchers();
  }

  /** Leaves the group. Call after the last commit. */
  async close(): Promise<void> {
    this.stopFetching();
    await this.#member?.leave();
  }

  async #assign(partitions: readonly TopicPartition[]): Promise<void> {
    const positions = await this.#positions(partitions);
    const added = partitions.map(({ topic, partition }, i) => {
      const end = this.#ends?.get(keyOf(topic, partition));
      const buffer = new PartitionBuffer(topic, partition, positions[i]!, end);
      this.buffers.set(keyOf(topic, partition), buffer);
      return buffer;
    });
    this.#assigned = true;
    this.#listener.onAssign(added);
    await this.#learnLeaders(false);
    this.#listener.onData();
  }

  async #positions(partitions: readonly TopicPartition[]): Promise<bigint[]> {
    const { groupId, offsetReset, isolation } = this.#plan;
    const reset = await this.#client.listOffsets(partitions, offsetReset, isolation);
    if (groupId === undefined) return reset;
    const committed = await this.#client.committed(groupId, partitions);
    return partitions.map((_, i) => committed[i] ?? reset[i]!);
  }

  // Until the group says what is ours next, nothing is known to be read to its end.
  #remove(partitions: readonly TopicPartition[]): void {
    this.#assigned = false;
    for (const { topic, partition } of partitions) {
      const buffer = this.buffers.get(keyOf(topic, partition));
      if (buffer === undefined) continue;
      this.bufferedBytes -= buffer.bufferedBytes;
      this.buffers.delete(keyOf(topic, partition));
    }
    this.#wakeFetchers();
  }

  async #learnLeaders(refresh: boolean): Promise<void> {
    const topics = await this.#client.topics(this.#plan.topics, { refresh });
    for (const { topic, partition, leader, readFrom } of topics.flatMap((i) => i.partitions)) {
      const node = leader < 0 ? leader : (readFrom ?? leader);
      this.#leaders.set(keyOf(topic, partition), node);
      if (node < 0 || this.#fetchers.has(node) || this.#stopping.signal.aborted) continue;
      this.#fetchers.set(node, this.#fetchFrom(node));
    }
    this.#wakeFetchers();
    void this.#awaitLeaders();
  }

  // No fetch fails for a partition without a leader: nothing else would look for it again.
  async #awaitLeaders(): Promise<void> {
    if (this.#awaitingLeaders) return;
    this.#awaitingLeaders = true;
    const { signal } = this.#stopping;
    let delayMs = LEADER_RETRY_MS;
    while (this.#isLeaderless() && !signal.aborted) {
      await sleep(this.#clock, delayMs, signal);
      delayMs = Math.min(delayMs * 2, RETRY_DELAY_MAX_MS);
      await this.#refreshLeaders();
    }
    this.#awaitingLeaders = false;
  }

  #isLeaderless(): boolean {
    for (const key of this.buffers.keys()) if ((this.#leaders.get(key) ?? -1) < 0) return true;
    return false;
  }

  // One loop per broker, one fetch at a time on it.
  async #fetchFrom(node: number): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      const { hungry, waiting } = this.#hungry(node);
      if (hungry.length === 0) {
        await new Promise<void>((resolve) => this.#wake.push(resolve));
        continue;
      }
      try {
        await this.#fetchOnce(node, hungry, waiting);
        failures = 0;
      } catch (error) {
        const problem = MillraceError.from(error);
        if (signal.aborted) return;
        if (problem.retry === 'never') return this.#fail(problem);
        failures += 1;
        await sleep(
          this.#clock,
          Math.min(LEADER_RETRY_MS * 2 ** (failures - 1), RETRY_DELAY_MAX_MS),
          signal,
        );
        await this.#refreshLeaders();
      }
    }
  }

  // Partitions of a broker whose buffers have room, and whether others of it are at work.
  #hungry(node: number): { hungry: PartitionBuffer[]; waiting: boolean } {
    const hungry: PartitionBuffer[] = [];
    if (this.bufferedBytes >= this.#maxBufferedBytes) return { hungry, waiting: true };
    let waiting = false;
    for (const [key, buffer] of this.buffers) {
      if (this.#leaders.get(key) !== node || buffer.fetchedToEnd) continue;
      if (buffer.isFull(this.#plan.batch)) waiting = true;
      else hungry.push(buffer);
    }
    return { hungry, waiting };
  }

  async #fetchOnce(node: number, hungry: PartitionBuffer[], waiting: boolean): Promise<void> {
    const { fetch, batch, isolation } = this.#plan;
    // Brokers are asked at the same time: each for its share of the room that is left.
    const room = (this.#maxBufferedBytes - this.bufferedBytes) / Math.max(1, this.#fetchers.size);
    const result = await this.#client.fetch({
      node,
      positions: hungry.map(({ topic, partition, position }) => ({
        topic,
        partition,
        offset: position,
      })),
      maxBytes: Math.max(1, Math.floor(Math.min(fetch.maxBytes, room))),
      partitionMaxBytes: batch.maxBytes,
      minBytes: waiting ? 1 : fetch.minBytes,
      // A long poll would hold up the partitions that are not in it.
      maxWaitMs: waiting ? Math.min(SHORT_WAIT_MS, fetch.maxWaitMs) : fetch.maxWaitMs,
      isolation,
    });
    if (this.#stopping.signal.aborted) return;
    for (const set of result.sets) this.#take(set);
    this.#listener.onData();
    if (result.failures.length > 0) await this.#recover(result.failures);
  }

  #take(set: RecordSet): void {
    const buffer = this.buffers.get(keyOf(set.topic, set.partition));
    // Revoked, or assigned anew at another position, while the fetch was under way.
    if (buffer === undefined || buffer.position !== set.fetchOffset) return;
    buffer.highWatermark = set.highWatermark;
    if (set.byteLength === 0) return;
    const cuts = cutRecordSet(set, this.#plan.batch);
    this.bufferedBytes += buffer.add(set, cuts, this.#clock.nowMs());
  }

  async #recover(failures: readonly FetchFailure[]): Promise<void> {
    for (const failure of failures) {
      if (failure.error !== 'OFFSET_OUT_OF_RANGE') continue;
      await this.#resetPosition(failure);
    }
    await sleep(this.#clock, LEADER_RETRY_MS, this.#stopping.signal);
    await this.#refreshLeaders();
  }

  // The log was cut below our position (retention, or an unclean election): begin where the plan
  // begins partitions that it knows nothing of.
  async #resetPosition({ topic, partition }: FetchFailure): Promise<void> {
    const buffer = this.buffers.get(keyOf(topic, partition));
    if (buffer === undefined) return;
    const { offsetReset, isolation } = this.#plan;
    const [offset] = await this.#client.listOffsets([buffer], offsetReset, isolation);
    buffer.seek(offset!);
    this.#listener.onReset(buffer);
  }

  async #refreshLeaders(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    try {
      await this.#learnLeaders(true);
      this.#unreachableSinceMs = undefined;
    } catch (error) {
      const problem = MillraceError.from(error);
      if (this.#stopping.signal.aborted) return;
      if (problem.retry === 'never' || this.#awayTooLong()) this.#fail(problem);
    }
  }

  // Whether the cluster has not answered for so long that it will hardly come back.
  #awayTooLong(): boolean {
    const now = this.#clock.nowMs();
    this.#unreachableSinceMs ??= now;
    return now - this.#unreachableSinceMs >= UNREACHABLE_MAX_MS;
  }

  #fail(error: unknown): void {
    this.#stopping.abort();
    this.#listener.onError(MillraceError.from(error, 'KAFKA_ERROR'));
  }

  #wakeFetchers(): void {
    const sleepers = this.#wake;
    this.#wake = [];
    for (const wake of sleepers) wake();
  }
}
