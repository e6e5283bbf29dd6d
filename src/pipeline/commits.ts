/** Commits, one at a time: those that time asks for, and those that the caller asks for. */
import { MillraceError } from '../errors.ts';
import type { OffsetCommit } from '../ingest/client.ts';
import type { DurableOffset, EpochLedger } from '../morsel/epoch.ts';

/** What commits need. */
export interface CommitParts {
  readonly ledger: EpochLedger;
  /** Whether offsets are committed without being asked for. */
  readonly auto: boolean;
  commit(offsets: readonly OffsetCommit[]): Promise<void>;
  /** A commit was refused for good. */
  onError(error: MillraceError): void;
}

/**
 * The commits of one pipeline. They queue, so that an older one never arrives behind a younger; the
 * queue is bounded by its callers, who wait for each of theirs.
 */
export class Commits {
  readonly #parts: CommitParts;
  #last: Promise<void> = Promise.resolve();
  // A commit of what is durable that has not begun: whoever asks for another waits for this one.
  #queued: Promise<void> | undefined;

  constructor(parts: CommitParts) {
    this.#parts = parts;
  }

  /** Settles when the commits so far have; never rejects. */
  get settled(): Promise<void> {
    return this.#last;
  }

  /** Commits what is durable when its turn comes, where that happens by itself; never rejects. */
  due(): Promise<void> {
    const { ledger, auto, onError } = this.#parts;
    if (!auto) return this.#last;
    if (this.#queued !== undefined) return this.#queued;
    this.#last = this.#last.then(async () => {
      this.#queued = undefined;
      try {
        await this.#send(ledger.due());
      } catch (error) {
        const problem = MillraceError.from(error);
        // What could not be committed now is committed next time, or read again by whoever has
        // the partition then.
        if (problem.retry === 'never' && problem.code !== 'ABORTED') onError(problem);
      }
    });
    this.#queued = this.#last;
    return this.#last;
  }

  /** Commits what `offsets` answers when its turn comes; rejects where that fails. */
  now(offsets: () => readonly DurableOffset[]): Promise<void> {
    const sent = this.#last.then(() => this.#send(offsets()));
    this.#last = sent.catch(() => undefined);
    return sent;
  }

  async #send(offsets: readonly DurableOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    await this.#parts.commit(
      offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset })),
    );
    this.#parts.ledger.noteCommitted(offsets);
  }
}
