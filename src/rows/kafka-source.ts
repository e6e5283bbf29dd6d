/** Topics whose messages are taken one by one. */
import type { RecordBatch } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import type { TopicPartition } from '../ingest/client.ts';
import { readPartitions } from '../pipeline/positions.ts';
import type { MovableRun, Run, RunStats, SeekPosition } from '../run.ts';
import { OptionReader } from '../stream/option-reader.ts';
import { BatchRows } from './batch-rows.ts';
import { type CommitRecord, readCommitRecord, readSeekPositions } from './positions.ts';
import type { KafkaRecord } from './record.ts';
import { RowCommits } from './row-commits.ts';
import { RowReader, timerMs } from './row-reader.ts';
import {
  type RowHolder,
  type RowSourceOptions,
  type RowSourceSettings,
  readRowSource,
} from './row-source-options.ts';
import { RowValues } from './row-values.ts';
import { beingRead, noGroup, sourceClosed } from './source-errors.ts';
import { isFinalStart } from './start-errors.ts';

/** What reads a source by itself, such as `pipe`: one at a time, instead of a loop. */
export interface SourceReading<Value> {
  /** The next message; `undefined` at the end. The one before is done with. */
  next(): Promise<KafkaRecord<Value> | undefined>;
  /** Ends the reading; `done`: all that was handed out is done with. Else its batch is not. */
  close(options: { done: boolean }): Promise<void>;
}

/** What a source is given beside its options. */
export interface RowSourceIo {
  /** What takes the options, as errors name it; default `KafkaSource`. */
  readonly owner?: string;
}

const NOTHING_TO_READ = { next: async () => undefined, close: async () => undefined };

/**
 * Reads topics as one object a message, over the engine that hands out batches. A message is done
 * with when the next one is asked for: with a `groupId` its offset is committed then, within
 * `commitIntervalMs` and at `stop`. The message at hand when a loop is left is not, and comes again
 * in the next run.
 *
 * `Stream.fromKafka` makes no objects and is the faster way by far. Once `stop` was called nothing
 * can be begun any more: calls are `ABORTED`.
 *
 * @example
 * ```ts
 * await using source = new KafkaSource<Order>({ topic: 'orders', groupId: 'billing' });
 * for await (const order of source.messages()) await bill(order);
 * ```
 */
export class KafkaSource<Value = unknown> {
  readonly #settings: RowSourceSettings;
  readonly #reader: RowReader;
  readonly #values: RowValues;
  readonly #commits: RowCommits;
  #starting: Promise<Run> | undefined;
  #run: Run | undefined;
  #stopping: Promise<void> | undefined;
  #stopped = false;
  #reading: PromiseWithResolvers<void> | undefined;
  #isPipe = false;

  /** @throws MillraceError `INVALID_OPTION`, `INVALID_SCHEMA`. */
  constructor(options: RowSourceOptions, io: RowSourceIo = {}) {
    const holder: RowHolder = {
      forget: (partitions) => this.#reader.forget(partitions),
      lose: (partitions) => this.#reader.lose(partitions),
      move: (positions) => this.#reader.move(positions),
      commit: (run) => this.#commits.handedOut(run),
    };
    this.#settings = readRowSource(options, holder, io.owner);
    this.#values = new RowValues(this.#settings);
    const { columns, shape } = this.#settings;
    const open = (batch: RecordBatch) => new BatchRows(batch, columns, shape !== 'fields');
    this.#reader = new RowReader(open);
    this.#commits = new RowCommits(this.#settings, this.#reader);
  }

  /**
   * Connects and begins to read; resolves when `assignment()` is known. Loops and `poll` begin by
   * themselves where it was not done.
   *
   * @throws MillraceError where there is no broker, or no such topic; `ABORTED` after `stop`.
   *   `AUTHENTICATION_FAILED`, `TLS_FAILED` and `UNKNOWN_HOST` are final: every later call has the
   *   same error.
   */
  async start(): Promise<void> {
    await this.#placed();
  }

  /**
   * The values, one by one; ends with `stop`, or with `until: 'latest'` at the end of the topics.
   * A loop that is left can be taken up by another, which begins with the next message.
   *
   * @throws MillraceError what the run failed with; `BAD_MESSAGE`; `INVALID_PLAN` where the source
   *   is being read already; `ABORTED` where it was stopped before.
   */
  async *messages(): AsyncGenerator<Value, void, undefined> {
    const reader = this.#claim();
    try {
      await this.#live();
      for (;;) {
        if (!reader.advance() && !(await reader.wait())) return;
        const { value, passed } = this.#values.read(reader);
        if (passed === undefined) yield value as Value;
        else await passed;
      }
    } finally {
      this.#unclaim();
    }
  }

  /** As `messages`, with key, headers, topic, partition, offset and timestamp. */
  async *records(): AsyncGenerator<KafkaRecord<Value>, void, undefined> {
    const reader = this.#claim();
    try {
      await this.#live();
      for (;;) {
        if (!reader.advance() && !(await reader.wait())) return;
        const { value, passed } = this.#values.read(reader);
        if (passed === undefined) yield reader.rows.record(reader.row, value as Value);
        else await passed;
      }
    } finally {
      this.#unclaim();
    }
  }

  /**
   * The next message, or `undefined` where none came within `timeoutMs`, at the end, or where
   * `stop` is called meanwhile. Where the source has not begun by then it goes on beginning, and
   * the next call waits for that, or has the error that it ended with.
   *
   * @throws MillraceError as `messages`.
   */
  async poll(options: { timeoutMs?: number } = {}): Promise<KafkaRecord<Value> | undefined> {
    const timeoutMs = new OptionReader('poll', options, ['timeoutMs']).milliseconds('timeoutMs');
    const reader = this.#claim();
    const deadline = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
    try {
      if (!(await this.#liveWithin(timeoutMs))) return undefined;
      for (;;) {
        const leftMs = deadline && Math.max(0, deadline - performance.now());
        if (!reader.advance() && !(await reader.wait(leftMs))) return undefined;
        const { value, passed } = this.#values.read(reader);
        if (passed === undefined) return reader.rows.record(reader.row, value as Value);
        await passed;
      }
    } finally {
      this.#unclaim();
    }
  }

  /**
   * Commits everything that was handed out so far, the message at hand included; or everything up
   * to one message, and that. A message before what is committed already takes the group back to
   * it: whoever reads on from the committed offsets reads what lies between again.
   *
   * While the source stops, the loop that has a message in hands may still commit it.
   *
   * @throws MillraceError `INVALID_PLAN` without a `groupId`; `INVALID_OPTION` for what is no
   *   message, or one of a partition that is not ours now; `GROUP_FENCED`; `ABORTED` once the
   *   source is stopped.
   */
  async commit(record?: CommitRecord): Promise<void> {
    if (this.#settings.groupId === undefined) throw noGroup();
    const message = readCommitRecord(record);
    if (this.#stopped) throw sourceClosed();
    const run = await this.#started();
    if (message !== undefined) await this.#commits.upTo(run, message);
    else await this.#commits.handedOut(run);
  }

  /**
   * Goes on elsewhere: the next message of each partition is the one at `offset`, or the first
   * behind it. Before the group has dealt out its partitions it waits for that.
   *
   * @throws MillraceError `INVALID_OPTION` for what is no position, and for partitions that are not
   *   ours; `ABORTED` after `stop`.
   */
  async seek(positions: SeekPosition | readonly SeekPosition[]): Promise<void> {
    const list = readSeekPositions(positions);
    const run = await this.#placed();
    // Not when it has settled: by then the reader may have messages from there.
    await run.seek(list, (moved) => this.#reader.move(moved));
  }

  /** Goes back to the first message of these partitions; default of all that are ours. */
  async seekToBeginning(partitions?: readonly TopicPartition[]): Promise<void> {
    await this.#seekTo('earliest', readPartitions('seekToBeginning', partitions));
  }

  /** Goes on with what comes from now on; default in all partitions that are ours. */
  async seekToEnd(partitions?: readonly TopicPartition[]): Promise<void> {
    await this.#seekTo('latest', readPartitions('seekToEnd', partitions));
  }

  /**
   * Reads these partitions no further; default all. What was read of them already, a few batches
   * at most, still comes.
   */
  async pause(partitions?: readonly TopicPartition[]): Promise<void> {
    const list = readPartitions('pause', partitions);
    (await this.#live(list)).pause(list);
  }

  /** Reads these partitions again; default all. */
  async resume(partitions?: readonly TopicPartition[]): Promise<void> {
    const list = readPartitions('resume', partitions);
    (await this.#live(list)).resume(list);
  }

  /** The partitions that are ours now. */
  assignment(): readonly TopicPartition[] {
    return this.#run?.assignment() ?? [];
  }

  /** The figures of the run; `undefined` before the start. */
  stats(): RunStats | undefined {
    const figures = this.#run?.stats();
    const { rejects } = this.#values;
    return figures && { ...figures, rejects: figures.rejects + rejects };
  }

  /**
   * Ends the loops over the messages, commits what is done with, leaves the group and disconnects.
   * Never rejects: a loop has the error of a run that failed; where none was told, it is a warning
   * of the process.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopped = true;
    });
    return this.#stopping;
  }

  /** As `stop`. */
  close(): Promise<void> {
    return this.stop();
  }

  /** As `stop`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Takes the place of a loop, for what commits only behind its own output. `settle` is awaited
   * before messages count as done with; `stop` waits until the reading is closed.
   */
  async read(settle: () => Promise<void>): Promise<SourceReading<Value>> {
    if (this.#stopping !== undefined) return NOTHING_TO_READ;
    const reader = this.#claim();
    this.#isPipe = true;
    reader.beforeRelease = async () => {
      await settle();
      if (this.#settings.groupId !== undefined && !this.#settings.autoCommit) await this.commit();
    };
    const close: SourceReading<Value>['close'] = async ({ done }) => {
      reader.beforeRelease = undefined;
      try {
        if (!done) reader.abandon();
        else if (this.#run !== undefined) await this.#commits.all(this.#run, { current: true });
      } finally {
        this.#isPipe = false;
        this.#unclaim();
      }
    };
    try {
      await this.#started();
    } catch (error) {
      await close({ done: false });
      throw error;
    }
    const next: SourceReading<Value>['next'] = async () => {
      for (;;) {
        if (!reader.advance() && !(await reader.wait())) return undefined;
        const { value, passed } = this.#values.read(reader);
        if (passed === undefined) return reader.rows.record(reader.row, value as Value);
        await passed;
      }
    };
    return { next, close };
  }

  // The run, for what cannot begin once the source is being stopped; where partitions are named,
  // once it has some.
  #live(named?: readonly TopicPartition[]): Promise<Run> {
    if (this.#stopping !== undefined) return Promise.reject(sourceClosed());
    return named === undefined ? this.#started() : this.#placed();
  }

  // The run, once it is known which partitions are ours: a group tells that after the join.
  async #placed(): Promise<MovableRun> {
    const run = (await this.#live()) as MovableRun;
    await Promise.race([run.dealt, run.closed.catch(() => undefined)]);
    return run;
  }

  // Whether it runs, or has not begun within that time.
  async #liveWithin(timeoutMs: number | undefined): Promise<boolean> {
    if (timeoutMs === undefined || this.#run !== undefined || this.#stopping !== undefined) {
      await this.#live();
      return true;
    }
    this.#starting ??= this.#start();
    const late = Promise.withResolvers<'late'>();
    const timer = setTimeout(late.resolve, timerMs(timeoutMs), 'late');
    const begun = this.#starting.catch(() => undefined);
    const first = await Promise.race([begun, late.promise]);
    clearTimeout(timer);
    if (first === 'late') return false;
    await this.#started();
    return true;
  }

  async #started(): Promise<Run> {
    this.#starting ??= this.#start();
    const starting = this.#starting;
    try {
      return await starting;
    } catch (error) {
      // Whoever has the error may try again: the broker may be there by then.
      if (!isFinalStart(error) && this.#starting === starting) this.#starting = undefined;
      throw error;
    }
  }

  async #start(): Promise<Run> {
    if (this.#stopping !== undefined) throw sourceClosed();
    const take = (batch: RecordBatch) => this.#reader.offer(batch);
    const run = await this.#settings.stream.forEach(take).run();
    this.#run = run;
    this.#commits.begin(run);
    const ended = (error?: MillraceError) => {
      this.#commits.end();
      this.#reader.runEnded(error);
    };
    run.closed.then(
      () => ended(),
      (error: unknown) => ended(MillraceError.from(error)),
    );
    return run;
  }

  async #stop(): Promise<void> {
    this.#reader.end();
    const run = await this.#starting?.catch(() => undefined);
    // A pipe still has outputs under way: what they came from is committed behind them.
    if (this.#isPipe) await this.#reading?.promise;
    if (run === undefined) return;
    this.#commits.end();
    if (this.#settings.autoCommit) {
      // What could not be committed comes again: at least once, as after a crash.
      await this.#commits.all(run, { current: false }).catch(warn);
    }
    this.#reader.leave();
    await run.stop();
    if (this.#reader.untold !== undefined) warn(this.#reader.untold);
  }

  async #seekTo(
    offset: 'earliest' | 'latest',
    partitions?: readonly TopicPartition[],
  ): Promise<void> {
    const run = await this.#placed();
    const all = partitions ?? run.assignment();
    await this.seek(all.map(({ topic, partition }) => ({ topic, partition, offset })));
  }

  #claim(): RowReader {
    if (this.#reading !== undefined) {
      throw beingRead();
    }
    this.#reading = Promise.withResolvers();
    return this.#reader;
  }

  #unclaim(): void {
    this.#reading?.resolve();
    this.#reading = undefined;
  }
}

function warn(error: unknown): void {
  process.emitWarning(MillraceError.from(error));
}
