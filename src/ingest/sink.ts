/**
 * The writing side: encoded record batches to their partitions' leaders, in order, each until it is
 * acknowledged or refused for good.
 *
 * A partition has one batch under way at a time: with an idempotent producer that makes sequence
 * numbers and retries simple (the same batch, the same sequence), and partitions, not the depth of
 * one partition's queue, give the parallelism. Batches of several partitions travel in one request.
 */
import { type Clock, sleep } from '../clock.ts';
import { MillraceError } from '../errors.ts';
import type { KafkaSinkPlan } from '../plan.ts';
import type { OutputBatch } from './batch-writer.ts';
import type { KafkaClient, ProduceResult, ProducerIdentity } from './client.ts';
import { retryDelayMs } from './clients/retry.ts';
import { patchProducer } from './crc32c.ts';
import {
  type Attempts,
  type DeliveryLimits,
  isFinal,
  isForgotten,
  mayBeStored,
  type ProduceFailure,
  reachedLimit,
  refusalOf,
} from './produce-failure.ts';

/** A batch to write. `bytes` are borrowed until `settled` is called. */
export interface SinkBatch {
  readonly output: OutputBatch;
  readonly bytes: Uint8Array;
  /** Called once: without an error when the batch is acknowledged, and where it is stored then. */
  settled(error?: MillraceError, stored?: StoredBatch): void;
}

/** Where a batch is stored. */
export interface StoredBatch {
  /** Offset of its first record; -1 where the broker did not say: `acks: 0`, or a repetition. */
  readonly baseOffset: bigint;
  /** The broker's time, where the topic has that; else -1: the records' own times hold. */
  readonly logAppendTimeMs: bigint;
}

interface Partition {
  readonly index: number;
  leader: number;
  readonly queue: SinkBatch[];
  /** The batch under way is queue[0]. */
  busy: boolean;
  /** When the last batch of the queue came. */
  pushedAtMs: number;
  /** Sequence of the next record; belongs to `identity`. */
  sequence: number;
  identity: ProducerIdentity | undefined;
  /** The batch under way may be stored already: it stays what it is until that is known. */
  inDoubt: boolean;
  /** The broker takes no more batches of `identity`. */
  forgotten: boolean;
  /** Failed attempts at the batch under way, the last of them, and when the first began. */
  failures: number;
  failure: ProduceFailure | undefined;
  firstSentAtMs: number;
}

/** Requests under way to one broker. */
const MAX_REQUESTS_PER_BROKER = 5;
/** Bytes of one request, unless one batch alone has more. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
const MAX_SEQUENCE = 0x7fffffff;

/** Writes one topic. */
export class KafkaSink {
  /** Batches and bytes acknowledged so far. */
  batches = 0;
  bytes = 0;
  retries = 0;
  readonly #plan: KafkaSinkPlan;
  readonly #client: KafkaClient;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #requests = new Map<number, number>();
  #partitions: Partition[] = [];
  #identity: ProducerIdentity | undefined;
  /** When the next pump is due, and what takes its timer back. */
  #pumpAtMs = Number.POSITIVE_INFINITY;
  #takeBackPump: (() => void) | undefined;
  #pending = 0;
  #idle: (() => void)[] = [];

  constructor(plan: KafkaSinkPlan, client: KafkaClient, clock: Clock) {
    this.#plan = plan;
    this.#client = client;
    this.#clock = clock;
  }

  /** Learns the topic's partitions and its largest batch, and takes an identity. */
  async start(): Promise<{ partitions: number; maxBatchBytes: number }> {
    const { topic, idempotent, maxBatchBytes } = this.#plan;
    const [info] = await this.#client.topics([topic]);
    this.#partitions = info!.partitions.map(({ leader }, index) => newPartition(index, leader));
    const topicLimit = await this.#client.maxMessageBytes(topic);
    if (maxBatchBytes !== undefined && maxBatchBytes > topicLimit) {
      throw new MillraceError(
        `maxBatchBytes ${maxBatchBytes} is above the max.message.bytes ${topicLimit} of topic ` +
          `"${topic}"; lower it, or raise the topic's setting`,
        { code: 'INVALID_OPTION', context: { topic, maxBatchBytes, topicLimit } },
      );
    }
    if (idempotent) this.#identity = await this.#client.initProducerId();
    return { partitions: this.#partitions.length, maxBatchBytes: maxBatchBytes ?? topicLimit };
  }

  /** Learns of the partitions that the topic has got since; answers how many it has. */
  async grow(): Promise<number> {
    const [info] = await this.#client.topics([this.#plan.topic], { refresh: true });
    for (const { leader } of info!.partitions.slice(this.#partitions.length)) {
      this.#partitions.push(newPartition(this.#partitions.length, leader));
    }
    return this.#partitions.length;
  }

  /** Partitions of the topic; 0 before `start`. */
  get partitions(): number {
    return this.#partitions.length;
  }

  /** Batches that are neither acknowledged nor refused. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * Takes a batch; batches of one partition are written in the order of their pushes. After `close`
   * it settles with `ABORTED`.
   */
  push(batch: SinkBatch): void {
    this.#pending += 1;
    if (this.#closing.signal.aborted) {
      // Later, as any other: the caller may push its next one from within `settled`.
      queueMicrotask(() => this.#settle(batch, aborted()));
      return;
    }
    const partition = this.#partitions[batch.output.partition]!;
    partition.queue.push(batch);
    partition.pushedAtMs = this.#clock.nowMs();
    if (!partition.busy) this.#pumpLater(this.#lingersMs(partition));
  }

  /** Settles when nothing is pending. */
  async flush(): Promise<void> {
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Gives up what is pending: each batch settles with `ABORTED`. */
  close(): void {
    this.#closing.abort();
    const error = aborted();
    for (const partition of this.#partitions) {
      const kept = partition.busy ? 1 : 0;
      for (const batch of partition.queue.splice(kept)) this.#settle(batch, error);
    }
  }

  // All that is pushed in one turn of the event loop, or while lingering, shares requests.
  #pumpLater(delayMs: number): void {
    const atMs = this.#clock.nowMs() + delayMs;
    if (atMs >= this.#pumpAtMs) return;
    this.#pumpAtMs = atMs;
    this.#takeBackPump?.();
    this.#takeBackPump = undefined;
    const pump = () => {
      this.#pumpAtMs = Number.POSITIVE_INFINITY;
      this.#pump();
    };
    if (delayMs > 0) this.#takeBackPump = this.#clock.after(delayMs, pump);
    else queueMicrotask(pump);
  }

  #pump(): void {
    const ready = this.#partitions.filter((p) => !p.busy && p.queue.length > 0);
    for (const leader of new Set(ready.map((p) => p.leader))) {
      const here = ready.filter((p) => p.leader === leader);
      const lingersMs = Math.min(...here.map((p) => this.#lingersMs(p)));
      // Where one has lingered long enough, all to its broker go with it.
      if (lingersMs > 0) this.#pumpLater(lingersMs);
      else this.#send(leader, here);
    }
  }

  // How long a partition's first batch may still wait for others. One with another behind it has
  // waited enough: no request takes both, and a queue that lingers at each batch would crawl.
  #lingersMs({ queue, pushedAtMs, failures }: Partition): number {
    if (queue.length > 1 || failures > 0) return 0;
    return Math.max(0, pushedAtMs + this.#plan.lingerMs - this.#clock.nowMs());
  }

  #send(leader: number, ready: readonly Partition[]): void {
    let from = 0;
    while (from < ready.length) {
      const underWay = this.#requests.get(leader) ?? 0;
      if (underWay >= MAX_REQUESTS_PER_BROKER) return;
      let bytes = 0;
      let to = from;
      while (to < ready.length) {
        bytes += ready[to]!.queue[0]!.bytes.length;
        if (to > from && bytes > MAX_REQUEST_BYTES) break;
        to += 1;
      }
      this.#requests.set(leader, underWay + 1);
      void this.#request(leader, ready.slice(from, to));
      from = to;
    }
  }

  async #request(leader: number, partitions: readonly Partition[]): Promise<void> {
    for (const partition of partitions) this.#stamp(partition);
    const { topic, acks, requestTimeoutMs } = this.#plan;
    let results: readonly ProduceResult[] | undefined;
    let problem: MillraceError | undefined;
    try {
      results = await this.#client.produce({
        node: leader,
        acks,
        timeoutMs: requestTimeoutMs,
        batches: partitions.map((p) => ({
          topic,
          partition: p.index,
          bytes: p.queue[0]!.bytes,
        })),
      });
    } catch (error) {
      problem = MillraceError.from(error, 'PRODUCE_FAILED');
    }
    this.#requests.set(leader, this.#requests.get(leader)! - 1);
    const failed: Partition[] = [];
    for (const partition of partitions) {
      const result = results?.find((r) => r.partition === partition.index);
      if (!this.#conclude(partition, result, problem)) failed.push(partition);
    }
    this.#pumpLater(0);
    if (failed.length > 0) await this.#retry(failed);
  }

  // Producer identity and sequence go into the header right before sending: the worker that encoded
  // the batch could not know them. A batch in doubt keeps those that it was sent with, also where
  // another partition has had the identity renewed: under others it would be stored twice.
  #stamp(partition: Partition): void {
    partition.busy = true;
    if (partition.failures === 0) partition.firstSentAtMs = this.#clock.nowMs();
    const { bytes } = partition.queue[0]!;
    if (this.#identity === undefined) return;
    if (!partition.inDoubt && partition.identity !== this.#identity) {
      partition.identity = this.#identity;
      partition.sequence = 0;
      partition.forgotten = false;
    }
    const { producerId, producerEpoch } = partition.identity!;
    patchProducer(bytes, producerId, producerEpoch, partition.sequence);
  }

  // Whether the partition's first batch is done with, one way or the other.
  #conclude(
    partition: Partition,
    result: ProduceResult | undefined,
    problem: MillraceError | undefined,
  ): boolean {
    const name = result?.error;
    const answered = problem === undefined && result !== undefined;
    if (answered && (name === undefined || name === 'DUPLICATE_SEQUENCE_NUMBER')) {
      this.#finish(partition, undefined, result);
      return true;
    }
    const failure = { result, problem };
    partition.failures += 1;
    partition.failure = failure;
    if (isForgotten(failure)) {
      // No earlier attempt was stored either: this one would have been called its repetition.
      partition.inDoubt = false;
      partition.forgotten = true;
    } else if (mayBeStored(failure)) {
      partition.inDoubt = true;
    }
    const over = isFinal(failure) || this.#closing.signal.aborted;
    const limit = over ? undefined : reachedLimit(this.#plan, this.#attempts(partition));
    if (!over && limit === undefined) return false;
    this.#finish(partition, this.#refusal(partition, failure, limit));
    return true;
  }

  #attempts({ failures, firstSentAtMs, inDoubt }: Partition): Attempts {
    return { failures, elapsedMs: this.#clock.nowMs() - firstSentAtMs, inDoubt };
  }

  #finish(partition: Partition, error?: MillraceError, stored?: StoredBatch): void {
    const batch = partition.queue.shift()!;
    partition.busy = false;
    partition.failures = 0;
    partition.failure = undefined;
    // What was refused took no sequence numbers. What may be stored has to be counted: at its
    // sequence the next batch would pass for a repetition and be lost; behind a gap it is refused
    // as out of order, and sent under a new identity.
    if (error === undefined || partition.inDoubt) {
      // Sequences count records and start again at 0 behind the largest int32.
      partition.sequence = (partition.sequence + batch.output.records) & MAX_SEQUENCE;
    }
    partition.inDoubt = false;
    if (error === undefined) {
      this.batches += 1;
      this.bytes += batch.bytes.length;
    }
    this.#settle(batch, error, stored);
  }

  #settle(batch: SinkBatch, error?: MillraceError, stored?: StoredBatch): void {
    this.#pending -= 1;
    batch.settled(error, stored);
    if (this.#pending > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  async #retry(partitions: readonly Partition[]): Promise<void> {
    this.retries += partitions.length;
    const { connection, deliveryTimeoutMs } = this.#plan;
    const failures = Math.max(...partitions.map((p) => p.failures));
    const endMs = Math.min(...partitions.map((p) => p.firstSentAtMs)) + deliveryTimeoutMs;
    const leftMs = () => Math.max(0, endMs - this.#clock.nowMs());
    const delayMs = Math.min(retryDelayMs(connection.retryDelayMs, failures - 1), leftMs());
    await sleep(this.#clock, delayMs, this.#closing.signal);
    // Where the pause took all the time, the last attempt goes to the leader that was.
    const refreshed = leftMs() > 0 ? await this.#refreshWithin(leftMs(), partitions) : undefined;
    for (const partition of partitions) this.#goOn(partition, refreshed);
    this.#pumpLater(0);
  }

  #goOn(partition: Partition, refreshed: MillraceError | 'late' | undefined): void {
    if (refreshed instanceof MillraceError && refreshed.retry === 'never') {
      while (partition.queue.length > 0) this.#finish(partition, refreshed);
      return;
    }
    const late = refreshed === 'late' && reachedLimit(this.#plan, this.#attempts(partition));
    if (this.#closing.signal.aborted) this.#finish(partition, this.#refusal(partition));
    else if (late) this.#finish(partition, this.#refusal(partition, partition.failure, late));
    else partition.busy = false;
  }

  // What went wrong, if anything. Where that passes, the next attempt finds out whether it has.
  async #refreshWithin(
    limitMs: number,
    partitions: readonly Partition[],
  ): Promise<MillraceError | 'late' | undefined> {
    const late = Promise.withResolvers<'late'>();
    const takeBack = this.#clock.after(limitMs, () => late.resolve('late'));
    const refreshed = this.#refresh(partitions).then(
      () => undefined,
      (error) => MillraceError.from(error),
    );
    try {
      return await Promise.race([refreshed, late.promise]);
    } finally {
      takeBack();
    }
  }

  async #refresh(partitions: readonly Partition[]): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const [info] = await this.#client.topics([this.#plan.topic], { refresh: true });
    for (const { partition, leader } of info!.partitions) {
      const known = this.#partitions[partition];
      if (known !== undefined && leader >= 0) known.leader = leader;
    }
    // Another partition may have had it renewed since.
    const forgotten = partitions.some((p) => p.forgotten && p.identity === this.#identity);
    if (this.#identity !== undefined && forgotten) {
      this.#identity = await this.#client.initProducerId();
    }
  }

  #refusal(
    partition: Partition,
    failure: Partial<ProduceFailure> = {},
    limit?: keyof DeliveryLimits,
  ): MillraceError {
    const place = { topic: this.#plan.topic, partition: partition.index };
    return refusalOf(place, failure, this.#attempts(partition), this.#plan, limit);
  }
}

function newPartition(index: number, leader: number): Partition {
  return {
    ...{ index, leader, queue: [], busy: false, pushedAtMs: 0, sequence: 0, identity: undefined },
    ...{ inDoubt: false, forgotten: false, failures: 0, failure: undefined, firstSentAtMs: 0 },
  };
}

function aborted(): MillraceError {
  return new MillraceError('the run ended before the batch was acknowledged', { code: 'ABORTED' });
}
