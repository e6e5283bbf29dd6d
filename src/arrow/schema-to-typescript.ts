/** Schemas as the TypeScript type of their rows. */
import type { ScalarValues } from './row-types.ts';
import type { DataType, Field, Schema } from './schema.ts';
import { checkIdentifier, childrenOf, keyText } from './schema-to-literal.ts';

const INDENT = '  ';

/** `ScalarValues` as text. */
const SCALARS: Readonly<Record<keyof ScalarValues, string>> = {
  bool: 'boolean',
  int8: 'number',
  int16: 'number',
  int32: 'number',
  int64: 'bigint',
  uint8: 'number',
  uint16: 'number',
  uint32: 'number',
  uint64: 'bigint',
  float32: 'number',
  float64: 'number',
  decimal: 'Uint32Array',
  utf8: 'string',
  dictionary: 'string',
  binary: 'Uint8Array',
  json: 'string',
  date: 'number',
  time: 'bigint',
  duration: 'bigint',
  timestamp: 'number',
  null: 'null',
};

/** Types that an interface cannot be called, or that the rows have. */
export const TYPE_NAMES: readonly string[] = [
  ...['any', 'bigint', 'boolean', 'never', 'number', 'object', 'string', 'symbol', 'unknown'],
  'Uint8Array',
];

/**
 * A module that exports the type of the schema's rows as the interface `name`: what `RowOf` gives
 * for the schema's literal.
 *
 * @throws MillraceError `INVALID_OPTION` where `name` is no identifier, or one of a type.
 */
export function schemaToTypeScript({ fields }: Schema, name: string): string {
  const used = ['list', 'map'].filter((kind) => fields.some(({ type }) => has(type, kind)));
  const names = used.map((kind) => (kind === 'list' ? 'ArrowList' : 'ArrowMap'));
  checkIdentifier(name, [...names, ...TYPE_NAMES]);
  const imports =
    names.length === 0 ? '' : `import type { ${names.join(', ')} } from 'millrace';\n\n`;
  return `${imports}export interface ${name} ${structText(fields, '')}\n`;
}

function has(type: DataType, kind: string): boolean {
  return type.kind === kind || childrenOf(type).some((child) => has(child.type, kind));
}

function structText(fields: readonly Field[], indent: string): string {
  const inner = indent + INDENT;
  const lines = fields.map(
    (field) => `${inner}${keyText(field.name)}: ${valueText(field, inner)};`,
  );
  return `{\n${lines.join('\n')}\n${indent}}`;
}

function valueText({ type, nullable }: Field, indent: string): string {
  const text = typeText(type, indent);
  return nullable && type.kind !== 'null' ? `${text} | null` : text;
}

function typeText(type: DataType, indent: string): string {
  switch (type.kind) {
    case 'struct':
      return structText(type.fields, indent);
    case 'list':
      return `ArrowList<${valueText(type.item, indent)}>`;
    case 'map':
      return `ArrowMap<${valueText(type.value, indent)}>`;
    default:
      return SCALARS[type.kind];
  }
}
