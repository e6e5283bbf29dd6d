/** What is known of a way behind its steps so far: a file alone, since public types name it. */
import type { Schema } from '../arrow/schema.ts';

/** Where the steps of a way have come to: what the next ones are checked against. */
export interface StepTyping {
  readonly schema: Schema;
  /** Columns of `schema` that no step has named. */
  readonly hidden: ReadonlySet<string>;
  /** Samples that were drawn. */
  readonly samples: number;
}
