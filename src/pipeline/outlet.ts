/** Where a pipeline's results go. */
import type { MillraceError } from '../errors.ts';
import type { Dispatched } from '../morsel/dispatcher.ts';

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

/** A sink, as the pipeline sees it. */
export interface Outlet {
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
  /**
   * Takes what a morsel made, in the order of its partition, and owns the lease from now on.
   * Returns how many outputs that is; each of them settles later.
   */
  accept(dispatched: Dispatched, parcel: Parcel): number;
  /** Whether what waits can still be dropped: a consumer takes it; else it is on its way. */
  readonly handsOver: boolean;
  /** Settles when every output has. */
  flush(): Promise<void>;
  /** Gives up what has not settled: it settles with `ABORTED`. */
  close(): void;
}
