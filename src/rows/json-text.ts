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
    const fault = shapeFault(value);
    if (fault === 'cycle') throw cyclic(path);
    if (fault === 'depth') throw tooDeep(path);
    throw new MillraceError(`${named(path)} cannot be written as JSON: ${String(error)}`, {
      code: 'INVALID_OPTION',
      context: { option: 'value' },
      cause: error,
    });
  }
}

/** Levels beyond which a value is told to be too deep, where JSON.stringify gave up on it. */
const MAX_DEPTH = 1_000;

/** Whether a value is in itself, or has more than {@link MAX_DEPTH} levels. It does not recurse. */
function shapeFault(value: unknown): 'cycle' | 'depth' | undefined {
  const levels: unknown[][] = [[value]];
  /** The objects that the levels behind the first are of. */
  const above: unknown[] = [];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    if (levels.length > MAX_DEPTH) return 'depth';
    const next = level.pop();
    if (next === undefined && level.length === 0) {
      levels.pop();
      above.pop();
    } else if (typeof next === 'object' && next !== null) {
      if (above.includes(next)) return 'cycle';
      levels.push(Object.values(next));
      above.push(next);
    }
  }
  return undefined;
}

function named(path: string | undefined): string {
  return path === undefined ? "the message's value" : `the field '${path}'`;
}

function cyclic(path: string | undefined): MillraceError {
  return new MillraceError(
    `${named(path)} refers to itself, and JSON has no text for that; leave out the member that ` +
      'leads back, or give it a toJSON() that does',
    { code: 'INVALID_OPTION', context: { option: 'value' } },
  );
}

function tooDeep(path: string | undefined): MillraceError {
  return new MillraceError(
    `${named(path)} has more than ${MAX_DEPTH} levels of objects and arrays, too deep to be ` +
      'written as JSON; send it flatter, or as text that you wrote yourself',
    { code: 'INVALID_OPTION', context: { option: 'value', maxDepth: MAX_DEPTH } },
  );
}

function notJson(value: unknown, path: string | undefined): MillraceError {
  const what = path === undefined ? 'the value of the message' : `the field '${path}'`;
  return new MillraceError(`${what} is ${typeof value}; give something that JSON can write`, {
    code: 'INVALID_OPTION',
    context: { option: 'value' },
  });
}
