/** Constants as columns: one stored row that stands for all. */
import type { ScalarType } from '../../arrow/schema.ts';
import { COLUMN_BYTES, TYPE_ID, writeColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { ConstantValue } from '../program.ts';
import { columnFrom } from './kernel-result.ts';

/**
 * A constant column of `length` rows in the open lease.
 *
 * @param param the type's `Column::param`, see `typeParam`.
 * @throws ArenaFull
 */
export function constantColumn(
  wasm: WasmInstance,
  type: ScalarType,
  value: ConstantValue,
  length: number,
  param = 0,
): number {
  if (value === null) return columnFrom(wasm.exports.kernel_null(TYPE_ID[type], length, param));
  const column = wasm.arenaAlloc(COLUMN_BYTES);
  const { data, offsets, dataLength } = writeValues(wasm, type, [value], (bytes) =>
    wasm.arenaAlloc(bytes),
  );
  const fields = { type, param, length, nullCount: 0, validity: 0, data, offsets, dataLength };
  writeColumn(wasm, column, { ...fields, constant: true, children: [] });
  return column;
}

/** The buffers of a column of constants that are not null. */
export function writeValues(
  wasm: WasmInstance,
  type: ScalarType,
  values: readonly Exclude<ConstantValue, null>[],
  alloc: (bytes: number) => number,
): { readonly data: number; readonly offsets: number; readonly dataLength: number } {
  if (type === 'utf8' || type === 'binary') return writeTexts(wasm, values as string[], alloc);
  const dataLength = values.length * 8;
  const data = alloc(dataLength);
  for (const [i, value] of values.entries()) {
    if (typeof value === 'bigint') wasm.i64[data / 8 + i] = value;
    else if (type === 'float64') wasm.f64[data / 8 + i] = Number(value);
    else if (type === 'int32') wasm.i32[data / 4 + i] = Number(value);
    else wasm.u8[data + i] = Number(value);
  }
  return { data, offsets: 0, dataLength };
}

function writeTexts(
  wasm: WasmInstance,
  texts: readonly string[],
  alloc: (bytes: number) => number,
) {
  const encoded = texts.map((text) => Buffer.from(text));
  const dataLength = encoded.reduce((sum, bytes) => sum + bytes.length, 0);
  const offsets = alloc((texts.length + 1) * 4);
  const data = alloc(dataLength);
  let end = 0;
  wasm.i32[offsets / 4] = 0;
  for (const [i, bytes] of encoded.entries()) {
    wasm.u8.set(bytes, data + end);
    end += bytes.length;
    wasm.i32[offsets / 4 + i + 1] = end;
  }
  return { data, offsets, dataLength };
}
