/** From a bool column to the rows that it keeps. */
import type { Selection } from '../arrow/selection.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import { type Keep, selectRows } from './kernels/logic.ts';

const ROW_BYTES = 4;

/**
 * The rows of `selection` that a column keeps; `selection` itself where those are all.
 *
 * The list is reserved before `evaluate` makes the column, so that everything the evaluation took
 * of the lease is given back, and so is the end of a list that comes out short.
 *
 * @param evaluate makes the column; it is not valid any more after this.
 * @throws ArenaFull
 */
export function filterRows(
  wasm: WasmInstance,
  selection: Selection,
  evaluate: () => number,
): Selection {
  const mark = wasm.exports.arena_mark();
  const address = wasm.arenaAlloc(selection.count * ROW_BYTES);
  const count = selectRows(wasm, evaluate(), 'true', selection, address);
  wasm.exports.arena_rewind(mark);
  if (count === selection.count) return selection;
  return { address: wasm.arenaAlloc(count * ROW_BYTES), count };
}

/**
 * The rows of `selection` that a column leaves open for another operand; `selection` itself where
 * those are all.
 *
 * @throws ArenaFull
 */
export function narrowRows(
  wasm: WasmInstance,
  selection: Selection,
  column: number,
  keep: Keep,
): Selection {
  const mark = wasm.exports.arena_mark();
  const address = wasm.arenaAlloc(selection.count * ROW_BYTES);
  const count = selectRows(wasm, column, keep, selection, address);
  wasm.exports.arena_rewind(mark);
  if (count === selection.count) return selection;
  return { address: wasm.arenaAlloc(count * ROW_BYTES), count };
}
