/** Record batches from worker memory to a topic, with the leases that keep them there. */
import type { KafkaSink } from '../ingest/sink.ts';
import type { Dispatched } from '../morsel/dispatcher.ts';
import { PADDING } from '../wasm/module.ts';
import type { Outlet, Parcel } from './outlet.ts';

/** Batches a partition: one under way, and one behind it so that the broker never waits. */
const RELAXED_DEPTH = 2;

/** Produces what morsels encoded. The budget of the leases bounds what is under way. */
export class TopicOutlet implements Outlet {
  readonly ready = true;
  readonly handsOver = false;
  messages = 0;
  readonly #sink: KafkaSink;

  constructor(sink: KafkaSink) {
    this.#sink = sink;
  }

  get relaxed(): boolean {
    return this.#sink.pending <= this.#sink.partitions * RELAXED_DEPTH;
  }

  get pending(): number {
    return this.#sink.pending;
  }

  get bytes(): number {
    return this.#sink.bytes;
  }

  accept(dispatched: Dispatched, parcel: Parcel): number {
    const { lease, worker } = dispatched;
    const { outputs } = dispatched.done;
    if (outputs.length === 0) {
      lease.release();
      return 0;
    }
    // Input and columns go back at once; only the encoded batches wait for the broker.
    const begin = Math.min(...outputs.map((output) => output.address));
    const end = Math.max(...outputs.map((output) => output.address + output.byteLength));
    lease.keep(begin, Math.min(end + PADDING, lease.address + lease.byteLength));
    lease.retain(outputs.length - 1);
    for (const output of outputs) {
      const { address, byteLength } = output;
      this.#sink.push({
        output,
        bytes: worker.bytes.subarray(address, address + byteLength),
        settled: (error) => {
          lease.release();
          if (error === undefined) this.messages += output.records;
          parcel.settled(error);
        },
      });
    }
    return outputs.length;
  }

  flush(): Promise<void> {
    return this.#sink.flush();
  }

  close(): void {
    this.#sink.close();
  }
}
