/** One schema for rows of several: the same columns, whatever their order. */
import { MillraceError } from '../errors.ts';
import type { DataType, Field, Schema } from './schema.ts';
import { typeToString } from './schema-text.ts';

/**
 * The columns of `first`, in its order, each nullable where it is in either. Names and types must
 * be the same; nothing is widened.
 *
 * @param what stands before the error's message: who puts them together.
 * @throws MillraceError `INVALID_PLAN` where a column is only in one of them; `TYPE_MISMATCH` where
 *   its types differ.
 */
export function mergeSchemas(first: Schema, second: Schema, what: string): Schema {
  const names = (schema: Schema) => new Set(schema.fields.map(({ name }) => name));
  const [has, hasToo] = [names(first), names(second)];
  const lacking = [...has].find((name) => !hasToo.has(name));
  const more = [...hasToo].find((name) => !has.has(name));
  const column = lacking ?? more;
  if (column !== undefined) {
    const where = lacking === undefined ? 'only the second has' : 'only the first has';
    throw new MillraceError(
      `${what} takes streams with the same columns, but ${where} ${column}; add it to the other ` +
        'with map(), or leave it out with select() or drop()',
      { code: 'INVALID_PLAN', context: { column } },
    );
  }
  const types = new Map(second.fields.map((field) => [field.name, field]));
  return { fields: first.fields.map((field) => merged(field, types.get(field.name)!, what)) };
}

function merged(field: Field, other: Field, what: string): Field {
  const type = mergeTypes(field.type, other.type);
  const nullable = field.nullable || other.nullable;
  if (type !== undefined) return { ...field, type, nullable };
  const [one, two] = [field, other].map((each) => typeToString(each.type));
  throw new MillraceError(
    `${what} takes streams with the same types, but ${field.name} is ${one} in the first and ` +
      `${two} in the second; give one of them the type of the other with map()`,
    { code: 'TYPE_MISMATCH', context: { column: field.name } },
  );
}

// Undefined where they differ in more than what may be null.
function mergeTypes(type: DataType, other: DataType): DataType | undefined {
  if (type.kind === 'list' && other.kind === 'list') {
    const item = mergeFields(type.item, other.item);
    return item && { ...type, item };
  }
  if (type.kind === 'map' && other.kind === 'map') {
    const value = mergeFields(type.value, other.value);
    return value && { ...type, value };
  }
  if (type.kind === 'struct' && other.kind === 'struct') {
    if (type.fields.length !== other.fields.length) return undefined;
    const fields = type.fields.map((field, i) => mergeFields(field, other.fields[i]!, true));
    return fields.includes(undefined) ? undefined : { ...type, fields: fields as Field[] };
  }
  return JSON.stringify(type) === JSON.stringify(other) ? type : undefined;
}

function mergeFields(field: Field, other: Field, named = false): Field | undefined {
  const type = mergeTypes(field.type, other.type);
  if (type === undefined || (named && field.name !== other.name)) return undefined;
  return { ...field, type, nullable: field.nullable || other.nullable };
}
