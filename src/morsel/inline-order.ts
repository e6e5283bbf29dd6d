/**
 * The order in which the morsels of a partition come to inline functions: that of the partition,
 * each once, whatever workers do. No I/O, no time.
 *
 * A morsel waits until those before it have passed the function, so that it may wait for one that
 * cannot go on: one that is tried again stands behind it in the queue of the same worker, or wants
 * the memory that it has. The former is for `InlineCalls`, which lets the one that waits give way;
 * the latter for the pipeline, which sees that nothing moves. No other wait can close a circle: of
 * all morsels under way the one that was dispatched first waits for none, and workers take theirs
 * in the order in which they were dispatched.
 */
import { MillraceError } from '../errors.ts';

/** Whose morsels keep an order; for one that is lost or has failed nothing is called any more. */
export interface InlineLane {
  readonly lost: boolean;
  readonly failed: boolean;
}

/** What a function gave for a batch of so many rows, for when the morsel is done again. */
export interface Given<T> {
  readonly rows: number;
  readonly value: Promise<T>;
}

interface Waiting {
  readonly step: number;
  readonly wake: (next: boolean) => void;
}

/** The inline calls of all lanes of a run. */
export class InlineOrders<T> {
  readonly #lanes = new WeakMap<InlineLane, InlineOrder<T>>();
  readonly #options: InlineOptions;
  #entered = 0;

  constructor(options: InlineOptions) {
    this.#options = options;
  }

  /** A morsel of a lane is dispatched; in the order of the lane. */
  enter(lane: InlineLane): InlineTurn<T> {
    const order = this.#lanes.get(lane) ?? new InlineOrder<T>(lane, this.#options);
    this.#lanes.set(lane, order);
    this.#entered += 1;
    return order.enter(this.#entered);
  }
}

/** How calls are made. */
export interface InlineOptions {
  /** Whether what a function gave stands when a morsel is done again: its batch is the same. */
  readonly replays: boolean;
  /** Called when a morsel begins to wait. */
  readonly onWait: () => void;
}

/** The calls of one lane: those of its morsels that are under way. */
class InlineOrder<T> {
  readonly lane: InlineLane;
  readonly options: InlineOptions;
  readonly #turns: InlineTurn<T>[] = [];
  // The first morsel that failed. Those before it go on.
  #failed = Number.POSITIVE_INFINITY;

  constructor(lane: InlineLane, options: InlineOptions) {
    this.lane = lane;
    this.options = options;
  }

  /** Whether no function is called for this morsel any more. */
  isOver({ sequence }: InlineTurn<T>): boolean {
    return this.lane.lost || this.lane.failed || sequence > this.#failed;
  }

  enter(sequence: number): InlineTurn<T> {
    const turn = new InlineTurn<T>(this, sequence);
    this.#turns.push(turn);
    return turn;
  }

  isNext(turn: InlineTurn<T>, step: number): boolean {
    for (const before of this.#turns) {
      if (before === turn) return true;
      if (!before.hasPassed(step)) return false;
    }
    return true;
  }

  leave(turn: InlineTurn<T>, failed: boolean): void {
    if (failed) this.#failed = Math.min(this.#failed, turn.sequence);
    const at = this.#turns.indexOf(turn);
    if (at !== -1) this.#turns.splice(at, 1);
    this.wake();
  }

  wake(): void {
    for (const turn of this.#turns) turn.look();
  }
}

/** One morsel on its way through the functions. */
export class InlineTurn<T> {
  /** Less than that of every morsel of the run that was dispatched later. */
  readonly sequence: number;
  readonly #order: InlineOrder<T>;
  readonly #given = new Map<number, Given<T>>();
  readonly #passed = new Set<number>();
  #waiting: Waiting | undefined;

  constructor(order: InlineOrder<T>, sequence: number) {
    this.#order = order;
    this.sequence = sequence;
  }

  /** Whether it waits for morsels before it. */
  get waits(): boolean {
    return this.#waiting !== undefined;
  }

  /** Whether a step's function has resolved for this morsel. */
  hasPassed(step: number): boolean {
    return this.#passed.has(step);
  }

  /** What a step's function gave, or will give, when the morsel was tried before. */
  given(step: number): Given<T> | undefined {
    return this.#order.options.replays ? this.#given.get(step) : undefined;
  }

  /** Whether every morsel before this one has passed a step. */
  isNext(step: number): boolean {
    return this.#order.isOver(this) || this.#order.isNext(this, step);
  }

  /** Settles when `isNext`: with true; or with false where it gave way. One at a time. */
  wait(step: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting = { step, wake: resolve };
    this.#order.options.onWait();
    return promise;
  }

  /** Looks whether what it waits for has come. */
  look(): void {
    if (this.#waiting !== undefined && this.isNext(this.#waiting.step)) this.#wake(true);
  }

  /** Waits no longer; the call is not made now. */
  giveWay(): void {
    this.#wake(false);
  }

  /**
   * Calls a step's function; it `isNext`.
   *
   * @throws MillraceError `ABORTED` where the lane is lost, or a morsel before has failed.
   */
  async call(step: number, rows: number, make: () => Promise<T>): Promise<T> {
    if (this.#order.isOver(this)) {
      throw new MillraceError('the rows before did not come out', { code: 'ABORTED' });
    }
    const value = make();
    this.#given.set(step, { rows, value });
    // One that fails lets nothing pass: the morsel's end does, and says that it has failed.
    const given = await value;
    this.#passed.add(step);
    this.#order.wake();
    return given;
  }

  /**
   * The morsel is done.
   *
   * @param failed whether it failed, or was cut short: nothing is called for those behind it.
   */
  finish(failed = false): void {
    this.#given.clear();
    this.giveWay();
    this.#order.leave(this, failed);
  }

  #wake(next: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.wake(next);
  }
}
