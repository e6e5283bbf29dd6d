/** Rows of one column that have the same value: a pure function is called once for each. */
import type { Selection } from '../../arrow/selection.ts';
import { type ColumnFields, readColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { rowsOf } from './scatter.ts';

/** One row for each value, and which of them stands for each row of the selection. */
export interface Distinct {
  /** The first row of each value, ascending. */
  readonly rows: Selection;
  /** `u32[selection.count]`: the place in `rows` for each selected row. */
  readonly codes: number;
}

/** Texts that are told apart; more would cost more than the calls that they save. */
const MAX_TEXTS = 4_096;
/** After so many rows at most one in so many may have brought a new text. */
const TRIAL_ROWS = 512;
const MIN_REPEATS = 2;
/** Places of the table of texts, a power of two well above their number. */
const SLOTS = MAX_TEXTS * 4;
/** Texts that fall on one another; senders of messages could look for such ones. */
const MAX_PROBES = 64;
// FNV-1a, from a beginning of this thread's own.
const FNV_PRIME = 0x0100_0193;
const FNV_BASIS = Math.floor(Math.random() * 0x1_0000_0000);

/**
 * The distinct values of a dictionary or utf8 column among the selected rows.
 *
 * @returns undefined for other columns, and for texts that hardly repeat.
 * @throws ArenaFull
 */
export function distinctRows(
  wasm: WasmInstance,
  column: number,
  selection: Selection,
): Distinct | undefined {
  const { type, constant } = readColumn(wasm, column);
  if (constant || selection.count === 0) return undefined;
  if (type === 'dictionary') return distinctIndices(wasm, column, selection);
  return type === 'utf8' ? distinctTexts(wasm, column, selection) : undefined;
}

const isValid = ({ u8 }: WasmInstance, validity: number, row: number) =>
  validity === 0 || ((u8[validity + (row >>> 3)]! >>> (row & 7)) & 1) === 1;

function distinctIndices(wasm: WasmInstance, address: number, selection: Selection): Distinct {
  const { data, validity, children } = readColumn(wasm, address);
  const { length } = readColumn(wasm, children[0]!);
  const codes = wasm.arenaAlloc(selection.count * 4);
  const rows = rowsOf(wasm, selection);
  // Codes begin with 1; 0 is a value that did not come yet. Null is behind the last value.
  const known = new Uint32Array(length + 1);
  const first: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const index = isValid(wasm, validity, row) ? wasm.i32[data / 4 + row]! : length;
    if (known[index] === 0) known[index] = first.push(row);
    wasm.u32[codes / 4 + i] = known[index]! - 1;
  }
  return { rows: listOf(wasm, first), codes };
}

function distinctTexts(
  wasm: WasmInstance,
  address: number,
  selection: Selection,
): Distinct | undefined {
  const mark = wasm.exports.arena_mark();
  const codes = wasm.arenaAlloc(selection.count * 4);
  const table = new TextTable(wasm, readColumn(wasm, address));
  const rows = rowsOf(wasm, selection);
  for (let i = 0; i < rows.length; i++) {
    const code = table.codeOf(rows[i]!);
    const { length } = table.first;
    const seldom = i >= TRIAL_ROWS && length * MIN_REPEATS > i;
    if (code === undefined || seldom || length > MAX_TEXTS) {
      wasm.exports.arena_rewind(mark);
      return undefined;
    }
    wasm.u32[codes / 4 + i] = code;
  }
  return { rows: listOf(wasm, table.first), codes };
}

/** Texts by their bytes where they lie, without a string of any of them. */
class TextTable {
  /** The first row of each text, in the order of their codes. */
  readonly first: number[] = [];
  readonly #u8: Uint8Array<ArrayBufferLike>;
  readonly #offsets: Int32Array<ArrayBufferLike>;
  readonly #column: ColumnFields;
  readonly #wasm: WasmInstance;
  // Code + 1 by slot; 0 is free.
  readonly #slots = new Int32Array(SLOTS);
  #nullCode = -1;

  constructor(wasm: WasmInstance, column: ColumnFields) {
    const { offsets, length } = column;
    this.#wasm = wasm;
    this.#column = column;
    this.#u8 = wasm.u8;
    this.#offsets = wasm.i32.subarray(offsets / 4, offsets / 4 + length + 1);
  }

  /** The code of a row's text; undefined where too many fall on one another. */
  codeOf(row: number): number | undefined {
    const { data, validity } = this.#column;
    if (!isValid(this.#wasm, validity, row)) {
      if (this.#nullCode < 0) this.#nullCode = this.first.push(row) - 1;
      return this.#nullCode;
    }
    const begin = data + this.#offsets[row]!;
    const end = data + this.#offsets[row + 1]!;
    const u8 = this.#u8;
    let hash = FNV_BASIS;
    for (let at = begin; at < end; at++) hash = Math.imul(hash ^ u8[at]!, FNV_PRIME);
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const code = this.#slots[slot]! - 1;
      if (code < 0) {
        this.#slots[slot] = this.first.push(row);
        return this.first.length - 1;
      }
      if (this.#equals(this.first[code]!, begin, end)) return code;
      slot = (slot + 1) & (SLOTS - 1);
    }
    return undefined;
  }

  #equals(row: number, begin: number, end: number): boolean {
    const other = this.#column.data + this.#offsets[row]!;
    const length = end - begin;
    if (this.#offsets[row + 1]! - this.#offsets[row]! !== length) return false;
    const u8 = this.#u8;
    for (let i = 0; i < length; i++) if (u8[other + i] !== u8[begin + i]) return false;
    return true;
  }
}

function listOf(wasm: WasmInstance, rows: readonly number[]): Selection {
  const address = wasm.arenaAlloc(rows.length * 4);
  wasm.u32.set(rows, address / 4);
  return { address, count: rows.length };
}
