/** Schemas as the TypeScript text of a schema literal. */
import { MillraceError } from '../errors.ts';
import { scalarToString } from './scalar-text.ts';
import type { DataType, Field, Schema } from './schema.ts';

const INDENT = '  ';
/** A name that needs no quotes as the key of an object. */
const PLAIN_NAME = /^[A-Za-z_$][\w$]*$/;

/** Words of the language, and names that no declaration in a module can have. */
const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum ' +
    'eval export extends false finally for function if implements import in instanceof interface ' +
    'let new null package private protected public return static super switch this throw true ' +
    'try typeof undefined var void while with yield'
  ).split(' '),
);

/**
 * The schema as an expression: `{ id: 'int64', tags: ['utf8'] }`, a column on each line. What it
 * evaluates to gives the same schema to `toSchema`; `map` and `nullable` must be in scope.
 */
export function schemaToLiteral({ fields }: Schema): string {
  return structText(fields, '');
}

/**
 * The schema as a module that exports its literal under `name`.
 *
 * @throws MillraceError `INVALID_OPTION` where `name` is no identifier, or one that the module
 *   imports.
 */
export function schemaToModule(schema: Schema, name: string): string {
  const literal = schemaToLiteral(schema);
  const helpers = ['map', 'nullable'].filter((helper) => usesHelper(schema.fields, helper));
  checkIdentifier(name, helpers);
  const imports =
    helpers.length === 0 ? '' : `import { ${helpers.join(', ')} } from 'millrace';\n\n`;
  return `${imports}export const ${name} = ${literal} as const;\n`;
}

/**
 * Throws `INVALID_OPTION` for a name that a declaration in a module cannot have.
 *
 * @param taken names that are declared there already.
 */
export function checkIdentifier(name: string, taken: readonly string[] = []): void {
  if (PLAIN_NAME.test(name) && !RESERVED.has(name) && !taken.includes(name)) return;
  const isName = PLAIN_NAME.test(name);
  const why = isName ? ': it is a word of the language, or a name that the module needs' : '';
  const wayOut = `give ${isName ? 'another' : 'an'} identifier as the name`;
  throw new MillraceError(`${quoted(name)} cannot be declared${why}; ${wayOut}`, {
    code: 'INVALID_OPTION',
    context: { option: 'name' },
  });
}

/** A member's name as the key of an object or an interface. */
export function keyText(name: string): string {
  // In a literal `__proto__: …` would set the prototype.
  if (name === '__proto__') return "['__proto__']";
  return PLAIN_NAME.test(name) ? name : quoted(name);
}

/** A text in single quotes. */
export function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}

function structText(fields: readonly Field[], indent: string): string {
  const inner = indent + INDENT;
  const lines = fields.map(
    (field) => `${inner}${keyText(field.name)}: ${fieldText(field, inner)},`,
  );
  return `{\n${lines.join('\n')}\n${indent}}`;
}

function fieldText({ type, nullable }: Field, indent: string): string {
  const nested = nestedText(type, indent);
  if (nested !== undefined) return nullable ? `nullable(${nested})` : nested;
  if (type.kind === 'null') return "'null'";
  return quoted(`${scalarToString(type as Parameters<typeof scalarToString>[0])}${mark(nullable)}`);
}

function mark(nullable: boolean): string {
  return nullable ? '?' : '';
}

function nestedText(type: DataType, indent: string): string | undefined {
  switch (type.kind) {
    case 'struct':
      return structText(type.fields, indent);
    case 'list':
      return `[${fieldText(type.item, indent)}]`;
    case 'map':
      return `map(${fieldText(type.value, indent)})`;
    default:
      return undefined;
  }
}

function usesHelper(fields: readonly Field[], helper: string): boolean {
  return fields.some(({ type, nullable }) => {
    const isNested = type.kind === 'struct' || type.kind === 'list' || type.kind === 'map';
    if (helper === (type.kind === 'map' ? 'map' : '')) return true;
    if (helper === 'nullable' && nullable && isNested) return true;
    return usesHelper(childrenOf(type), helper);
  });
}

/** What lies directly in a type: members, the item, the value. */
export function childrenOf(type: DataType): readonly Field[] {
  if (type.kind === 'struct') return type.fields;
  if (type.kind === 'list') return [type.item];
  return type.kind === 'map' ? [type.value] : [];
}
