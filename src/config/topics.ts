/** Which topics are read, as text and JSON say it. */
import { list, type Reading } from './reading.ts';

const AS_JSON = `give a JSON list, such as ["^orders-[a-z]{1,3}$", "audit"]`;
/** A pattern of which text between commas has a part: `^a{1`, of `^a{1,2}`. */
const CUT = /\{\d+$/;

/**
 * `source.topics`: a list, or text with commas. As in librdkafka, what begins with `^` is a regular
 * expression, and `^orders` matches whatever begins so. Text may also be a list in JSON, in which a
 * pattern may have commas.
 */
export function topics(value: unknown): Reading {
  const given = typeof value === 'string' && /^\s*\[/.test(value) ? parsed(value) : value;
  if (given === undefined) return { problem: `this is no valid JSON; ${AS_JSON}` };
  // What code gives may have expressions already.
  if (Array.isArray(given) && given.some((topic) => topic instanceof RegExp)) {
    return { value: given };
  }
  const reading = list(given);
  if (!('value' in reading)) return reading;
  const names: (string | RegExp)[] = [];
  for (const topic of reading.value as string[]) {
    const name = topic.startsWith('^') ? pattern(topic) : topic;
    if (name === undefined || (typeof given === 'string' && CUT.test(topic))) {
      const comma = typeof given === 'string' ? `; where it has a comma, ${AS_JSON}` : '';
      return { problem: `'${topic}' is no regular expression${comma}` };
    }
    names.push(name);
  }
  return { value: names };
}

function pattern(text: string): RegExp | undefined {
  try {
    return new RegExp(text.endsWith('$') ? text : `${text}.*`);
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
