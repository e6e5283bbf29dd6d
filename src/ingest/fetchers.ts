/** Keeps the buffers of partitions filled: one loop per broker, bounded by bytes in all buffers. */
import { type Clock, sleep } from '../clock.ts';
import { MillraceError } from '../errors.ts';
import type { KafkaSourcePlan } from '../plan.ts';
import type { FetchFailure, KafkaClient, RecordSet, TopicInfo, TopicPartition } from './client.ts';
import { isRetriableKafkaError, kafkaError } from './clients/kafka-errors.ts';
import { RETRY_DELAY_MAX_MS, retryDelayMs } from './clients/retry.ts';
import type { PartitionBuffer } from './partition-buffer.ts';
import { partitionKey } from './partition-key.ts';
import { cutRecordSet } from './record-set.ts';

/** What the fetchers tell their source. */
export interface FetchListener {
  /** Something was buffered. */
  onData(): void;
  /** A partition's offset was not in the log; reading goes on at `to`. */
  onReset(partition: TopicPartition, from: bigint, to: bigint): void;
  /** Topics that are read are not there (any more); answers whether the run can do without. */
  onMissing(topics: readonly string[]): Promise<boolean>;
  /** Reading cannot go on. */
  onError(error: MillraceError): void;
}

/** What fetchers work with. */
export interface FetchParts {
  readonly plan: KafkaSourcePlan;
  readonly client: KafkaClient;
  readonly clock: Clock;
  /** The partitions that are read; their owner adds and removes. */
  readonly buffers: ReadonlyMap<string, PartitionBuffer>;
  /** Bytes of all buffers at which fetching pauses. */
  readonly maxBufferedBytes: number;
}

/** The shortest wait of a fetch while other partitions of the broker have work to do, ms. */
const SHORT_WAIT_MS = 5;
const LEADER_RETRY_MS = 200;
/** How long no broker may answer before reading fails, ms. */
const UNREACHABLE_MAX_MS = 60_000;

/**
 * What a fetch goes on after though Kafka does not call it retriable: from another position, at
 * another broker, or once a broker that had a fault of its own is well again.
 */
const PASSING = new Set([
  'OFFSET_OUT_OF_RANGE',
  'NEW_LEADER_ELECTED',
  'BROKER_NOT_AVAILABLE',
  'UNKNOWN_SERVER_ERROR',
]);

/** The fetches of one source. */
export class Fetchers {
  /** Bytes in all buffers. */
  bufferedBytes = 0;
  readonly #parts: FetchParts;
  readonly #listener: FetchListener;
  readonly #stopping = new AbortController();
  readonly #leaders = new Map<string, number>();
  readonly #loops = new Map<number, Promise<void>>();
  /** How often in a row the fetches of a partition have failed; none: not at all. */
  readonly #failures = new Map<string, number>();
  /** Partitions that wait after a failure. */
  readonly #held = new Set<string>();
  #unreachableSinceMs: number | undefined;
  #awaitingLeaders = false;
  #wake: (() => void)[] = [];

  constructor(parts: FetchParts, listener: FetchListener) {
    this.#parts = parts;
    this.#listener = listener;
  }

  /** Aborted when fetching has ended. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Bytes left the buffers, or something else changed: fetching may go on. */
  freed(bytes: number): void {
    this.bufferedBytes -= bytes;
    const sleepers = this.#wake;
    this.#wake = [];
    for (const wake of sleepers) wake();
  }

  /** Ends the fetches; a long poll under way ends with the client. */
  stop(): void {
    this.#stopping.abort();
    this.freed(0);
  }

  /**
   * Finds out who leads the partitions in the buffers, and fetches from them. A topic that is not
   * there has no leader, and holds up no other.
   *
   * @throws MillraceError `UNKNOWN_TOPIC` where the run cannot do without.
   */
  async learnLeaders(refresh: boolean): Promise<void> {
    const { buffers } = this.#parts;
    const names = [...new Set([...buffers.values()].map(({ topic }) => topic))];
    const missing = new Map<string, MillraceError>();
    const topics = await this.#topics(names, refresh, missing);
    for (const [key, { topic }] of buffers) if (missing.has(topic)) this.#leaders.set(key, -1);
    for (const info of topics.flatMap(({ partitions }) => partitions)) {
      const node = info.readFrom ?? info.leader;
      this.#leaders.set(partitionKey(info), node);
      if (node < 0 || this.#loops.has(node) || this.#stopping.signal.aborted) continue;
      this.#loops.set(node, this.#fetchFrom(node));
    }
    this.freed(0);
    void this.#awaitLeaders();
    const [problem] = missing.values();
    if (problem !== undefined && !(await this.#doesWithout([...missing.keys()]))) throw problem;
  }

  // One that is missing would hide the others: they are asked for in halves then.
  async #topics(
    names: readonly string[],
    refresh: boolean,
    missing: Map<string, MillraceError>,
  ): Promise<TopicInfo[]> {
    if (names.length === 0) return [];
    try {
      return await this.#parts.client.topics(names, { refresh });
    } catch (error) {
      const problem = MillraceError.from(error);
      if (problem.code !== 'UNKNOWN_TOPIC') throw problem;
      if (names.length === 1) {
        missing.set(names[0]!, problem);
        return [];
      }
      const half = Math.ceil(names.length / 2);
      const first = await this.#topics(names.slice(0, half), refresh, missing);
      return [...first, ...(await this.#topics(names.slice(half), refresh, missing))];
    }
  }

  // No fetch fails for a partition without a leader: nothing else would look for it again.
  async #awaitLeaders(): Promise<void> {
    if (this.#awaitingLeaders) return;
    this.#awaitingLeaders = true;
    const { signal } = this.#stopping;
    let delayMs = LEADER_RETRY_MS;
    while (this.#isLeaderless() && !signal.aborted) {
      await sleep(this.#parts.clock, delayMs, signal);
      delayMs = Math.min(delayMs * 2, RETRY_DELAY_MAX_MS);
      await this.#refreshLeaders();
    }
    this.#awaitingLeaders = false;
  }

  #isLeaderless(): boolean {
    for (const key of this.#parts.buffers.keys()) {
      if ((this.#leaders.get(key) ?? -1) < 0) return true;
    }
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
        // Of which topic, and whether the run can do without, comes out with the leaders.
        const isFinal = problem.retry === 'never' && problem.code !== 'UNKNOWN_TOPIC';
        if (isFinal) return this.#fail(problem);
        failures += 1;
        await sleep(this.#parts.clock, retryDelayMs(LEADER_RETRY_MS, failures - 1), signal);
        await this.#refreshLeaders();
      }
    }
  }

  // Partitions of a broker whose buffers have room, and whether others of it are at work.
  #hungry(node: number): { hungry: PartitionBuffer[]; waiting: boolean } {
    const hungry: PartitionBuffer[] = [];
    const { buffers, maxBufferedBytes, plan } = this.#parts;
    if (this.bufferedBytes >= maxBufferedBytes) return { hungry, waiting: true };
    let waiting = false;
    for (const [key, buffer] of buffers) {
      if (this.#leaders.get(key) !== node || buffer.fetchedToEnd) continue;
      if (buffer.paused || !buffer.ready || this.#held.has(key)) continue;
      if (buffer.isFull(plan.batch)) waiting = true;
      else hungry.push(buffer);
    }
    return { hungry, waiting };
  }

  async #fetchOnce(node: number, hungry: PartitionBuffer[], waiting: boolean): Promise<void> {
    const { client, maxBufferedBytes } = this.#parts;
    const { fetch, batch, isolation } = this.#parts.plan;
    // Brokers are asked at the same time: each for its share of the room that is left.
    const room = (maxBufferedBytes - this.bufferedBytes) / Math.max(1, this.#loops.size);
    const positions = hungry.map(({ topic, partition, position }) => ({
      topic,
      partition,
      offset: position,
    }));
    const result = await client.fetch({
      node,
      positions,
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
    if (result.failures.length === 0) return;
    const asked = new Map(positions.map((position) => [partitionKey(position), position.offset]));
    await this.#recover(result.failures, asked);
  }

  #take(set: RecordSet): void {
    const key = partitionKey(set);
    this.#failures.delete(key);
    const buffer = this.#parts.buffers.get(key);
    // Revoked, paused, or sent to another position while the fetch was under way.
    if (buffer === undefined || buffer.position !== set.fetchOffset || buffer.paused) {
      set.release?.();
      return;
    }
    buffer.highWatermark = set.highWatermark;
    if (set.byteLength === 0) return;
    const cuts = cutRecordSet(set, this.#parts.plan.batch);
    this.bufferedBytes += buffer.add(set, cuts, this.#parts.clock.nowMs());
  }

  async #recover(
    failures: readonly FetchFailure[],
    asked: ReadonlyMap<string, bigint>,
  ): Promise<void> {
    // What is wrong with a partition that was revoked meanwhile is its new owner's.
    const ours = failures.filter((failure) => this.#parts.buffers.has(partitionKey(failure)));
    const final = ours.find(({ error }) => !isRetriableKafkaError(error) && !PASSING.has(error));
    if (final !== undefined) return this.#fail(refused(final));
    for (const failure of ours) {
      if (failure.error !== 'OFFSET_OUT_OF_RANGE') continue;
      await this.#resetPosition(partitionKey(failure), asked);
    }
    const keys = ours.map(partitionKey).filter((key) => !this.#held.has(key));
    const inARow = (key: string) => this.#failures.get(key) ?? 0;
    for (const [before, group] of Map.groupBy(keys, inARow)) void this.#hold(group, before);
  }

  // The other partitions of the broker flow on meanwhile.
  async #hold(keys: readonly string[], failuresBefore: number): Promise<void> {
    for (const key of keys) {
      this.#held.add(key);
      this.#failures.set(key, failuresBefore + 1);
    }
    const delayMs = retryDelayMs(LEADER_RETRY_MS, failuresBefore);
    await sleep(this.#parts.clock, delayMs, this.#stopping.signal);
    await this.#refreshLeaders();
    for (const key of keys) {
      this.#held.delete(key);
      if (!this.#parts.buffers.has(key)) this.#failures.delete(key);
    }
    this.freed(0);
  }

  // The log was cut below our position (retention, or an unclean election), or never reached it:
  // begin where the plan begins partitions that it knows nothing of.
  async #resetPosition(key: string, asked: ReadonlyMap<string, bigint>): Promise<void> {
    const { buffers, client, plan } = this.#parts;
    const buffer = buffers.get(key);
    const from = asked.get(key);
    if (buffer === undefined || from === undefined) return;
    const [to] = await client.listOffsets([buffer], plan.offsetReset, plan.isolation);
    // Another seek may have come in between; then nothing is wrong any more.
    if (buffers.get(key) !== buffer || buffer.position !== from) return;
    buffer.seek(to!);
    this.#listener.onReset(buffer, from, to!);
  }

  async #refreshLeaders(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    try {
      await this.learnLeaders(true);
      this.#unreachableSinceMs = undefined;
    } catch (error) {
      const problem = MillraceError.from(error);
      if (this.#stopping.signal.aborted) return;
      if (problem.retry === 'never' || this.#awayTooLong()) this.#fail(problem);
    }
  }

  // The answer may be missed like any other: the next refresh asks again.
  async #doesWithout(topics: readonly string[]): Promise<boolean> {
    try {
      return await this.#listener.onMissing(topics);
    } catch (error) {
      return MillraceError.from(error).retry === 'backoff';
    }
  }

  // Whether the cluster has not answered for so long that it will hardly come back.
  #awayTooLong(): boolean {
    const now = this.#parts.clock.nowMs();
    this.#unreachableSinceMs ??= now;
    return now - this.#unreachableSinceMs >= UNREACHABLE_MAX_MS;
  }

  #fail(error: MillraceError): void {
    this.stop();
    this.#listener.onError(error);
  }
}

function refused({ topic, partition, error }: FetchFailure): MillraceError {
  const what = `Fetching partition ${partition} of topic '${topic}'`;
  return kafkaError(error, what, { topic, partition });
}
