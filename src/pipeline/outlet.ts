/** Where a pipeline's results go. */
import type { MillraceError } from '../errors.ts';
import type { Dispatched } from '../morsel/dispatcher.ts';
import type { Lease } from '../morsel/memory.ts';
import type { Sunk } from '../morsel/morsel.ts';
import type { MorselWorker } from '../morsel/scheduler.ts';
import type { SinkStats } from '../run.ts';

/** What a morsel's owner has to say while what it made waits. */
export interface Parcel {
  /** Called for each output, once: without an error when it is out for good. */
  settled(error?: MillraceError): void;
  /**
   * Asked right before something is handed to the consumer: whether it is still wanted. What is not
   * is dropped, and settles without an error.
   */
  wanted(): boolean;
}

/** What a morsel has for one sink. */
export interface Cargo {
  readonly sunk: Sunk;
  readonly worker: MorselWorker;
  /** Whoever accepts it is one of the lease's holders, and gives it back. */
  readonly lease: Lease;
}

/** One sink. */
export interface SinkOutlet extends Flow {
  /** Returns how many outputs the cargo is; each of them settles later. */
  accept(cargo: Cargo, parcel: Parcel): number;
  /** What it is, in the figures of a run. */
  readonly name: string;
  /** Whether it only looks on: what it takes is not part of what came out. */
  readonly looksOn: boolean;
}

/** All sinks of a plan, as the pipeline sees them. */
export interface Outlet extends Flow {
  /**
   * Takes what a morsel made, in the order of its partition, and owns the lease from now on.
   * Returns how many outputs that is; each of them settles later.
   */
  accept(dispatched: Dispatched, parcel: Parcel): number;
  /** The figures of each sink. */
  readonly sinks: readonly SinkStats[];
}

/** What one sink has in common with all of a plan. */
export interface Flow {
  /** Whether it takes more; when that changes back to true, it calls the pipeline. */
  readonly ready: boolean;
  /**
   * Whether little waits in it. Where it is behind, small morsels would only make its queue longer:
   * what comes in gathers at the source instead, and leaves in fewer, larger outputs.
   */
  readonly relaxed: boolean;
  /** Outputs that have not settled; while there are any, memory will be given back. */
  readonly pending: number;
  /** Messages acknowledged, or rows taken. */
  readonly messages: number;
  readonly bytes: number;
  /** Whether what waits can still be dropped: a consumer takes it; else it is on its way. */
  readonly handsOver: boolean;
  /** Settles when every output has. */
  flush(): Promise<void>;
  /** Gives up what has not settled: it settles with `ABORTED`. */
  close(): void;
}
