/** The rows of a selection as a compact column. */
import type { Selection } from '../arrow/selection.ts';
import { readColumn } from '../wasm/column.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import { columnFrom } from './kernels/kernel-result.ts';

/**
 * A column of `selection.count` rows: row i is row `selection[i]` of `column`, of any type, its
 * children included; constants are expanded. The column itself where every row is selected and it
 * is no constant.
 *
 * @returns the address of a column in the open lease.
 * @throws ArenaFull
 */
export function take(wasm: WasmInstance, column: number, selection: Selection): number {
  const { constant, length } = readColumn(wasm, column);
  const { address, count } = selection;
  if (!constant && address === 0 && count === length) return column;
  return columnFrom(wasm.exports.kernel_take(column, address, count));
}
