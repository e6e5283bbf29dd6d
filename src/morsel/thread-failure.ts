/** What it means for a morsel that its thread ended: whose fault it was, and in what. */
import { MillraceError } from '../errors.ts';
import { type UdfProgram, urlToString } from '../operators/udf/node.ts';
import type { BeaconState } from './beacon.ts';
import type { Overdue } from './udf-watch.ts';

/** What the dispatcher reads of a thread's end, in the error's context. */
export interface DeathContext {
  /** Whether the thread was at another morsel: this one has only to run again. */
  readonly bystander?: boolean;
  /** The call of a user function that ended the thread, by its number. */
  readonly udf?: number;
  /** Whether the rows of that call may become null. */
  readonly skippable?: boolean;
}

/**
 * The error of a task whose thread ended.
 *
 * @param number of the task; the thread may have been at another one, as it said.
 */
export function threadDied(
  number: number,
  { task, call }: BeaconState,
  udfs: readonly UdfProgram[],
  cause: unknown,
): MillraceError {
  if (task !== 0 && task !== number) {
    return new MillraceError('the worker thread ended at another morsel', {
      code: 'WORKER_DIED',
      context: { bystander: true },
      cause,
    });
  }
  const program = call && udfs[call.udf];
  if (call === undefined || program === undefined) {
    const message = 'a worker thread ended while it worked on a morsel';
    return new MillraceError(message, { code: 'WORKER_DIED', cause });
  }
  const { text, udf } = program;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const at = call.loading
    ? `while it loaded the module ${urlToString(udf.url)}`
    : `while it ran ${text}`;
  return new MillraceError(`the worker thread ended ${at}: ${reason}`, {
    code: 'WORKER_DIED',
    retry: 'never',
    context: { function: udf.name, udf: call.udf, skippable: isSkippable(program, call.loading) },
    cause,
  });
}

/** The error of a task in which a call took too long. */
export function overdue(
  { udf, loading, limitMs }: Overdue,
  udfs: readonly UdfProgram[],
): MillraceError {
  const program = udfs[udf]!;
  const { name, url } = program.udf;
  const what = loading
    ? `the module ${urlToString(url)} of ${name} took longer than ${limitMs} ms to load`
    : `${program.text} took longer than the ${limitMs} ms of its timeoutMs over one morsel`;
  const wayOut = loading
    ? 'do less when it is loaded'
    : "mend it, raise timeoutMs, lower batch.maxRows, or say onError: 'null'";
  return new MillraceError(`${what}, and its thread was ended; ${wayOut}`, {
    code: 'UDF_TIMEOUT',
    context: { function: name, udf, timeoutMs: limitMs, skippable: isSkippable(program, loading) },
  });
}

function isSkippable({ udf }: UdfProgram, loading: boolean): boolean {
  return !loading && udf.onError === 'null';
}
