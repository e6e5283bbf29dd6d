/** Schemas to the programs that `wasm/json-program.cpp` makes readers from; the format is there. */
import { webcrypto } from 'node:crypto';
import type { DataType, Field } from '../../arrow/schema.ts';
import { MAX_SCHEMA_DEPTH } from '../../arrow/schema.ts';
import { typeParam } from '../../arrow/type-param.ts';
import { MillraceError } from '../../errors.ts';
import { TYPE_ID } from '../../wasm/column.ts';
import type { DecoderOptions } from './codec.ts';

const UNKNOWN_IS_ERROR = 1;
const FIELD_NULLABLE = 1;
const FIELD_ONLY_CHECKED = 2;
const TYPE_SKIPPED = 0;
const HASH_KEY_WORDS = 4;

/** A program, and what its fields are called. */
export interface JsonProgram {
  readonly words: Uint32Array;
  /** By a field's number: its path, such as `customer.name`, `items[].sku` or `labels{}`. */
  readonly paths: readonly string[];
  /** By a field's number. */
  readonly fields: readonly Field[];
  /** The columns of a message that are in the program, in order. */
  readonly kept: readonly Field[];
  /** Names of the columns that a decode makes, in order. */
  readonly columns: readonly string[];
}

interface ProgramDraft {
  readonly words: number[];
  readonly paths: string[];
  readonly fields: Field[];
}

/**
 * The program that reads `columns` of `schema`: in the schema's order, whatever order they are
 * asked for in. Columns that are not read are in it only where they must be told from unknown ones
 * (`unknown: 'error'`) or checked (`validate: 'full'`).
 *
 * The program has a fresh random key for hash tables, so that no sender of messages can make them
 * slow; what is decoded does not hang on it.
 *
 * @throws MillraceError `UNKNOWN_COLUMN` for a column that the schema lacks; `INVALID_SCHEMA` for
 *   nesting beyond {@link MAX_SCHEMA_DEPTH}.
 */
export function makeJsonProgram(options: DecoderOptions): JsonProgram {
  const { schema, validate, unknown } = options;
  const read = new Set(options.columns);
  checkColumns(options);
  const draft: ProgramDraft = { words: [], paths: [], fields: [] };
  const kept = schema.fields.filter(
    ({ name }) => read.has(name) || validate === 'full' || unknown === 'error',
  );
  const hashKey = webcrypto.getRandomValues(new Uint32Array(HASH_KEY_WORDS));
  draft.words.push(unknown === 'error' ? UNKNOWN_IS_ERROR : 0, ...hashKey, kept.length);
  for (const field of kept) {
    if (read.has(field.name)) addField(draft, field, field.name, 0, 1);
    else if (validate === 'full') addField(draft, field, field.name, FIELD_ONLY_CHECKED, 1);
    else addSkipped(draft, field);
  }
  return {
    words: Uint32Array.from(draft.words),
    paths: draft.paths,
    fields: draft.fields,
    kept,
    columns: kept.filter(({ name }) => read.has(name)).map(({ name }) => name),
  };
}

function checkColumns({ schema, columns }: DecoderOptions): void {
  const names = new Set(schema.fields.map(({ name }) => name));
  const missing = columns.find((name) => !names.has(name));
  if (missing === undefined) return;
  throw new MillraceError(
    `the schema has no column "${missing}"; it has ${[...names].map((n) => `"${n}"`).join(', ')}`,
    { code: 'UNKNOWN_COLUMN', context: { column: missing } },
  );
}

const KEY: Field = { name: 'key', type: { kind: 'utf8' }, nullable: false };

// Of a map the reader has key and value; the struct of both comes with the column.
function childrenOf(type: DataType): readonly Field[] {
  if (type.kind === 'struct') return type.fields;
  if (type.kind === 'map') return [KEY, type.value];
  return type.kind === 'list' ? [type.item] : [];
}

function childPath(path: string, type: DataType, child: Field): string {
  if (type.kind === 'struct') return `${path}.${child.name}`;
  return type.kind === 'list' ? `${path}[]` : `${path}{}`;
}

// Of a column that is only checked nothing is kept: a dictionary would keep every text.
function kindToRead(type: DataType, flags: number): DataType['kind'] {
  return type.kind === 'dictionary' && flags & FIELD_ONLY_CHECKED ? 'utf8' : type.kind;
}

function addField(
  draft: ProgramDraft,
  field: Field,
  path: string,
  flags: number,
  depth: number,
): void {
  const { name, type, nullable } = field;
  if (depth > MAX_SCHEMA_DEPTH) throw tooDeep(path);
  const children = childrenOf(type);
  const mayBeNull = nullable || type.kind === 'null';
  const typeWord = TYPE_ID[kindToRead(type, flags)] | (typeParam(type) << 16);
  addHeader(draft, typeWord, flags | (mayBeNull ? FIELD_NULLABLE : 0), children, name);
  draft.paths.push(path);
  draft.fields.push(field);
  for (const child of children) {
    addField(draft, child, childPath(path, type, child), 0, depth + 1);
  }
}

function addSkipped(draft: ProgramDraft, field: Field): void {
  addHeader(draft, TYPE_SKIPPED, FIELD_NULLABLE, [], field.name);
  draft.paths.push(field.name);
  draft.fields.push(field);
}

function addHeader(
  { words }: ProgramDraft,
  type: number,
  flags: number,
  children: readonly Field[],
  name: string,
): void {
  const utf8 = Buffer.from(name);
  const padded = new Uint8Array((utf8.length + 3) & ~3);
  padded.set(utf8);
  words.push(type, flags, children.length, utf8.length);
  for (const word of new Uint32Array(padded.buffer)) words.push(word);
}

function tooDeep(path: string): MillraceError {
  return new MillraceError(`column "${path}" nests deeper than ${MAX_SCHEMA_DEPTH} levels`, {
    code: 'INVALID_SCHEMA',
    context: { column: path },
  });
}
