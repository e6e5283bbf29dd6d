/** Columns in a worker's memory as user functions see them: views, and values a row. */
import { bitmapBytes } from '../../arrow/bitmap.ts';
import type { DataType } from '../../arrow/schema.ts';
import { type ColumnFields, readColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { BytesVector, DictionaryVector } from './bytes-vector.ts';
import { elementsOf, type FixedArray, fixedArrayOf, integerOf } from './fixed-arrays.ts';
import type { UdfFixedVector, UdfVector } from './function-types.ts';
import { ListVector, MapVector, StructVector } from './nested-vector.ts';

/** What every vector has of its column. */
export interface VectorHeader {
  readonly length: number;
  readonly nullCount: number;
  readonly validity: Uint8Array | undefined;
}

/** How a column becomes a vector. */
export interface OpenOptions {
  /** Its first rows; default all. */
  readonly length?: number | undefined;
  /** Whether buffers are copies that lie elsewhere; default false: they are views. */
  readonly copied?: boolean;
}

/** A compact column (no constant) as a vector; valid as long as the column, or a copy. */
export function openVector(
  wasm: WasmInstance,
  type: DataType,
  address: number,
  { length, copied = false }: OpenOptions = {},
): UdfVector {
  const column = readColumn(wasm, address);
  const memory: VectorMemory = { buffer: wasm.memory.buffer, copied };
  const header = headerOf(memory, column, length ?? column.length);
  const open = (child: DataType, at: number, rows?: number) =>
    openVector(wasm, child, at, { length: rows, copied });
  switch (type.kind) {
    case 'bool':
      return new BoolVector(header, bytesAt(memory, column.data, bitmapBytes(header.length)));
    case 'utf8':
    case 'json':
    case 'binary':
      return bytesVector(memory, header, column, type.kind !== 'binary');
    case 'dictionary': {
      const values = open({ kind: 'utf8' }, column.children[0]!) as BytesVector;
      return new DictionaryVector(header, indicesOf(memory, column.data, header.length), values);
    }
    case 'struct': {
      const members = type.fields.map((field, i) =>
        open(field.type, column.children[i]!, header.length),
      );
      return new StructVector(header, type.fields, members);
    }
    case 'list': {
      const offsets = indicesOf(memory, column.offsets, header.length + 1);
      return new ListVector(header, offsets, open(type.item.type, column.children[0]!));
    }
    case 'map': {
      const offsets = indicesOf(memory, column.offsets, header.length + 1);
      const [keys, values] = readColumn(wasm, column.children[0]!).children as [number, number];
      const key = open({ kind: 'utf8' }, keys) as BytesVector;
      return new MapVector(header, offsets, key, open(type.value.type, values));
    }
    case 'null':
      return new NullVector(header);
    default:
      return fixedVector(memory, type, header, column.data);
  }
}

/** Where buffers lie. */
interface VectorMemory {
  readonly buffer: ArrayBufferLike;
  readonly copied: boolean;
}

function headerOf(memory: VectorMemory, column: ColumnFields, length: number): VectorHeader {
  if (column.validity === 0) return { length, nullCount: 0, validity: undefined };
  const validity = bytesAt(memory, column.validity, bitmapBytes(length));
  return { length, nullCount: column.nullCount, validity };
}

function bytesAt({ buffer, copied }: VectorMemory, address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(buffer, address, length);
  return copied ? bytes.slice() : bytes;
}

function indicesOf({ buffer, copied }: VectorMemory, address: number, length: number): Int32Array {
  const indices = new Int32Array(buffer, address, length);
  return copied ? indices.slice() : indices;
}

function bytesVector(
  memory: VectorMemory,
  header: VectorHeader,
  { offsets: at, data: address }: ColumnFields,
  isText: boolean,
): BytesVector {
  const offsets = indicesOf(memory, at, header.length + 1);
  const bytes = bytesAt(memory, address, offsets[header.length]!);
  // A Buffer, for its methods; to users it is bytes.
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new BytesVector(header, offsets, data, isText);
}

function fixedVector(
  memory: VectorMemory,
  type: DataType,
  header: VectorHeader,
  data: number,
): UdfVector {
  const Values = fixedArrayOf(type)!;
  const view = new Values(memory.buffer, data, header.length * elementsOf(type));
  const values = memory.copied ? view.slice() : view;
  if (type.kind === 'decimal') return new DecimalVector(header, values as BigUint64Array);
  return new FixedVector(header, values);
}

class FixedVector implements UdfFixedVector {
  readonly length: number;
  readonly nullCount: number;
  readonly validity: Uint8Array | undefined;
  readonly values: FixedArray;

  constructor({ length, nullCount, validity }: VectorHeader, values: FixedArray) {
    this.length = length;
    this.nullCount = nullCount;
    this.validity = validity;
    this.values = values;
  }

  isNull(row: number): boolean {
    const { validity } = this;
    return validity !== undefined && (validity[row >>> 3]! & (1 << (row & 7))) === 0;
  }

  get(row: number): unknown {
    return this.isNull(row) ? null : this.values[row];
  }
}

class DecimalVector extends FixedVector {
  declare readonly values: BigUint64Array;

  override get(row: number): bigint | null {
    if (this.isNull(row)) return null;
    return integerOf(this.values[row * 2]!, this.values[row * 2 + 1]!);
  }
}

class BoolVector implements UdfVector {
  readonly length: number;
  readonly nullCount: number;
  readonly validity: Uint8Array | undefined;
  readonly bits: Uint8Array;

  constructor({ length, nullCount, validity }: VectorHeader, bits: Uint8Array) {
    this.length = length;
    this.nullCount = nullCount;
    this.validity = validity;
    this.bits = bits;
  }

  isNull(row: number): boolean {
    const { validity } = this;
    return validity !== undefined && (validity[row >>> 3]! & (1 << (row & 7))) === 0;
  }

  get(row: number): boolean | null {
    return this.isNull(row) ? null : (this.bits[row >>> 3]! & (1 << (row & 7))) !== 0;
  }
}

class NullVector implements UdfVector {
  readonly length: number;
  readonly nullCount: number;
  readonly validity: Uint8Array | undefined;

  constructor({ length, validity }: VectorHeader) {
    this.length = length;
    this.nullCount = length;
    this.validity = validity;
  }

  isNull(): boolean {
    return true;
  }

  get(): null {
    return null;
  }
}
