/** Columns of nulls. */
import type { ScalarDataType } from '../../arrow/schema.ts';
import { typeParam } from '../../arrow/type-param.ts';
import { TYPE_ID } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { columnFrom } from './kernel-result.ts';

/** A constant null of a type, as a column. */
export function nullColumn(wasm: WasmInstance, type: ScalarDataType, rows: number): number {
  return columnFrom(wasm.exports.kernel_null(TYPE_ID[type.kind], rows, typeParam(type)));
}
