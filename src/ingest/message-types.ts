/** Which types of columns the parts of a message can be made from. */
import type { DataType } from '../arrow/schema.ts';

/** Types whose values are bytes: keys, values of the codec string, what is hashed. */
export const BYTES_KINDS: readonly DataType['kind'][] = ['utf8', 'binary', 'dictionary', 'json'];

/** Types that can say a partition. */
export const INTEGER_KINDS: readonly DataType['kind'][] = [
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
];

/** `a, b or c`. */
export function anyOf(kinds: readonly string[]): string {
  return `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`;
}

/**
 * Whether a column can be message headers: a list of `{ key, value }`, or a map, whose keys are
 * texts and never null, and whose values have bytes.
 */
export function areHeaders(type: DataType): boolean {
  if (type.kind === 'map') return BYTES_KINDS.includes(type.value.type.kind);
  if (type.kind !== 'list' || type.item.nullable || type.item.type.kind !== 'struct') return false;
  // The writer takes the struct's children by their place; Kafka has no null for a header's key.
  const [key, value, ...others] = type.item.type.fields;
  if (key === undefined || value === undefined || others.length > 0) return false;
  const isText = key.type.kind === 'utf8' || key.type.kind === 'dictionary';
  if (key.name !== 'key' || !isText || key.nullable) return false;
  return value.name === 'value' && BYTES_KINDS.includes(value.type.kind);
}
