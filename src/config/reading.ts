/** How the values of known names are read: text, numbers and lists become values of options. */

import { mistypedName } from '../nearest-name.ts';
import { shownValue } from '../shown-value.ts';

/** What a value came to: an option's value, only a remark (nothing is set), or what is wrong. */
export type Reading =
  | { readonly value: unknown; readonly note?: string }
  | { readonly note: string }
  | { readonly problem: string };

/** Reads what a file or the environment says: text, or what JSON has. */
export type Reader = (value: unknown) => Reading;

/** A value as messages show it. */
export function shown(value: unknown): string {
  return shownValue(value);
}

/** A whole number; text of digits counts. `factor` turns the name's unit into the option's. */
export function wholeNumber(factor = 1): Reader {
  return (value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number)) {
      return { value: number * factor };
    }
    return { problem: 'give a whole number' };
  };
}

/** True or false, in any case, also as text. */
export function trueOrFalse(value: unknown): Reading {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (text === true || text === 'true') return { value: true };
  if (text === false || text === 'false') return { value: false };
  return { problem: 'give true or false' };
}

/** Text that is not empty. A number counts: `group.id=7` is the group '7'. */
export function text(value: unknown): Reading {
  if (typeof value === 'number') return { value: String(value) };
  if (typeof value === 'string' && value !== '') return { value };
  return { problem: 'give text that is not empty' };
}

/** A list of texts, or one text with commas. */
export function list(value: unknown): Reading {
  const parts = typeof value === 'string' ? value.split(',') : value;
  if (Array.isArray(parts) && parts.every((part) => typeof part === 'string')) {
    const trimmed = parts.map((part: string) => part.trim()).filter((part) => part !== '');
    if (trimmed.length > 0) return { value: trimmed };
  }
  return { problem: 'give a list, or text with commas between its parts' };
}

/** One of the words of a table; the table says what each stands for. Case does not matter. */
export function oneOf(words: Readonly<Record<string, string | number>>): Reader {
  return (value) => {
    const found = Object.entries(words).find(([word]) => word === String(value).toLowerCase());
    if (found !== undefined) return { value: found[1] };
    const known = Object.keys(words);
    const meant = typeof value === 'string' ? mistypedName(value, known) : undefined;
    const guess = meant === undefined ? '' : `; did you mean ${meant}?`;
    return { problem: `give one of ${known.join(', ')}${guess}` };
  };
}

/** Any value is accepted and changes nothing; `why` says why that is no harm. */
export function noted(why: string): Reader {
  return () => ({ note: why });
}

/** No value can be honoured; `why` says why, and what to do. */
export function refused(why: string): Reader {
  return () => ({ problem: why });
}

/** What `readers` say of some values, by the value as lower-case text; `otherwise` of the rest. */
export function byValue(readers: Readonly<Record<string, Reader>>, otherwise: Reader): Reader {
  const known = new Map(Object.entries(readers));
  return (value) => (known.get(String(value).trim().toLowerCase()) ?? otherwise)(value);
}

/** Data of more than one kind: text, unless it is written as JSON's true, false, [ or {. */
export function data(value: unknown): Reading {
  if (typeof value !== 'string') return { value };
  if (!/^\s*([[{]|true\s*$|false\s*$)/.test(value)) return text(value);
  try {
    return { value: JSON.parse(value) };
  } catch {
    // What is inside may be a secret, and JSON.parse quotes it.
    return { problem: 'this is no valid JSON' };
  }
}
