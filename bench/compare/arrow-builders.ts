/** What a Node program does for Arrow columns today: objects into apache-arrow's builders. */
import { makeBuilder, makeData, RecordBatch, Struct } from 'apache-arrow';
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import type { DataType, Field, Schema } from '../../src/arrow/schema.ts';
import type { Row } from './json-parse.ts';

type Convert = (value: unknown) => unknown;

// What the builders want where JSON has something else; undefined where it is the same.
function converter(type: DataType): Convert | undefined {
  switch (type.kind) {
    case 'int64':
      return (value) => BigInt(value as number);
    case 'timestamp':
      // Milliseconds: the builder multiplies.
      return (value) => Date.parse(value as string);
    case 'struct':
      return structConverter(type.fields);
    case 'list': {
      const item = converter(type.item.type);
      return item && ((value) => (value as unknown[]).map((v) => (v === null ? null : item(v))));
    }
    default:
      return undefined;
  }
}

function structConverter(fields: readonly Field[]): Convert | undefined {
  const members = fields.flatMap(({ name, type }) => {
    const convert = converter(type);
    return convert === undefined ? [] : [{ name, convert }];
  });
  if (members.length === 0) return undefined;
  return (value) => {
    const copy = { ...(value as Row) };
    for (const { name, convert } of members) {
      const member = copy[name];
      if (member !== null && member !== undefined) copy[name] = convert(member);
    }
    return copy;
  };
}

/** The columns of `schema` from objects, as a RecordBatch with the types that Millrace has. */
export function buildBatch(schema: Schema, rows: readonly Row[]): RecordBatch {
  const arrowSchema = toArrowSchema(schema);
  const children = schema.fields.map(({ name, type }, i) => {
    const builder = makeBuilder({
      type: arrowSchema.fields[i]!.type,
      nullValues: [null, undefined],
    });
    const convert = converter(type);
    for (const row of rows) {
      const value = row[name] ?? null;
      builder.append(convert === undefined || value === null ? value : convert(value));
    }
    return builder.finish().flush();
  });
  const type = new Struct(arrowSchema.fields);
  const data = makeData({ type, length: rows.length, nullCount: 0, children });
  return new RecordBatch(arrowSchema, data);
}
