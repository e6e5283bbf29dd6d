/** Columns in linear memory as plain JavaScript values, row by row, for tests. */
import type { DataType, Field } from '../../src/arrow/schema.ts';
import { readColumn } from '../../src/wasm/column.ts';
import type { WasmInstance } from '../../src/wasm/instance.ts';
import { fixedReader } from './fixed-values.ts';

/**
 * Integers and floats of up to 32 bits, float64 and date (days): number; int64, uint64, time,
 * duration and timestamp (in its unit): bigint; a decimal: its unscaled bigint; utf8, dictionary,
 * json: string; binary: Uint8Array; a struct: an object; a list: an array; a map: a Map.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Value[]
  | Map<string, Value>
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
  const fixed = fixedReader(wasm, column.type, data);
  switch (column.type) {
    case 'bool':
      return (row) => ((wasm.u8[data + (row >>> 3)]! >>> (row & 7)) & 1) === 1;
    case 'null':
      return () => {
        throw new Error('a row of type null is valid');
      };
    case 'dictionary': {
      const texts = columnToValues(wasm, column.children[0]!);
      if (new Set(texts).size < texts.length) throw new Error('a dictionary has a text twice');
      return (row) => {
        const text = texts[fixed!(row) as number];
        if (text === undefined) throw new Error(`no text ${fixed!(row)} in the dictionary`);
        return text;
      };
    }
    case 'struct':
      return structReader(wasm, column.children, rows, type);
    default:
      return fixed ?? variableReader(wasm, address, rows, type);
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
  if (column.type === 'map') {
    const entries = columnToValues(wasm, column.children[0]!, entryType(type));
    if (entries.length < offsets[rows]!) throw new Error(`a map has only ${entries.length} items`);
    const pairs = entries.map((entry) => Object.values(entry as object) as [string, Value]);
    return (row) => new Map(pairs.slice(offsets[row]!, offsets[row + 1]!));
  }
  if (offsets[rows]! > column.dataLength) throw new Error('data_length is behind the offsets');
  const slice = (row: number) =>
    wasm.u8.slice(column.data + offsets[row]!, column.data + offsets[row + 1]!);
  if (column.type === 'binary') return slice;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return (row) => decoder.decode(slice(row));
}

/** The type of a map's entries. */
export function entryType(type: DataType | undefined): DataType | undefined {
  if (type?.kind !== 'map') return undefined;
  const key: Field = { name: 'key', type: { kind: 'utf8' }, nullable: false };
  return { kind: 'struct', fields: [key, { ...type.value, name: 'value' }] };
}
