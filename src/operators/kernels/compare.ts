/** Bindings of `wasm/kernels-compare.cpp`, `kernels-bytes.cpp` and `compare-values.cpp`. */
import type { Selection } from '../../arrow/selection.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { ComparisonOp } from '../expr/node.ts';
import type { ComparedLayout } from '../program.ts';
import { columnFrom } from './kernel-result.ts';

/** `CompareOp` in `wasm/kernels-compare.cpp`. */
const OPS: Readonly<Record<ComparisonOp, number>> = { eq: 0, ne: 1, lt: 2, le: 3, gt: 4, ge: 5 };

/**
 * `left op right` as a bool column; both of one type and `layout`, or one utf8 and one
 * binary.
 *
 * @throws ArenaFull
 */
export function compare(
  wasm: WasmInstance,
  op: ComparisonOp,
  layout: ComparedLayout,
  left: number,
  right: number,
  { address, count }: Selection,
): number {
  const { kernel_compare, kernel_compare_bytes, kernel_compare_nested } = wasm.exports;
  const kernels = {
    fixed: kernel_compare,
    bytes: kernel_compare_bytes,
    nested: kernel_compare_nested,
  } as const;
  return columnFrom(kernels[layout](OPS[op], left, right, address, count));
}
