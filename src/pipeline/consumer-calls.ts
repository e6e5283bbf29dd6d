/** Which code runs inside a call of the consumer, however far down its promises it is. */
import { AsyncLocalStorage } from 'node:async_hooks';

interface Call {
  over: boolean;
}

/**
 * The calls of one run's consumer. What waits for the end of the run waits for the call that is
 * under way; from inside that call it would wait for itself.
 */
export class ConsumerCalls {
  readonly #storage = new AsyncLocalStorage<Call>();

  /** Whether the caller is part of a call that is under way. */
  get inside(): boolean {
    const call = this.#storage.getStore();
    return call !== undefined && !call.over;
  }

  /** Makes one call; settles as `consume` does. */
  async make(consume: () => void | Promise<void>): Promise<void> {
    const call: Call = { over: false };
    try {
      await this.#storage.run(call, consume);
    } finally {
      // Timers and promises that the call left behind go on with its context.
      call.over = true;
    }
  }
}
