/** The error for a name that a schema does not have. */
import type { Field } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import { nameToString } from './expr-text.ts';

/** Names in one message; a wide schema would bury the likely ones. */
const MAX_NAMES_SHOWN = 12;

/**
 * @param name the name that is not there.
 * @param fields what there is.
 * @param where what the name stands in: an expression as text, or a step.
 */
export function unknownColumn(
  name: string,
  fields: readonly Field[],
  where: string,
): MillraceError {
  const nearest = fields
    .map((field) => ({ name: field.name, distance: editDistance(name, field.name) }))
    .sort((a, b) => a.distance - b.distance)
    .map((candidate) => nameToString(candidate.name));
  const shown = nearest.slice(0, MAX_NAMES_SHOWN).join(', ');
  const more =
    nearest.length > MAX_NAMES_SHOWN ? `, and ${nearest.length - MAX_NAMES_SHOWN} more` : '';
  const there = nearest.length === 0 ? 'there are no columns' : `there are ${shown}${more}`;
  const message = `no column ${nameToString(name)} for ${where}; ${there}`;
  return new MillraceError(message, { code: 'UNKNOWN_COLUMN', context: { column: name } });
}

/** Levenshtein's, in letters of either case. */
function editDistance(left: string, right: string): number {
  const a = left.toLowerCase();
  const b = right.toLowerCase();
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const current = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = previous[j]! + (a[i] === b[j] ? 0 : 1);
      current.push(Math.min(replaced, previous[j + 1]! + 1, current[j]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
