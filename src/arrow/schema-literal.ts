/**
 * Schemas as users write them: `{ id: 'int64', amount: 'float64?', items: [{ sku: 'utf8' }] }`.
 *
 * Grammar:
 *
 *     schema    = { name: field, … }
 *     field     = 'type' | 'type?' | { name: field, … } | [field] | map(field) | nullable(field)
 *     type      = bool | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
 *               | float32 | float64 | decimal(precision,scale) | utf8 | dictionary | binary | json
 *               | date | time | duration | timestamp | timestamp(unit) | timestamp(unit,zone)
 *               | null
 *     unit      = s | ms | us | ns
 *     zone      = UTC | Europe/Berlin | … | local: a clock on a wall, of no zone
 *
 * `timestamp` alone is `timestamp(us,UTC)`, and `timestamp(ms)` is `timestamp(ms,UTC)`.
 *
 * `?` and `nullable()` say that a value may be null or missing; nothing is nullable by itself but
 * `null`, list items, map values and struct members neither.
 */
import { Schema as ArrowSchema } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { mistypedName } from '../nearest-name.ts';
import { isSecretName, shownValue } from '../shown-value.ts';
import { fromArrowSchema } from './from-arrow-schema.ts';
import { parseType, SCALAR_TYPES, type TypeText } from './scalar-text.ts';
import { type DataType, type Field, MAX_SCHEMA_DEPTH, type Schema } from './schema.ts';

const NULLABLE = Symbol('nullable');
const MAP = Symbol('map');

/** What {@link nullable} makes. */
export interface Nullable<L extends FieldLiteral = FieldLiteral> {
  readonly [NULLABLE]: L;
}

/** What {@link map} makes. */
export interface MapLiteral<L extends FieldLiteral = FieldLiteral> {
  readonly [MAP]: L;
}

/** One column or member: a scalar's name, a struct, a list, a map, any of them made nullable. */
export type FieldLiteral =
  | TypeText
  | `${TypeText}?`
  | StructLiteral
  | ListLiteral
  | { readonly [MAP]: FieldLiteral }
  | { readonly [NULLABLE]: FieldLiteral };

/** Members by name, in order. */
export interface StructLiteral {
  readonly [name: string]: FieldLiteral;
}

/** A list: exactly one element, the type of the items. */
export type ListLiteral = readonly [FieldLiteral];

/** A whole schema: columns by name, in order. */
export type SchemaLiteral = StructLiteral;

/** What a schema can be given as. */
export type SchemaInput = SchemaLiteral | ArrowSchema;

/**
 * Makes a struct, a list or a scalar nullable: `{ address: nullable({ city: 'utf8' }) }`. For
 * scalars it is the same as `?`.
 */
export function nullable<const L extends FieldLiteral>(field: L): Nullable<L> {
  return Object.freeze({ [NULLABLE]: field });
}

/**
 * A map from texts to values: `{ labels: map('utf8'), counts: map('int64?') }`. In JSON it is an
 * object whose members are not known beforehand.
 */
export function map<const L extends FieldLiteral>(value: L): MapLiteral<L> {
  return Object.freeze({ [MAP]: value });
}

/**
 * A schema as plain, frozen data, from a literal or from an Arrow schema whose types are exactly
 * those that Millrace has.
 *
 * @throws MillraceError `INVALID_SCHEMA` with the path of the column, what stands there and what
 *   would work.
 */
export function toSchema(input: SchemaInput): Schema {
  if (input instanceof ArrowSchema) return fromArrowSchema(input);
  if (!isPlainObject(input)) {
    throw invalid('', input, "write an object such as { id: 'int64' }, or give an Arrow schema");
  }
  const fields = parseMembers(input, '', 1);
  return Object.freeze({ fields });
}

function parseMembers(members: object, path: string, depth: number): readonly Field[] {
  const entries = Object.entries(members);
  if (entries.length === 0) throw invalid(path, members, 'name at least one column');
  return Object.freeze(
    entries.map(([name, literal]) => {
      if (name === '') throw invalid(path, members, 'give every column a name');
      const at = path === '' ? name : `${path}.${name}`;
      if (name.endsWith('?')) {
        const hint = `nullable stands behind the type: ${name.slice(0, -1)}: 'utf8?'`;
        throw invalid(at, literal, `${hint}, or nullable({ … }) for a struct or list`);
      }
      return parseField(name, literal, at, depth);
    }),
  );
}

function parseField(name: string, literal: unknown, path: string, depth: number): Field {
  if (depth > MAX_SCHEMA_DEPTH) {
    throw invalid(
      path,
      literal,
      `nest at most ${MAX_SCHEMA_DEPTH} structs, lists and maps, or take what is deeper as json`,
    );
  }
  if (typeof literal === 'object' && literal !== null && NULLABLE in literal) {
    let inner: unknown = literal;
    while (typeof inner === 'object' && inner !== null && NULLABLE in inner)
      inner = inner[NULLABLE];
    const { type } = parseField(name, inner, path, depth);
    return Object.freeze({ name, type, nullable: true });
  }
  if (typeof literal === 'string') {
    const optional = literal.endsWith('?');
    const type = parseType(optional ? literal.slice(0, -1) : literal);
    if (typeof type === 'string') throw invalid(path, literal, type);
    const nullable = optional || type.kind === 'null';
    return Object.freeze({ name, type: Object.freeze(type), nullable });
  }
  return Object.freeze({ name, type: parseNested(literal, path, depth), nullable: false });
}

function parseNested(literal: unknown, path: string, depth: number): DataType {
  if (Array.isArray(literal)) {
    if (literal.length !== 1) {
      throw invalid(path, literal, "a list names the type of its items once: ['utf8']");
    }
    const item = parseField('item', literal[0], `${path}[]`, depth + 1);
    return Object.freeze({ kind: 'list', item });
  }
  if (typeof literal === 'object' && literal !== null && MAP in literal) {
    const value = parseField('value', literal[MAP], `${path}{}`, depth + 1);
    return Object.freeze({ kind: 'map', value });
  }
  if (isPlainObject(literal)) {
    return Object.freeze({ kind: 'struct', fields: parseMembers(literal, path, depth + 1) });
  }
  throw invalid(path, literal, `write a type (${SCALAR_TYPES.join(', ')}), a struct, list or map`);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What people write for a type who have not read the list. */
const FOREIGN_TYPES =
  /^(string|text|(var)?char|num(ber|eric)|int(eger)?|long|big_?int|double|float|real)/i;

// A log-in in the place of the schema: `{ sasl: { password: … } }` are columns then.
function shownLiteral(path: string, literal: unknown): string {
  return isSecretName(path) && !isMeantAsType(literal) ? '[secret]' : shownValue(literal);
}

function isMeantAsType(literal: unknown): boolean {
  if (typeof literal !== 'string') return false;
  const type = literal.replace(/[?(].*/, '');
  return FOREIGN_TYPES.test(type) || mistypedName(type, SCALAR_TYPES) !== undefined;
}

function invalid(path: string, literal: unknown, wayOut: string): MillraceError {
  const found = shownLiteral(path, literal);
  const where = path === '' ? 'the schema' : `schema column '${path}'`;
  return new MillraceError(`${where} is ${found}; ${wayOut}`, {
    code: 'INVALID_SCHEMA',
    context: { path, found },
  });
}
