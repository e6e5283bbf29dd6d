import type { DataType, Schema } from '../../../src/arrow/schema.ts';

/** Whether the JSON reader has every type of a schema. */
export function isReadable({ fields }: Schema): boolean {
  return fields.every(({ type }) => isReadableType(type));
}

const KINDS = ['bool', 'int32', 'int64', 'float64', 'utf8'];

function isReadableType(type: DataType): boolean {
  if (type.kind === 'struct') return type.fields.every((field) => isReadableType(field.type));
  if (type.kind === 'list') return isReadableType(type.item.type);
  if (type.kind === 'timestamp') return type.unit === 'us' && type.zone !== null;
  return KINDS.includes(type.kind);
}
