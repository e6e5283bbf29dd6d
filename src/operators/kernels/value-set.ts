/** Bindings of `wasm/kernels-set.cpp`: the constants of an `in`, and the look-up in them. */
import type { ScalarDataType } from '../../arrow/schema.ts';
import type { Selection } from '../../arrow/selection.ts';
import { typeParam } from '../../arrow/type-param.ts';
import { MillraceError } from '../../errors.ts';
import { COLUMN_BYTES, writeColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { ConstantValue } from '../program.ts';
import { writeValues } from './constant-column.ts';
import { columnFrom } from './kernel-result.ts';

/**
 * A set of constants in the state heap, which lives as long as the instance.
 *
 * @param values of one scalar type but bool, none of them null; doubles are allowed.
 * @returns its address.
 * @throws MillraceError `INVALID_PLAN` where the state heap is full.
 */
export function newValueSet(
  wasm: WasmInstance,
  type: ScalarDataType,
  values: readonly ConstantValue[],
): number {
  const alloc = (bytes: number) => wasm.stateAlloc(bytes);
  const known = values.filter((value) => value !== null);
  const column = alloc(COLUMN_BYTES);
  const buffers = writeValues(wasm, type, known, alloc);
  const fields = {
    type: type.kind,
    constant: false,
    length: known.length,
    nullCount: 0,
    validity: 0,
  };
  writeColumn(wasm, column, { ...fields, ...buffers, param: typeParam(type), children: [] });
  const set = wasm.exports.value_set_new(column);
  if (set !== 0) return set;
  throw new MillraceError(`a list of ${values.length} values for in() is too long for a worker`, {
    code: 'INVALID_PLAN',
    context: { values: values.length },
  });
}

/**
 * Whether each value is in the set, as a bool column; with `hasNull` what is not is null.
 *
 * @throws ArenaFull
 */
export function inSet(
  wasm: WasmInstance,
  column: number,
  set: number,
  hasNull: boolean,
  { address, count }: Selection,
): number {
  const { kernel_in_set } = wasm.exports;
  return columnFrom(kernel_in_set(column, set, hasNull ? 1 : 0, address, count));
}
