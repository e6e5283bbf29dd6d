/** What steps need of the thread that they run on, beside its memory. */
import type { InlineHost } from './inline/run-inline.ts';
import type { UdfHost } from './udf/host.ts';

/** The thread's side of functions of the user's own; absent: there are none. */
export interface StepHosts {
  readonly udfs?: UdfHost | undefined;
  readonly inline?: InlineHost | undefined;
}
