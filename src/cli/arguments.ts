/** What the options of all commands have in common. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { MillraceError } from '../errors.ts';
import { mistypedName } from '../nearest-name.ts';

/** The options that a command has, as `node:util` describes them. */
export type ArgumentOptions = NonNullable<ParseArgsConfig['options']>;

/**
 * Takes a command line apart.
 *
 * @param command for messages: `millrace start`.
 * @param takesNames whether there may be arguments that are no options.
 * @throws MillraceError `INVALID_OPTION` for an option that the command does not have, one without
 *   its value, and an argument that nobody takes.
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
    const problem =
      problemOf(command, args, options, takesNames) ?? String((error as Error).message);
    throw new MillraceError(`${problem} (${command} --help lists the options)`, {
      code: 'INVALID_OPTION',
      cause: error,
    });
  }
}

/** What is wrong with a command line that `parseArgs` refuses, in our words. */
function problemOf(
  command: string,
  args: readonly string[],
  options: ArgumentOptions,
  takesNames: boolean,
): string | undefined {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (takesNames) continue;
      return `${command} takes no argument "${token.value}"`;
    }
    if (token.kind !== 'option') continue;
    const option = options[token.name];
    if (option === undefined) {
      const meant = mistypedName(token.name, Object.keys(options));
      const guess = meant === undefined ? '' : `; did you mean --${meant}?`;
      return `${command} has no option ${token.rawName}${guess}`;
    }
    const takesValue = option.type === 'string';
    if (takesValue && (token.value === undefined || token.value.startsWith('-'))) {
      return `${token.rawName} takes a value; give one that begins with - as ${token.rawName}=-…`;
    }
    if (!takesValue && token.value !== undefined) return `${token.rawName} takes no value`;
  }
  return undefined;
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
