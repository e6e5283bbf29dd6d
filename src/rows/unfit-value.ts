/** The error of a value that does not fit a sink's schema. */
import { MillraceError } from '../errors.ts';
import { shownValue } from '../shown-value.ts';

/** @param path of the field; empty for the value itself. */
export function unfit(path: string, value: unknown, wanted: string): MillraceError {
  const what = path === '' ? 'the value' : `the field '${path}'`;
  const found = shownValue(value, { depth: 0, characters: 40 });
  return new MillraceError(`${what} of the message is ${found}; give ${wanted}`, {
    code: 'INVALID_OPTION',
    context: { option: 'value', field: path },
  });
}
