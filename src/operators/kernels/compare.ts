/** Bindings of `wasm/kernels-compare.cpp` and `wasm/kernels-bytes.cpp`. */
import type { Selection } from '../../arrow/selection.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { ComparisonOp } from '../expr/node.ts';
import { columnFrom } from './kernel-result.ts';

/** `CompareOp` in `wasm/kernels-compare.cpp`. */
const OPS: Readonly<Record<ComparisonOp, number>> = { eq: 0, ne: 1, lt: 2, le: 3, gt: 4, ge: 5 };

/**
 * `left op right` as a bool column; both of one type of fixed width, or both utf8 or binary.
 *
 * @throws ArenaFull
 */
export function compare(
  wasm: WasmInstance,
  op: ComparisonOp,
  bytes: boolean,
  left: number,
  right: number,
  { address, count }: Selection,
): number {
  const { kernel_compare, kernel_compare_bytes } = wasm.exports;
  const kernel = bytes ? kernel_compare_bytes : kernel_compare;
  return columnFrom(kernel(OPS[op], left, right, address, count));
}
