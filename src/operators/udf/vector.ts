/** Columns in a worker's memory as user functions see them: views, and values a row. */
import { bitmapBytes } from '../../arrow/bitmap.ts';
import type { DataType } from '../../arrow/schema.ts';
import { type ColumnFields, readColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { BytesVector, DictionaryVector } from './bytes-vector.ts';
import { type FixedArray, fixedArrayOf, integerOf } from './fixed-arrays.ts';
import type { UdfFixedVector, UdfVector } from './function-types.ts';
import { ListVector, MapVector, StructVector } from './nested-vector.ts';

/** What every vector has of its column. */
export interface VectorHeader {
  readonly length: number;
  readonly nullCount: number;
  readonly validity: Uint8Array | undefined;
}

/**
 * A compact column (no constant) as a vector; valid as long as the column.
 *
 * @param length its first rows; default all.
 */
export function openVector(
  wasm: WasmInstance,
  type: DataType,
  address: number,
  length?: number,
): UdfVector {
  const column = readColumn(wasm, address);
  const header = headerOf(wasm, column, length ?? column.length);
  const open = (child: DataType, at: number, rows?: number) => openVector(wasm, child, at, rows);
  switch (type.kind) {
    case 'bool':
      return new BoolVector(header, bytesAt(wasm, column.data, bitmapBytes(header.length)));
    case 'utf8':
    case 'json':
    case 'binary':
      return new BytesVector(header, wasm, column, type.kind !== 'binary');
    case 'dictionary': {
      const values = open({ kind: 'utf8' }, column.children[0]!) as BytesVector;
      return new DictionaryVector(header, indicesOf(wasm, column.data, header.length), values);
    }
    case 'struct': {
      const members = type.fields.map((field, i) =>
        open(field.type, column.children[i]!, header.length),
      );
      return new StructVector(header, type.fields, members);
    }
    case 'list': {
      const offsets = indicesOf(wasm, column.offsets, header.length + 1);
      return new ListVector(header, offsets, open(type.item.type, column.children[0]!));
    }
    case 'map': {
      const offsets = indicesOf(wasm, column.offsets, header.length + 1);
      const [keys, values] = readColumn(wasm, column.children[0]!).children as [number, number];
      const key = open({ kind: 'utf8' }, keys) as BytesVector;
      return new MapVector(header, offsets, key, open(type.value.type, values));
    }
    case 'null':
      return new NullVector(header);
    default:
      return fixedVector(wasm, type, header, column.data);
  }
}

function headerOf(wasm: WasmInstance, column: ColumnFields, length: number): VectorHeader {
  if (column.validity === 0) return { length, nullCount: 0, validity: undefined };
  const validity = bytesAt(wasm, column.validity, bitmapBytes(length));
  return { length, nullCount: column.nullCount, validity };
}

function bytesAt(wasm: WasmInstance, address: number, length: number): Uint8Array {
  return new Uint8Array(wasm.memory.buffer, address, length);
}

function indicesOf(wasm: WasmInstance, address: number, length: number): Int32Array {
  return new Int32Array(wasm.memory.buffer, address, length);
}

function fixedVector(
  wasm: WasmInstance,
  type: DataType,
  header: VectorHeader,
  data: number,
): UdfVector {
  const Values = fixedArrayOf(type)!;
  if (type.kind === 'decimal') {
    const words = new Values(wasm.memory.buffer, data, header.length * 2) as BigUint64Array;
    return new DecimalVector(header, words);
  }
  return new FixedVector(header, new Values(wasm.memory.buffer, data, header.length));
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
