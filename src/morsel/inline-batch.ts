/** What a map's function gives, as one record batch. */
import {
  type DataType as ArrowDataType,
  Schema as ArrowSchema,
  type Data,
  makeData,
  RecordBatch,
  Struct,
  Table,
  Type,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { toArrowSchema } from '../arrow/arrow-schema.ts';
import type { Field, Schema } from '../arrow/schema.ts';
import { typeToString } from '../arrow/schema-text.ts';
import { MillraceError } from '../errors.ts';
import { nameToString } from '../operators/expr-text.ts';
import { shownValue } from '../shown-value.ts';
import { intakeOf, Misfit, wantedValue } from './inline-values.ts';

const NOT_IN_SCHEMA =
  'which the schema does not have; name it in map(fn, { schema }), or leave it out';

/**
 * One batch of what a function gave: a batch as it is, a table, or an object of columns, each a
 * vector, a typed array or values that Arrow's builders take.
 *
 * @throws MillraceError `CONSUMER_FAILED` where it is none of these, has a column that the schema
 *   has not, or columns differ in length.
 */
export function batchFrom(given: unknown, schema: Schema): RecordBatch {
  if (given instanceof RecordBatch || given instanceof Table) {
    const names = given.schema.fields.map(({ name }) => String(name));
    checkNames(names, schema);
    if (given instanceof RecordBatch) return given;
    const [batch, ...others] = given.batches;
    if (batch !== undefined && others.length === 0) return batch;
    return new RecordBatch(given.schema, joined(given));
  }
  if (typeof given !== 'object' || given === null || Symbol.iterator in given) {
    const found = given === null ? 'null' : Array.isArray(given) ? 'an array' : typeof given;
    throw failed(`it gave ${found}; give a RecordBatch, a Table or { column: values }`);
  }
  const columns = given as Readonly<Record<string, unknown>>;
  const there = Object.keys(columns).filter((name) => columns[name] !== undefined);
  checkNames(there, schema);
  return fromColumns(columns, schema);
}

// Whoever gives a column wants it: it would be lost without a word.
function checkNames(given: readonly string[], { fields }: Schema): void {
  const unknown = given.find((name) => !fields.some((field) => field.name === name));
  if (unknown === undefined) return;
  throw failed(`it gave the column ${nameToString(unknown)}, ${NOT_IN_SCHEMA}`);
}

// The rows of several batches one behind the other, of whatever types they have.
function joined(table: Table): Data<Struct> {
  const children = table.schema.fields.map(({ name, type }) => built(table.getChild(name)!, type));
  return structOf(table.schema, children, table.numRows);
}

function structOf(schema: ArrowSchema, children: Data[], length: number): Data<Struct> {
  const type = new Struct(schema.fields);
  return makeData({ type, length, nullCount: 0, children });
}

function fromColumns(columns: Readonly<Record<string, unknown>>, schema: Schema): RecordBatch {
  const { fields } = schema;
  const arrow = toArrowSchema(schema);
  const vectors = fields.map((field, i) =>
    dataOf(columns[field.name], arrow.fields[i]!.type, field),
  );
  const length = vectors[0]?.length ?? 0;
  for (const [i, vector] of vectors.entries()) {
    if (vector.length === length) continue;
    const [first, other] = [fields[0]!.name, fields[i]!.name];
    throw failed(`column '${first}' has ${length} rows, but '${other}' has ${vector.length}`);
  }
  // A vector brings its own type, which is held against the schema where the batch is imported.
  const found = new ArrowSchema(
    arrow.fields.map((field, i) => field.clone({ type: vectors[i]!.type })),
  );
  return new RecordBatch(found, structOf(found, vectors, length));
}

function dataOf(values: unknown, type: ArrowDataType, field: Field): Data {
  const { name } = field;
  if (values instanceof Vector && values.data.length === 1) return values.data[0]!;
  if (values instanceof Vector) return built(values, values.type);
  if (VALUES_ALONE.includes(type.typeId) && values instanceof (type.ArrayType as ArrayType)) {
    return makeData({ type, length: values.length, nullCount: 0, data: values } as never);
  }
  if (typeof values !== 'object' || values === null || !(Symbol.iterator in values)) {
    throw failed(`it gave ${String(values)} for column '${name}'; give a value for each row`);
  }
  return built(taken(values as Iterable<unknown>, field), type);
}

function taken(values: Iterable<unknown>, { name, type }: Field): unknown[] {
  const take = intakeOf(type);
  const all: unknown[] = [];
  try {
    for (const value of values) all.push(value === null ? null : take(value));
  } catch (error) {
    throw error instanceof Misfit ? misfit(name, error, all.length) : error;
  }
  return all;
}

function misfit(column: string, { type, value, path }: Misfit, row: number): MillraceError {
  const found = shownValue(value, { depth: 0, characters: 80 });
  const why =
    type === undefined
      ? NOT_IN_SCHEMA
      : `which is no ${typeToString(type)}; ${wantedValue(type, value)}`;
  return failed(`column '${column}${path}' is ${found} in row ${row}, ${why}`);
}

function built(values: Iterable<unknown>, type: ArrowDataType): Data {
  return vectorFromArray([...values], type).data[0] ?? makeData({ type, length: 0 } as never);
}

type ArrayType = new () => Int32Array;

/** Types whose array has one element a value; a decimal has four words, and bits are no values. */
const VALUES_ALONE: readonly Type[] = [
  Type.Int,
  Type.Float,
  Type.Date,
  Type.Time,
  Type.Timestamp,
  Type.Duration,
];

function failed(message: string): MillraceError {
  return new MillraceError(message, { code: 'CONSUMER_FAILED' });
}
