/** A value of an option in words, for messages that say what is wrong with it. */

/** As JSON, or what JSON does not have: `a function`, `5n`, `Symbol(x)`. */
export function shownValue(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  try {
    return JSON.stringify(value, inner) ?? String(value);
  } catch {
    return 'an object that refers to itself';
  }
}

function inner(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
