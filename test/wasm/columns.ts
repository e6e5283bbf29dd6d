/** Columns in linear memory as plain JavaScript values, row by row, for tests. */
import type { DataType } from '../../src/arrow/schema.ts';
import { readColumn } from '../../src/wasm/column.ts';
import type { WasmInstance } from '../../src/wasm/instance.ts';

/** int64, timestamp (us): bigint; binary: Uint8Array; a struct: an object; a list: an array. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Value[]
  | { [name: string]: Value };

/**
 * Every row of the `Column` at `address`, null where it is null.
 *
 * Also checks what every writer must hold, and throws where it does not: offsets that start at 0
 * and never fall, `null_count` exact, no bitmap where there are no nulls, children long enough.
 *
 * @param type gives struct members their names; without it they are named `0`, `1`, …
 */
export function columnToValues(wasm: WasmInstance, address: number, type?: DataType): Value[] {
  const column = readColumn(wasm, address);
  const { constant, length, nullCount, validity } = column;
  const stored = constant ? Math.min(length, 1) : length;
  const isValid = (row: number) =>
    validity === 0 || ((wasm.u8[validity + (row >>> 3)]! >>> (row & 7)) & 1) === 1;
  let nulls = 0;
  const values: Value[] = [];
  const read = rowReader(wasm, address, stored, type);
  for (let row = 0; row < length; row++) {
    const at = constant ? 0 : row;
    if (isValid(at)) values.push(read(at));
    else {
      values.push(null);
      nulls++;
    }
  }
  if (nulls !== nullCount) throw new Error(`null_count is ${nullCount}, not ${nulls}`);
  if (nulls === 0 && validity !== 0) throw new Error('a validity bitmap without nulls');
  return values;
}

function rowReader(
  wasm: WasmInstance,
  address: number,
  rows: number,
  type: DataType | undefined,
): (row: number) => Value {
  const column = readColumn(wasm, address);
  const { data } = column;
  switch (column.type) {
    case 'bool':
      return (row) => ((wasm.u8[data + (row >>> 3)]! >>> (row & 7)) & 1) === 1;
    case 'int32':
      return (row) => wasm.i32[(data >>> 2) + row]!;
    case 'int64':
    case 'timestamp':
      return (row) => wasm.i64[(data >>> 3) + row]!;
    case 'float64':
      return (row) => wasm.f64[(data >>> 3) + row]!;
    case 'struct':
      return structReader(wasm, column.children, rows, type);
    default:
      return variableReader(wasm, address, rows, type);
  }
}

function structReader(
  wasm: WasmInstance,
  children: readonly number[],
  rows: number,
  type: DataType | undefined,
): (row: number) => Value {
  const fields = type?.kind === 'struct' ? type.fields : undefined;
  const members = children.map((child, i) => {
    const values = columnToValues(wasm, child, fields?.[i]?.type);
    if (values.length < rows) throw new Error(`struct member ${i} has only ${values.length} rows`);
    return [fields?.[i]?.name ?? String(i), values] as const;
  });
  return (row) => Object.fromEntries(members.map(([name, values]) => [name, values[row]!]));
}

function variableReader(
  wasm: WasmInstance,
  address: number,
  rows: number,
  type: DataType | undefined,
): (row: number) => Value {
  const column = readColumn(wasm, address);
  const offsets = wasm.i32.subarray(column.offsets >>> 2, (column.offsets >>> 2) + rows + 1);
  for (let row = 0; row < rows; row++) {
    if (offsets[row + 1]! < offsets[row]!) throw new Error(`offsets fall at row ${row}`);
  }
  if (offsets[0] !== 0) throw new Error(`offsets start at ${offsets[0]}`);
  if (column.type === 'list') {
    const itemType = type?.kind === 'list' ? type.item.type : undefined;
    const items = columnToValues(wasm, column.children[0]!, itemType);
    if (items.length < offsets[rows]!) throw new Error(`a list has only ${items.length} items`);
    return (row) => items.slice(offsets[row]!, offsets[row + 1]!);
  }
  if (offsets[rows]! > column.dataLength) throw new Error('data_length is behind the offsets');
  const slice = (row: number) =>
    wasm.u8.slice(column.data + offsets[row]!, column.data + offsets[row + 1]!);
  if (column.type === 'binary') return slice;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return (row) => decoder.decode(slice(row));
}
