/** Values as JSON text, bigints among them. */
import { MillraceError } from '../errors.ts';

// JSON.rawJSON is younger than TypeScript's library for it.
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };
const withBigInts = (_key: string, value: unknown) =>
  typeof value === 'bigint' ? rawJSON(String(value)) : value;

/**
 * What `JSON.stringify` writes, and bigints as the integers that they are.
 *
 * @param path of the field that the value is of, for messages; default the whole value.
 * @throws MillraceError `INVALID_OPTION` for what JSON has no text for.
 */
export function toJson(value: unknown, path?: string): string {
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch (error) {
    // A function on every value is slow, so that only those pay for it that have a bigint.
    const text = withRawIntegers(value, error, path);
    if (text !== undefined) return text;
  }
  throw notJson(value, path);
}

function withRawIntegers(value: unknown, error: unknown, path?: string): string | undefined {
  try {
    return JSON.stringify(value, withBigInts);
  } catch {
    const what = path === undefined ? "the message's value" : `the field '${path}'`;
    throw new MillraceError(`${what} cannot be written as JSON: ${String(error)}`, {
      code: 'INVALID_OPTION',
      context: { option: 'value' },
      cause: error,
    });
  }
}

function notJson(value: unknown, path: string | undefined): MillraceError {
  const what = path === undefined ? 'the value of the message' : `the field '${path}'`;
  return new MillraceError(`${what} is ${typeof value}; give something that JSON can write`, {
    code: 'INVALID_OPTION',
    context: { option: 'value' },
  });
}
