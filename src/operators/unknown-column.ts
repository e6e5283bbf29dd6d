/** The error for a name that a schema does not have. */
import type { Field } from '../arrow/schema.ts';
import { MillraceError } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import { nameToString } from './expr-text.ts';
import { wayInto } from './type-mismatch.ts';

/** Names in one message; a wide schema would bury the likely ones. */
const MAX_NAMES_SHOWN = 12;

/**
 * @param name the name that is not there.
 * @param fields what there is; the name that was probably meant is printed first.
 * @param where what the name stands in: an expression as text, or a step.
 */
export function unknownColumn(
  name: string,
  fields: readonly Field[],
  where: string,
): MillraceError {
  const names = fields.map((field) => field.name);
  const meant = nearestName(name, names);
  const listed = [meant, ...names.filter((other) => other !== meant)].map(nameToString);
  const shown = listed.slice(0, MAX_NAMES_SHOWN).join(', ');
  const more =
    listed.length > MAX_NAMES_SHOWN ? `, and ${listed.length - MAX_NAMES_SHOWN} more` : '';
  const there = fields.length === 0 ? 'there are no columns' : `there are ${shown}${more}`;
  const hint = memberHint(name, fields);
  const message = `no column ${nameToString(name)} for ${where}; ${there}${hint}`;
  return new MillraceError(message, { code: 'UNKNOWN_COLUMN', context: { column: name } });
}

// Who writes the path of a member means one: customer.name.
function memberHint(path: string, fields: readonly Field[]): string {
  const [first, ...members] = path.split('.');
  let field = fields.find(({ name }) => name === first);
  if (field === undefined || members.length === 0) return '';
  let written = `col('${first}')`;
  for (const member of members) {
    const way = field === undefined ? undefined : wayInto(field.type, member);
    if (way === undefined) return '';
    written += way;
    if (field?.type.kind !== 'struct') break;
    field = field.type.fields.find(({ name }) => name === member);
  }
  return `; a member is taken out by an expression: ${written}`;
}
