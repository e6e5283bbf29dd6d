/**
 * Schemas as users write them: `{ id: 'int64', amount: 'float64?', items: [{ sku: 'utf8' }] }`.
 *
 * Grammar:
 *
 *     schema   = { name: field, … }
 *     field    = 'type' | 'type?' | { name: field, … } | [field] | nullable(field)
 *     type     = bool | int32 | int64 | float64 | utf8 | binary | timestamp
 *
 * `?` and `nullable()` say that a value may be null or missing; nothing is nullable by itself, list
 * items and struct members neither.
 */
import { inspect } from 'node:util';
import { Schema as ArrowSchema } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import { fromArrowSchema } from './arrow-schema.ts';
import type { DataType, Field, ScalarType, Schema } from './schema.ts';

const NULLABLE = Symbol('nullable');

/** Every scalar type that a literal can name. */
export const SCALAR_TYPES = [
  'bool',
  'int32',
  'int64',
  'float64',
  'utf8',
  'binary',
  'timestamp',
] as const satisfies readonly ScalarType[];

/** Structs and lists may be nested so deep, columns counted; deeper schemas are refused. */
export const MAX_SCHEMA_DEPTH = 32;

/** What {@link nullable} makes. */
export interface Nullable<L extends FieldLiteral = FieldLiteral> {
  readonly [NULLABLE]: L;
}

/** One column or member: a scalar's name, a struct, a list, or any of them made nullable. */
export type FieldLiteral =
  | ScalarType
  | `${ScalarType}?`
  | StructLiteral
  | ListLiteral
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
    throw invalid(path, literal, `nest at most ${MAX_SCHEMA_DEPTH} structs and lists`);
  }
  if (typeof literal === 'object' && literal !== null && NULLABLE in literal) {
    const { type } = parseField(name, literal[NULLABLE], path, depth);
    return Object.freeze({ name, type, nullable: true });
  }
  if (typeof literal === 'string') {
    const nullable = literal.endsWith('?');
    const kind = scalarType(nullable ? literal.slice(0, -1) : literal, path, literal);
    return Object.freeze({ name, type: Object.freeze({ kind }), nullable });
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
  if (isPlainObject(literal)) {
    return Object.freeze({ kind: 'struct', fields: parseMembers(literal, path, depth + 1) });
  }
  throw invalid(path, literal, `write a type (${SCALAR_TYPES.join(', ')}), a struct or a list`);
}

function scalarType(text: string, path: string, literal: string): ScalarType {
  const kind = SCALAR_TYPES.find((type) => type === text);
  if (kind !== undefined) return kind;
  const nearest = nearestType(text);
  throw invalid(path, literal, `did you mean '${nearest}'? Types: ${SCALAR_TYPES.join(', ')}`);
}

// Names that other systems have for our types, where the edit distance would mislead.
const OTHER_NAMES: Readonly<Record<string, ScalarType>> = {
  string: 'utf8',
  text: 'utf8',
  varchar: 'utf8',
  boolean: 'bool',
  int: 'int32',
  integer: 'int32',
  long: 'int64',
  bigint: 'int64',
  number: 'float64',
  double: 'float64',
  float: 'float64',
  date: 'timestamp',
  datetime: 'timestamp',
  bytes: 'binary',
};

function nearestType(text: string): string {
  return OTHER_NAMES[text.trim().toLowerCase()] ?? nearestName(text, SCALAR_TYPES);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function invalid(path: string, literal: unknown, wayOut: string): MillraceError {
  const found = inspect(literal, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  const where = path === '' ? 'the schema' : `schema column '${path}'`;
  return new MillraceError(`${where} is ${found}; ${wayOut}`, {
    code: 'INVALID_SCHEMA',
    context: { path, found },
  });
}
