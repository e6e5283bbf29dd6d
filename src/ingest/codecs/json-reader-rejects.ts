/** The JSON reader's rejects in words. */
import type { WasmInstance } from '../../wasm/instance.ts';
import type { Reject } from './codec.ts';
import type { JsonProgram } from './json-reader-program.ts';

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
};

const REJECT_WORDS = 4;
const NO_COLUMN = 0xffffffff;
// `Records` in wasm/abi.h, in words.
const VALUE_ADDRESS_WORD = 2;
const VALUE_LENGTH_WORD = 3;
// How much of a name or a number a reason quotes.
const MAX_QUOTED_BYTES = 40;

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
  const type = number === NO_COLUMN ? 'an object' : program.fields[number]!.type.kind;
  const where = path === undefined ? '' : ` for column "${path}"`;
  const found = foundAt(message, position);
  const reason = `${reasonFor(code, type, where, found)} (byte ${position})`;
  return { row, reason, code, position, ...(path === undefined ? {} : { column: path }) };
}

function reasonFor(code: string, type: string, where: string, found: string): string {
  switch (code) {
    case 'utf8':
      return `invalid UTF-8${where}, in ${found}`;
    case 'type':
      return `expected ${type}${where}, found ${found}`;
    case 'range':
      return `${found} is out of range of ${type}${where}`;
    case 'missing':
      return `no value${where}, which is not nullable`;
    case 'null':
      return `null${where}, which is not nullable`;
    case 'unknown-field':
      return `the schema does not name this field: ${found}`;
    case 'depth':
      return `nested too deep${where}`;
    case 'timestamp':
      return `expected an ISO-8601 timestamp${where}, found ${found}`;
    case 'surrogate':
      return `a lone surrogate in an escape${where}`;
    case 'trailing':
      return `bytes after the end of the value: ${found}`;
    case 'null-message':
      return `a message without a value (tombstone)${where}, which is not nullable`;
    default:
      return `invalid JSON${where}, at ${found}`;
  }
}

// What stands at a byte of the message, as people call it.
function foundAt(message: Uint8Array, position: number): string {
  const byte = message[position];
  if (byte === undefined) return 'the end of the message';
  const start = String.fromCharCode(byte);
  if (start === '"') return `a string, ${quote(message, position)}`;
  if (start === '{') return 'an object';
  if (start === '[') return 'an array';
  if (start === '-' || (start >= '0' && start <= '9')) {
    return `the number ${/^[-+0-9.eE]*/.exec(textAt(message, position))![0]}`;
  }
  if (start === 't' || start === 'f') return `a boolean or a word, ${quote(message, position)}`;
  if (byte >= 0x20 && byte < 0x7f) return quote(message, position);
  return `byte 0x${byte.toString(16).padStart(2, '0')}`;
}

function textAt(message: Uint8Array, position: number): string {
  return Buffer.from(message.subarray(position, position + MAX_QUOTED_BYTES)).toString('latin1');
}

function quote(message: Uint8Array, position: number): string {
  const text = textAt(message, position).replace(/[^ -~]/g, '.');
  const shown = text.startsWith('"') ? (/^"(\\.|[^"\\])*"?/.exec(text)?.[0] ?? text) : text;
  return shown.length < MAX_QUOTED_BYTES ? `\`${shown}\`` : `\`${shown}…\``;
}
