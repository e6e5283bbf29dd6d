/** Puts the rows of a dense column back where they were taken from. */
import type { DataType } from '../../arrow/schema.ts';
import type { Selection } from '../../arrow/selection.ts';
import { COLUMN_BYTES, type ColumnFields, readColumn, writeColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { filledBitmap, zerosIn } from './bits.ts';
import { elementsOf, fixedArrayOf } from './fixed-arrays.ts';

/** Where row i of the dense column goes: `at[i]`, ascending. */
interface Target {
  readonly wasm: WasmInstance;
  readonly at: Uint32Array<ArrayBufferLike>;
  readonly rows: number;
  /** Whether rows that nothing goes to are null; else anything may be there. */
  readonly othersNull: boolean;
}

/**
 * A column of `rows` rows that has row i of `column` as row `selection[i]`. Others are null where
 * `othersNull`; else they hold anything, and null counts are of the whole column all the same.
 *
 * @returns the address of a column; `column` itself where each row stays.
 * @throws ArenaFull
 */
export function scatter(
  wasm: WasmInstance,
  type: DataType,
  column: number,
  selection: Selection,
  rows: number,
  othersNull: boolean,
): number {
  if (selection.address === 0 && selection.count === rows) return column;
  const at = wasm.arenaAlloc(COLUMN_BYTES);
  const target = { wasm, at: rowsOf(wasm, selection), rows, othersNull };
  scatterTo(target, type, column, at);
  return at;
}

/** The rows of a selection as a list. */
export function rowsOf(
  wasm: WasmInstance,
  { address, count }: Selection,
): Uint32Array<ArrayBufferLike> {
  if (address !== 0) return wasm.u32.subarray(address / 4, address / 4 + count);
  const rows = new Uint32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  return rows;
}

function scatterTo(target: Target, type: DataType, from: number, to: number): void {
  const { wasm, rows, at } = target;
  const column = readColumn(wasm, from);
  const header = { type: type.kind, param: column.param ?? 0, constant: false, length: rows };
  const othersNull = target.othersNull || type.kind === 'null';
  const { validity, nullCount } = scatterValidity({ ...target, othersNull }, column);
  const whole = { ...header, validity, nullCount, data: 0, offsets: 0, dataLength: 0 };
  if (type.kind === 'struct') {
    const first = wasm.arenaAlloc(COLUMN_BYTES * type.fields.length);
    const children = type.fields.map((field, i) => {
      const member = first + i * COLUMN_BYTES;
      scatterTo({ ...target, othersNull: false }, field.type, column.children[i]!, member);
      return member;
    });
    writeColumn(wasm, to, { ...whole, children });
    return;
  }
  const { data, dataLength, children } = column;
  if (column.offsets !== 0) {
    const offsets = scatterOffsets(target, column.offsets);
    writeColumn(wasm, to, { ...whole, offsets, data, dataLength, children });
  } else if (type.kind === 'null') {
    writeColumn(wasm, to, { ...whole, children });
  } else if (type.kind === 'bool') {
    const bits = filledBitmap(wasm, rows, false);
    copyBits(wasm, column.data, bits, at);
    writeColumn(wasm, to, { ...whole, data: bits, dataLength: (rows + 7) >>> 3, children });
  } else {
    writeColumn(wasm, to, { ...whole, ...scatterFixed(target, type, data), children });
  }
}

function scatterValidity({ wasm, at, rows, othersNull }: Target, column: ColumnFields) {
  if (column.validity === 0 && !othersNull) return { validity: 0, nullCount: 0 };
  const validity = filledBitmap(wasm, rows, !othersNull);
  const { u8 } = wasm;
  for (let i = 0; i < at.length; i++) {
    const row = at[i]!;
    const isValid = column.validity === 0 || (u8[column.validity + (i >>> 3)]! >>> (i & 7)) & 1;
    if (isValid) u8[validity + (row >>> 3)]! |= 1 << (row & 7);
    else u8[validity + (row >>> 3)]! &= ~(1 << (row & 7));
  }
  const nullCount = zerosIn(wasm, validity, rows);
  return { validity: nullCount === 0 ? 0 : validity, nullCount };
}

function copyBits(
  { u8 }: WasmInstance,
  from: number,
  to: number,
  at: Uint32Array<ArrayBufferLike>,
): void {
  for (let i = 0; i < at.length; i++) {
    const row = at[i]!;
    if ((u8[from + (i >>> 3)]! >>> (i & 7)) & 1) u8[to + (row >>> 3)]! |= 1 << (row & 7);
  }
}

// A row that nothing goes to is empty, and lies between those before and behind it.
function scatterOffsets({ wasm, at, rows }: Target, from: number): number {
  const offsets = wasm.arenaAlloc((rows + 1) * 4) / 4;
  const { i32 } = wasm;
  let row = 0;
  for (let i = 0; i < at.length; i++) {
    const begin = i32[from / 4 + i]!;
    while (row <= at[i]!) i32[offsets + row++] = begin;
  }
  const end = i32[from / 4 + at.length]!;
  while (row <= rows) i32[offsets + row++] = end;
  return offsets * 4;
}

// As integers: a NaN that is moved as a number may come out as another one.
const WORDS: Readonly<Record<number, WordArrayType>> = {
  1: Uint8Array,
  2: Uint16Array,
  4: Uint32Array,
};

type WordArrayType = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => Uint8Array | Uint16Array | Uint32Array;

function scatterFixed({ wasm, at, rows }: Target, type: DataType, from: number) {
  const width = widthOf(type);
  const words = width > 4 ? width / 4 : 1;
  const Words = WORDS[Math.min(width, 4)]!;
  const dataLength = rows * width;
  const data = wasm.arenaAlloc(dataLength);
  const source = new Words(wasm.memory.buffer, from, at.length * words);
  const out = new Words(wasm.memory.buffer, data, rows * words).fill(0);
  for (let i = 0; i < at.length; i++) {
    const row = at[i]! * words;
    for (let word = 0; word < words; word++) out[row + word] = source[i * words + word]!;
  }
  return { data, dataLength };
}

function widthOf(type: DataType): number {
  if (type.kind === 'dictionary') return 4;
  const Values = fixedArrayOf(type) as unknown as typeof Uint8Array | undefined;
  return (Values?.BYTES_PER_ELEMENT ?? 0) * elementsOf(type);
}
