/**
 * What the memberships of both group protocols have in common: they begin and end alike, know what
 * they own, and let the listener give partitions back while heartbeats go on.
 */

import { MillraceError } from '../../../errors.ts';
import type {
  GroupListener,
  GroupMember,
  GroupOptions,
  OffsetCommit,
  TopicPartition,
} from '../../client.ts';
import { isFencingError, kafkaErrorOf } from '../kafka-errors.ts';
import { hintOf } from '../kafka-hints.ts';
import type { Committer } from '../transaction-requests.ts';
import type { GroupCluster } from './group-cluster.ts';
import type { GroupIdentity } from './group-transport.ts';
import type { Heartbeat } from './heartbeat.ts';
import { OwnedPartitions } from './owned-partitions.ts';
import { TopicSubscription } from './topic-subscription.ts';

/** How often a commit is sent again because the group went on while its partitions stayed. */
const COMMIT_ATTEMPTS_MAX = 5;

/** What a membership is made with. */
export interface MembershipSettings {
  readonly cluster: GroupCluster;
  readonly options: GroupOptions;
  readonly listener: GroupListener;
  /** How often the list of topics and their partitions is read again, ms. */
  readonly topicsRefreshMs: number;
}

/** The end of a life in the group, as {@link Heartbeat} tells it. */
type Ending = Pick<Heartbeat, 'isLost' | 'lost' | 'lostBy'>;

/** A membership from its first join to its end. */
export abstract class Membership implements GroupMember {
  protected readonly cluster: GroupCluster;
  protected readonly options: GroupOptions;
  protected readonly listener: GroupListener;
  protected readonly topicsRefreshMs: number;
  protected readonly owned = new OwnedPartitions();
  /** Resolves with the first `leave`. */
  protected readonly left: Promise<void>;
  /** Set by {@link start}, before the first join. */
  protected subscription!: TopicSubscription;
  /** Whether the listener is asked to drain at the end. */
  protected revokesOnLeave = true;
  readonly #leaving = new AbortController();
  readonly #entered = Promise.withResolvers<void>();
  readonly #leave: () => void;
  #hasEntered = false;
  #running: Promise<void> = Promise.resolve();

  constructor({ cluster, options, listener, topicsRefreshMs }: MembershipSettings) {
    this.cluster = cluster;
    this.options = options;
    this.listener = listener;
    this.topicsRefreshMs = topicsRefreshMs;
    const left = Promise.withResolvers<void>();
    this.left = left.promise;
    this.#leave = left.resolve;
  }

  abstract get memberId(): string;
  abstract get generationId(): number;

  /** One life in the group: until it is over, or the group gave this member up. */
  protected abstract live(): Promise<void>;
  /** Sends a commit under the generation now. */
  protected abstract send(offsets: readonly OffsetCommit[]): Promise<void>;
  /** After Kafka refused a commit of `generationId` with `error`: whether to send it again. */
  protected abstract hasGoneOn(generationId: number, error: string): Promise<boolean>;
  /** Gives up the membership so that the others need not wait; one attempt. */
  protected abstract resign(): Promise<void>;
  /** Says goodbye at the end; a static member comes back, and leaves nothing to the others. */
  protected abstract depart(): Promise<void>;
  /** Forgets the identity: the next join is that of a new member. */
  protected abstract forget(): void;
  protected abstract interruptJoin(): Promise<void>;
  protected abstract close(): Promise<void>;

  /** Resolves once the group has taken the member in; its first `onAssign` follows. */
  async start(): Promise<void> {
    this.subscription = await TopicSubscription.read(this.cluster, this.options);
    this.#running = this.#run();
    await this.#entered.promise;
  }

  commit(offsets: readonly OffsetCommit[], generationId = this.generationId): Promise<void> {
    return this.commitWith(offsets, generationId, () => this.send(offsets));
  }

  /** As {@link commit}; `send` is what sends the offsets, in the name of this member. */
  async commitWith(
    offsets: readonly OffsetCommit[],
    generationId: number,
    send: (committer: Committer) => Promise<void>,
  ): Promise<void> {
    const { groupId, instanceId = null } = this.options;
    for (let attempt = 1; ; attempt++) {
      if (!this.owned.haveBeenSince(offsets, generationId)) throw fenced(groupId, generationId);
      const { memberId, generationId: sentUnder } = this;
      try {
        return await send({ memberId, generationId: sentUnder, instanceId });
      } catch (error) {
        const name = kafkaErrorOf(error);
        if (name === undefined || !isFencingError(name)) throw error;
        const again = attempt < COMMIT_ATTEMPTS_MAX && (await this.hasGoneOn(sentUnder, name));
        if (!again) throw fenced(groupId, generationId, error);
      }
    }
  }

  async leave(): Promise<void> {
    this.#leaving.abort();
    this.#leave();
    // What is owned through a join is drained when that is done: nothing could be committed now.
    if (this.owned.size === 0 || !this.revokesOnLeave) await this.interruptJoin();
    await this.#running;
  }

  /** Whether it is this member of the group that has the id. */
  hasId(groupId: string, memberId: string): boolean {
    return groupId === this.options.groupId && memberId !== '' && memberId === this.memberId;
  }

  /** Whether it is this member of the group that has all of `partitions` now. */
  owns(groupId: string, partitions: readonly TopicPartition[]): boolean {
    return groupId === this.options.groupId && this.owned.haveBeenSince(partitions, Infinity);
  }

  /** Asks with `read` what the group has committed, as this member where the protocol wants it. */
  readCommitted<T>(read: (as?: GroupIdentity) => Promise<T>): Promise<T> {
    return read();
  }

  /** Settles when the membership has ended, however. */
  get ended(): Promise<void> {
    return this.#running;
  }

  /** Leaves without asking the listener to drain: for the end of the client. */
  async abandon(): Promise<void> {
    this.revokesOnLeave = false;
    await this.leave();
  }

  /** Fires with the first `leave`. */
  protected get leaving(): AbortSignal {
    return this.#leaving.signal;
  }

  /** To be called when the group has taken this member in. */
  protected enter(): void {
    this.#hasEntered = true;
    this.#entered.resolve();
  }

  async #run(): Promise<void> {
    let failure: MillraceError | undefined;
    try {
      while (!this.leaving.aborted) await this.live();
      if (this.revokesOnLeave && this.owned.size > 0) await this.drain();
    } catch (error) {
      failure = MillraceError.from(error);
    }
    this.owned.clear();
    await quietly(() => this.depart());
    await this.close();
    if (failure === undefined) return;
    // Whoever waits for the join or the leaving hears of it there, else the listener does.
    if (this.leaving.aborted) throw failure;
    if (this.#hasEntered) this.listener.onError(failure);
    else this.#entered.reject(failure);
  }

  /** Has the listener give back what it still has when the last life is over. */
  protected drain(): Promise<void> {
    return this.lose();
  }

  /** Tells the listener that everything it has is lost. */
  protected async lose(drained?: Promise<void>): Promise<void> {
    const lost = this.owned.clear();
    if (lost.length === 0) return;
    // What the drain still wants to commit is refused from here on: that it fails is expected.
    const [told] = await Promise.allSettled([this.listener.onLost(lost), drained]);
    if (told.status === 'rejected') throw told.reason;
  }

  /**
   * Has the listener drain `partitions` while heartbeats go on. Where that comes too late, or the
   * group has given this member up, everything is lost: the answer is false then.
   */
  protected async giveBack(
    partitions: readonly TopicPartition[],
    ending: Ending,
  ): Promise<boolean> {
    let drained: Promise<void> | undefined;
    // A member that is lost already has nothing to drain for: it goes straight to `onLost`.
    if (!ending.isLost) {
      if (partitions.length === 0) return true;
      drained = this.listener.onRevoke(partitions);
      if (await this.#inTime(drained, ending)) {
        this.owned.remove(partitions);
        return true;
      }
    }
    // The others need not wait for one that is merely slow.
    const resigned = ending.isLost ? Promise.resolve() : quietly(() => this.resign());
    await Promise.all([this.lose(drained), resigned]);
    this.forget();
    if (ending.lostBy === 'FENCED_INSTANCE_ID') throw this.replaced();
    return false;
  }

  /** The error of a static member whose place another has taken: coming back would fence that. */
  protected replaced(): MillraceError {
    const { groupId, instanceId = '' } = this.options;
    return new MillraceError(
      `Member '${instanceId}' is out of group '${groupId}'. ${hintOf('FENCED_INSTANCE_ID')}`,
      {
        code: 'GROUP_FENCED',
        retry: 'never',
        context: { groupId, instanceId, kafkaError: 'FENCED_INSTANCE_ID' },
      },
    );
  }

  /** Whether the drain was done while the group still waited; rejects where the drain does. */
  async #inTime(drained: Promise<void>, ending: Ending): Promise<boolean> {
    const { heartbeatIntervalMs, rebalanceTimeoutMs } = this.options;
    // The coordinator's clock began up to one heartbeat before this member heard of it.
    const graceMs = Math.max(rebalanceTimeoutMs - heartbeatIntervalMs, rebalanceTimeoutMs / 2);
    const timer = Promise.withResolvers<void>();
    const timeout = setTimeout(timer.resolve, graceMs);
    const tooLate = Promise.race([ending.lost, timer.promise]);
    try {
      return await Promise.race([drained.then(() => true), tooLate.then(() => false)]);
    } catch (error) {
      // The listener gave nothing back in order, and hears no more of it.
      this.owned.clear();
      throw error;
    } finally {
      clearTimeout(timeout);
    }
  }
}

/** The error of a commit that comes too late. */
export function fenced(groupId: string, generationId: number, cause?: unknown): MillraceError {
  const message =
    `Group '${groupId}' has gone on since generation ${generationId}: the offsets were not ` +
    'committed. Whoever has the partitions now reads them again.';
  return new MillraceError(message, {
    code: 'GROUP_FENCED',
    context: { groupId, generationId },
    cause,
  });
}

/** What `read` answers, asked as whichever of `members` has all of the partitions, if any has. */
export function readCommittedAs<T>(
  members: Iterable<Membership>,
  groupId: string,
  partitions: readonly TopicPartition[],
  read: (as?: GroupIdentity) => Promise<T>,
): Promise<T> {
  const owner = [...members].find((member) => member.owns(groupId, partitions));
  return owner === undefined ? read() : owner.readCommitted(read);
}

// Nothing hangs on a goodbye: the group gives a member up when its session times out.
async function quietly(goodbye: () => Promise<void>): Promise<void> {
  try {
    await goodbye();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
  }
}
