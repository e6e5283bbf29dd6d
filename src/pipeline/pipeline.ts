/**
 * Runs a plan: takes morsels from the feed to the workers, what they make to the outlet in the
 * order of the source, and commits the offsets behind which everything is durable.
 *
 * All decisions are made on the main thread, in `#pump`, which runs whenever something changed:
 * data came, a worker is free, memory was given back, time passed.
 */
import type { Clock } from '../clock.ts';
import { MillraceError } from '../errors.ts';
import type { TopicPartition } from '../ingest/client.ts';
import type { Dispatched, Dispatcher, MorselLoad } from '../morsel/dispatcher.ts';
import type { InlineTurns, MorselInline } from '../morsel/inline-calls.ts';
import type { MemoryBudget } from '../morsel/memory.ts';
import type { MorselDone } from '../morsel/morsel.ts';
import type { CommitPosition, MovableRun, RunState, RunStats } from '../run.ts';
import type { ConsumerCalls } from './consumer-calls.ts';
import type { FeedListener, Morsel, OpenedPartition } from './feed.ts';
import { Figures } from './figures.ts';
import { type Input, type InputMorsel, type InputParts, Inputs } from './inputs.ts';
import { isSame, type Lane } from './lanes.ts';
import { LimitTally } from './limit-tally.ts';
import { warnOfReset } from './offset-reset.ts';
import type { Outlet } from './outlet.ts';
import type { PartitionsHost } from './partitions.ts';
import { every, Progress } from './progress.ts';
import { RunEnd } from './run-end.ts';
import { atMost, Waiters } from './waiters.ts';

/** What a pipeline is put together from; see `run-plan.ts`. */
export interface PipelineParts {
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  readonly dispatcher: Dispatcher;
  /** The sources, by their numbers; at least one. */
  readonly inputs: readonly InputParts[];
  readonly outlet: Outlet;
  /** Rows that each of the plan's limits lets pass, by its number. */
  readonly limits: readonly number[];
  /** The plan's inline functions; absent: it has none. */
  readonly inline?: InlineTurns;
  /** Calls of the caller's functions that take batches; absent where all sinks are topics. */
  readonly consumerCalls?: ConsumerCalls;
  /** The client library, for the figures. */
  readonly client?: () => NonNullable<RunStats['client']>;
  /** Ends threads and connections; called once, after everything else. */
  dispose(): Promise<void>;
}

/** How often progress is told, ms. */
const PROGRESS_INTERVAL_MS = 1_000;
/** How long a failed run waits for outputs that were written before the failure, ms. */
const FAILURE_FLUSH_MS = 10_000;
/** How long a failed run tries to commit what is durable, ms. */
const FAILURE_COMMIT_MS = 5_000;

const laneOf = ({ input, morsel }: InputMorsel) => input.partitions.lanes.get(morsel)!;

/** A plan that runs. `start` it once. */
export class Pipeline implements MovableRun {
  readonly #runEnd = new RunEnd();
  readonly closed = this.#runEnd.closed;
  readonly #parts: PipelineParts;
  readonly #inputs: Inputs;
  readonly #limits: LimitTally;
  readonly #progress = new Progress();
  readonly #startedMs: number;
  #state: RunState = 'running';
  #held: InputMorsel | undefined;
  #computing = 0;
  #failure: MillraceError | undefined;
  #ending: Promise<void> | undefined;
  // Everything that could settle has: nobody waits for the rest.
  #flushed = false;
  readonly #waiters = new Waiters();
  #cancelTimers: (() => void)[] = [];
  #cancelDue: (() => void) | undefined;
  readonly #figures = new Figures();
  #endedMs: number | undefined;
  // What is left unread when reading stops: afterwards the feed knows of no partition.
  #lagAtEnd: number | undefined;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#limits = new LimitTally(parts.limits);
    this.#startedMs = parts.clock.nowMs();
    this.#inputs = new Inputs(parts.inputs, (input, own) => this.#hostOf(input, own));
  }

  #hostOf({ feed, hooks = {}, autoCommit = true }: InputParts, own: () => Input): PartitionsHost {
    const { outlet, consumerCalls, limits } = this.#parts;
    return {
      run: this,
      feed,
      hooks,
      autoCommit,
      handsOver: outlet.handsOver,
      leaves: outlet.handsOver && limits.length === 0,
      insideConsumer: () => consumerCalls?.inside ?? false,
      failed: () => this.#failure !== undefined,
      flushed: () => this.#flushed,
      runs: () => this.#state === 'running',
      isIdle: () => this.#isIdle(own()),
      ended: () => this.#endedMs !== undefined,
      takeBack: (partitions) => this.#takeBack(own(), partitions),
      until: (done) => this.#waiters.until(done),
      pump: () => this.pump(),
      fail: (error) => this.#fail(error),
    };
  }

  /** Begins to read. Rejects where reading cannot begin; the run has failed then. */
  async start(): Promise<void> {
    const { clock } = this.#parts;
    const failed = (error: MillraceError) => this.#fail(error);
    const tell = () => this.#progress.tell(this.stats(), failed);
    this.#cancelTimers.push(every(clock, PROGRESS_INTERVAL_MS, tell));
    for (const { partitions, commitIntervalMs } of this.#inputs.all) {
      const commit = () => void partitions.commits.due();
      this.#cancelTimers.push(every(clock, commitIntervalMs, commit));
    }
    try {
      // All have begun before one that cannot ends the others.
      const starts = this.#inputs.all.map((input) => input.feed.start(this.#listener(input)));
      await Promise.allSettled(starts);
      await Promise.all(starts);
    } catch (error) {
      this.#fail(MillraceError.from(error));
      this.#runEnd.begun();
      await this.closed;
    }
    this.#runEnd.begun();
    this.pump();
  }

  #listener({ partitions }: Input): FeedListener {
    return {
      onAssign: (assigned) => partitions.assign(assigned),
      onRevoke: (revoked) => partitions.revoke(revoked),
      onLost: (lost) => partitions.lose(lost),
      onReset: (partition, from, to) => {
        this.#figures.offsetResets += 1;
        warnOfReset(partition, from, to);
      },
      onRead: () => partitions.settle(),
      onData: () => this.pump(),
      onError: (error) => this.#fail(error),
    };
  }

  async stop(): Promise<void> {
    if (this.#state === 'running') this.#end('draining');
    if (this.#parts.consumerCalls?.inside || this.#inputs.insideHook) return;
    await this.closed.catch(() => undefined);
  }

  get dealt(): Promise<void> {
    return this.#inputs.dealt;
  }

  assignment(): readonly TopicPartition[] {
    return this.#inputs.assignment();
  }

  pause(partitions?: readonly TopicPartition[]): void {
    this.#inputs.pause(partitions);
  }

  resume(partitions?: readonly TopicPartition[]): void {
    this.#inputs.resume(partitions);
  }

  seek(...to: Parameters<MovableRun['seek']>): Promise<void> {
    return this.#inputs.seek(...to);
  }

  commit(offsets?: readonly CommitPosition[]): Promise<void> {
    return this.#inputs.commit(offsets);
  }

  on(_event: 'progress', listener: (stats: RunStats) => void): () => void {
    return this.#progress.add(listener);
  }

  stats(): RunStats {
    const { budget, outlet, clock, client } = this.#parts;
    return {
      state: this.#state,
      ...this.#figures,
      messagesOut: outlet.messages,
      bytesOut: outlet.bytes,
      lag: this.#lagAtEnd ?? this.#inputs.lag,
      inFlightBytes: budget.usedBytes,
      peakInFlightBytes: budget.peakBytes,
      ...(client === undefined ? {} : { client: client() }),
      sinks: outlet.sinks,
      elapsedMs: (this.#endedMs ?? clock.nowMs()) - this.#startedMs,
    };
  }

  /** Does all that can be done now. Call whenever something changed. */
  pump(): void {
    const { dispatcher, outlet } = this.#parts;
    while (this.#state === 'running' && dispatcher.growing === 0 && outlet.ready) {
      // Which rows a limit lets pass is known only behind the morsel before.
      if (this.#limits.counts && this.#computing > 0) break;
      const worker = dispatcher.openWorker();
      if (worker === undefined) break;
      const next = this.#next(worker.queued === 0 && outlet.relaxed);
      if (next === undefined) break;
      const inline = this.#parts.inline?.enter(laneOf(next));
      const running = dispatcher.dispatch(worker, this.#loadOf(next, inline));
      this.#held = running === undefined ? next : undefined;
      if (running === undefined) inline?.turn.finish();
      if (running === undefined) break;
      this.#track(next, running, inline);
    }
    this.#growStuck();
    this.#waiters.settle();
    this.#checkEnd();
  }

  #loadOf({ input, morsel }: InputMorsel, inline: MorselInline | undefined): MorselLoad {
    const { left } = this.#limits;
    const source = input.number;
    return { ...morsel.load, source, ...(left && { left }), ...(inline && { inline }) };
  }

  // Morsels that are done hold memory until those before them leave, as do those whose function is
  // not called before. Where one of those waits for that memory, and nothing else is under way,
  // nothing would ever move again.
  #growStuck(): void {
    const { dispatcher, outlet } = this.#parts;
    const { growing, waiting } = dispatcher;
    if (growing === 0 || growing + waiting < this.#computing) return;
    if (outlet.pending === 0) dispatcher.growAnyway();
  }

  #next(idle: boolean): InputMorsel | undefined {
    const { clock } = this.#parts;
    const wanted = ({ ends }: Input) => !this.#limits.isOver(ends);
    const held = this.#held;
    if (held !== undefined && wanted(held.input)) return held;
    held?.morsel.load.release?.();
    this.#held = undefined;
    const next = this.#inputs.next(idle, wanted);
    this.#cancelDue?.();
    this.#cancelDue = undefined;
    if (next !== undefined) return next;
    const dueMs = this.#inputs.dueMs();
    if (dueMs !== undefined) this.#cancelDue = clock.after(dueMs, () => this.pump());
    return undefined;
  }

  #track(next: InputMorsel, running: Promise<Dispatched>, inline?: MorselInline): void {
    const { input, morsel } = next;
    const lane = laneOf(next);
    const id = input.partitions.ledger.begin(morsel);
    const ticket = lane.order.enter();
    this.#computing += 1;
    input.computing += 1;
    const finish = (leave: () => void, failed: boolean) => {
      this.#computing -= 1;
      input.computing -= 1;
      for (const left of lane.order.finish(ticket, leave)) left();
      inline?.turn.finish(failed);
      this.pump();
    };
    running.then(
      (dispatched) => {
        const isCut = dispatched.done.failure !== undefined;
        finish(() => this.#release(lane, id, next, dispatched), isCut);
      },
      (error) => finish(() => this.#failLane(lane, MillraceError.from(error)), true),
    );
  }

  // The morsel's turn has come: what it made leaves for the sink.
  #release(lane: Lane, id: number, { input, morsel }: InputMorsel, dispatched: Dispatched): void {
    if (lane.lost || lane.leaving || lane.failed) {
      dispatched.lease.release();
      return;
    }
    const { failure } = dispatched.done;
    const { ledger } = input.partitions;
    let isLeft = false;
    const nextOffset = this.#count(morsel, dispatched.done);
    const outputs = this.#parts.outlet.accept(dispatched, {
      settled: (error) => {
        lane.outputs.count -= 1;
        if (error === undefined && !isLeft) ledger.acknowledge(id);
        else if (error !== undefined && error.code !== 'ABORTED') this.#fail(error);
        else if (error !== undefined && this.#state === 'running') this.#end('draining');
        this.pump();
      },
      wanted: () => {
        isLeft = lane.lost || lane.leaving;
        if (!isLeft) lane.handed = nextOffset ?? morsel.nextOffset;
        return !isLeft;
      },
    });
    lane.outputs.count += outputs;
    ledger.release(id, outputs, nextOffset);
    // Behind its outputs: those are written and committed before the run has failed.
    if (failure !== undefined) this.#failLane(lane, MillraceError.fromPlain(failure.error));
  }

  // Returns the offset behind what came out, where that is not the morsel's end.
  #count(morsel: Morsel, done: MorselDone): bigint | undefined {
    this.#figures.take(morsel, done);
    this.#limits.take(done.passed);
    const cutAt = done.failure?.nextOffset ?? done.endOffset;
    return cutAt !== undefined && cutAt >= 0n ? cutAt : undefined;
  }

  #failLane(lane: Lane, error: MillraceError): void {
    if (lane.lost || lane.failed) return;
    lane.failed = true;
    this.#fail(error);
  }

  #takeBack(input: Input, partitions: readonly TopicPartition[]): readonly OpenedPartition[] {
    const held = this.#held;
    if (held?.input !== input) return [];
    const { morsel } = held;
    if (!partitions.some((partition) => isSame(partition, morsel))) return [];
    this.#held = undefined;
    morsel.load.release?.();
    const { topic, partition, firstOffset } = morsel;
    return [{ topic, partition, position: firstOffset }];
  }

  #checkEnd(): void {
    if (this.#state !== 'running') return;
    const isOver = (input: Input) =>
      (input.computing === 0 && this.#limits.isOver(input.ends)) ||
      (input.feed.exhausted && this.#isIdle(input));
    if (this.#inputs.all.every(isOver)) this.#end('draining');
  }

  // Whether everything that was handed out of a source is durable.
  #isIdle({ computing, number, partitions }: Input): boolean {
    if (this.#held?.input.number === number || computing > 0) return false;
    return partitions.ledger.inFlight() === 0;
  }

  #fail(error: MillraceError): void {
    if (this.#failure !== undefined || this.#state === 'closed') return;
    this.#failure = error;
    if (this.#ending === undefined) this.#end('failed');
    this.#waiters.settle();
  }

  #end(state: 'draining' | 'failed'): void {
    if (this.#ending !== undefined) return;
    this.#state = state;
    this.#held = undefined;
    this.#ending = this.#wind();
  }

  // Reading stops, what is under way comes out, what is durable is committed, all is closed.
  async #wind(): Promise<void> {
    const { outlet, clock, dispose } = this.#parts;
    const inputs = this.#inputs.all;
    try {
      await Promise.all(inputs.map(({ feed }) => feed.stop()));
      this.#lagAtEnd = this.#inputs.lag;
      await this.#waiters.until(() => this.#computing === 0);
      const flushed = outlet.flush();
      if (this.#failure !== undefined) {
        await atMost(clock, FAILURE_FLUSH_MS, flushed);
        outlet.close();
      }
      await flushed;
      this.#flushed = true;
      this.#waiters.settle();
      const commits = inputs.map(({ partitions }) => partitions.commits.due());
      const committed = Promise.all(commits).then(() => undefined);
      // What made the run fail may keep it from committing, too.
      const failed = this.#failure !== undefined;
      await (failed ? atMost(clock, FAILURE_COMMIT_MS, committed) : committed);
      await Promise.all(inputs.map(({ feed }) => feed.close()));
    } catch (error) {
      this.#failure ??= MillraceError.from(error);
    }
    for (const cancel of [...this.#cancelTimers, this.#cancelDue]) cancel?.();
    this.#endedMs = clock.nowMs();
    this.#state = this.#failure === undefined ? 'closed' : 'failed';
    try {
      await dispose();
    } catch (error) {
      this.#failure ??= MillraceError.from(error);
    }
    await this.#runEnd.heard;
    const stats = this.stats();
    this.#runEnd.settle(stats, this.#failure);
    // Nothing can fail the run any more; what a listener throws now is not lost all the same.
    this.#progress.tell(stats, (error) => process.emitWarning(error));
  }
}
