/** The rows of a selection as a compact column. */
import type { Selection } from '../arrow/selection.ts';
import { readColumn } from '../wasm/column.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import { columnFrom } from './kernels/kernel-result.ts';

/**
 * A column of `selection.count` rows: row i is row `selection[i]` of `column`, of any type, its
 * children included; constants are expanded, also within structs. The column itself where every row
 * is selected and no constant is in it.
 *
 * @returns the address of a column in the open lease.
 * @throws ArenaFull
 */
export function take(wasm: WasmInstance, column: number, selection: Selection): number {
  const { length } = readColumn(wasm, column);
  const { address, count } = selection;
  if (address === 0 && count === length && !hasConstant(wasm, column)) return column;
  return columnFrom(wasm.exports.kernel_take(column, address, count));
}

// Members of structs that an expression made may be constants.
function hasConstant(wasm: WasmInstance, column: number): boolean {
  const { constant, type, children } = readColumn(wasm, column);
  return constant || (type === 'struct' && children.some((child) => hasConstant(wasm, child)));
}
