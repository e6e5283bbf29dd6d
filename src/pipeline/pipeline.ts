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
import type { Dispatched, Dispatcher } from '../morsel/dispatcher.ts';
import type { MemoryBudget } from '../morsel/memory.ts';
import type { MorselDone } from '../morsel/morsel.ts';
import type {
  CommitPosition,
  MovableRun,
  PartitionHooks,
  RunState,
  RunStats,
  SeekPosition,
} from '../run.ts';
import type { ConsumerCalls } from './consumer-calls.ts';
import type { Feed, Morsel, OpenedPartition } from './feed.ts';
import { isSame, type Lane } from './lanes.ts';
import type { Outlet } from './outlet.ts';
import { Partitions } from './partitions.ts';
import { every, Progress } from './progress.ts';

/** What a pipeline is put together from; see `run-plan.ts`. */
export interface PipelineParts {
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  readonly dispatcher: Dispatcher;
  readonly feed: Feed;
  readonly outlet: Outlet;
  /** Whether offsets are committed by themselves; default true. */
  readonly autoCommit?: boolean;
  readonly commitIntervalMs: number;
  /** Rows that the plan's limit step lets pass; `undefined` without one. */
  readonly limit: number | undefined;
  /** Calls of the caller's function that takes batches; absent where the sink is a topic. */
  readonly consumerCalls?: ConsumerCalls;
  /** The caller's functions around changes of the partitions. */
  readonly hooks?: PartitionHooks;
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

/** A plan that runs. `start` it once. */
export class Pipeline implements MovableRun {
  readonly closed: Promise<RunStats>;
  readonly #parts: PipelineParts;
  readonly #partitions: Partitions;
  readonly #progress = new Progress();
  readonly #startedMs: number;
  #resolveClosed!: (stats: RunStats) => void;
  #rejectClosed!: (error: MillraceError) => void;
  #state: RunState = 'running';
  #held: Morsel | undefined;
  #computing = 0;
  #limitLeft: number | undefined;
  #failure: MillraceError | undefined;
  #ending: Promise<void> | undefined;
  // Everything that could settle has: nobody waits for the rest.
  #flushed = false;
  #waiters: { done: () => boolean; resolve: () => void }[] = [];
  #cancelTimers: (() => void)[] = [];
  #cancelDue: (() => void) | undefined;
  #counts = {
    messagesIn: 0,
    bytesIn: 0,
    morsels: 0,
    rejects: 0,
    offsetResets: 0,
    functionErrors: 0,
  };
  #endedMs: number | undefined;
  // What is left unread when reading stops: afterwards the feed knows of no partition.
  #lagAtEnd: number | undefined;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#limitLeft = parts.limit;
    this.#startedMs = parts.clock.nowMs();
    this.#partitions = new Partitions({
      run: this,
      feed: parts.feed,
      hooks: parts.hooks ?? {},
      autoCommit: parts.autoCommit ?? true,
      handsOver: parts.outlet.handsOver,
      insideConsumer: () => parts.consumerCalls?.inside ?? false,
      failed: () => this.#failure !== undefined,
      flushed: () => this.#flushed,
      runs: () => this.#state === 'running',
      isIdle: () => this.#isIdle,
      ended: () => this.#endedMs !== undefined,
      takeBack: (partitions) => this.#takeBack(partitions),
      until: (done) => this.#until(done),
      pump: () => this.pump(),
      fail: (error) => this.#fail(error),
    });
    this.closed = new Promise((resolve, reject) => {
      this.#resolveClosed = resolve;
      this.#rejectClosed = reject;
    });
    // Whoever does not look at `closed` learns of a failure from the progress.
    this.closed.catch(() => undefined);
  }

  /** Begins to read. Rejects where reading cannot begin; the run has failed then. */
  async start(): Promise<void> {
    const { feed, clock, commitIntervalMs } = this.#parts;
    const { commits } = this.#partitions;
    const failed = (error: MillraceError) => this.#fail(error);
    const tell = () => this.#progress.tell(this.stats(), failed);
    this.#cancelTimers.push(every(clock, PROGRESS_INTERVAL_MS, tell));
    this.#cancelTimers.push(every(clock, commitIntervalMs, () => void commits.due()));
    try {
      await feed.start({
        onAssign: (partitions) => this.#partitions.assign(partitions),
        onRevoke: (partitions) => this.#partitions.revoke(partitions),
        onLost: (partitions) => this.#partitions.lose(partitions),
        onReset: (partition, from, to) => {
          this.#counts.offsetResets += 1;
          warnOfReset(partition, from, to);
        },
        onRead: () => this.#partitions.settle(),
        onData: () => this.pump(),
        onError: failed,
      });
    } catch (error) {
      this.#fail(MillraceError.from(error));
      await this.closed;
    }
    this.pump();
  }

  async stop(): Promise<void> {
    if (this.#state === 'running') this.#end('draining');
    if (this.#parts.consumerCalls?.inside || this.#partitions.insideHook) return;
    await this.closed.catch(() => undefined);
  }

  get dealt(): Promise<void> {
    return this.#partitions.dealt;
  }

  assignment(): readonly TopicPartition[] {
    return this.#partitions.lanes.partitions();
  }

  pause(partitions?: readonly TopicPartition[]): void {
    this.#partitions.pause(partitions);
  }

  resume(partitions?: readonly TopicPartition[]): void {
    this.#partitions.resume(partitions);
  }

  seek(positions: readonly SeekPosition[], onMoved?: () => void): Promise<void> {
    return this.#partitions.seek(positions, onMoved);
  }

  commit(offsets?: readonly CommitPosition[]): Promise<void> {
    return this.#partitions.commit(offsets);
  }

  on(_event: 'progress', listener: (stats: RunStats) => void): () => void {
    return this.#progress.add(listener);
  }

  stats(): RunStats {
    const { budget, outlet, feed, clock, client } = this.#parts;
    return {
      state: this.#state,
      ...this.#counts,
      messagesOut: outlet.messages,
      bytesOut: outlet.bytes,
      lag: this.#lagAtEnd ?? feed.lag,
      inFlightBytes: budget.usedBytes,
      peakInFlightBytes: budget.peakBytes,
      ...(client === undefined ? {} : { client: client() }),
      elapsedMs: (this.#endedMs ?? clock.nowMs()) - this.#startedMs,
    };
  }

  /** Does all that can be done now. Call whenever something changed. */
  pump(): void {
    const { dispatcher, outlet } = this.#parts;
    while (this.#state === 'running' && dispatcher.growing === 0 && outlet.ready) {
      // Which rows a limit lets pass is known only behind the morsel before.
      if (this.#limitLeft === 0 || (this.#limitLeft !== undefined && this.#computing > 0)) break;
      const worker = dispatcher.openWorker();
      if (worker === undefined) break;
      const morsel = this.#held ?? this.#next(worker.queued === 0 && outlet.relaxed);
      if (morsel === undefined) break;
      const limited = this.#limitLeft === undefined ? {} : { limit: this.#limitLeft };
      const running = dispatcher.dispatch(worker, { ...morsel.load, ...limited });
      this.#held = running === undefined ? morsel : undefined;
      if (running === undefined) break;
      this.#track(morsel, running);
    }
    this.#growStuck();
    this.#settleWaiters();
    this.#checkEnd();
  }

  // Morsels that are done hold memory until those before them leave. Where one of those waits for
  // that memory, and nothing else is under way, nothing would ever move again.
  #growStuck(): void {
    const { dispatcher, outlet } = this.#parts;
    if (dispatcher.growing === 0 || dispatcher.growing < this.#computing) return;
    if (outlet.pending === 0) dispatcher.growAnyway();
  }

  #next(idle: boolean): Morsel | undefined {
    const { feed, clock } = this.#parts;
    const morsel = feed.next(idle);
    this.#cancelDue?.();
    this.#cancelDue = undefined;
    if (morsel !== undefined) return morsel;
    const dueMs = feed.dueMs();
    if (dueMs !== undefined) this.#cancelDue = clock.after(dueMs, () => this.pump());
    return undefined;
  }

  #track(morsel: Morsel, running: Promise<Dispatched>): void {
    const { lanes, ledger } = this.#partitions;
    const lane = lanes.get(morsel)!;
    const id = ledger.begin(morsel);
    const ticket = lane.order.enter();
    this.#computing += 1;
    const finish = (leave: () => void) => {
      this.#computing -= 1;
      for (const next of lane.order.finish(ticket, leave)) next();
      this.pump();
    };
    running.then(
      (dispatched) => finish(() => this.#release(lane, id, morsel, dispatched)),
      (error) => finish(() => this.#failLane(lane, MillraceError.from(error))),
    );
  }

  // The morsel's turn has come: what it made leaves for the sink.
  #release(lane: Lane, id: number, morsel: Morsel, dispatched: Dispatched): void {
    if (lane.lost || lane.failed) {
      dispatched.lease.release();
      return;
    }
    const { failure } = dispatched.done;
    const { ledger } = this.#partitions;
    const nextOffset = this.#count(morsel, dispatched.done);
    const outputs = this.#parts.outlet.accept(dispatched, {
      settled: (error) => {
        lane.outputs.count -= 1;
        if (error === undefined) ledger.acknowledge(id);
        else if (error.code !== 'ABORTED') this.#fail(error);
        else if (this.#state === 'running') this.#end('draining');
        this.pump();
      },
      wanted: () => {
        if (!lane.lost) lane.handed = nextOffset ?? morsel.nextOffset;
        return !lane.lost;
      },
    });
    lane.outputs.count += outputs;
    ledger.release(id, outputs, nextOffset);
    // Behind its outputs: those are written and committed before the run has failed.
    if (failure !== undefined) this.#failLane(lane, MillraceError.fromPlain(failure.error));
  }

  // Returns the offset behind what came out, where that is not the morsel's end.
  #count(morsel: Morsel, done: MorselDone): bigint | undefined {
    const { rowsIn, limited, failure, functionErrors = 0 } = done;
    const counts = this.#counts;
    counts.morsels += 1;
    counts.messagesIn += rowsIn;
    counts.bytesIn += morsel.load.inputBytes;
    counts.rejects += failure?.rejects ?? 0;
    counts.functionErrors += functionErrors;
    if (limited !== undefined && this.#limitLeft !== undefined) this.#limitLeft -= limited.passed;
    const cutAt = failure ?? (this.#limitLeft === 0 ? limited : undefined);
    return cutAt !== undefined && cutAt.nextOffset >= 0n ? cutAt.nextOffset : undefined;
  }

  #failLane(lane: Lane, error: MillraceError): void {
    if (lane.lost || lane.failed) return;
    lane.failed = true;
    this.#fail(error);
  }

  #takeBack(partitions: readonly TopicPartition[]): readonly OpenedPartition[] {
    const held = this.#held;
    if (held === undefined || !partitions.some((partition) => isSame(partition, held))) return [];
    this.#held = undefined;
    held.load.release?.();
    const { topic, partition, firstOffset } = held;
    return [{ topic, partition, position: firstOffset }];
  }

  #checkEnd(): void {
    if (this.#state !== 'running') return;
    if (this.#limitLeft === 0 && this.#computing === 0) this.#end('draining');
    if (this.#parts.feed.exhausted && this.#isIdle) this.#end('draining');
  }

  // Whether everything that was handed out is durable.
  get #isIdle(): boolean {
    if (this.#held !== undefined || this.#computing > 0) return false;
    return this.#partitions.ledger.inFlight() === 0;
  }

  #fail(error: MillraceError): void {
    if (this.#failure !== undefined || this.#state === 'closed') return;
    this.#failure = error;
    if (this.#ending === undefined) this.#end('failed');
    this.#settleWaiters();
  }

  #end(state: 'draining' | 'failed'): void {
    if (this.#ending !== undefined) return;
    this.#state = state;
    this.#held = undefined;
    this.#ending = this.#wind();
  }

  // Reading stops, what is under way comes out, what is durable is committed, all is closed.
  async #wind(): Promise<void> {
    const { feed, outlet, clock, dispose } = this.#parts;
    try {
      await feed.stop();
      this.#lagAtEnd = feed.lag;
      await this.#until(() => this.#computing === 0);
      const flushed = outlet.flush();
      if (this.#failure !== undefined) {
        await this.#atMost(FAILURE_FLUSH_MS, flushed);
        outlet.close();
      }
      await flushed;
      this.#flushed = true;
      this.#settleWaiters();
      const committed = this.#partitions.commits.due();
      // What made the run fail may keep it from committing, too.
      await (this.#failure === undefined ? committed : this.#atMost(FAILURE_COMMIT_MS, committed));
      await feed.close();
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
    const stats = this.stats();
    if (this.#failure === undefined) this.#resolveClosed(stats);
    else this.#rejectClosed(this.#failure);
    // Nothing can fail the run any more; what a listener throws now is not lost all the same.
    this.#progress.tell(stats, (error) => process.emitWarning(error));
  }

  async #atMost(limitMs: number, settled: Promise<void>): Promise<void> {
    const over = Promise.withResolvers<void>();
    const cancel = this.#parts.clock.after(limitMs, over.resolve);
    await Promise.race([settled, over.promise]);
    cancel();
  }

  #until(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ done, resolve }));
  }

  #settleWaiters(): void {
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ done }) => !done());
    for (const waiter of waiters) if (!this.#waiters.includes(waiter)) waiter.resolve();
  }
}

// What lies between was not read, or is read again: nobody should have to look for that.
function warnOfReset({ topic, partition }: TopicPartition, from: bigint, to: bigint): void {
  process.emitWarning(
    `${topic}-${partition}: the offset ${from} is not in the log; reading goes on at ${to}, by ` +
      'offsetReset',
    { type: 'MillraceWarning', code: 'OFFSET_OUT_OF_RANGE' },
  );
}
