/**
 * The JSON decoder: values of records to columns, in WebAssembly.
 *
 * Strictly RFC 8259, also inside values that nobody reads. A message must be one object. A member
 * that comes twice counts with its last value, as in `JSON.parse`, but each is checked. Lone
 * surrogates in escapes are rejected: they have no UTF-8.
 *
 * What text each type takes is in `docs/json.md`, and beside the C++ that reads it: integers and
 * floats in `wasm/json-number.h`, decimals, dates, durations and base64 in files of their names.
 */

import { MillraceError } from '../../errors.ts';
import { COLUMN_BYTES } from '../../wasm/column.ts';
import { ArenaFull, type WasmInstance } from '../../wasm/instance.ts';
import { type Decoded, type Decoder, type DecoderOptions, MAX_REJECTS } from './codec.ts';
import { type JsonProgram, makeJsonProgram } from './json-reader-program.ts';
import { describeRejects } from './json-reader-rejects.ts';

// `Decoded` in wasm/json-reader.cpp, in words.
const COLUMNS_WORD = 0;
const REJECTS_WORD = 2;
const REJECT_COUNT_WORD = 3;
const SELECTION_WORD = 4;
const SELECTION_COUNT_WORD = 5;

/**
 * A decoder for one instance. It learns the shape and the sizes of the messages that it sees.
 *
 * @throws MillraceError `UNKNOWN_COLUMN`, `INVALID_SCHEMA`; `INVALID_PLAN` where the schema is too
 *   large for the instance.
 */
export function createJsonDecoder(wasm: WasmInstance, options: DecoderOptions): Decoder {
  const program = makeJsonProgram(options);
  const reader = makeReader(wasm, program);
  return {
    decode(records) {
      const address = wasm.exports.json_reader_decode(reader, records);
      if (address === 0) throw new ArenaFull('the lease cannot hold the columns of a JSON decode');
      return readDecoded(wasm, program, records, address);
    },
  };
}

function makeReader(wasm: WasmInstance, program: JsonProgram): number {
  const address = wasm.stateAlloc(program.words.byteLength);
  wasm.u32.set(program.words, address >>> 2);
  const reader = wasm.exports.json_reader_make(address);
  if (reader !== 0) return reader;
  throw new MillraceError(
    `a schema of ${program.fields.length} fields is too large for a JSON decoder; ` +
      'read fewer columns',
    { code: 'INVALID_PLAN', context: { fields: program.fields.length } },
  );
}

function readDecoded(
  wasm: WasmInstance,
  program: JsonProgram,
  records: number,
  address: number,
): Decoded {
  const word = address >>> 2;
  const { u32 } = wasm;
  const firstColumn = u32[word + COLUMNS_WORD]!;
  const rejectCount = u32[word + REJECT_COUNT_WORD]!;
  const described = Math.min(rejectCount, MAX_REJECTS);
  const columns = new Map<string, number>();
  for (const [i, name] of program.columns.entries()) {
    columns.set(name, firstColumn + i * COLUMN_BYTES);
  }
  return {
    columns,
    rejects: describeRejects(wasm, program, records, u32[word + REJECTS_WORD]!, described),
    rejectCount,
    selection: { address: u32[word + SELECTION_WORD]!, count: u32[word + SELECTION_COUNT_WORD]! },
  };
}
