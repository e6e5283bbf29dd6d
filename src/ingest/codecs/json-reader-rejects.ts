/** The JSON reader's rejects in words. */
import { scalarToString } from '../../arrow/scalar-text.ts';
import type { DataType } from '../../arrow/schema.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { Reject } from './codec.ts';
import type { JsonProgram } from './json-reader-program.ts';
import { mapKeysAt } from './map-keys.ts';
import { quoteText, restOfString, valueAt } from './quote-json.ts';

// `RejectCode` in wasm/abi.h: the short code, and what it means for a column.
const CODES: Readonly<Record<number, string>> = {
  1: 'syntax',
  2: 'utf8',
  3: 'type',
  4: 'range',
  5: 'missing',
  6: 'null',
  7: 'unknown-field',
  8: 'duplicate-key',
  9: 'depth',
  10: 'timestamp',
  11: 'surrogate',
  12: 'trailing',
  13: 'null-message',
  14: 'decimal',
  15: 'base64',
  16: 'date',
  17: 'time',
  18: 'duration',
  19: 'months',
  20: 'offset',
};

const REJECT_WORDS = 4;
const NO_COLUMN = 0xffffffff;
// `Records` in wasm/abi.h, in words.
const VALUE_ADDRESS_WORD = 2;
const VALUE_LENGTH_WORD = 3;
// `MAX_SKIPPED_DEPTH` in wasm/json-skip.h.
const MAX_DEPTH = '1,048,576';

/** Describes the first `count` rejects at `address` (`Reject[]` in `wasm/abi.h`). */
export function describeRejects(
  wasm: WasmInstance,
  program: JsonProgram,
  records: number,
  address: number,
  count: number,
): Reject[] {
  const described: Reject[] = [];
  for (let i = 0; i < count; i++) {
    const word = (address >>> 2) + i * REJECT_WORDS;
    const [row, code, position, column] = wasm.u32.subarray(word, word + REJECT_WORDS);
    const message = messageOf(wasm, records, row!);
    described.push(describe(program, message, row!, CODES[code!]!, position!, column!));
  }
  return described;
}

function messageOf(wasm: WasmInstance, records: number, row: number): Uint8Array {
  const addresses = wasm.u32[(records >>> 2) + VALUE_ADDRESS_WORD]!;
  const lengths = wasm.u32[(records >>> 2) + VALUE_LENGTH_WORD]!;
  const address = wasm.u32[(addresses >>> 2) + row]!;
  const length = Math.max(wasm.i32[(lengths >>> 2) + row]!, 0);
  return wasm.u8.subarray(address, address + length);
}

function describe(
  program: JsonProgram,
  message: Uint8Array,
  row: number,
  code: string,
  position: number,
  number: number,
): Reject {
  const path = number === NO_COLUMN ? undefined : program.paths[number]!;
  const type = number === NO_COLUMN ? undefined : program.fields[number]!.type;
  const where = path === undefined ? '' : ` for column "${path}"`;
  const keys = path?.includes('{}') ? mapKeysAt(program.kept, message, position) : [];
  const at = keys.length === 0 ? '' : ` at key ${keys.map(quoteText).join(', key ')}`;
  const found = code === 'surrogate' ? restOfString(message, position) : valueAt(message, position);
  const reason = `${reasonFor(code, type, where + at, found)} (byte ${position})`;
  return { row, reason, code, position, ...(path === undefined ? {} : { column: path }) };
}

function typeName(type: DataType | undefined): string {
  if (type === undefined) return 'an object';
  if (type.kind === 'struct' || type.kind === 'list' || type.kind === 'map') return type.kind;
  return scalarToString(type);
}

// Why a value is out of the range of its type, where the type does not say it itself.
function rangeOf(type: DataType | undefined): string {
  if (type?.kind !== 'decimal') return '';
  const { precision, scale } = type;
  return `, which has at most ${precision - scale} digits before the point and ${scale} behind it`;
}

// What a text of the type looks like.
const FORMS: Readonly<Record<string, string>> = {
  decimal: 'a decimal number in the text',
  base64: 'base64',
  date: 'a date, YYYY-MM-DD,',
  time: 'a time of day, HH:MM[:SS[.ffffff]],',
  duration: 'an ISO-8601 duration of weeks, days, hours, minutes and seconds',
  timestamp: 'an ISO-8601 timestamp',
};

function reasonFor(code: string, type: DataType | undefined, where: string, found: string): string {
  const form = FORMS[code];
  if (form !== undefined) return `expected ${form}${where}, found ${found}`;
  switch (code) {
    case 'utf8':
      return `invalid UTF-8${where}, in ${found}`;
    case 'type':
      return `expected ${typeName(type)}${where}, found ${found}`;
    case 'range':
      return `${found} is out of range of ${typeName(type)}${where}${rangeOf(type)}`;
    case 'missing':
      return `no value${where}, which is not nullable`;
    case 'null':
      return `null${where}, which is not nullable`;
    case 'unknown-field':
      return `the schema does not name this field: ${found}`;
    case 'depth':
      return `nested deeper than ${MAX_DEPTH} levels${where}: ${found}`;
    case 'months':
      return `years and months have no fixed length${where}, found ${found}; give days or less`;
    case 'offset':
      return `an offset${where}, which has no zone, in ${found}; declare one: timestamp(us,UTC)`;
    case 'surrogate':
      return `a lone surrogate in an escape${where}: ${found}`;
    case 'trailing':
      return `bytes after the end of the value: ${found}`;
    case 'null-message':
      return `a message without a value (tombstone)${where}, which is not nullable`;
    default:
      return `invalid JSON${where}, at ${found}`;
  }
}
