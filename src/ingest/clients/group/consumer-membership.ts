/**
 * The life of one member in protocol `consumer` (KIP-848): the broker shares out the partitions,
 * and tells each member in the answers to its heartbeats what it is to have.
 *
 *     joining --target--> owning --other target--> revoke what goes, acknowledge, take what is new
 *        ^                  |                        |
 *        +-----onLost-------+--------fenced----------+
 *
 * The broker gives a partition to its new owner only after the old one has acknowledged that it let
 * it go, which is after `onRevoke` has settled. All others stay, and flow, throughout.
 */

import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { OffsetCommit } from '../../client.ts';
import { isFencingError, kafkaErrorOf } from '../kafka-errors.ts';
import { withRetries } from '../retry.ts';
import { ConsumerSession } from './consumer-session.ts';
import type { ConsumerTransport } from './consumer-transport.ts';
import type { GroupIdentity } from './group-transport.ts';
import { Heartbeat } from './heartbeat.ts';
import { Membership, type MembershipSettings } from './membership.ts';
import { lookUntil } from './topic-subscription.ts';

/** How often offsets are asked for again because the broker has moved the member's epoch on. */
const READ_ATTEMPTS_MAX = 5;

/** A membership in protocol `consumer`. */
export class ConsumerMembership extends Membership {
  readonly #transport: ConsumerTransport;
  #session: ConsumerSession | undefined;
  #heartbeat: Heartbeat | undefined;

  /** @param transport for this member alone; closed with it. */
  constructor(settings: MembershipSettings, transport: ConsumerTransport) {
    super(settings);
    this.#transport = transport;
  }

  get memberId(): string {
    return this.#session?.memberId ?? '';
  }

  get generationId(): number {
    return this.#session?.epoch ?? 0;
  }

  protected async send(offsets: readonly OffsetCommit[]): Promise<void> {
    await this.#session?.commit(offsets);
  }

  // The broker has moved this member to another epoch; the next answer tells which.
  protected async hasGoneOn(epoch: number, error: string): Promise<boolean> {
    if (error !== 'STALE_MEMBER_EPOCH') return false;
    if (epoch === this.generationId) await this.#heartbeat?.beatNow();
    return true;
  }

  // The broker answers offsets to the members it knows, under their epoch. What it says to one that
  // the group has given up is of no matter: that is about to hear that all is lost.
  override async readCommitted<T>(read: (as?: GroupIdentity) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const { memberId, generationId } = this;
      if (generationId <= 0) return read();
      try {
        return await read({ memberId, generationId });
      } catch (error) {
        const name = kafkaErrorOf(error);
        if (name === undefined || !isFencingError(name)) throw error;
        const again = attempt < READ_ATTEMPTS_MAX && (await this.hasGoneOn(generationId, name));
        if (!again) return read();
      }
    }
  }

  protected async resign(): Promise<void> {
    await this.#session?.leave(false);
  }

  protected async depart(): Promise<void> {
    await this.#session?.leave(true);
  }

  protected forget(): void {
    this.#session?.forget();
  }

  // No request of this protocol waits for other members.
  protected async interruptJoin(): Promise<void> {}

  protected close(): Promise<void> {
    return this.#transport.close();
  }

  protected async live(): Promise<void> {
    const { options, subscription } = this;
    this.#session ??= new ConsumerSession(this.#transport, options, subscription.names);
    const session = this.#session;
    if (!(await this.#join(session))) return;
    const { heartbeatIntervalMs, sessionTimeoutMs } = options;
    const heartbeat = new Heartbeat({
      intervalMs: () => Math.min(heartbeatIntervalMs, session.heartbeatIntervalMs),
      sessionTimeoutMs,
      send: () => session.heartbeat(),
    });
    this.#heartbeat = heartbeat;
    const watch = new AbortController();
    heartbeat.start();
    try {
      this.enter();
      // Whoever waits for the join has the member in hands before it is told its partitions.
      await setImmediate();
      void this.#watchTopics(session, heartbeat, watch.signal);
      await this.#reconcileUntilEnd(session, heartbeat);
      if (this.leaving.aborted && !this.revokesOnLeave) return;
      if (this.leaving.aborted || heartbeat.isLost) {
        await this.giveBack(this.owned.all, heartbeat);
      }
    } finally {
      watch.abort();
      await heartbeat.stop();
    }
  }

  /** Joins until it succeeds; false: leaving. */
  async #join(session: ConsumerSession): Promise<boolean> {
    const { options, signal } = this.cluster;
    const ended = AbortSignal.any([this.leaving, signal]);
    for (let refused = 0; ; refused++) {
      try {
        await withRetries(options, ended, () => session.join());
        return true;
      } catch (error) {
        if (this.leaving.aborted) return false;
        const name = kafkaErrorOf(error);
        if (name === 'FENCED_INSTANCE_ID') throw this.replaced();
        if (!isFencingError(name) || refused >= options.retries) throw error;
      }
    }
  }

  /** Brings what is owned to what the broker wants, again and again. */
  async #reconcileUntilEnd(session: ConsumerSession, heartbeat: Heartbeat): Promise<void> {
    const joinedAt = performance.now();
    let wasTold = false;
    for (;;) {
      const other = Promise.withResolvers<void>();
      session.onTarget = other.resolve;
      const { partitions, isComplete } = await session.target();
      if (heartbeat.isLost || this.leaving.aborted) return;
      const ends = [other.promise, heartbeat.lost, this.left];
      // Brokers gather the changes of a second or so before they share out anew: a new member has
      // nothing until then, which is not yet its share.
      const graceMs = joinedAt + session.heartbeatIntervalMs - performance.now();
      if (partitions.length === 0 && this.owned.size === 0 && !wasTold && graceMs > 0) {
        await Promise.race([...ends, sleep(graceMs, undefined, { ref: false })]);
        continue;
      }
      const { added, revoked } = this.owned.compare(partitions);
      if (revoked.length > 0) {
        wasTold = false;
        if (!(await this.giveBack(revoked, heartbeat))) return;
        session.acknowledge(this.owned.all);
        await Promise.race([heartbeat.beatNow(), this.left]);
        continue;
      }
      if (added.length > 0 || !wasTold) {
        wasTold = true;
        this.owned.add(added, session.epoch);
        await this.listener.onAssign(added);
        session.acknowledge(this.owned.all);
        void heartbeat.beatNow();
      }
      if (!isComplete) ends.push(sleep(session.heartbeatIntervalMs, undefined, { ref: false }));
      await Promise.race(ends);
    }
  }

  /** Has the broker told when the pattern matches other topics. */
  async #watchTopics(
    session: ConsumerSession,
    heartbeat: Heartbeat,
    signal: AbortSignal,
  ): Promise<void> {
    const look = async () => {
      if (await this.subscription.refresh()) {
        session.subscribe(this.subscription.names);
        void heartbeat.beatNow();
      }
      return false;
    };
    await lookUntil(look, this.topicsRefreshMs, signal);
  }
}
