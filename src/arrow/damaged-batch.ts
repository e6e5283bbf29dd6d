/** What is refused of a batch that comes in, whatever its columns are. */
import { MillraceError } from '../errors.ts';

/** Bytes or items that one column of one batch may have: offsets are int32. */
const MAX_OFFSET = 2 ** 31 - 1;

/**
 * Refuses what int32 offsets cannot count.
 *
 * @throws MillraceError `INVALID_SCHEMA`.
 */
export function checkFits(count: number, path: string): void {
  if (count <= MAX_OFFSET) return;
  throw new MillraceError(
    `column '${path}' has ${count} bytes or items in one batch, more than the ${MAX_OFFSET} ` +
      'of int32 offsets; give smaller batches',
    { code: 'INVALID_SCHEMA', context: { column: path, count } },
  );
}

/** The error of a vector that is not what Arrow's format allows. */
export function damaged(what: string, path: string): MillraceError {
  return new MillraceError(`column '${path}' of a batch has ${what}; the batch is damaged`, {
    code: 'INVALID_SCHEMA',
    context: { column: path },
  });
}
