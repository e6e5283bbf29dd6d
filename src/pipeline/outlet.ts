/** Where a pipeline's results go. */
import type { MillraceError } from '../errors.ts';
import type { Dispatched } from '../morsel/dispatcher.ts';

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
   * Returns how many outputs that is; `settled` is called for each of them, later.
   */
  accept(dispatched: Dispatched, settled: (error?: MillraceError) => void): number;
  /** Settles when every output has. */
  flush(): Promise<void>;
  /** Gives up what has not settled: it settles with `ABORTED`. */
  close(): void;
}
