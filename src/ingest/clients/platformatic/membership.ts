/**
 * The life of one group member (classic protocol, eager rebalancing).
 *
 *     joining --assignment--> owning --rebalance--> revoking --drained--> joining
 *                               |                      |
 *                               +------fenced----------+--onLost--> joining (as a new member)
 *
 * Heartbeats go on through `owning` and `revoking`; JoinGroup is sent only after `onRevoke` has
 * settled, so that what it drains is committed under the old generation. In `joining` nothing can
 * be committed.
 */

import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '../../../errors.ts';
import type {
  GroupListener,
  GroupMember,
  GroupOptions,
  OffsetCommit,
  TopicPartition,
} from '../../client.ts';
import type { Cluster } from './cluster.ts';
import { isFencingError, kafkaErrorOf } from './errors.ts';
import { fenced, GroupSession } from './group-session.ts';
import { Heartbeat } from './heartbeat.ts';
import { withRetries } from './retry.ts';

/** How often the leader looks whether its topics have got more partitions, ms. */
const PARTITION_CHECK_MS = 30_000;

/** A membership from its first join to its end. */
export class Membership implements GroupMember {
  readonly #cluster: Cluster;
  readonly #options: GroupOptions;
  readonly #listener: GroupListener;
  readonly #session: GroupSession;
  readonly #partitionCheckMs: number;
  readonly #leaving = new AbortController();
  readonly #left = Promise.withResolvers<void>();
  readonly #entered = Promise.withResolvers<void>();
  #hasEntered = false;
  #owns = false;
  #revokesOnLeave = true;
  #running: Promise<void> = Promise.resolve();

  private constructor(
    cluster: Cluster,
    options: GroupOptions,
    listener: GroupListener,
    partitionCheckMs: number,
  ) {
    this.#partitionCheckMs = partitionCheckMs;
    this.#cluster = cluster;
    this.#options = options;
    this.#listener = listener;
    this.#session = new GroupSession(cluster, options);
  }

  /** Resolves once the group has taken the member in; its first `onAssign` follows. */
  static async join(
    cluster: Cluster,
    options: GroupOptions,
    listener: GroupListener,
    partitionCheckMs = PARTITION_CHECK_MS,
  ): Promise<Membership> {
    await cluster.topics(options.topics);
    const membership = new Membership(cluster, options, listener, partitionCheckMs);
    membership.#running = membership.#run();
    await membership.#entered.promise;
    return membership;
  }

  get memberId(): string {
    return this.#session.memberId;
  }

  get generationId(): number {
    return this.#session.generationId;
  }

  async commit(offsets: readonly OffsetCommit[], generationId = this.generationId): Promise<void> {
    if (!this.#owns || generationId !== this.generationId) {
      throw fenced(this.#options.groupId, generationId);
    }
    await this.#session.commit(offsets);
  }

  async leave(): Promise<void> {
    this.#leaving.abort();
    this.#left.resolve();
    await this.#session.abortJoin();
    await this.#running;
  }

  /** Settles when the membership has ended, however. */
  get ended(): Promise<void> {
    return this.#running;
  }

  /** Leaves without asking the listener to drain: for the end of the client. */
  async abandon(): Promise<void> {
    this.#revokesOnLeave = false;
    await this.leave();
  }

  async #run(): Promise<void> {
    const { signal } = this.#leaving;
    let failure: MillraceError | undefined;
    try {
      while (!signal.aborted) {
        const partitions = await this.#join();
        if (partitions !== undefined) await this.#serve(partitions);
      }
    } catch (error) {
      failure = MillraceError.from(error);
    }
    await this.#leaveQuietly();
    await this.#session.close();
    if (failure === undefined) return;
    // Whoever waits for the join or the leaving hears of it there, else the listener does.
    if (signal.aborted) throw failure;
    if (this.#hasEntered) this.#listener.onError(failure);
    else this.#entered.reject(failure);
  }

  async #leaveQuietly(): Promise<void> {
    try {
      await this.#session.leave();
    } catch (error) {
      // Nothing hangs on it: the group gives this member up when its session times out.
      if (!(error instanceof MillraceError)) throw error;
    }
  }

  /** Joins until it succeeds, as a new member where the group forgot it; undefined: leaving. */
  async #join(): Promise<TopicPartition[] | undefined> {
    const { options, signal } = this.#cluster;
    const ended = AbortSignal.any([this.#leaving.signal, signal]);
    for (let refused = 0; ; ) {
      try {
        return await withRetries(options, ended, () => this.#session.join());
      } catch (error) {
        if (this.#leaving.signal.aborted) return undefined;
        const name = kafkaErrorOf(error);
        // Another member came or went meanwhile: the next JoinGroup waits for it at the broker.
        if (name === 'REBALANCE_IN_PROGRESS') continue;
        if (!isFencingError(name) || refused++ >= options.retries) throw error;
        this.#session.forget();
      }
    }
  }

  /** One generation: from its assignment to the end of its revocation. */
  async #serve(partitions: TopicPartition[]): Promise<void> {
    const { heartbeatIntervalMs, sessionTimeoutMs } = this.#options;
    const heartbeat = new Heartbeat({
      intervalMs: heartbeatIntervalMs,
      sessionTimeoutMs,
      send: () => this.#session.heartbeat(),
    });
    const watch = new AbortController();
    heartbeat.start();
    this.#owns = true;
    try {
      this.#hasEntered = true;
      this.#entered.resolve();
      // Whoever waits for the join has the member in hands before it is told its partitions.
      await setImmediate();
      await this.#listener.onAssign(partitions);
      const ends = [heartbeat.rebalance, heartbeat.lost, this.#left.promise];
      await Promise.race([...ends, this.#morePartitions(watch.signal)]);
      await this.#giveBack(partitions, heartbeat);
    } finally {
      this.#owns = false;
      watch.abort();
      await heartbeat.stop();
    }
  }

  /** Drains while heartbeats go on; where that comes too late, says so to the listener. */
  async #giveBack(partitions: TopicPartition[], heartbeat: Heartbeat): Promise<void> {
    if (this.#leaving.signal.aborted && !this.#revokesOnLeave) return;
    let drained: Promise<void> | undefined;
    // A member that is lost already has nothing to drain for: it goes straight to `onLost`.
    if (!heartbeat.isLost) {
      drained = this.#listener.onRevoke(partitions);
      if (await this.#inTime(drained, heartbeat)) return;
    }
    this.#owns = false;
    // The others need not wait for one that is merely slow.
    if (heartbeat.isLost) this.#session.forget();
    else await this.#leaveQuietly();
    // What the drain still wants to commit is refused from here on: that it fails is expected.
    const [told] = await Promise.allSettled([this.#listener.onLost(partitions), drained]);
    if (told.status === 'rejected') throw told.reason;
  }

  /** Whether the drain was done while the group still waited; rejects where the drain does. */
  async #inTime(drained: Promise<void>, heartbeat: Heartbeat): Promise<boolean> {
    const { heartbeatIntervalMs, rebalanceTimeoutMs } = this.#options;
    // The coordinator's clock began up to one heartbeat before this member heard of it.
    const graceMs = Math.max(rebalanceTimeoutMs - heartbeatIntervalMs, rebalanceTimeoutMs / 2);
    const timer = Promise.withResolvers<void>();
    const timeout = setTimeout(timer.resolve, graceMs);
    const tooLate = Promise.race([heartbeat.lost, timer.promise]);
    try {
      return await Promise.race([drained.then(() => true), tooLate.then(() => false)]);
    } finally {
      clearTimeout(timeout);
    }
  }

  /** Resolves when a topic that this member shared out has another number of partitions. */
  async #morePartitions(signal: AbortSignal): Promise<void> {
    const { sharedOut } = this.#session;
    if (sharedOut === undefined) return new Promise(() => undefined);
    for (;;) {
      try {
        await sleep(this.#partitionCheckMs, undefined, { signal });
        const topics = await this.#cluster.topics([...sharedOut.keys()], true);
        if (topics.some((t) => sharedOut.get(t.topic) !== t.partitions.length)) return;
      } catch {
        // Stopped, or the cluster does not answer now: the heartbeats judge that, not this check.
        if (signal.aborted) return;
      }
    }
  }
}
