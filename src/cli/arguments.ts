/** What the options of all commands have in common. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { MillraceError } from '../errors.ts';

/** The options that a command has, as `node:util` describes them. */
export type ArgumentOptions = NonNullable<ParseArgsConfig['options']>;

/**
 * Takes a command line apart.
 *
 * @param command for messages: `millrace start`.
 * @param takesNames whether there may be arguments that are no options.
 * @throws MillraceError `INVALID_OPTION` for an option that the command does not have.
 */
export function parseArguments<const O extends ArgumentOptions>(
  command: string,
  args: readonly string[],
  options: O,
  takesNames = false,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: takesNames });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MillraceError(`${reason} (${command} --help lists the options)`, {
      code: 'INVALID_OPTION',
      cause: error,
    });
  }
}

/** A whole number from 1 to `most`; underscores may group its digits. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  otherwise: number,
  most: number,
): number {
  if (text === undefined) return otherwise;
  const value = Number(text.replaceAll('_', ''));
  if (/^[\d_]+$/.test(text) && value >= 1 && value <= most) return value;
  throw new MillraceError(`--${name} is "${text}": it must be a whole number from 1 to ${most}`, {
    code: 'INVALID_OPTION',
    context: { option: name, value: text },
  });
}

/** One of a few names. */
export function oneOf<T extends string>(option: string, text: string, names: readonly T[]): T {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new MillraceError(`--${option} is "${text}": choose ${names.join(', ')}`, {
    code: 'INVALID_OPTION',
    context: { option, value: text },
  });
}
