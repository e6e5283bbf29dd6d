/** Bindings of `wasm/kernels-arithmetic.cpp`, `wasm/kernels-decimal.cpp`. */
import type { ScalarDataType } from '../../arrow/schema.ts';
import type { Selection } from '../../arrow/selection.ts';
import { typeParam } from '../../arrow/type-param.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { ArithmeticOp } from '../expr/node.ts';
import { columnFrom, KERNEL_FAILED } from './kernel-result.ts';

/** `ArithmeticOp` in `wasm/kernels-arithmetic.cpp`. */
const OPS: Readonly<Record<ArithmeticOp, number>> = { add: 0, sub: 1, mul: 2, div: 3, mod: 4 };

/**
 * `left op right`, both of one type of number, or as decimals want them (`div`: floats).
 *
 * @param type the result's.
 * @returns the new column, or `undefined` where a selected row overflows.
 * @throws ArenaFull
 */
export function arithmetic(
  wasm: WasmInstance,
  op: ArithmeticOp,
  type: ScalarDataType,
  operands: readonly [number, number],
  { address, count }: Selection,
): number | undefined {
  const [left, right] = operands;
  const { kernel_arithmetic, kernel_decimal } = wasm.exports;
  const result =
    type.kind === 'decimal'
      ? kernel_decimal(OPS[op], left, right, typeParam(type), address, count)
      : kernel_arithmetic(OPS[op], left, right, address, count);
  return result === KERNEL_FAILED ? undefined : columnFrom(result);
}
