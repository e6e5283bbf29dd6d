/** What `batches`, `forEach` and `collect` take, and what they refuse. */
import type { RecordBatch } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import type { Run } from '../run.ts';
import { withoutSecrets } from '../shown-value.ts';
import { OptionReader } from './option-reader.ts';

/** Rows that `collect` takes by default. */
export const COLLECT_MAX_ROWS = 10_000_000;

/** What `batches` and `forEach` take. */
export interface HandOverOptions {
  /**
   * Gives views on a worker's memory instead of copies. A borrowed batch, and everything taken from
   * it, is valid until the next one is asked for, or until the promise of `forEach`'s function has
   * resolved; what lies there afterwards is undefined. Default false.
   */
  readonly borrow?: boolean;
}

/** What `collect` takes. */
export interface CollectOptions {
  /** Fails rather than holding more rows than this. Default {@link COLLECT_MAX_ROWS}. */
  readonly maxRows?: number;
}

/** Reads `borrow`. */
export function borrowOf(owner: string, options: HandOverOptions): boolean {
  return new OptionReader(owner, options, ['borrow']).boolean('borrow', false);
}

/**
 * Runs, and gives all batches at once.
 *
 * @throws MillraceError `INVALID_OPTION`; `OUT_OF_MEMORY` above `maxRows`; what ended the run.
 */
export async function collectBatches(
  options: CollectOptions,
  start: (take: (batch: RecordBatch) => void) => Promise<Run>,
): Promise<RecordBatch[]> {
  const reader = new OptionReader('collect', options, ['maxRows']);
  const maxRows = reader.integer('maxRows', [1, 2 ** 31 - 1], COLLECT_MAX_ROWS);
  const batches: RecordBatch[] = [];
  let rows = 0;
  const run = await start((batch) => {
    rows += batch.numRows;
    if (rows > maxRows) throw tooManyRows(maxRows);
    batches.push(batch);
  });
  await run.closed;
  return batches;
}

/** The error for something else in the place of a function of a batch. */
export function notAFunction(method: string, take: unknown): MillraceError {
  const given =
    take === null ? 'null' : typeof take === 'object' ? 'an object' : withoutSecrets(String(take));
  return new MillraceError(
    `${method} takes a function of a batch, not ${given}; write ${method}((batch) => …)`,
    { code: 'INVALID_OPTION', context: { option: 'take' } },
  );
}

function tooManyRows(maxRows: number): MillraceError {
  return new MillraceError(
    `collect() has more than ${maxRows} rows; raise maxRows, add a limit(), or loop over batches()`,
    { code: 'OUT_OF_MEMORY', context: { maxRows } },
  );
}
