/** Plain values to a column in the open lease; every value is checked. */
import type { Field, ScalarDataType } from '../../arrow/schema.ts';
import { typeParam } from '../../arrow/type-param.ts';
import { COLUMN_BYTES, type ColumnFields, writeColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { bitmapOf } from './bits.ts';
import { elementsOf, fixedArrayOf } from './fixed-arrays.ts';
import type { UdfType } from './node.ts';
import { textBuffers } from './text-buffers.ts';
import { BadValue, refusalOf, valueCheckOf } from './value-check.ts';

/** What a column has beside its header. */
type Buffers = Pick<ColumnFields, 'data' | 'offsets' | 'dataLength' | 'children'>;

const NO_BUFFERS: Buffers = { data: 0, offsets: 0, dataLength: 0, children: [] };

/** Values of a column or a member, and which row of the call each belongs to. */
interface Rows {
  readonly values: readonly unknown[];
  rowOf(index: number): number;
  /** What they are, for errors: `` or ` in member city`. */
  readonly where: string;
  /** Whether the values were checked, but for those that nobody set. */
  readonly checked?: boolean;
}

/**
 * A column of plain values, one a row; null for null.
 *
 * @param checked whether each value that is not undefined is known to be of the type.
 * @returns its address.
 * @throws ArenaFull; BadValue for the first value that the type does not hold.
 */
export function plainColumn(
  wasm: WasmInstance,
  type: UdfType,
  values: readonly unknown[],
  checked = false,
): number {
  const at = wasm.arenaAlloc(COLUMN_BYTES);
  write(wasm, type, { values, rowOf: (index) => index, where: '', checked }, at);
  return at;
}

function write(wasm: WasmInstance, { type, nullable }: UdfType, rows: Rows, at: number): void {
  const { values } = rows;
  let nullCount = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== null) continue;
    if (!nullable) throw bad(rows, i, 'null, which its declaration does not allow; add ?');
    nullCount += 1;
  }
  const validity = nullCount === 0 ? 0 : bitmapOf(wasm, values.length, (i) => values[i] !== null);
  const buffers = buffersOf(wasm, type, rows);
  const header = { type: type.kind, param: typeParam(type), constant: false };
  writeColumn(wasm, at, { ...header, length: values.length, nullCount, validity, ...buffers });
}

function buffersOf(wasm: WasmInstance, type: UdfType['type'], rows: Rows): Buffers {
  switch (type.kind) {
    case 'struct':
      return { ...NO_BUFFERS, children: members(wasm, type.fields, rows) };
    case 'list':
      return lists(wasm, type.item, rows);
    case 'map':
      return maps(wasm, type.value, rows);
    default:
      check(type, rows);
      return { ...NO_BUFFERS, ...scalarBuffers(wasm, type, rows.values) };
  }
}

function check(type: ScalarDataType, rows: Rows): void {
  const { values, checked } = rows;
  const fits = checked ? (value: unknown) => value !== undefined : valueCheckOf(type);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== null && !fits(value)) throw bad(rows, i, refusalOf(type, value));
  }
}

function bad({ rowOf, where }: Rows, index: number, why: string): BadValue {
  return new BadValue(rowOf(index), `gave${where} ${why}`);
}

function scalarBuffers(
  wasm: WasmInstance,
  type: ScalarDataType,
  values: readonly unknown[],
): Partial<Buffers> {
  switch (type.kind) {
    case 'null':
      return {};
    case 'bool':
      return { data: bitmapOf(wasm, values.length, (i) => values[i] === true) };
    case 'utf8':
    case 'json':
      return textBuffers(wasm, values as readonly (string | null)[]);
    case 'binary':
      return bytesBuffers(wasm, values as readonly (Uint8Array | null)[]);
    case 'dictionary':
      return dictionaryBuffers(wasm, values as readonly (string | null)[]);
    default:
      return fixedBuffers(wasm, type, values);
  }
}

function fixedBuffers(
  wasm: WasmInstance,
  type: ScalarDataType,
  values: readonly unknown[],
): Partial<Buffers> {
  const Values = fixedArrayOf(type)!;
  const elements = values.length * elementsOf(type);
  const dataLength = elements * (Values as unknown as typeof Uint8Array).BYTES_PER_ELEMENT;
  const data = wasm.arenaAlloc(dataLength);
  wasm.u8.fill(0, data, data + dataLength);
  const out = new Values(wasm.memory.buffer, data, elements);
  if (type.kind === 'decimal') {
    for (let i = 0; i < values.length; i++) writeDecimal(out as BigUint64Array, i, values[i]);
  } else {
    for (let i = 0; i < values.length; i++) if (values[i] !== null) out[i] = values[i] as never;
  }
  return { data, dataLength };
}

/** Writes an integer, or 0 for null, in two words. */
export function writeDecimal(words: BigUint64Array, row: number, value: unknown): void {
  const integer = (value ?? 0n) as bigint;
  words[row * 2] = BigInt.asUintN(64, integer);
  words[row * 2 + 1] = BigInt.asUintN(64, integer >> 64n);
}

function bytesBuffers(
  wasm: WasmInstance,
  values: readonly (Uint8Array | null)[],
): Partial<Buffers> {
  const offsets = offsetsOf(
    wasm,
    values.map((value) => value?.length ?? 0),
  );
  const dataLength = wasm.i32[offsets / 4 + values.length]!;
  const data = wasm.arenaAlloc(dataLength);
  for (const [i, value] of values.entries()) {
    if (value !== null) wasm.u8.set(value, data + wasm.i32[offsets / 4 + i]!);
  }
  return { data, offsets, dataLength };
}

function dictionaryBuffers(
  wasm: WasmInstance,
  values: readonly (string | null)[],
): Partial<Buffers> {
  const indices = new Map<string, number>();
  const dataLength = values.length * 4;
  const data = wasm.arenaAlloc(dataLength);
  for (const [i, value] of values.entries()) {
    const text = value ?? '';
    const index = value === null ? 0 : (indices.get(text) ?? indices.size);
    if (value !== null) indices.set(text, index);
    wasm.i32[data / 4 + i] = index;
  }
  const texts = [...indices.keys()];
  return { data, dataLength, children: [plainColumn(wasm, TEXT, texts)] };
}

const TEXT: UdfType = { type: { kind: 'utf8' }, nullable: false };

function offsetsOf(wasm: WasmInstance, lengths: readonly number[]): number {
  const offsets = wasm.arenaAlloc((lengths.length + 1) * 4);
  let end = 0;
  wasm.i32[offsets / 4] = 0;
  for (const [i, length] of lengths.entries()) {
    end += length;
    wasm.i32[offsets / 4 + i + 1] = end;
  }
  return offsets;
}

function members(wasm: WasmInstance, fields: readonly Field[], rows: Rows): readonly number[] {
  const { values, rowOf, where } = rows;
  for (const [i, value] of values.entries()) {
    if (typeof value === 'object' && !Array.isArray(value)) continue;
    throw bad(rows, i, refusalOf({ kind: 'struct', fields }, value));
  }
  const first = wasm.arenaAlloc(COLUMN_BYTES * fields.length);
  return fields.map((field, i) => {
    const own = values.map((value) => memberOf(value as object | null, field));
    const at = first + i * COLUMN_BYTES;
    // Under a null struct its members are null, whatever they allow.
    const type = { type: field.type, nullable: field.nullable || values.includes(null) };
    write(wasm, type, { values: own, rowOf, where: ` in ${field.name}${where}` }, at);
    return at;
  });
}

function memberOf(value: object | null, { name, nullable }: Field): unknown {
  if (value === null) return null;
  const member = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  return member === undefined && nullable ? null : member;
}

function lists(wasm: WasmInstance, item: Field, rows: Rows): Buffers {
  const { values, where } = rows;
  const arrays = values.map((value, i) => {
    if (value === null) return [];
    if (Array.isArray(value)) return value as unknown[];
    throw bad(rows, i, refusalOf({ kind: 'list', item }, value));
  });
  const offsets = offsetsOf(
    wasm,
    arrays.map(({ length }) => length),
  );
  const child = wasm.arenaAlloc(COLUMN_BYTES);
  const rowOf = rowsOf(arrays, rows);
  write(wasm, item, { values: arrays.flat(1), rowOf, where: ` in an item${where}` }, child);
  return { ...NO_BUFFERS, offsets, children: [child] };
}

function maps(wasm: WasmInstance, value: Field, rows: Rows): Buffers {
  const { where } = rows;
  const entries = rows.values.map((map, i): [string, unknown][] => {
    if (map === null) return [];
    if (map instanceof Map) return [...(map as Map<string, unknown>)];
    if (typeof map === 'object' && !Array.isArray(map)) return Object.entries(map as object);
    throw bad(rows, i, refusalOf({ kind: 'map', value }, map));
  });
  const offsets = offsetsOf(
    wasm,
    entries.map(({ length }) => length),
  );
  const all = entries.flat(1);
  const rowOf = rowsOf(entries, rows);
  const child = wasm.arenaAlloc(COLUMN_BYTES);
  const columns = wasm.arenaAlloc(COLUMN_BYTES * 2);
  const keys = { values: all.map(([key]) => key), rowOf, where: ` in a key${where}` };
  write(wasm, TEXT, keys, columns);
  const own = { values: all.map(([, entry]) => entry), rowOf, where: ` in a value${where}` };
  write(wasm, value, own, columns + COLUMN_BYTES);
  const header = { type: 'struct', constant: false, nullCount: 0, validity: 0 } as const;
  const children = [columns, columns + COLUMN_BYTES];
  writeColumn(wasm, child, { ...header, length: all.length, ...NO_BUFFERS, children });
  return { ...NO_BUFFERS, offsets, children: [child] };
}

// Only asked for an error, so that nothing is made for each item before.
function rowsOf(parts: readonly unknown[][], { rowOf }: Rows): (index: number) => number {
  return (index) => {
    let end = 0;
    const row = parts.findIndex(({ length }) => {
      end += length;
      return index < end;
    });
    return rowOf(row);
  };
}
