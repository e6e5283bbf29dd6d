/** Bindings of `wasm/kernels-take.cpp` and `wasm/kernels-choose.cpp` that expressions use. */
import type { Selection } from '../../arrow/selection.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { columnFrom } from './kernel-result.ts';

/**
 * `left` where it is valid, else `right`; one of the two itself where that is the result.
 *
 * @throws ArenaFull
 */
export function coalesceColumns(
  wasm: WasmInstance,
  left: number,
  right: number,
  { address, count }: Selection,
): number {
  return columnFrom(wasm.exports.kernel_coalesce(left, right, address, count));
}

/**
 * The texts of a dictionary column as a utf8 column of as many rows.
 *
 * @throws ArenaFull
 */
export function textsOf(wasm: WasmInstance, column: number, rows: Selection): number {
  return columnFrom(wasm.exports.kernel_decode(column, rows.address, rows.count));
}

/**
 * `left` where `condition` is true, else `right`; one of the two itself where that is the result.
 *
 * @throws ArenaFull
 */
export function chooseColumns(
  wasm: WasmInstance,
  condition: number,
  [left, right]: readonly [number, number],
  { address, count }: Selection,
): number {
  return columnFrom(wasm.exports.kernel_choose(condition, left, right, address, count));
}

/**
 * Member `index` of a struct column; shares its buffers.
 *
 * @throws ArenaFull
 */
export function memberOf(wasm: WasmInstance, column: number, index: number): number {
  return columnFrom(wasm.exports.kernel_field(column, index));
}
