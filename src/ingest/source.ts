/**
 * The reading side: which partitions are ours, where each one stands, and what the caller may do
 * with them. Partitions come and go one by one; those that stay notice nothing of it.
 */
import { type Clock, sleep } from '../clock.ts';
import { MillraceError } from '../errors.ts';
import type { KafkaSourcePlan } from '../plan.ts';
import type {
  GroupMember,
  KafkaClient,
  OffsetCommit,
  OffsetPoint,
  TopicPartition,
} from './client.ts';
import { Fetchers } from './fetchers.ts';
import { GroupEnds, type PartitionEnd } from './group-ends.ts';
import { GroupWatch } from './group-watch.ts';
import { PartitionBuffer } from './partition-buffer.ts';
import { partitionKey } from './partition-key.ts';
import { type StartPosition, StartPositions } from './start-positions.ts';
import { Subscription } from './subscription.ts';

/** What the source tells the pipeline; the promises are awaited. */
export interface SourceListener {
  /** Partitions are ours from now on; they are read once this has settled. */
  onAssign(partitions: readonly StartPosition[]): Promise<void>;
  /** Partitions are about to be taken: finish and commit what is in flight for them. */
  onRevoke(partitions: readonly TopicPartition[]): Promise<void>;
  /** Partitions were taken: what is in flight for them must not be committed. */
  onLost(partitions: readonly TopicPartition[]): Promise<void>;
  /** A partition's offset `from` was not in the log, and reading goes on at `to`. */
  onReset(partition: TopicPartition, from: bigint, to: bigint): void;
  /**
   * All that is ours was handed out, and others of the group have something to read: settles when
   * it is out and, where that happens by itself, committed.
   */
  onRead(): Promise<void>;
  /** Something was buffered, or a partition reached its end. */
  onData(): void;
  /** Reading cannot go on. */
  onError(error: MillraceError): void;
}

/** How often a source without a group looks for topics and partitions that are new, ms. */
const REFRESH_MS = 30_000;
/** How soon another member has committed where it begins a partition again, ms. */
const BEGINS_MS = 3_000;

/** Reads the topics of a plan. */
export class KafkaSource {
  readonly buffers = new Map<string, PartitionBuffer>();
  readonly #plan: KafkaSourcePlan;
  readonly #client: KafkaClient;
  readonly #clock: Clock;
  readonly #listener: SourceListener;
  readonly #subscription: Subscription;
  readonly #positions: StartPositions;
  readonly #fetchers: Fetchers;
  #member: GroupMember | undefined;
  #ends: Map<string, PartitionEnd> | undefined;
  #watch: GroupWatch | undefined;
  #assigned = false;
  #pausedAll = false;
  #isStopped = false;

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
    this.#subscription = new Subscription(plan, client);
    this.#positions = new StartPositions(plan, client);
    const { buffers } = this;
    this.#fetchers = new Fetchers(
      { plan, client, clock, buffers, maxBufferedBytes },
      {
        onData: () => this.#onData(),
        onReset: (partition, from, to) => listener.onReset(partition, from, to),
        onMissing: (topics) => this.#dropMissing(topics),
        onError: (error) => listener.onError(error),
      },
    );
  }

  /** Joins the group, or takes every partition that the plan means where there is none to join. */
  async start(): Promise<void> {
    const all = await this.#subscription.partitions();
    if (this.#plan.until === 'latest') this.#ends = await this.#endsOf(all);
    await this.#positions.prepare(all);
    const { groupId, partitions } = this.#plan;
    if (groupId !== undefined && partitions === undefined) return this.#join(groupId);
    await this.#assign(all);
    if (partitions === undefined && this.#ends === undefined) void this.#lookForMore();
  }

  async #endsOf(partitions: readonly TopicPartition[]): Promise<Map<string, PartitionEnd>> {
    const offsets = partitions.length === 0 ? [] : await this.offsets(partitions, 'latest');
    return new Map(
      partitions.map(({ topic, partition }, i) => [
        partitionKey({ topic, partition }),
        { topic, partition, end: offsets[i]! },
      ]),
    );
  }

  async #join(groupId: string): Promise<void> {
    const { topics, pattern, group, connection } = this.#plan;
    const { rack } = connection;
    if (this.#ends !== undefined) this.#watch = this.#watchOf([...this.#ends.values()]);
    this.#member = await this.#client.joinGroup(
      {
        groupId,
        topics,
        ...(pattern === undefined ? {} : { pattern }),
        ...(rack === undefined ? {} : { rack }),
        ...group,
      },
      {
        onAssign: (partitions) => this.#assign(partitions),
        // Nothing more of them is read: what is in flight has an end.
        onRevoke: (partitions) => {
          this.#remove(partitions);
          return this.#listener.onRevoke(partitions);
        },
        onLost: async (partitions) => {
          this.#remove(partitions);
          await this.#listener.onLost(partitions);
          if (this.#isStopped && this.buffers.size === 0) this.#stayAway();
        },
        onError: (error) => this.#fail(error),
      },
    );
    if (this.#assigned) this.#watch?.wake();
  }

  /**
   * Whether there is nothing left to read: of ours, and where this member is to wait for its group
   * of that, too. Never true without `until`.
   */
  get exhausted(): boolean {
    if (this.#ends === undefined) return false;
    if (this.#watch?.isDone === true) return true;
    return this.#assigned && this.#isRead && !this.#waitsForGroup;
  }

  /** How far partitions were read, while all that is ours is and the group is waited for. */
  get reached(): StartPosition[] {
    if (!this.#waitsForGroup) return [];
    return [...this.buffers.values()].map(({ topic, partition, position }) => {
      return { topic, partition, position, due: true };
    });
  }

  get #isRead(): boolean {
    for (const buffer of this.buffers.values()) if (!buffer.exhausted) return false;
    return true;
  }

  // A member that has read its share waits till that is committed, and for the others: whoever
  // dies, or leaves, leaves the rest to it. Where the owner commits, it could wait for ever.
  get #waitsForGroup(): boolean {
    if (this.#watch === undefined || this.#member === undefined) return false;
    if (!this.#assigned || !this.#isRead) return false;
    return this.buffers.size === 0 || this.#plan.autoCommit;
  }

  /** Bytes left the buffers: fetching may go on. */
  taken(bytes: number): void {
    this.#fetchers.freed(bytes);
    this.#watch?.wake();
  }

  /** Commits under the membership, or to the group that is not joined; without one, nothing. */
  async commit(offsets: readonly OffsetCommit[]): Promise<void> {
    const { groupId, partitions } = this.#plan;
    if (offsets.length === 0 || groupId === undefined) return;
    if (partitions === undefined) await this.#member?.commit(offsets);
    else await this.#client.commit(groupId, offsets);
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
   * Stops reading partitions; default all, those that come later among them. What is buffered is
   * dropped: it would take the room of those that go on.
   */
  pause(partitions?: readonly TopicPartition[]): void {
    if (partitions === undefined) this.#pausedAll = true;
    for (const buffer of this.#buffersOf(partitions)) {
      buffer.paused = true;
      this.#fetchers.freed(buffer.rewind());
    }
  }

  /** Goes on where `pause` stopped; default all. */
  resume(partitions?: readonly TopicPartition[]): void {
    if (partitions === undefined) this.#pausedAll = false;
    for (const buffer of this.#buffersOf(partitions)) buffer.paused = false;
    this.#fetchers.freed(0);
  }

  /** Drops what is buffered of a partition and reads on at `offset`. */
  seek(partition: TopicPartition, offset: bigint): void {
    for (const buffer of this.#buffersOf([partition])) this.#fetchers.freed(buffer.rewind(offset));
  }

  /** The offsets of a point in the logs, in the order asked. */
  offsets(partitions: readonly TopicPartition[], at: OffsetPoint): Promise<bigint[]> {
    return this.#client.listOffsets(partitions, at, this.#plan.isolation);
  }

  /**
   * Ends the fetches; buffers and membership stay, so that what is in flight can be committed. A
   * long poll under way ends with the client: nobody waits for what it brings.
   */
  stopFetching(): void {
    this.#isStopped = true;
    this.#fetchers.stop();
  }

  /** Leaves the group; without one, gives all partitions back. Call after the last commit. */
  async close(): Promise<void> {
    this.stopFetching();
    if (this.#member !== undefined) return this.#member.leave();
    const partitions = [...this.buffers.values()];
    this.#remove(partitions);
    if (partitions.length > 0) await this.#listener.onRevoke(partitions);
  }

  // Who has lost everything while it ends has nothing to commit any more, and would come back as a
  // new member, take partitions from the others, and give them back unread. `close` has the error.
  #stayAway(): void {
    void this.#member?.leave().catch(() => undefined);
  }

  #buffersOf(partitions?: readonly TopicPartition[]): PartitionBuffer[] {
    if (partitions === undefined) return [...this.buffers.values()];
    const found = partitions.map((partition) => this.buffers.get(partitionKey(partition)));
    return found.filter((buffer) => buffer !== undefined);
  }

  async #assign(partitions: readonly TopicPartition[]): Promise<void> {
    // Those that we have go on as they are, whatever the group says.
    const fresh = partitions.filter((partition) => !this.buffers.has(partitionKey(partition)));
    const positions = await this.#positions.of(fresh);
    const added = positions.map((position) => this.#open(position));
    // Its own turn even where nothing is new: an end that was reached is told from here.
    await this.#listener.onAssign(positions);
    for (const buffer of added) buffer.ready = true;
    this.#assigned = true;
    await this.#fetchers.learnLeaders(false);
    this.#watch?.dealtOut();
    this.#onData();
  }

  #onData(): void {
    this.#watch?.wake();
    this.#listener.onData();
  }

  #watchOf(ends: readonly PartitionEnd[]): GroupWatch {
    const group = new GroupEnds(this.#plan, this.#client, this.#positions, ends);
    return new GroupWatch({
      clock: this.#clock,
      signal: this.#fetchers.signal,
      isIdle: () => this.#waitsForGroup,
      settle: () => this.#listener.onRead(),
      // Whoever begins a partition again has committed where by then.
      look: (stillMs) => group.look({ onlySinceStart: stillMs < BEGINS_MS }),
      onDone: () => this.#listener.onData(),
      onStalled: () => this.#readOn(),
      onError: (error) => this.#fail(error),
    });
  }

  // Members that began at different times know different ends: each may wait for what another takes
  // to lie behind its own. So they read on to where the logs end now.
  async #readOn(): Promise<void> {
    const buffers = [...this.buffers.values()];
    const ends = await this.#endsOf(buffers);
    for (const [key, { end }] of ends) {
      const buffer = this.buffers.get(key);
      if (buffer?.end !== undefined && end > buffer.end) buffer.end = end;
    }
    this.#fetchers.freed(0);
  }

  #open({ topic, partition, position }: StartPosition): PartitionBuffer {
    const key = partitionKey({ topic, partition });
    // What was not there when the run began lies behind its end.
    const end = this.#ends === undefined ? undefined : (this.#ends.get(key)?.end ?? position);
    const buffer = new PartitionBuffer(topic, partition, position, end);
    buffer.paused = this.#pausedAll;
    this.buffers.set(key, buffer);
    return buffer;
  }

  // Until the group says what is ours next, nothing is known to be read to its end.
  #remove(partitions: readonly TopicPartition[]): void {
    this.#assigned = false;
    for (const buffer of this.#buffersOf(partitions)) {
      this.buffers.delete(partitionKey(buffer));
      this.#fetchers.freed(buffer.rewind());
    }
  }

  // Groups look for themselves.
  async #lookForMore(): Promise<void> {
    const { signal } = this.#fetchers;
    for (;;) {
      await sleep(this.#clock, REFRESH_MS, signal);
      if (signal.aborted) return;
      try {
        await this.#assign(await this.#subscription.partitions(true));
      } catch (error) {
        // A cluster that is away, or a topic that is being removed: the fetchers judge those.
        const problem = MillraceError.from(error);
        const passes = problem.retry === 'backoff' || problem.code === 'UNKNOWN_TOPIC';
        if (!passes && !signal.aborted) return this.#fail(problem);
      }
    }
  }

  // Topics that only a pattern named may go; whoever named one by name wants it.
  async #dropMissing(missing: readonly string[]): Promise<boolean> {
    const { pattern, groupId, topics } = this.#plan;
    if (pattern === undefined || missing.some((topic) => topics.includes(topic))) return false;
    // What the group has given it takes back: it would not give a topic again that was made anew
    // before it noticed. Fetches fail until then, and are tried again.
    if (groupId !== undefined) return true;
    const there = new Set(await this.#client.topicNames());
    // None: it was made anew, or whoever found it missing at the same time has dropped it.
    const gone = [...this.buffers.values()].filter(
      ({ topic }) => missing.includes(topic) && !there.has(topic),
    );
    if (gone.length === 0) return true;
    const assigned = this.#assigned;
    this.#remove(gone);
    this.#assigned = assigned;
    await this.#listener.onLost(gone);
    return true;
  }

  #fail(error: unknown): void {
    this.#fetchers.stop();
    this.#listener.onError(MillraceError.from(error, 'KAFKA_ERROR'));
  }
}
