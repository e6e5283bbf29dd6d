/**
 * What happens to a pipeline's partitions: they come, go, are paused and sent elsewhere, and their
 * offsets are committed. What happens to their morsels is the pipeline's.
 */
import { MillraceError } from '../errors.ts';
import type { TopicPartition } from '../ingest/client.ts';
import { type DurableOffset, EpochLedger } from '../morsel/epoch.ts';
import { meantOffset } from '../nearest-value.ts';
import type {
  CommitPosition,
  OnMoved,
  PartitionHook,
  PartitionHooks,
  Run,
  SeekPosition,
} from '../run.ts';
import { Commits } from './commits.ts';
import { ConsumerCalls } from './consumer-calls.ts';
import type { Feed, FeedControl, OpenedPartition } from './feed.ts';
import { isSame, type Lane, Lanes } from './lanes.ts';

/** The pipeline, as its partitions see it. */
export interface PartitionsHost {
  readonly run: Run;
  readonly feed: Feed;
  readonly hooks: PartitionHooks;
  readonly autoCommit: boolean;
  /** Whether the outlet hands over what waits in it, and can still drop it. */
  readonly handsOver: boolean;
  /** Whether what waits is dropped where its partition goes; rows behind a limit are counted. */
  readonly leaves: boolean;
  /** Whether the caller is the function that takes batches. */
  insideConsumer(): boolean;
  /** The run has failed; `flushed`: and everything that could come out has. */
  failed(): boolean;
  flushed(): boolean;
  /** The run goes on; what was handed out and dropped at its end is read again by the next. */
  runs(): boolean;
  /** Everything that was handed out is durable. */
  isIdle(): boolean;
  /** The run is over: nothing can be asked of it. */
  ended(): boolean;
  /** Takes back a morsel that was handed out and has no worker, where it is of these. */
  takeBack(partitions: readonly TopicPartition[]): readonly OpenedPartition[];
  /** Settles when `done` is true; asked whenever something changed. */
  until(done: () => boolean): Promise<void>;
  pump(): void;
  fail(error: MillraceError): void;
}

/** The partitions of one pipeline. */
export class Partitions {
  readonly lanes = new Lanes();
  readonly ledger = new EpochLedger();
  readonly commits: Commits;
  readonly #host: PartitionsHost;
  readonly #hookCalls = new ConsumerCalls();
  // What each revoke under way still gives back: who is too slow for it has lost it meanwhile, and
  // may even have it anew.
  readonly #going = new Set<{ ours: readonly TopicPartition[] }>();
  readonly #dealt = Promise.withResolvers<void>();

  constructor(host: PartitionsHost) {
    this.#host = host;
    this.commits = new Commits({
      ledger: this.ledger,
      auto: host.autoCommit,
      commit: (offsets) => host.feed.commit(offsets),
      onError: (error) => host.fail(error),
    });
  }

  /** Whether the caller is one of the functions around changes of the partitions. */
  get insideHook(): boolean {
    return this.#hookCalls.inside;
  }

  /** As `MovableRun.dealt`. */
  get dealt(): Promise<void> {
    return this.#dealt.promise;
  }

  /** Partitions are ours; settles when they may be read. */
  async assign(partitions: readonly OpenedPartition[]): Promise<void> {
    const { autoCommit, runs } = this.#host;
    for (const { topic, partition, position, due = false } of partitions) {
      this.lanes.open({ topic, partition }, position);
      // A run that is ending reads nothing of them: whoever is next says where that begins.
      this.ledger.open(topic, partition, position, due && autoCommit && runs());
    }
    this.#dealt.resolve();
    await this.#tell('onAssign', partitions);
    if (partitions.some(({ due }) => due === true)) void this.commits.due();
  }

  /** Settles when all that was handed out is durable and, where that happens, committed. */
  async settle(): Promise<void> {
    const { until, runs, isIdle, autoCommit, feed } = this.#host;
    const settled = () => !runs() || isIdle();
    while (!settled()) await until(settled);
    if (!runs()) return;
    for (const { topic, partition, position } of feed.control?.reached ?? []) {
      if (autoCommit) this.ledger.reach(topic, partition, position);
    }
    await this.commits.due();
  }

  /**
   * Partitions are about to go: what is in flight comes out and is committed; where a consumer
   * takes it, only what it has in hands: with the rest the group would wait for work of any length.
   */
  async revoke(partitions: readonly TopicPartition[]): Promise<void> {
    const going = { ours: this.#ours(partitions) };
    const { until, failed, flushed } = this.#host;
    this.#going.add(going);
    this.#host.takeBack(going.ours);
    for (const partition of going.ours) this.lanes.get(partition)!.leaving = this.#host.leaves;
    const isOut = () => going.ours.every((partition) => this.#isOut(partition));
    await until(() => failed() || flushed() || isOut());
    // A run that failed has committed what it could by the time it leaves its group.
    if (!failed() || !flushed()) await this.commits.due();
    await this.#tell('onRevoke', going.ours);
    if (!failed() || !flushed()) await this.commits.settled;
    this.#going.delete(going);
    this.#close(going.ours);
  }

  /** Partitions are gone: nothing of them comes out any more. */
  async lose(partitions: readonly TopicPartition[]): Promise<void> {
    const ours = this.#ours(partitions);
    for (const going of this.#going) {
      going.ours = going.ours.filter((mine) => !ours.some((lost) => isSame(mine, lost)));
    }
    this.#host.takeBack(ours);
    this.#close(ours);
    this.#host.pump();
    await this.#tell('onLost', ours);
  }

  /** As `Run.pause`. */
  pause(partitions?: readonly TopicPartition[]): void {
    const control = this.#partitioned('pause');
    if (this.#host.ended()) return;
    for (const partition of partitions ?? []) this.lanes.ours(partition);
    const back = this.#host.takeBack(partitions ?? this.lanes.partitions());
    for (const morsel of back) control.seek(morsel, morsel.position);
    control.pause(partitions);
    this.#host.pump();
  }

  /** As `Run.resume`. */
  resume(partitions?: readonly TopicPartition[]): void {
    const control = this.#partitioned('resume');
    if (this.#host.ended()) return;
    for (const partition of partitions ?? []) this.lanes.ours(partition);
    control.resume(partitions);
    this.#host.pump();
  }

  /** As `MovableRun.seek`. */
  async seek(positions: readonly SeekPosition[], onMoved?: OnMoved): Promise<void> {
    const control = this.#control('seek');
    for (const position of positions) this.#checkSeek(position);
    const offsets = await resolve(control, positions);
    // Nothing may come between the checks and what follows: partitions go at any time.
    this.#control('seek');
    const before = positions.map((position) => this.lanes.ours(position));
    this.#host.takeBack(positions);
    const moved = positions.map(({ topic, partition }, i) => {
      return { topic, partition, offset: offsets[i]! };
    });
    for (const { topic, partition, offset } of moved) {
      control.seek({ topic, partition }, offset);
      this.lanes.open({ topic, partition }, offset);
      this.ledger.open(topic, partition, offset, true);
    }
    onMoved?.(moved);
    this.#host.pump();
    // A commit of where we were must not arrive behind one of where we are.
    await this.commits.settled;
    // The consumer's own call would wait for itself.
    if (this.#host.handsOver || this.#host.insideConsumer()) return;
    const { until, flushed } = this.#host;
    await until(() => flushed() || before.every(({ outputs }) => outputs.count === 0));
  }

  /** As `Run.commit`. */
  async commit(positions?: readonly CommitPosition[]): Promise<void> {
    const control = this.#control('commit');
    if (!control.commits) {
      throw new MillraceError('the source has no groupId to commit to; give it one', {
        code: 'INVALID_PLAN',
      });
    }
    if (positions === undefined) {
      const inside = this.#host.handsOver && this.#host.insideConsumer();
      return this.commits.now(() => (inside ? this.#withAtHand() : this.ledger.due()));
    }
    const offsets = positions.map((position) => this.#checkCommit(position));
    return this.commits.now(() => {
      for (const offset of offsets) this.#checkStill(offset);
      return offsets;
    });
  }

  #partitioned(name: string): FeedControl {
    const { control } = this.#host.feed;
    if (control !== undefined) return control;
    throw new MillraceError(`${name}() is of Kafka sources: batches have no partitions`, {
      code: 'INVALID_PLAN',
    });
  }

  #control(name: string): FeedControl {
    if (!this.#host.ended()) return this.#partitioned(name);
    throw new MillraceError(`${name}() came when the run had ended; call it before stop()`, {
      code: 'ABORTED',
    });
  }

  #checkSeek(position: SeekPosition): void {
    this.lanes.ours(position);
    const { topic, partition, offset } = position;
    if (offset === 'earliest' || offset === 'latest') return;
    if (typeof offset === 'bigint' && offset >= 0n) return;
    throw new MillraceError(
      `seek: the offset of ${topic}-${partition} is ${String(offset)}; give a bigint from 0n on, ` +
        `'earliest' or 'latest'${meantOffset(offset)}`,
      { code: 'INVALID_OPTION', context: { topic, partition } },
    );
  }

  #checkCommit(position: CommitPosition): DurableOffset {
    const { topic, partition, offset } = position;
    const { handed } = this.lanes.ours(position);
    const durable = this.ledger.durable(topic, partition)!;
    const out = this.#host.handsOver && handed > durable.offset ? handed : durable.offset;
    if (typeof offset === 'bigint' && offset >= 0n && offset <= out) return { ...durable, offset };
    throw new MillraceError(
      `commit: the offset of ${topic}-${partition} is ${String(offset)}; what is out ends at ` +
        `${out}: give a bigint from 0n to ${out}n, the last message's offset plus one` +
        meantOffset(offset),
      { code: 'INVALID_OPTION', context: { topic, partition, end: out } },
    );
  }

  // The partition may have gone while the commit waited for the one before.
  #checkStill({ topic, partition }: DurableOffset): void {
    if (this.ledger.durable(topic, partition) !== undefined) return;
    throw new MillraceError(
      `${topic}-${partition} was taken away before its offset was committed; whoever has it now ` +
        'reads on at the offset committed before',
      { code: 'GROUP_FENCED', context: { topic, partition } },
    );
  }

  // Everything that is due, and to the end of the batch that the consumer has in hands.
  #withAtHand(): DurableOffset[] {
    const offsets = this.ledger.due();
    for (const partition of this.lanes.partitions()) {
      const { handed } = this.lanes.get(partition)!;
      const durable = this.ledger.durable(partition.topic, partition.partition)!;
      if (handed <= durable.offset) continue;
      const other = offsets.findIndex((offset) => isSame(offset, partition));
      if (other >= 0) offsets.splice(other, 1);
      offsets.push({ ...durable, offset: handed });
    }
    return offsets;
  }

  #isOut(partition: TopicPartition): boolean {
    const lane: Lane | undefined = this.lanes.get(partition);
    const durable = this.ledger.durable(partition.topic, partition.partition);
    if (lane?.leaving && durable !== undefined) return durable.offset >= lane.handed;
    if (this.ledger.inFlight(partition.topic, partition.partition) > 0) return false;
    // What a seek left behind in a topic's sink must be out, too, before another member writes.
    return this.#host.handsOver || lane === undefined || lane.outputs.count === 0;
  }

  #ours(partitions: readonly TopicPartition[]): readonly TopicPartition[] {
    return partitions.filter((partition) => this.lanes.get(partition) !== undefined);
  }

  #close(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.lanes.close(partition);
      this.ledger.close(partition.topic, partition.partition);
    }
  }

  // Whatever a hook throws ends the run; the partitions come or go all the same.
  async #tell(name: keyof PartitionHooks, partitions: readonly TopicPartition[]): Promise<void> {
    const hook: PartitionHook | undefined = this.#host.hooks[name];
    if (hook === undefined || partitions.length === 0) return;
    const named = partitions.map(({ topic, partition }) => ({ topic, partition }));
    try {
      await this.#hookCalls.make(() => hook(named, this.#host.run));
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      this.#host.fail(
        new MillraceError(`${name} failed: ${message}`, { code: 'CONSUMER_FAILED', cause }),
      );
    }
  }
}

// One request for all that go to the same end.
async function resolve(
  control: FeedControl,
  positions: readonly SeekPosition[],
): Promise<readonly bigint[]> {
  const offsets = new Map<SeekPosition, bigint>();
  for (const at of ['earliest', 'latest'] as const) {
    const asked = positions.filter(({ offset }) => offset === at);
    const found = asked.length === 0 ? [] : await control.offsets(asked, at);
    for (const [i, position] of asked.entries()) offsets.set(position, found[i]!);
  }
  return positions.map((position) => offsets.get(position) ?? (position.offset as bigint));
}
