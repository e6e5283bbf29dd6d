/** Bindings of `wasm/kernels-logic.cpp`: bool columns, and the rows that one keeps. */
import type { Selection } from '../../arrow/selection.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { LogicalOp } from '../expr/node.ts';
import { columnFrom } from './kernel-result.ts';

/** `LogicOp` in `wasm/kernels-logic.cpp`. */
const OPS: Readonly<Record<LogicalOp, number>> = { and: 0, or: 1 };
/** `Keep` in `wasm/kernels-logic.cpp`. */
const KEEP = { true: 0, notFalse: 1, notTrue: 2, null: 3 } as const;

/** Which rows to keep, by a bool column; `null` takes a column of any type. */
export type Keep = keyof typeof KEEP;

/**
 * `left op right` in three-valued logic.
 *
 * @throws ArenaFull
 */
export function logic(wasm: WasmInstance, op: LogicalOp, left: number, right: number): number {
  return columnFrom(wasm.exports.kernel_logic(OPS[op], left, right));
}

/**
 * The opposite; nulls stay.
 *
 * @throws ArenaFull
 */
export function not(wasm: WasmInstance, column: number): number {
  return columnFrom(wasm.exports.kernel_not(column));
}

/**
 * Whether rows of any type are null (`wanted`) or not.
 *
 * @throws ArenaFull
 */
export function isNull(wasm: WasmInstance, column: number, wanted: boolean): number {
  return columnFrom(wasm.exports.kernel_is_null(column, wanted ? 1 : 0));
}

/**
 * Writes the rows of `selection` that `column` keeps to `out`, a `u32[selection.count]`.
 *
 * @returns how many they are.
 */
export function selectRows(
  wasm: WasmInstance,
  column: number,
  keep: Keep,
  { address, count }: Selection,
  out: number,
): number {
  return wasm.exports.kernel_select_rows(column, KEEP[keep], address, count, out);
}
