/** Watches a group from when a member of it has nothing left to read until all have read. */
import type { Clock } from '../clock.ts';
import { MillraceError } from '../errors.ts';
import type { GroupLook } from './group-ends.ts';

/** What a watch looks at and tells. */
export interface GroupWatchParts {
  readonly clock: Clock;
  /** Aborted when nobody reads any more. */
  readonly signal: AbortSignal;
  /** Whether nothing of ours is left to read, and others may have left something. */
  isIdle(): boolean;
  /** Settles when what is ours is out and committed. */
  settle(): Promise<void>;
  /** @param stillMs how long nothing has moved. */
  look(stillMs: number): Promise<GroupLook>;
  /** The group has committed everything that is wanted. */
  onDone(): void;
  /** The group gets no further; told once after each time that partitions were dealt out. */
  onStalled(): Promise<void>;
  onError(error: MillraceError): void;
}

/** The wait between the first two looks, and the longest between any, ms; it doubles. */
const LOOK_FIRST_MS = 250;
const LOOK_MAX_MS = 1_000;
/** How long a group commits nothing before it counts as stalled, ms. */
const STALLED_MS = 10_000;

/** The watch of one member; looks only while the member is idle. */
export class GroupWatch {
  /** Whether everything that is wanted has been read, by whomever. */
  isDone = false;
  readonly #parts: GroupWatchParts;
  #watching = false;
  #delayMs = LOOK_FIRST_MS;
  #movedMs = 0;
  #toldStalled = false;
  #hurry: () => void = () => undefined;

  constructor(parts: GroupWatchParts) {
    this.#parts = parts;
    parts.signal.addEventListener('abort', () => this.#hurry(), { once: true });
  }

  /** Something was read, came or went: looks where the member is idle now. */
  wake(): void {
    if (!this.#watching && this.#goesOn) void this.#watch();
  }

  /** The group has dealt out its partitions: who had some may be gone. */
  dealtOut(): void {
    this.#delayMs = LOOK_FIRST_MS;
    this.#movedMs = this.#parts.clock.nowMs();
    this.#toldStalled = false;
    this.#hurry();
    this.wake();
  }

  get #goesOn(): boolean {
    return !this.isDone && !this.#parts.signal.aborted && this.#parts.isIdle();
  }

  get #stillMs(): number {
    return this.#parts.clock.nowMs() - this.#movedMs;
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    this.#movedMs = this.#parts.clock.nowMs();
    try {
      // What is being taken in this turn is not known to be under way yet.
      await Promise.resolve();
      while (this.#goesOn) await this.#round();
    } catch (error) {
      if (!this.#parts.signal.aborted) this.#parts.onError(MillraceError.from(error));
    } finally {
      this.#watching = false;
    }
  }

  async #round(): Promise<void> {
    const { clock, settle, look, onDone, onStalled } = this.#parts;
    await settle();
    if (!this.#goesOn) return;
    const found = (await this.#passing(() => look(this.#stillMs))) ?? 'still';
    // A seek, or partitions that came meanwhile: there is something to read again.
    if (!this.#goesOn) return;
    if (found === 'read') {
      this.isDone = true;
      return onDone();
    }
    if (found === 'moved') this.#movedMs = clock.nowMs();
    if (this.#stillMs >= STALLED_MS && !this.#toldStalled) {
      this.#toldStalled = true;
      await this.#passing(onStalled);
    }
    await this.#pause();
    this.#delayMs = Math.min(this.#delayMs * 2, LOOK_MAX_MS);
  }

  // What passes is tried again with the next look; whether the group lives its heartbeats judge.
  async #passing<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      const problem = MillraceError.from(error);
      if (problem.retry !== 'backoff') throw problem;
      return undefined;
    }
  }

  async #pause(): Promise<void> {
    if (this.#parts.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#parts.clock.after(this.#delayMs, resolve);
    this.#hurry = resolve;
    await promise;
    cancel();
  }
}
