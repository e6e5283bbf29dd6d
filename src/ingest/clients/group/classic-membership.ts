/**
 * The life of one member of a classic group.
 *
 *     joining --assignment--> owning --rebalance--> revoking --drained--> joining
 *        ^                      |                      |
 *        |  cooperative: what   +------fenced----------+--onLost--> joining (as a new member)
 *        +--stays is owned on---+
 *
 * With an eager assignor, JoinGroup is sent only after `onRevoke` of everything has settled. With a
 * cooperative one it is sent at once, and everything is owned on; what the assignment takes is
 * revoked then, and a second join lets it go to its new owner. Either way, what is drained is
 * committed while it is still this member's. Heartbeats go on through `owning` and `revoking`.
 */

import { setImmediate } from 'node:timers/promises';
import { chooseAssignors, isCooperative } from '../../assignors/choose.ts';
import type { OffsetCommit, TopicPartition } from '../../client.ts';
import { isFencingError, kafkaErrorOf } from '../kafka-errors.ts';
import { withRetries } from '../retry.ts';
import { GroupSession } from './group-session.ts';
import type { GroupTransport } from './group-transport.ts';
import { Heartbeat } from './heartbeat.ts';
import { Membership, type MembershipSettings } from './membership.ts';
import { lookUntil } from './topic-subscription.ts';

/** A membership in protocol `classic`. */
export class ClassicMembership extends Membership {
  readonly #session: GroupSession;
  readonly #isCooperative: boolean;
  /** The join that is under way. */
  #joining: Promise<TopicPartition[] | undefined> | undefined;

  /** @param transport for this member alone; closed with it. */
  constructor(settings: MembershipSettings, transport: GroupTransport) {
    super(settings);
    const assignors = chooseAssignors(settings.options.assignors);
    this.#isCooperative = isCooperative(assignors);
    this.#session = new GroupSession(transport, settings.options, assignors);
  }

  get memberId(): string {
    return this.#session.memberId;
  }

  get generationId(): number {
    return this.#session.generationId;
  }

  protected send(offsets: readonly OffsetCommit[]): Promise<void> {
    return this.#session.commit(offsets);
  }

  protected async hasGoneOn(generationId: number, error: string): Promise<boolean> {
    if (error !== 'REBALANCE_IN_PROGRESS' && error !== 'ILLEGAL_GENERATION') return false;
    if (this.#joining === undefined) return generationId !== this.generationId;
    // Between JoinGroup and SyncGroup the group takes no commits.
    await Promise.allSettled([this.#joining]);
    return true;
  }

  protected resign(): Promise<void> {
    return this.#session.leave();
  }

  protected async depart(): Promise<void> {
    if (this.options.instanceId === undefined) await this.#session.leave();
  }

  protected forget(): void {
    this.#session.forget();
  }

  protected interruptJoin(): Promise<void> {
    return this.#session.abortJoin();
  }

  protected close(): Promise<void> {
    return this.#session.close();
  }

  protected async live(): Promise<void> {
    this.#joining = this.#join();
    let assignment: TopicPartition[] | undefined;
    try {
      assignment = await this.#joining;
    } finally {
      this.#joining = undefined;
    }
    if (assignment !== undefined) await this.#serve(assignment);
  }

  /** Joins until it succeeds, as a new member where the group forgot it; undefined: leaving. */
  async #join(): Promise<TopicPartition[] | undefined> {
    const { options, signal } = this.cluster;
    const ended = AbortSignal.any([this.leaving, signal]);
    for (let refused = 0; ; ) {
      try {
        return await withRetries(options, ended, () =>
          this.#session.join(this.subscription.names, this.owned.all),
        );
      } catch (error) {
        const name = kafkaErrorOf(error);
        const isFenced = name !== 'REBALANCE_IN_PROGRESS' && isFencingError(name);
        if (this.leaving.aborted) {
          // Whatever else came in between, what is owned is still this member's to drain.
          if (isFenced && this.revokesOnLeave) await this.lose();
          return undefined;
        }
        // Another member came or went meanwhile: the next JoinGroup waits for it at the broker.
        if (name === 'REBALANCE_IN_PROGRESS') continue;
        await this.lose();
        if (name === 'FENCED_INSTANCE_ID') throw this.replaced();
        if (!isFenced || refused++ >= options.retries) throw error;
        this.#session.forget();
      }
    }
  }

  /** One generation: from its assignment to the next join. */
  async #serve(assignment: readonly TopicPartition[]): Promise<void> {
    const heartbeat = this.#newHeartbeat();
    const watch = new AbortController();
    heartbeat.start();
    try {
      this.enter();
      // Whoever waits for the join has the member in hands before it is told its partitions.
      await setImmediate();
      const { added, revoked } = this.owned.compare(assignment);
      if (!(await this.giveBack(revoked, heartbeat))) return;
      this.owned.add(added, this.generationId);
      await this.listener.onAssign(added);
      const ends = [heartbeat.rebalance, heartbeat.lost, this.left];
      // What was given back is free for its new owner with the next join, which is due at once.
      if (revoked.length === 0) {
        await Promise.race([...ends, this.#topicsChange(watch.signal)]);
      }
      await this.#end(heartbeat);
    } finally {
      watch.abort();
      await heartbeat.stop();
    }
  }

  // A cooperative member that leaves between two generations still has what it took along, and the
  // group takes its commits until it has gone on: it gives back as at the end of a generation.
  protected override async drain(): Promise<void> {
    const heartbeat = this.#newHeartbeat();
    heartbeat.start();
    try {
      await this.giveBack(this.owned.all, heartbeat);
    } finally {
      await heartbeat.stop();
    }
  }

  #newHeartbeat(): Heartbeat {
    const { heartbeatIntervalMs, sessionTimeoutMs } = this.options;
    return new Heartbeat({
      intervalMs: () => heartbeatIntervalMs,
      sessionTimeoutMs,
      send: () => this.#session.heartbeat(),
    });
  }

  async #end(heartbeat: Heartbeat): Promise<void> {
    const isLeaving = this.leaving.aborted;
    if (isLeaving && !this.revokesOnLeave) return;
    // What a cooperative member has it takes along into the next join.
    const staysOwned = this.#isCooperative && !isLeaving && !heartbeat.isLost;
    if (!staysOwned) await this.giveBack(this.owned.all, heartbeat);
  }

  /** Resolves when a rejoin is due for other topics, or for other partitions that it shared out. */
  #topicsChange(signal: AbortSignal): Promise<void> {
    const look = async () => {
      if (await this.subscription.refresh()) return true;
      return this.#session.hasOtherPartitions();
    };
    return lookUntil(look, this.topicsRefreshMs, signal);
  }
}
