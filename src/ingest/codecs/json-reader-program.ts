/** Schemas to the programs that `wasm/json-program.cpp` makes readers from; the format is there. */
import type { DataType, Field } from '../../arrow/schema.ts';
import { MAX_SCHEMA_DEPTH } from '../../arrow/schema-literal.ts';
import { MillraceError } from '../../errors.ts';
import { TYPE_ID } from '../../wasm/column.ts';
import type { DecoderOptions } from './codec.ts';

const UNKNOWN_IS_ERROR = 1;
const FIELD_NULLABLE = 1;
const FIELD_ONLY_CHECKED = 2;
const TYPE_SKIPPED = 0;

/** A program, and what its fields are called. */
export interface JsonProgram {
  readonly words: Uint32Array;
  /** By a field's number: its path, such as `customer.name` or `items[].sku`. */
  readonly paths: readonly string[];
  /** By a field's number. */
  readonly fields: readonly Field[];
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
 * @throws MillraceError `UNKNOWN_COLUMN` for a column that the schema lacks; `INVALID_SCHEMA` for a
 *   type that JSON does not have, or for nesting beyond {@link MAX_SCHEMA_DEPTH}.
 */
export function makeJsonProgram(options: DecoderOptions): JsonProgram {
  const { schema, validate, unknown } = options;
  const read = new Set(options.columns);
  checkColumns(options);
  const draft: ProgramDraft = { words: [], paths: [], fields: [] };
  const kept = schema.fields.filter(
    ({ name }) => read.has(name) || validate === 'full' || unknown === 'error',
  );
  draft.words.push(unknown === 'error' ? UNKNOWN_IS_ERROR : 0, kept.length);
  for (const field of kept) {
    if (read.has(field.name)) addField(draft, field, field.name, 0, 1);
    else if (validate === 'full') addField(draft, field, field.name, FIELD_ONLY_CHECKED, 1);
    else addSkipped(draft, field);
  }
  return {
    words: Uint32Array.from(draft.words),
    paths: draft.paths,
    fields: draft.fields,
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

function childrenOf(type: DataType): readonly Field[] {
  if (type.kind === 'struct') return type.fields;
  return type.kind === 'list' ? [type.item] : [];
}

function addField(
  draft: ProgramDraft,
  field: Field,
  path: string,
  flags: number,
  depth: number,
): void {
  const { name, type, nullable } = field;
  if (type.kind === 'binary' || depth > MAX_SCHEMA_DEPTH) throw unusable(field, path);
  const children = childrenOf(type);
  addHeader(draft, TYPE_ID[type.kind], flags | (nullable ? FIELD_NULLABLE : 0), children, name);
  draft.paths.push(path);
  draft.fields.push(field);
  for (const child of children) {
    const childPath = type.kind === 'list' ? `${path}[]` : `${path}.${child.name}`;
    addField(draft, child, childPath, 0, depth + 1);
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

function unusable(field: Field, path: string): MillraceError {
  const reason =
    field.type.kind === 'binary'
      ? 'is binary, which JSON does not have; declare it as utf8'
      : `nests deeper than ${MAX_SCHEMA_DEPTH} levels`;
  return new MillraceError(`column "${path}" ${reason}`, {
    code: 'INVALID_SCHEMA',
    context: { column: path },
  });
}
