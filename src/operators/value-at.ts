/** One value of a column as text, for the error of a row. */
import { scalarTypeOf } from '../arrow/type-param.ts';
import { printable } from '../errors.ts';
import { readColumn } from '../wasm/column.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import { constantAt } from './constant-at.ts';
import { valueToString } from './value-text.ts';

/** Characters of a text, or bytes, that are printed. */
const MAX_TEXT = 60;

/** What stands in `row` of a column, for people. */
export function valueAt(wasm: WasmInstance, column: number, row: number): string {
  const { type, constant, data, offsets, children, param = 0 } = readColumn(wasm, column);
  const i = constant ? 0 : row;
  const value = constantAt(wasm, column, row);
  if (value === null) return 'null';
  if (typeof value === 'string') return quoted(value);
  const scalar = scalarTypeOf(type, param);
  if (value !== undefined && scalar !== undefined) return valueToString(value, scalar);
  if (type === 'dictionary') return valueAt(wasm, children[0]!, wasm.i32[data / 4 + i]!);
  if (type !== 'binary') return `a ${type}`;
  const bytes = wasm.u8.subarray(
    data + wasm.i32[offsets / 4 + i]!,
    data + wasm.i32[offsets / 4 + i + 1]!,
  );
  return `0x${Buffer.from(bytes.subarray(0, MAX_TEXT)).toString('hex')}`;
}

function quoted(text: string): string {
  const isLong = text.length > MAX_TEXT;
  return `'${printable(isLong ? text.slice(0, MAX_TEXT) : text)}${isLong ? '…' : ''}'`;
}
