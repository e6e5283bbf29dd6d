/** Bindings of `wasm/kernels-unnest.cpp`. */
import type { Selection } from '../../arrow/selection.ts';
import { ArenaFull, type WasmInstance } from '../../wasm/instance.ts';
import { columnFrom } from './kernel-result.ts';

// Words of `Unnested` in wasm/kernels-unnest.cpp.
const UNNESTED = { count: 0, parents: 1, items: 2, positions: 3 } as const;

/** The rows that lists become; addresses lie in the open lease. */
export interface UnnestedRows {
  readonly count: number;
  /** Address of `u32[count]`: the row that each comes from, ascending. */
  readonly parents: number;
  /** For each list the address of `u32[count]`, for `unnestItems`. */
  readonly items: readonly number[];
  /** Address of `i32[count]` for `unnestPositions`; 0 where it was not wanted. */
  readonly positions: number;
}

/**
 * A row for each item of the selected rows of list or map columns, side by side: as many for a row
 * as its longest list has, and with `outer` one where that is none. A null is an empty list.
 *
 * @throws ArenaFull
 */
export function unnestRows(
  wasm: WasmInstance,
  lists: readonly number[],
  { address, count }: Selection,
  { outer, positions }: { readonly outer: boolean; readonly positions: boolean },
): UnnestedRows {
  const words = wasm.arenaAlloc(lists.length * 4) / 4;
  wasm.u32.set(lists, words);
  const { unnest_rows } = wasm.exports;
  const flags = [outer ? 1 : 0, positions ? 1 : 0] as const;
  const result = unnest_rows(words * 4, lists.length, address, count, ...flags) / 4;
  if (result === 0) throw new ArenaFull('the lease has no room for the rows of lists');
  const made = wasm.u32[result + UNNESTED.count]!;
  const items = wasm.u32[result + UNNESTED.items]!;
  return {
    count: made,
    parents: wasm.u32[result + UNNESTED.parents]!,
    items: lists.map((_, k) => items + k * made * 4),
    positions: wasm.u32[result + UNNESTED.positions]!,
  };
}

/**
 * Items of a list's child as a column of `count` rows, null where `items` has none; the child
 * itself where that is the same.
 *
 * @throws ArenaFull
 */
export function unnestItems(
  wasm: WasmInstance,
  child: number,
  items: number,
  count: number,
): number {
  return columnFrom(wasm.exports.unnest_items(child, items, count));
}

/**
 * Places in the list from 0 on, as an int32 column.
 *
 * @throws ArenaFull
 */
export function unnestPositions(wasm: WasmInstance, positions: number, count: number): number {
  return columnFrom(wasm.exports.unnest_positions(positions, count));
}

/**
 * Rows of any column in the order of a list `u32[count]`, in which they may come again.
 *
 * @throws ArenaFull
 */
export function repeatRows(
  wasm: WasmInstance,
  column: number,
  rows: number,
  count: number,
): number {
  return columnFrom(wasm.exports.kernel_repeat(column, rows, count));
}

/**
 * `from[rows[i]]`, as the address of `u32[count]`; `from` of 0 is every row itself.
 *
 * @throws ArenaFull
 */
export function composeRows(wasm: WasmInstance, from: number, rows: number, count: number): number {
  return from === 0 ? rows : columnFrom(wasm.exports.compose_rows(from, rows, count));
}
