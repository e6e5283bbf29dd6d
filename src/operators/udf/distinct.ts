/** Rows of one column that have the same value: a pure function is called once for each. */
import type { Selection } from '../../arrow/selection.ts';
import { readColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { BytesVector } from './bytes-vector.ts';
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
  const column = readColumn(wasm, address);
  const header = { length: column.length, nullCount: column.nullCount, validity: undefined };
  const vector = new BytesVector(header, wasm, column, true);
  const mark = wasm.exports.arena_mark();
  const codes = wasm.arenaAlloc(selection.count * 4);
  const rows = rowsOf(wasm, selection);
  const known = new Map<string | null, number>();
  const first: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const text = isValid(wasm, column.validity, row) ? vector.text(row) : null;
    let code = known.get(text);
    if (code === undefined) {
      code = first.push(row) - 1;
      known.set(text, code);
      const seldom = i >= TRIAL_ROWS && first.length * MIN_REPEATS > i;
      if (seldom || first.length > MAX_TEXTS) {
        wasm.exports.arena_rewind(mark);
        return undefined;
      }
    }
    wasm.u32[codes / 4 + i] = code;
  }
  return { rows: listOf(wasm, first), codes };
}

function listOf(wasm: WasmInstance, rows: readonly number[]): Selection {
  const address = wasm.arenaAlloc(rows.length * 4);
  wasm.u32.set(rows, address / 4);
  return { address, count: rows.length };
}
