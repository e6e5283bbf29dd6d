/** Schemas as text, in the notation of schema literals, for plans and messages. */
import { scalarToString } from './scalar-text.ts';
import type { DataType, Field, Schema } from './schema.ts';

/** `id int64, amount float64?, items [{sku utf8}]`. */
export function schemaToString({ fields }: Schema): string {
  return fields.map(fieldToString).join(', ');
}

function fieldToString({ name, type, nullable }: Field): string {
  return `${name} ${typeToString(type, nullable)}`;
}

/** `int64`, `float64?`, `{city utf8?}`, `[utf8]?`. */
export function typeToString(type: DataType, nullable = false): string {
  const mark = nullable ? '?' : '';
  if (type.kind === 'struct') return `{${type.fields.map(fieldToString).join(', ')}}${mark}`;
  if (type.kind === 'list') return `[${typeToString(type.item.type, type.item.nullable)}]${mark}`;
  if (type.kind === 'map')
    return `map(${typeToString(type.value.type, type.value.nullable)})${mark}`;
  return type.kind === 'null' ? 'null' : `${scalarToString(type)}${mark}`;
}
