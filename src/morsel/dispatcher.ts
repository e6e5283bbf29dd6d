/**
 * Gives a morsel a lease, its bytes and a worker, and tries again with more memory, or on a new
 * thread, where that is what it needs.
 */
import { type ErrorContext, MillraceError } from '../errors.ts';
import { PADDING } from '../wasm/module.ts';
import type { MorselInline } from './inline-calls.ts';
import type { Lease } from './memory.ts';
import type { ColumnsInput, MorselDone, MorselResult, MorselTask, RecordsInput } from './morsel.ts';
import type { MorselWorker } from './scheduler.ts';
import type { DeathContext } from './thread-failure.ts';
import { MAX_QUEUED_PER_WORKER } from './thread-worker.ts';

/** A morsel's input on the main thread; `write` may be called again, for another lease. */
export interface MorselLoad {
  /** Bytes that `write` needs. */
  readonly inputBytes: number;
  /** What the morsel is, for errors: `orders-3 offsets 17 to 4112`. */
  readonly name: string;
  /** How the next one is made smaller, for errors; default: by `batch.maxBytes`. */
  readonly advice?: string;
  /** Where it comes from, for errors: topic, partition, offset, and the offset behind it. */
  readonly place?: ErrorContext;
  /** Which of the run's sources it is of; default the first. */
  readonly source?: number;
  /** How many rows each limit may still let pass, by its number. */
  readonly left?: readonly number[];
  /** Calls the plan's inline functions; absent: it has none. */
  readonly inline?: MorselInline;
  /** Writes the input at `address` of a worker's memory. */
  write(bytes: Uint8Array<ArrayBufferLike>, address: number): RecordsInput | ColumnsInput;
  /** `write` will not be called again. */
  release?(): void;
}

/** A morsel that is done, and the lease that its results lie in; the caller releases it. */
export interface Dispatched {
  readonly done: MorselDone;
  readonly lease: Lease;
  readonly worker: MorselWorker;
}

/** A morsel that waits for a larger lease. */
interface Growing {
  /** Its place among the morsels with inline functions. */
  readonly sequence: number;
  /** Called with whether it goes first, whatever the budget says. */
  readonly wake: (anyway: boolean) => void;
}

const ALIGNMENT = 64;
/** Room that every lease has besides what the input's size suggests. */
const BASE_BYTES = 256 * 1024;
/** Arena bytes per input byte before anything was learned. */
const FIRST_FACTOR = 5;
const MARGIN = 1.15;
const DECAY = 0.98;
const MAX_DEATHS = 2;
/** Morsels below this are not learned from. */
const LEARNING_BYTES = 64 * 1024;

/** Dispatches morsels to workers. Everything it holds is bounded by the budget of the leases. */
export class Dispatcher {
  readonly #workers: readonly MorselWorker[];
  readonly #onWait: () => void;
  readonly #growing: Growing[] = [];
  /** Arena bytes per input byte, learned from the morsels that went before. */
  #factor = FIRST_FACTOR;

  /**
   * @param onWait called when a morsel begins to wait for a larger lease, or, as it is tried again,
   *   behind one that waits (`waiting`).
   */
  constructor(workers: readonly MorselWorker[], onWait: () => void = () => undefined) {
    this.#workers = workers;
    this.#onWait = onWait;
  }

  /** Morsels that wait for larger leases; they go before new ones. */
  get growing(): number {
    return this.#growing.length;
  }

  /** The worker with the least to do, if it has room for another morsel. */
  openWorker(): MorselWorker | undefined {
    let best: MorselWorker | undefined;
    for (const worker of this.#workers) {
      if (best === undefined || worker.queued < best.queued) best = worker;
    }
    return best !== undefined && best.queued < MAX_QUEUED_PER_WORKER ? best : undefined;
  }

  /** Morsels at workers that sleep until morsels before them have passed an inline function. */
  get waiting(): number {
    return this.#workers.reduce((sum, { waits, queued }) => sum + (waits ? queued : 0), 0);
  }

  /** Call when leases were given back. */
  memoryFreed(): void {
    for (const { wake } of this.#growing.splice(0)) wake(false);
  }

  /**
   * Lets the morsel that was dispatched first, or has waited longest, grow beyond the budget, or
   * fail where its worker has no room. Call when no memory will be given back otherwise: all that
   * has any waits behind it.
   */
  growAnyway(): void {
    const first = Math.min(...this.#growing.map(({ sequence }) => sequence));
    const at = this.#growing.findIndex(({ sequence }) => sequence === first);
    for (const { wake } of this.#growing.splice(at, 1)) wake(true);
  }

  /** Starts the morsel, or returns `undefined` where there is no memory for it now. */
  dispatch(worker: MorselWorker, load: MorselLoad): Promise<Dispatched> | undefined {
    const arenaBytes = Math.ceil(load.inputBytes * this.#factor) + BASE_BYTES;
    const bytes = Math.min(inputRoom(load) + arenaBytes, worker.allocator.capacityBytes);
    const lease = worker.allocator.take(bytes);
    return lease && this.#run(worker, load, lease).finally(() => load.release?.());
  }

  async #run(worker: MorselWorker, load: MorselLoad, first: Lease): Promise<Dispatched> {
    let lease = first;
    let deaths = 0;
    let skippedUdfs: readonly number[] = [];
    let copiesForUdfs = false;
    for (let tries = 1; ; tries++) {
      let result: MorselResult;
      try {
        const running = this.#attempt(worker, load, lease, { skippedUdfs, copiesForUdfs });
        if (tries > 1 && worker.waits) this.#onWait();
        result = await running;
      } catch (error) {
        const { bystander, skippable, udf } = contextOf(error);
        if (bystander) continue;
        deaths += 1;
        const isOver = deaths === MAX_DEATHS || isTimeout(error);
        if (isOver && skippable && udf !== undefined) {
          skippedUdfs = [...skippedUdfs, udf];
          deaths = 0;
          continue;
        }
        if (!isOver) continue;
        lease.release();
        throw died(load, error);
      }
      if (result.kind === 'done') {
        this.#learn(load.inputBytes, result.arenaUsedBytes);
        return { done: result, lease, worker };
      }
      if (result.kind === 'again') {
        copiesForUdfs ||= result.copies === true;
        continue;
      }
      const { byteLength } = lease;
      lease.release();
      if (result.kind === 'failed') throw MillraceError.fromPlain(result.error);
      lease = await this.#larger(worker, load, byteLength, result.expression);
    }
  }

  #attempt(
    worker: MorselWorker,
    load: MorselLoad,
    lease: Lease,
    { skippedUdfs, copiesForUdfs }: Required<UdfHandling>,
  ): Promise<MorselResult> {
    const task: MorselTask = {
      input: load.write(worker.bytes, lease.address),
      arenaBegin: lease.address + inputRoom(load),
      arenaEnd: lease.address + lease.byteLength,
      ...(load.source === undefined ? {} : { source: load.source }),
      ...(load.left === undefined ? {} : { left: load.left }),
      ...(skippedUdfs.length === 0 ? {} : { skippedUdfs }),
      ...(copiesForUdfs ? { copiesForUdfs } : {}),
    };
    return worker.run(task, load.inline);
  }

  async #larger(
    worker: MorselWorker,
    load: MorselLoad,
    byteLength: number,
    expression: string | undefined,
  ): Promise<Lease> {
    const { capacityBytes } = worker.allocator;
    if (byteLength >= capacityBytes) throw outOfMemory(load, capacityBytes, expression);
    this.#learn(load.inputBytes, byteLength * 1.5);
    const bytes = Math.min(byteLength * 2, capacityBytes);
    for (;;) {
      const lease = worker.allocator.take(bytes);
      if (lease !== undefined) return lease;
      if (await this.#room(load)) break;
    }
    // The others of this worker may leave less than the double; more than before is worth a try.
    const room = Math.min(bytes, worker.allocator.largestBytes);
    const lease = room > byteLength ? worker.allocator.takeAnyway(room) : undefined;
    if (lease === undefined) throw outOfMemory(load, room, expression);
    return lease;
  }

  // Waits until memory was given back; answers whether the morsel may pass the budget.
  #room({ inline }: MorselLoad): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#growing.push({ sequence: inline?.turn.sequence ?? 0, wake: resolve });
    this.#onWait();
    return promise;
  }

  // Rises at once, sinks slowly: a lease that is too small costs a second run. Small morsels say
  // nothing of large ones: what they use is mostly what every morsel uses.
  #learn(inputBytes: number, usedBytes: number): void {
    if (inputBytes < LEARNING_BYTES) return;
    const used = Math.max(usedBytes - BASE_BYTES / 2, 0) / inputBytes;
    this.#factor = Math.max(used * MARGIN, this.#factor * DECAY);
  }
}

type UdfHandling = Pick<MorselTask, 'skippedUdfs' | 'copiesForUdfs'>;

const inputRoom = (load: MorselLoad) =>
  Math.ceil((load.inputBytes + PADDING * 2) / ALIGNMENT) * ALIGNMENT;

const SMALLER_MORSELS = 'lower batch.maxBytes or batch.maxRows';

function outOfMemory(
  load: MorselLoad,
  roomBytes: number,
  expression: string | undefined,
): MillraceError {
  const { inputBytes } = load;
  const where = expression === undefined ? '' : `, at ${expression}`;
  return new MillraceError(
    `${load.name}: the morsel needs more memory than the ${roomBytes} bytes that its worker has ` +
      `for it${where}; raise maxInFlightBytes, or ${load.advice ?? SMALLER_MORSELS}`,
    {
      code: 'OUT_OF_MEMORY',
      context: { roomBytes, inputBytes, ...(expression === undefined ? {} : { expression }) },
    },
  );
}

function contextOf(error: unknown): DeathContext {
  return error instanceof MillraceError ? error.context : {};
}

function isTimeout(error: unknown): error is MillraceError {
  return error instanceof MillraceError && error.code === 'UDF_TIMEOUT';
}

function died({ name, place }: MorselLoad, error: unknown): MillraceError {
  const { udf } = contextOf(error);
  const context = { ...place, ...(error instanceof MillraceError ? error.context : {}) };
  if (isTimeout(error)) {
    const message = `${name}: ${error.message}`;
    return new MillraceError(message, { code: 'UDF_TIMEOUT', context, cause: error });
  }
  const message =
    udf !== undefined && error instanceof Error
      ? `${name}: twice ${error.message}`
      : `${name}: the worker thread ended twice while it worked on it`;
  return new MillraceError(message, {
    code: 'WORKER_DIED',
    retry: 'never',
    context,
    cause: error,
  });
}
