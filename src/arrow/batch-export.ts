/**
 * Columns in a worker's memory to an Arrow RecordBatch on the main thread.
 *
 * The worker calls {@link exportColumns}, which yields plain, cloneable data: one buffer with every
 * column's buffers in it, and where they lie. The main thread calls {@link importPortable}, which
 * puts Arrow views over it and copies nothing.
 */
import {
  type DataType as ArrowDataType,
  type Schema as ArrowSchema,
  Data,
  type Dictionary,
  RecordBatch,
  Struct,
  Type,
  Vector,
} from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { type ColumnFields, readColumn } from '../wasm/column.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import { bitmapBytes } from './bitmap.ts';
import type { DataType, Field, Schema } from './schema.ts';
import { typeToString } from './schema-text.ts';
import type { ColumnSet, Selection } from './selection.ts';
import { typeParam } from './type-param.ts';
import { VALUE_BYTES } from './value-bytes.ts';

/** How a batch leaves a worker. */
export interface ExportOptions {
  /** Leaves the buffers where they are: the batch is valid as long as the morsel's lease. */
  readonly borrow: boolean;
}

/**
 * A batch on its way between threads. `layout` has `LAYOUT_WORDS` words a column, columns in
 * pre-order of the schema (a struct before its members, a list or map before its items, a
 * dictionary before its texts):
 *
 *     length | null count | validity | offsets | data | data bytes
 *
 * Addresses are bytes from the start of `buffer`, `NOTHING` where there is no such buffer.
 */
export interface PortableBatch {
  readonly rows: number;
  /** The compact copy, to be transferred; absent where the batch is borrowed. */
  readonly buffer?: ArrayBuffer;
  readonly layout: Uint32Array<ArrayBuffer>;
}

const LAYOUT_WORDS = 6;
const NOTHING = 0xffffffff;
// Arrow recommends 64: a consumer's SIMD loads never straddle two buffers.
const ALIGNMENT = 64;

const HAS_OFFSETS: readonly string[] = ['utf8', 'binary', 'json', 'list', 'map'];
const HAS_MEMBERS: readonly string[] = ['struct', 'list', 'map'];

/**
 * Makes a batch of compact columns (one row a selected row, none constant: what `take` gives) ready
 * to cross to the main thread. Copies into one fresh buffer, unless it borrows.
 *
 * @param selection all rows of the columns: address 0, and their count.
 * @throws MillraceError `INTERNAL` where a column is not what the schema says, or not compact.
 */
export function exportColumns(
  wasm: WasmInstance,
  schema: Schema,
  columns: ColumnSet,
  selection: Selection,
  { borrow }: ExportOptions,
): PortableBatch {
  if (selection.address !== 0) throw broken('the columns of a batch', 'are not compact');
  const rows = selection.count;
  const spans: Span[] = [];
  const layout: number[] = [];
  for (const { name, type } of schema.fields) {
    const address = columns.get(name);
    if (address === undefined) throw broken(`column '${name}'`, 'is not there');
    describe(wasm, type, address, rows, { path: name, layout, spans });
  }
  if (borrow) return { rows, layout: Uint32Array.from(layout) };
  return { rows, ...compact(wasm, layout, spans) };
}

/** One buffer in linear memory, and the word of the layout that has its address. */
interface Span {
  readonly word: number;
  readonly address: number;
  readonly byteLength: number;
}

interface Description {
  readonly path: string;
  readonly layout: number[];
  readonly spans: Span[];
}

function describe(
  wasm: WasmInstance,
  type: DataType,
  address: number,
  rows: number,
  into: Description,
): void {
  const { path, layout, spans } = into;
  const column = readColumn(wasm, address);
  check(column, type, rows, path);
  const base = layout.length;
  const hasNulls = column.validity !== 0 && column.nullCount > 0;
  layout.push(rows, hasNulls ? column.nullCount : 0, NOTHING, NOTHING, NOTHING, 0);
  const span = (word: number, from: number, byteLength: number) => {
    layout[base + word] = from;
    spans.push({ word: base + word, address: from, byteLength });
  };
  if (hasNulls) span(2, column.validity, bitmapBytes(rows));
  const hasOffsets = HAS_OFFSETS.includes(type.kind);
  if (hasOffsets) span(3, column.offsets, (rows + 1) * 4);
  const end = hasOffsets ? wasm.u32[column.offsets / 4 + rows]! : rows;
  if (type.kind === 'null') layout[base + 1] = rows;
  else if (!HAS_MEMBERS.includes(type.kind)) {
    layout[base + 5] = dataBytes(type.kind, end);
    span(4, column.data, layout[base + 5]!);
  }
  for (const [i, child] of childrenOf(type).entries()) {
    const at = column.children[i]!;
    const length = type.kind === 'dictionary' ? readColumn(wasm, at).length : end;
    describe(wasm, child.type, at, length, { ...into, path: `${path}${child.path}` });
  }
}

/** Columns below a column of this type, in their order in memory. */
function childrenOf(type: DataType): readonly { readonly type: DataType; readonly path: string }[] {
  switch (type.kind) {
    case 'struct':
      return type.fields.map((field) => ({ type: field.type, path: `.${field.name}` }));
    case 'list':
      return [{ type: type.item.type, path: '[]' }];
    case 'map':
      return [{ type: { kind: 'struct', fields: [KEY, type.value] }, path: '{}' }];
    case 'dictionary':
      return [{ type: { kind: 'utf8' }, path: '' }];
    default:
      return [];
  }
}

const KEY: Field = { name: 'key', type: { kind: 'utf8' }, nullable: false };

function check(column: ColumnFields, type: DataType, rows: number, path: string): void {
  const name = `column '${path}'`;
  if (column.type !== type.kind) throw broken(name, `is ${column.type}, not ${type.kind}`);
  if (column.param !== typeParam(type)) {
    throw broken(name, `has the parameter ${column.param}, not that of ${typeToString(type)}`);
  }
  if (column.constant) throw broken(name, 'is constant');
  if (column.length < rows) throw broken(name, `has ${column.length} rows, not ${rows}`);
}

function dataBytes(kind: DataType['kind'], count: number): number {
  if (kind === 'bool') return bitmapBytes(count);
  return HAS_OFFSETS.includes(kind) ? count : count * VALUE_BYTES[kind]!;
}

function compact(wasm: WasmInstance, layout: number[], spans: readonly Span[]) {
  const byteLength = spans.reduce((sum, span) => sum + alignUp(span.byteLength), 0);
  const buffer = new ArrayBuffer(byteLength);
  const bytes = new Uint8Array(buffer);
  let at = 0;
  for (const { word, address, byteLength: length } of spans) {
    bytes.set(wasm.u8.subarray(address, address + length), at);
    layout[word] = at;
    at += alignUp(length);
  }
  return { buffer, layout: Uint32Array.from(layout) };
}

/**
 * The RecordBatch of a portable batch, as views; nothing is copied.
 *
 * @param schema the Arrow schema of the schema that it was exported under.
 * @param memory the worker's memory, for a borrowed batch; the views are then valid as long as the
 *   lease.
 */
export function importPortable(
  portable: PortableBatch,
  schema: ArrowSchema,
  memory?: ArrayBufferLike,
): RecordBatch {
  const buffer = portable.buffer ?? memory;
  if (buffer === undefined) throw broken('a borrowed batch', 'came without its memory');
  const cursor = { buffer, layout: portable.layout, word: 0 };
  const children = schema.fields.map((field) => view(field.type, cursor));
  const type = new Struct(schema.fields);
  return new RecordBatch(schema, new Data(type, 0, portable.rows, 0, {}, children));
}

interface Cursor {
  readonly buffer: ArrayBufferLike;
  readonly layout: Uint32Array;
  word: number;
}

function view(type: ArrowDataType, cursor: Cursor): Data {
  const { buffer, layout, word } = cursor;
  cursor.word += LAYOUT_WORDS;
  const [length, nullCount, validity, offsets, data, dataLength] = layout.subarray(
    word,
    word + LAYOUT_WORDS,
  ) as unknown as [number, number, number, number, number, number];
  const buffers: Partial<Data['buffers']> = {};
  if (offsets !== NOTHING) buffers[0] = new Int32Array(buffer, offsets, length + 1);
  if (data !== NOTHING) {
    const isDictionary = type.typeId === Type.Dictionary;
    const Values = (isDictionary ? Int32Array : type.ArrayType) as typeof Uint8Array;
    buffers[1] = new Values(buffer, data, dataLength / Values.BYTES_PER_ELEMENT);
  }
  if (validity !== NOTHING) {
    buffers[2] = new Uint8Array(buffer, validity, bitmapBytes(length));
  }
  if (type.typeId === Type.Dictionary) {
    const texts = new Vector([view((type as Dictionary).dictionary, cursor)]);
    return new Data(type, 0, length, nullCount, buffers, [], texts);
  }
  const children = (type.children ?? []).map((child) => view(child.type, cursor));
  return new Data(type, 0, length, nullCount, buffers, children);
}

function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function broken(what: string, how: string): MillraceError {
  return new MillraceError(`${what} ${how}`, { code: 'INTERNAL' });
}
