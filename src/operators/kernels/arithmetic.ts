/** Bindings of `wasm/kernels-arithmetic.cpp`. */
import type { Selection } from '../../arrow/selection.ts';
import { TYPE_ID } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { ArithmeticOp } from '../expr.ts';
import { columnFrom, KERNEL_FAILED } from './kernel-result.ts';

/** `ArithmeticOp` in `wasm/kernels-arithmetic.cpp`. */
const OPS: Readonly<Record<ArithmeticOp, number>> = { add: 0, sub: 1, mul: 2, div: 3, mod: 4 };

/**
 * `left op right`, both int32, int64 or float64 (`div`: float64).
 *
 * @returns the new column, or `undefined` where an integer overflows on a selected row.
 * @throws ArenaFull
 */
export function arithmetic(
  wasm: WasmInstance,
  op: ArithmeticOp,
  left: number,
  right: number,
  { address, count }: Selection,
): number | undefined {
  const result = wasm.exports.kernel_arithmetic(OPS[op], left, right, address, count);
  return result === KERNEL_FAILED ? undefined : columnFrom(result);
}

/**
 * int32 as int64 or float64, int64 as float64 (rounded to the nearest).
 *
 * @throws ArenaFull
 */
export function cast(
  wasm: WasmInstance,
  column: number,
  to: 'int64' | 'float64',
  { address, count }: Selection,
): number {
  return columnFrom(wasm.exports.kernel_cast(column, TYPE_ID[to], address, count));
}
