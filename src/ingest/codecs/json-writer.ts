/**
 * Columns to JSON: compiles a schema to the program that `wasm/json-writer.cpp` runs per row.
 *
 * A row becomes the text that `JSON.stringify` gives for its object: shortest numbers, `null` for
 * NaN and infinities, 0 for -0, the same escapes. What JSON has no type for: 64-bit integers and
 * decimals in exact digits (a reader that parses to doubles rounds beyond 2^53), float32 in the
 * shortest digits that read back as the same float32, dates, times, timestamps and durations as ISO
 * 8601 text, binary as base64, maps as objects. A column of raw JSON is written as it is.
 */
import type { DataType, Field, Schema } from '../../arrow/schema.ts';
import type { ColumnSet } from '../../arrow/selection.ts';
import { MillraceError } from '../../errors.ts';
import { TYPE_ID } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { Encoder } from './codec.ts';

/** `WRITER_JSON` in `wasm/abi.h`. */
export const WRITER_JSON = 1;

// `JsonWriter` in wasm/json-writer.h.
const NODE_BYTES = 40;
const WORD = { type: 0, literal: 1, literalLength: 2, childCount: 3, children: 4 } as const;

const utf8 = new TextEncoder();

/** An encoder of JSON objects with one member per column of `schema`, in its order. */
export function createJsonEncoder(wasm: WasmInstance, schema: Schema): Encoder {
  const handle = wasm.stateAlloc(NODE_BYTES);
  writeNode(wasm, handle, { kind: 'struct', fields: schema.fields }, '');
  const columns = schema.fields.map((field) => field.name);
  const bind = (set: ColumnSet) => {
    for (const [index, name] of columns.entries()) {
      const column = set.get(name);
      if (column === undefined || wasm.exports.json_writer_bind(handle, index, column) === 0) {
        throw unfit(name, column !== undefined);
      }
    }
  };
  return { writer: WRITER_JSON, handle, columns, bind };
}

function writeNode(wasm: WasmInstance, node: number, type: DataType, literal: string): void {
  const word = node / 4;
  const bytes = utf8.encode(literal);
  wasm.u32[word + WORD.type] = TYPE_ID[type.kind];
  if (bytes.length > 0) {
    const address = wasm.stateAlloc(bytes.length);
    wasm.u8.set(bytes, address);
    wasm.u32[word + WORD.literal] = address;
    wasm.u32[word + WORD.literalLength] = bytes.length;
  }
  const members = childrenOf(type);
  if (members.length === 0) return;
  const first = wasm.stateAlloc(NODE_BYTES * members.length);
  wasm.u32[word + WORD.childCount] = members.length;
  wasm.u32[word + WORD.children] = first;
  for (const [index, field] of members.entries()) {
    const named = type.kind === 'struct' ? memberLiteral(field, index) : '';
    writeNode(wasm, first + index * NODE_BYTES, field.type, named);
  }
}

const TEXT: DataType = { kind: 'utf8' };

// As the columns have them: see `wasm/abi.h`.
function childrenOf(type: DataType): readonly Field[] {
  switch (type.kind) {
    case 'struct':
      return type.fields;
    case 'list':
      return [type.item];
    case 'map': {
      const key: Field = { name: 'key', type: TEXT, nullable: false };
      const entry: DataType = { kind: 'struct', fields: [key, type.value] };
      return [{ name: 'entries', type: entry, nullable: false }];
    }
    case 'dictionary':
      return [{ name: 'texts', type: TEXT, nullable: false }];
    default:
      return [];
  }
}

function memberLiteral(field: Field, index: number): string {
  return `${index === 0 ? '{' : ','}${JSON.stringify(field.name)}:`;
}

function unfit(name: string, present: boolean): MillraceError {
  const what = present ? 'has another type than the schema of the sink' : 'is not there';
  return new MillraceError(`the column ${JSON.stringify(name)} to encode ${what}`, {
    code: 'INTERNAL',
    context: { column: name },
  });
}
