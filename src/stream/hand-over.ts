/** What `batches`, `forEach` and `collect` take, and what they refuse. */
import { MillraceError } from '../errors.ts';
import type { Plan } from '../plan.ts';
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

/** Reads `maxRows`. */
export function readMaxRows(options: CollectOptions): number {
  const reader = new OptionReader('collect', options, ['maxRows']);
  return reader.integer('maxRows', [1, 2 ** 31 - 1], COLLECT_MAX_ROWS);
}

/**
 * Refuses to collect what never ends.
 *
 * @throws MillraceError `INVALID_PLAN`.
 */
export function checkEnds({ source, steps }: Pick<Plan, 'source' | 'steps'>): void {
  const ends = source.kind === 'batches' || source.until === 'latest';
  if (ends || steps.some((step) => step.kind === 'limit')) return;
  throw new MillraceError(
    "collect() would never end: the source runs forever; give it until: 'latest', add a limit(), " +
      'or loop over batches()',
    { code: 'INVALID_PLAN' },
  );
}

/** The error for something else in the place of a function of a batch. */
export function notAFunction(method: string, take: unknown): MillraceError {
  const given = take === null ? 'null' : typeof take === 'object' ? 'an object' : String(take);
  return new MillraceError(
    `${method} takes a function of a batch, not ${given}; write ${method}((batch) => …)`,
    { code: 'INVALID_OPTION', context: { option: 'take' } },
  );
}

/** The error for more rows than `collect` takes. */
export function tooManyRows(maxRows: number): MillraceError {
  return new MillraceError(
    `collect() has more than ${maxRows} rows; raise maxRows, add a limit(), or loop over batches()`,
    { code: 'OUT_OF_MEMORY', context: { maxRows } },
  );
}
