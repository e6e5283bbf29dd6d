/** Names that members have in JSON, and those that columns can have. */
import { METADATA_FIELDS } from '../metadata-columns.ts';
import type { Member } from './observation.ts';

/** A JavaScript object has members with such names first, in ascending order. */
const ARRAY_INDEX = /^(0|[1-9]\d{0,9})$/;
const ARRAY_INDEX_MAX = 2 ** 32 - 2;

/** Why a member cannot be a column or a struct's member; `undefined`: it can. */
export function nameProblem(name: string, isColumn: boolean): string | undefined {
  if (name === '') return 'a column must have a name';
  if (name.endsWith('?')) return 'the name of a column cannot end with ?';
  if (isColumn && METADATA_FIELDS.some((field) => field.name === name)) {
    return 'a metadata column has this name';
  }
  return undefined;
}

/**
 * Members in the order in which an object literal would have them: so that the schema as literal
 * is the same schema again.
 */
export function inLiteralOrder(members: readonly Member[]): readonly Member[] {
  const isIndex = ({ name }: Member) => ARRAY_INDEX.test(name) && Number(name) <= ARRAY_INDEX_MAX;
  const indices = members.filter(isIndex).sort((a, b) => Number(a.name) - Number(b.name));
  return [...indices, ...members.filter((member) => !isIndex(member))];
}
