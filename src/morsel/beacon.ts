/**
 * What a thread says of itself while it works, in memory that the main thread sees without asking:
 * which task it has, and which user function it is in. A thread that hangs or dies has said so.
 *
 *     i32 task      number of the task, 0 = none
 *     i32 calls     calls that were begun, so that two calls of one function can be told apart
 *     i32 function  0 = none; n + 1 = in the call with number n; -n - 1 = loading its module
 */

const TASK = 0;
const CALLS = 1;
const FUNCTION = 2;
const FIELDS = 4;

/** What a thread is at. */
export interface BeaconState {
  /** Number of the task; 0: none. */
  readonly task: number;
  /** Grows with each call. */
  readonly calls: number;
  /** The user function, by its number, that runs or whose module is loaded. */
  readonly call?: { readonly udf: number; readonly loading: boolean };
}

/** One thread's beacon; either side makes one over the same memory. */
export class Beacon {
  readonly #fields: Int32Array;

  /** @param memory of `Beacon.memory()`. */
  constructor(memory: SharedArrayBuffer) {
    this.#fields = new Int32Array(memory);
  }

  /** Memory for a beacon: nothing is said. */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(FIELDS * Int32Array.BYTES_PER_ELEMENT);
  }

  /** The thread works on this task from now on; 0: on none. */
  task(task: number): void {
    Atomics.store(this.#fields, TASK, task);
  }

  /** A call begins, or its module is loaded. */
  enter(udf: number, loading: boolean): void {
    Atomics.add(this.#fields, CALLS, 1);
    Atomics.store(this.#fields, FUNCTION, loading ? -udf - 1 : udf + 1);
  }

  /** The call is over. */
  leave(): void {
    Atomics.store(this.#fields, FUNCTION, 0);
  }

  /** What the thread said last. */
  read(): BeaconState {
    const task = Atomics.load(this.#fields, TASK);
    const calls = Atomics.load(this.#fields, CALLS);
    const found = Atomics.load(this.#fields, FUNCTION);
    if (found === 0) return { task, calls };
    return { task, calls, call: { udf: Math.abs(found) - 1, loading: found < 0 } };
  }

  /** Forgets what a thread said that is gone. */
  clear(): void {
    this.task(0);
    this.leave();
  }
}
