/** Calls of functions as text: as people would write them, options and all. */
import type { CallOption, CallOptions } from './expr/node.ts';

/**
 * `substring(name, 1, 3)`, `regexpMatch(name, /^a/i)`, `struct({ a: x, b: y })`: options stand
 * behind the operands, in their order, and those that say nothing are left out.
 *
 * @param operands their texts.
 * @param nameOf how the name of a member is printed.
 */
export function callToString(
  name: string,
  operands: readonly string[],
  options: CallOptions,
  nameOf: (name: string) => string,
): string {
  if (name === 'case') return caseToString(operands);
  // The column that it reads is not written.
  if (name === 'header') return `header(${optionsToStrings(options).join(', ')})`;
  if (name === 'struct' && Array.isArray(options.names)) {
    const members = options.names.map((member, i) => `${nameOf(String(member))}: ${operands[i]}`);
    return members.length === 0 ? 'struct({})' : `struct({ ${members.join(', ')} })`;
  }
  return `${name}(${[...operands, ...optionsToStrings(options)].join(', ')})`;
}

function optionsToStrings({ pattern, flags, as, ...others }: CallOptions): readonly string[] {
  const shown = Object.entries(others).filter(([name, value]) => name !== 'group' || value !== 0);
  const rest = [
    ...shown.map(([, value]) => optionToString(value)),
    ...(as === undefined ? [] : [`{ as: ${optionToString(as)} }`]),
  ];
  if (pattern === undefined) return rest;
  return [
    typeof flags === 'string' ? patternText(pattern, flags) : optionToString(pattern),
    ...rest,
  ];
}

// One that is none is told in an error, as it was given.
function patternText(pattern: CallOption, flags: string): string {
  try {
    return String(new RegExp(String(pattern), flags));
  } catch {
    return optionToString(pattern);
  }
}

function caseToString(operands: readonly string[]): string {
  const branches: string[] = [];
  for (let i = 0; i + 1 < operands.length; i += 2) {
    branches.push(`when ${operands[i]} then ${operands[i + 1]}`);
  }
  return `case ${branches.join(' ')} else ${operands.at(-1)} end`;
}

function optionToString(option: CallOption): string {
  if (typeof option === 'string') return `'${option.replaceAll("'", "''")}'`;
  if (Array.isArray(option)) return `[${option.map(optionToString).join(', ')}]`;
  return typeof option === 'object' && option !== null ? JSON.stringify(option) : String(option);
}
