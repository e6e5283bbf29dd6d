/** Morsels from Kafka: which partition's buffer becomes the next one, and when. */
import type { Clock } from '../clock.ts';
import type { KafkaClient, OffsetCommit, OffsetPoint, TopicPartition } from '../ingest/client.ts';
import type { PartitionBuffer } from '../ingest/partition-buffer.ts';
import { KafkaSource } from '../ingest/source.ts';
import type { KafkaSourcePlan } from '../plan.ts';
import type { Feed, FeedControl, FeedListener, Morsel, OpenedPartition } from './feed.ts';

/** Reads the topics of a plan, morsel by morsel. */
export class KafkaFeed implements Feed, FeedControl {
  readonly control: FeedControl = this;
  readonly #plan: KafkaSourcePlan;
  readonly #client: KafkaClient;
  readonly #clock: Clock;
  readonly #maxBufferedBytes: number;
  #source: KafkaSource | undefined;

  /** @param maxBufferedBytes bytes fetched and not handed out, at most (softly: by one fetch). */
  constructor(plan: KafkaSourcePlan, client: KafkaClient, clock: Clock, maxBufferedBytes: number) {
    this.#plan = plan;
    this.#client = client;
    this.#clock = clock;
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  start(listener: FeedListener): Promise<void> {
    this.#source = new KafkaSource(
      this.#plan,
      this.#client,
      this.#clock,
      listener,
      this.#maxBufferedBytes,
    );
    return this.#source.start();
  }

  get exhausted(): boolean {
    return this.#source?.exhausted ?? false;
  }

  get lag(): number {
    return Number(this.#source?.lag ?? 0n);
  }

  next(idle: boolean): Morsel | undefined {
    const buffer = this.#choose(idle);
    const records = buffer?.take(this.#plan.batch);
    if (records === undefined) return undefined;
    this.#source!.taken(records.freedBytes);
    const { topic, partition, fetchOffset, endOffset, nextOffset, byteLength, dropped } = records;
    return {
      topic,
      partition,
      records: records.records,
      ownBytes: records.freedBytes,
      firstOffset: fetchOffset,
      nextOffset,
      load: {
        inputBytes: byteLength,
        name: `${topic}-${partition} offsets ${fetchOffset} to ${nextOffset - 1n}`,
        place: { topic, partition, offset: fetchOffset, nextOffset },
        release: () => records.release(),
        write: (bytes, address) => {
          records.copy(bytes, address);
          return {
            kind: 'records',
            topic,
            partition,
            address,
            byteLength,
            fetchOffset,
            ...(endOffset === undefined ? {} : { endOffset }),
            dropped,
          };
        },
      },
    };
  }

  dueMs(): number | undefined {
    const oldest = this.#oldest(() => true)?.oldestMs;
    if (oldest === undefined) return undefined;
    return Math.max(oldest + this.#plan.batch.maxWaitMs - this.#clock.nowMs(), 0);
  }

  commit(offsets: readonly OffsetCommit[]): Promise<void> {
    return this.#source?.commit(offsets) ?? Promise.resolve();
  }

  get commits(): boolean {
    return this.#plan.groupId !== undefined;
  }

  get reached(): readonly OpenedPartition[] {
    return this.#source?.reached ?? [];
  }

  pause(partitions?: readonly TopicPartition[]): void {
    this.#source?.pause(partitions);
  }

  resume(partitions?: readonly TopicPartition[]): void {
    this.#source?.resume(partitions);
  }

  seek(partition: TopicPartition, offset: bigint): void {
    this.#source?.seek(partition, offset);
  }

  offsets(partitions: readonly TopicPartition[], at: OffsetPoint): Promise<bigint[]> {
    return this.#source!.offsets(partitions, at);
  }

  async stop(): Promise<void> {
    this.#source?.stopFetching();
  }

  async close(): Promise<void> {
    await this.#source?.close();
  }

  // Oldest first, so that no partition waits behind a busier one.
  #choose(idle: boolean): PartitionBuffer | undefined {
    if (idle) return this.#oldest(() => true);
    const { batch } = this.#plan;
    const latest = this.#clock.nowMs() - batch.maxWaitMs;
    return this.#oldest((buffer) => buffer.isFull(batch) || buffer.oldestMs! <= latest);
  }

  #oldest(wanted: (buffer: PartitionBuffer) => boolean): PartitionBuffer | undefined {
    let best: PartitionBuffer | undefined;
    for (const buffer of this.#source?.buffers.values() ?? []) {
      if (buffer.oldestMs === undefined || !wanted(buffer)) continue;
      if (best === undefined || buffer.oldestMs < best.oldestMs!) best = buffer;
    }
    return best;
  }
}
