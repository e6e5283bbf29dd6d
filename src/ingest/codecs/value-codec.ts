/** What the string and the bytes codec share: the whole message value is one column. */
import type { Field, Schema } from '../../arrow/schema.ts';
import type { ColumnSet } from '../../arrow/selection.ts';
import { MillraceError } from '../../errors.ts';
import { COLUMN_BYTES, TYPE_ID } from '../../wasm/column.ts';
import { ArenaFull, type WasmInstance } from '../../wasm/instance.ts';
import {
  type Decoded,
  type Decoder,
  type DecoderOptions,
  type Encoder,
  MAX_REJECTS,
  type Reject,
} from './codec.ts';
import type { CodecName } from './codec-name.ts';

/** `WRITER_BYTES` in `wasm/abi.h`. */
export const WRITER_BYTES = 2;

/** Type of the one column. */
export type ValueType = 'utf8' | 'binary';

// Words of `BytesDecoded` in wasm/bytes-codec.cpp and of `Records` and `Reject` in wasm/abi.h.
const DECODED = { column: 0, rejects: 1, rejectCount: 2, selection: 3 } as const;
const REJECT_WORDS = 4;
const REJECT_UTF8 = 2;

/** A decoder of values to one column of `type`, the only one of its schema. */
export function createValueDecoder(
  wasm: WasmInstance,
  { schema, columns }: DecoderOptions,
  codec: CodecName,
  type: ValueType,
): Decoder {
  const field = onlyField(schema, codec, type);
  const read = columns.includes(field.name);
  const decode = (records: number): Decoded => {
    const { u32, exports } = wasm;
    const answer = exports.bytes_decode(records, TYPE_ID[type], field.nullable ? 1 : 0) / 4;
    const column = u32[answer + DECODED.column]!;
    if (column === 0) throw new ArenaFull('the lease has no room for the values');
    const rejectCount = u32[answer + DECODED.rejectCount]!;
    const rows = u32[records / 4]!;
    return {
      columns: read ? new Map([[field.name, column]]) : new Map(),
      rejects: describe(wasm, u32[answer + DECODED.rejects]!, rejectCount, field.name),
      rejectCount,
      selection: { address: u32[answer + DECODED.selection]!, count: rows - rejectCount },
    };
  };
  return { decode };
}

/** An encoder of the one column of `schema`; null rows become null values (tombstones). */
export function createValueEncoder(
  wasm: WasmInstance,
  schema: Schema,
  codec: CodecName,
  type: ValueType,
): Encoder {
  const { name } = writtenField(schema, codec, type);
  // The program is a copy of the bound column.
  const handle = wasm.stateAlloc(COLUMN_BYTES);
  const bind = (set: ColumnSet) => {
    const column = set.get(name);
    if (column === undefined) {
      throw new MillraceError(`the column ${JSON.stringify(name)} to encode is not there`, {
        code: 'INTERNAL',
        context: { column: name },
      });
    }
    wasm.u8.copyWithin(handle, column, column + COLUMN_BYTES);
  };
  return { writer: WRITER_BYTES, handle, columns: [name], bind };
}

/**
 * The one column that a value codec writes: of its type, or, where that is utf8, other text.
 *
 * @throws MillraceError `INVALID_SCHEMA` where there are more or fewer, or it has another type.
 */
export function writtenField(schema: Schema, codec: CodecName, type: ValueType): Field {
  const [field, ...more] = schema.fields;
  const kind = field?.type.kind;
  const isText = kind === 'dictionary' || kind === 'json';
  if (more.length === 0 && type === 'utf8' && isText) return field!;
  return onlyField(schema, codec, type);
}

/**
 * The one column that a value codec reads.
 *
 * @throws MillraceError `INVALID_SCHEMA` where there are more or fewer, or it has another type.
 */
function onlyField(schema: Schema, codec: CodecName, type: ValueType): Field {
  const [field, ...more] = schema.fields;
  if (field !== undefined && more.length === 0 && field.type.kind === type) return field;
  const shown = schema.fields.map(({ name, type: { kind } }) => `${name}: ${kind}`).join(', ');
  throw new MillraceError(
    `the ${codec} codec takes exactly one ${type} column, not { ${shown} }; ` +
      `select one, such as { value: '${type}' }`,
    { code: 'INVALID_SCHEMA', context: { codec, columns: shown } },
  );
}

function describe(wasm: WasmInstance, address: number, count: number, column: string): Reject[] {
  return Array.from({ length: Math.min(count, MAX_REJECTS) }, (_, i) => {
    const word = address / 4 + i * REJECT_WORDS;
    const row = wasm.u32[word]!;
    const position = wasm.u32[word + 2]!;
    const what =
      wasm.u32[word + 1] === REJECT_UTF8
        ? { code: 'utf8', reason: `byte ${position} is not valid UTF-8` }
        : { code: 'null-message', reason: `a null message, and ${column} is not nullable` };
    return { row, position, column, ...what };
  });
}
