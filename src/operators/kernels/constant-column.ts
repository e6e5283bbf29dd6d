/** Constants as columns: one stored row that stands for all. */
import type { ScalarDataType } from '../../arrow/schema.ts';
import { typeParam } from '../../arrow/type-param.ts';
import { VALUE_BYTES } from '../../arrow/value-bytes.ts';
import { COLUMN_BYTES, writeColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { ConstantValue } from '../program.ts';
import { nullColumn } from './null-column.ts';

/**
 * A constant column of `length` rows in the open lease.
 *
 * @throws ArenaFull
 */
export function constantColumn(
  wasm: WasmInstance,
  type: ScalarDataType,
  value: ConstantValue,
  length: number,
): number {
  if (value === null) return nullColumn(wasm, type, length);
  const column = wasm.arenaAlloc(COLUMN_BYTES);
  const { data, offsets, dataLength } = writeValues(wasm, type, [value], (bytes) =>
    wasm.arenaAlloc(bytes),
  );
  const fields = { type: type.kind, length, nullCount: 0, validity: 0, data, offsets, dataLength };
  const param = typeParam(type);
  writeColumn(wasm, column, { ...fields, param, constant: true, children: [] });
  return column;
}

/** The buffers of a column of constants that are not null. */
export function writeValues(
  wasm: WasmInstance,
  type: ScalarDataType,
  values: readonly Exclude<ConstantValue, null>[],
  alloc: (bytes: number) => number,
): { readonly data: number; readonly offsets: number; readonly dataLength: number } {
  const { kind } = type;
  if (TEXTS.includes(kind)) return writeTexts(wasm, values as string[], alloc);
  // A bool is a byte here, not a bit.
  const width = kind === 'bool' ? 1 : VALUE_BYTES[kind]!;
  const dataLength = values.length * width;
  const data = alloc(dataLength);
  const view = new DataView(wasm.memory.buffer, data, dataLength);
  for (const [i, value] of values.entries()) writeValue(view, i * width, width, kind, value);
  return { data, offsets: 0, dataLength };
}

const TEXTS: readonly string[] = ['utf8', 'binary', 'json'];

const LOW_64_BITS = (1n << 64n) - 1n;

function writeValue(
  view: DataView,
  at: number,
  width: number,
  kind: string,
  value: Exclude<ConstantValue, null>,
): void {
  if (kind === 'float64') view.setFloat64(at, Number(value), true);
  else if (kind === 'float32') view.setFloat32(at, Number(value), true);
  else if (width === 1) view.setUint8(at, Number(value));
  else if (width === 2) view.setUint16(at, Number(value), true);
  else if (width === 4) view.setUint32(at, Number(value), true);
  else {
    const whole = BigInt(value);
    view.setBigUint64(at, whole & LOW_64_BITS, true);
    if (width === 16) view.setBigInt64(at + 8, whole >> 64n, true);
  }
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
