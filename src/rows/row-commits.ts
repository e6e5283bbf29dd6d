/** What a source of rows commits: where it is asked to, and as time passes within a batch. */
import { MillraceError } from '../errors.ts';
import { partitionKey } from '../ingest/partition-key.ts';
import type { Run } from '../run.ts';
import type { CommitRecord } from './positions.ts';
import type { NextOffset, RowReader } from './row-reader.ts';
import type { RowSourceSettings } from './row-source-options.ts';
import { lostMeanwhile, noGroup } from './source-errors.ts';

type CommitSettings = Pick<RowSourceSettings, 'groupId' | 'autoCommit' | 'commitIntervalMs'>;

/** The commits of one source. */
export class RowCommits {
  readonly #settings: CommitSettings;
  readonly #reader: RowReader;
  #timer: ReturnType<typeof setInterval> | undefined;
  // What the interval committed last, and whether it still waits for that.
  #last: NextOffset | undefined;
  #isUnderWay = false;

  constructor(settings: CommitSettings, reader: RowReader) {
    this.#settings = settings;
    this.#reader = reader;
  }

  /**
   * Commits within a batch from now on, where that happens by itself: every `commitIntervalMs` what
   * is done with of the batch at hand. Batches that are done with are the run's to commit.
   */
  begin(run: Run): void {
    const { groupId, autoCommit, commitIntervalMs } = this.#settings;
    if (groupId === undefined || !autoCommit) return;
    this.#timer = setInterval(() => void this.#commitPart(run), commitIntervalMs).unref();
  }

  /** Ends that. */
  end(): void {
    clearInterval(this.#timer);
  }

  /**
   * Commits everything that was handed out.
   *
   * @throws MillraceError `INVALID_PLAN` without a `groupId`; what a commit fails with.
   */
  async handedOut(run: Run): Promise<void> {
    if (this.#settings.groupId === undefined) throw noGroup();
    await this.all(run, { current: true });
  }

  /**
   * Commits what was handed out; nothing without a group.
   *
   * @param options `current`: the message at hand with it.
   */
  async all(run: Run, options: { readonly current: boolean }): Promise<void> {
    if (this.#settings.groupId === undefined) return;
    const ours = new Set(run.assignment().map(partitionKey));
    const positions = this.#reader.positions(options);
    const due = positions.filter((position) => ours.has(partitionKey(position)));
    const { drops } = this.#reader;
    if (due.length > 0) await run.commit(due);
    for (const position of due) this.#reader.noteCommitted(position, drops);
  }

  /**
   * Commits up to one message, and that.
   *
   * @throws MillraceError what a commit fails with; `GROUP_FENCED` for what was handed out before
   *   its partition was lost.
   */
  async upTo(run: Run, message: CommitRecord): Promise<void> {
    const { topic, partition, offset } = message;
    const position = { topic, partition, offset: offset + 1n };
    const { drops } = this.#reader;
    try {
      await run.commit([position]);
    } catch (error) {
      const { code } = MillraceError.from(error);
      if (code !== 'INVALID_OPTION' || !this.#reader.wasLost(message)) throw error;
      throw lostMeanwhile(message);
    }
    this.#reader.noteCommitted(position, drops);
  }

  async #commitPart(run: Run): Promise<void> {
    const part = this.#reader.partDone;
    if (part === undefined || this.#isUnderWay || isSame(part, this.#last)) return;
    this.#isUnderWay = true;
    try {
      await run.commit([part]);
      this.#last = part;
    } catch {
      // It is tried again; what is refused for good the run meets when it commits the batch.
    } finally {
      this.#isUnderWay = false;
    }
  }
}

function isSame(a: NextOffset, b: NextOffset | undefined): boolean {
  return b?.topic === a.topic && b.partition === a.partition && b.offset === a.offset;
}
