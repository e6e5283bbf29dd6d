/**
 * JSON paths, as far as they lead to one value:
 *
 *   path   $ step*
 *   step   .name | ."any name" | ['any name'] | ["any name"] | [3] | [-1]
 *
 * A name behind a point has letters, digits, `_`, `-`, `$` and everything beyond ASCII. In quotes a
 * backslash makes the next character itself.
 */

/** One step: a member's name, or an item's place from 0 on (negative: from the end). */
export type JsonStep = string | number;

const MAX_INDEX = 2 ** 31 - 1;
const PLAIN_NAME = /\.([\w$\u0080-\u{10ffff}-]+)/uy;
const QUOTED_NAME = /(?:\."((?:[^"\\]|\\.)*)"|\["((?:[^"\\]|\\.)*)"\]|\['((?:[^'\\]|\\.)*)'\])/suy;
const INDEX = /\[(-?\d+)\]/uy;

/** The steps of a path, or, as text, why it is none and what would be. */
export function parseJsonPath(path: string): readonly JsonStep[] | string {
  if (!path.startsWith('$')) return `a path begins with $, as in '$.items[0].sku', not '${path}'`;
  const steps: JsonStep[] = [];
  let at = 1;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(path);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  while (at < path.length) {
    const plain = take(PLAIN_NAME);
    const quoted = plain === null ? take(QUOTED_NAME) : null;
    const index = plain === null && quoted === null ? take(INDEX) : null;
    if (plain !== null) steps.push(plain[1]!);
    else if (quoted !== null) {
      const name = quoted[1] ?? quoted[2] ?? quoted[3]!;
      steps.push(name.replaceAll(/\\(.)/gsu, '$1'));
    } else if (index !== null && Math.abs(Number(index[1])) <= MAX_INDEX) {
      steps.push(Number(index[1]));
    } else return refusal(path, at);
  }
  return steps;
}

function refusal(path: string, at: number): string {
  const rest = path.slice(at);
  if (rest.startsWith('..') || rest.startsWith('.*') || rest.startsWith('[*')) {
    return (
      `'${path}' has a wildcard at '${rest}' and could lead to many values; name one, or ` +
      'declare the column as a list and unnest it'
    );
  }
  return `'${path}' is no path from '${rest}' on; steps are .name, ['any name'], [0] and [-1]`;
}
