/** Java's `.properties` files, read as `java.util.Properties` reads them. */

import { MillraceError } from '../errors.ts';

const BLANKS = ' \t\f';
const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/** A line with its continuations, and the number of its first line, from 1. */
interface LogicalLine {
  readonly text: string;
  readonly at: number;
}

/** A name of a `.properties` text, its value, and the number of its line, from 1. */
export type Property = readonly [name: string, value: string, line: number];

/**
 * Names and values of a `.properties` text, in order; in Java the last of two equal names holds.
 *
 *     # comment          ! comment
 *     name=value         name : value         name value
 *     name = one, \
 *            two         backslash at the end: goes on without the blanks in front of the next line
 *     a\=b = x           escapes: \t \n \r \f \\ \= \: \# \! \(space) and \\uXXXX
 *
 * @param file its name, for messages.
 * @throws MillraceError `INVALID_OPTION` at a `\u` without four hexadecimal digits.
 * @see https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Properties.html
 */
export function parseProperties(text: string, file = 'properties'): Property[] {
  return logicalLines(text).map((line) => {
    const [name, value] = split(line.text);
    const where = `${file}:${line.at}`;
    return [unescaped(name, where), unescaped(value, where), line.at];
  });
}

function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  // The text so far of a line that goes on; undefined between lines.
  let open: LogicalLine | undefined;
  const naturals = text.split(/\r\n|\r|\n/);
  for (const [index, natural] of naturals.entries()) {
    const rest = withoutBlanks(natural);
    // A line that is nothing but its backslash leaves nothing that could go on: a comment may begin
    // behind it, and a blank line is none.
    if (open === undefined || open.text === '') {
      open = undefined;
      if (rest === '' || rest[0] === '#' || rest[0] === '!') continue;
    }
    const escapesEnd = trailingBackslashes(rest) % 2 === 1;
    const joined: string = (open?.text ?? '') + (escapesEnd ? rest.slice(0, -1) : rest);
    const line: LogicalLine = { text: joined, at: open?.at ?? index + 1 };
    // At the end of the text nothing follows, and the backslash is dropped.
    const goesOn = escapesEnd && index + 1 < naturals.length;
    if (!goesOn) lines.push(line);
    open = goesOn ? line : undefined;
  }
  return lines;
}

function withoutBlanks(line: string): string {
  let start = 0;
  while (start < line.length && BLANKS.includes(line[start]!)) start++;
  return line.slice(start);
}

function trailingBackslashes(line: string): number {
  let count = 0;
  while (line[line.length - 1 - count] === '\\') count++;
  return count;
}

/** The name ends at the first blank, `=` or `:` that is not escaped. */
function split(line: string): [name: string, value: string] {
  let end = 0;
  while (end < line.length && !`=:${BLANKS}`.includes(line[end]!))
    end += line[end] === '\\' ? 2 : 1;
  const rest = withoutBlanks(line.slice(end));
  const value = rest[0] === '=' || rest[0] === ':' ? withoutBlanks(rest.slice(1)) : rest;
  return [line.slice(0, end), value];
}

function unescaped(text: string, where: string): string {
  return text.replaceAll(/\\(u[\da-fA-F]{4}|[\s\S]|$)/g, (_, escaped: string) => {
    if (escaped.length === 5) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    if (escaped !== 'u') return ESCAPES[escaped] ?? escaped;
    throw new MillraceError(
      `${where}: '\\u' must be followed by four hexadecimal digits; write '\\\\u' for a backslash`,
      { code: 'INVALID_OPTION', context: { option: where } },
    );
  });
}
