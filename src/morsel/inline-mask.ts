/** What a filter's function gives, as a byte a row. */
import { Type, Vector } from 'apache-arrow';
import { MillraceError } from '../errors.ts';

/**
 * Which rows stay: 1 where the function says true, 0 for false and null.
 *
 * @param given booleans or nulls, one a row: an Arrow vector of bools, an array, any iterable; or a
 *   `Uint8Array` of a byte a row.
 * @throws MillraceError `CONSUMER_FAILED` for anything else.
 */
export function maskFrom(given: unknown, rows: number): Uint8Array {
  if (given instanceof Vector && given.type.typeId !== Type.Bool) {
    throw misfit(`a vector of ${given.type}`, rows);
  }
  if (given instanceof Uint8Array) {
    // A copy: the function may fill the same array for its next batch.
    if (given.length === rows) return new Uint8Array(given);
    throw misfit(`${given.length} bytes`, rows);
  }
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) {
    throw misfit(String(given), rows);
  }
  const mask = new Uint8Array(rows);
  let row = 0;
  for (const value of given as Iterable<unknown>) {
    if (value !== null && typeof value !== 'boolean') throw misfit(`a ${typeof value}`, rows);
    if (row < rows) mask[row] = value === true ? 1 : 0;
    row += 1;
    if (row > rows) break;
  }
  if (row !== rows) throw misfit(row > rows ? `more than ${rows} values` : `${row} values`, rows);
  return mask;
}

function misfit(found: string, rows: number): MillraceError {
  return new MillraceError(
    `it gave ${found} for ${rows} rows; give a boolean for each: an array, an Arrow vector of ` +
      'bools, or a Uint8Array of a byte a row',
    { code: 'CONSUMER_FAILED' },
  );
}
