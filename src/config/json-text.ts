/** JSON of which no object says a name twice, with two values. */
import { isDeepStrictEqual } from 'node:util';
import { MillraceError } from '../errors.ts';

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** An object, or a list, whose end has not come. */
interface Open {
  readonly isObject: boolean;
  /** Values by their names. */
  readonly values: Map<string, unknown>;
  /** The name whose value stands next, and where that begins. */
  name?: string;
  from: number;
}

/**
 * What a text of JSON says. `JSON.parse` takes the last of two equal names, and nobody notices.
 *
 * @throws SyntaxError as `JSON.parse`.
 * @throws MillraceError `INVALID_OPTION` with the name that is there twice; values are not quoted,
 *   for one may be secret.
 */
export function parseJson(text: string): unknown {
  const whole: unknown = JSON.parse(text);
  const open: Open[] = [];
  let last = '';
  // The text is JSON: what opens closes, and a colon has its name in front.
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const top = open.at(-1);
    if (token === '{' || token === '[') {
      open.push({ isObject: token === '{', values: new Map(), from: 0 });
    } else if (token === ':') {
      Object.assign(top!, { name: JSON.parse(last), from: index + 1 });
    } else if (token === ',' || token === '}' || token === ']') {
      if (top!.isObject && top!.name !== undefined) keep(top!, text.slice(top!.from, index));
      if (token !== ',') open.pop();
    } else {
      last = token;
    }
  }
  return whole;
}

function keep(open: Open, text: string): void {
  const name = open.name!;
  const value: unknown = JSON.parse(text);
  if (open.values.has(name) && !isDeepStrictEqual(open.values.get(name), value)) {
    throw new MillraceError(`${name} is given twice, with two values; keep one`, {
      code: 'INVALID_OPTION',
      context: { option: name },
    });
  }
  open.values.set(name, value);
}
