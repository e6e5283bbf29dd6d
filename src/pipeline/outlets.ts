/** The sinks of a plan together: what a morsel made goes to each of them, under one lease. */
import type { Dispatched } from '../morsel/dispatcher.ts';
import type { Lease } from '../morsel/memory.ts';
import type { Sunk } from '../morsel/morsel.ts';
import type { SinkStats } from '../run.ts';
import { PADDING } from '../wasm/module.ts';
import type { Outlet, Parcel, SinkOutlet } from './outlet.ts';

/** One sink or several. The slowest of them says how fast all are. */
export class Outlets implements Outlet {
  readonly #outlets: readonly SinkOutlet[];
  /** Of several sinks, some may have begun to write what others could still drop. */
  readonly handsOver: boolean;

  /** @param outlets by the numbers of their sinks. */
  constructor(outlets: readonly SinkOutlet[]) {
    this.#outlets = outlets;
    this.handsOver = outlets.length === 1 && outlets[0]!.handsOver;
  }

  get ready(): boolean {
    return this.#outlets.every(({ ready }) => ready);
  }

  get relaxed(): boolean {
    return this.#outlets.every(({ relaxed }) => relaxed);
  }

  get pending(): number {
    return this.#outlets.reduce((sum, { pending }) => sum + pending, 0);
  }

  get messages(): number {
    return this.#sum(({ messages }) => messages);
  }

  get bytes(): number {
    return this.#sum(({ bytes }) => bytes);
  }

  get sinks(): readonly SinkStats[] {
    return this.#outlets.map(({ name, messages, bytes }) => ({
      ...{ name, messagesOut: messages, bytesOut: bytes },
    }));
  }

  accept({ done, lease, worker }: Dispatched, parcel: Parcel): number {
    keepOutputs(lease, done.sunk);
    // Its own hold, so that no sink that is done at once gives back what another is about to take.
    lease.retain(done.sunk.length);
    let outputs = 0;
    for (const sunk of done.sunk) {
      outputs += this.#outlets[sunk.sink]!.accept({ sunk, worker, lease }, parcel);
    }
    lease.release();
    return outputs;
  }

  async flush(): Promise<void> {
    await Promise.all(this.#outlets.map((outlet) => outlet.flush()));
  }

  close(): void {
    for (const outlet of this.#outlets) outlet.close();
  }

  #sum(figure: (outlet: SinkOutlet) => number): number {
    return this.#outlets.reduce((sum, one) => sum + (one.looksOn ? 0 : figure(one)), 0);
  }
}

// Input and columns go back at once; only encoded batches wait for the brokers. A borrowed batch is
// made of the columns themselves.
function keepOutputs(lease: Lease, sunk: readonly Sunk[]): void {
  const outputs = sunk.flatMap((one) => one.outputs);
  const borrowed = sunk.some(({ batch }) => batch !== undefined && batch.buffer === undefined);
  if (outputs.length === 0 || borrowed) return;
  const begin = outputs.reduce((least, { address }) => Math.min(least, address), Infinity);
  const ends = (most: number, output: (typeof outputs)[number]) =>
    Math.max(most, output.address + output.byteLength);
  const end = outputs.reduce(ends, 0);
  lease.keep(begin, Math.min(end + PADDING, lease.address + lease.byteLength));
}
