/** The error of a value that does not fit a sink's schema. */
import { inspect } from 'node:util';
import { MillraceError } from '../errors.ts';

/** @param path of the field; empty for the value itself. */
export function unfit(path: string, value: unknown, wanted: string): MillraceError {
  const what = path === '' ? 'the value' : `the field '${path}'`;
  const found = inspect(value, { depth: 0, maxStringLength: 40, breakLength: Infinity });
  return new MillraceError(`${what} of the message is ${found}; give ${wanted}`, {
    code: 'INVALID_OPTION',
    context: { option: 'value', field: path },
  });
}
