/** Bindings of `wasm/kernels-cast.cpp`. */
import type { ScalarDataType } from '../../arrow/schema.ts';
import type { Selection } from '../../arrow/selection.ts';
import { typeParam } from '../../arrow/type-param.ts';
import { TYPE_ID } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { CastProgram } from '../program.ts';
import { textsOf } from './choose.ts';
import { columnFrom, KERNEL_FAILED } from './kernel-result.ts';

/**
 * A column as one of another type.
 *
 * @returns the new column, or `undefined` where a value of a selected row does not fit and that
 *   fails the row.
 * @throws ArenaFull
 */
export function cast(
  wasm: WasmInstance,
  column: number,
  { from, to, misfit }: Pick<CastProgram, 'from' | 'to' | 'misfit'>,
  { address, count }: Selection,
): number | undefined {
  if (from.kind === 'dictionary') return textsOf(wasm, column, { address, count });
  const nulls = misfit === 'null' ? 1 : 0;
  const { kernel_cast } = wasm.exports;
  const result = kernel_cast(column, TYPE_ID[to.kind], typeParam(to), nulls, address, count);
  return result === KERNEL_FAILED ? undefined : columnFrom(result);
}

/** A constant null of a type, as a column. */
export function nullColumn(wasm: WasmInstance, type: ScalarDataType, rows: number): number {
  return columnFrom(wasm.exports.kernel_null(TYPE_ID[type.kind], rows, typeParam(type)));
}
