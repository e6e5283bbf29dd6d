/** Record batches from worker memory to a topic, with the leases that keep them there. */
import type { KafkaSink } from '../ingest/sink.ts';
import type { Cargo, Parcel, SinkOutlet } from './outlet.ts';

/** Batches a partition: one under way, and one behind it so that the broker never waits. */
const RELAXED_DEPTH = 2;

/** Produces what morsels encoded. The budget of the leases bounds what is under way. */
export class TopicOutlet implements SinkOutlet {
  readonly ready = true;
  readonly handsOver = false;
  readonly looksOn = false;
  readonly name: string;
  messages = 0;
  readonly #sink: KafkaSink;

  /** @param topic its name, for the figures. */
  constructor(sink: KafkaSink, topic: string) {
    this.#sink = sink;
    this.name = topic;
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

  accept({ sunk: { outputs }, worker, lease }: Cargo, parcel: Parcel): number {
    // The hold that it was given is that of the last output.
    if (outputs.length === 0) lease.release();
    else lease.retain(outputs.length - 1);
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
