/** What the rows of a record batch are written from. */
import type { Schema as ArrowSchema } from 'apache-arrow';
import { fromArrowSchema } from '../arrow/from-arrow-schema.ts';
import type { DataType, Field, Schema } from '../arrow/schema.ts';

/**
 * The columns of a batch, dictionaries as the texts that they stand for: keys and values are
 * written from those.
 *
 * @throws MillraceError `INVALID_SCHEMA` for a type that Millrace does not have.
 */
export function writtenSchema(schema: ArrowSchema): Schema {
  return { fields: fromArrowSchema(schema, { widen: true }).fields.map(written) };
}

function written(field: Field): Field {
  return { ...field, type: writtenType(field.type) };
}

function writtenType(type: DataType): DataType {
  switch (type.kind) {
    case 'dictionary':
      return { kind: 'utf8' };
    case 'struct':
      return { kind: 'struct', fields: type.fields.map(written) };
    case 'list':
      return { kind: 'list', item: written(type.item) };
    case 'map':
      return { kind: 'map', value: written(type.value) };
    default:
      return type;
  }
}
