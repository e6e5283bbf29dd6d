/** Types whose values have a fixed width, and the typed arrays that hold them. */
import type { DataType } from '../../arrow/schema.ts';
import type { UdfArrays } from './function-types.ts';

/** A typed array of any of these types. */
export type FixedArray = UdfArrays[keyof UdfArrays];
/** What makes one over a buffer. */
export type FixedArrayType = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => FixedArray;

/** The typed arrays by type; a decimal has two words a value. */
const FIXED_ARRAYS: Readonly<Record<keyof UdfArrays, FixedArrayType>> = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
  decimal: BigUint64Array,
  date: Int32Array,
  time: BigInt64Array,
  duration: BigInt64Array,
  timestamp: BigInt64Array,
};

/** Elements of the array that one value takes. */
export function elementsOf(type: DataType): number {
  return type.kind === 'decimal' ? 2 : 1;
}

/** The typed array that holds values of a type; undefined where their width is not fixed. */
export function fixedArrayOf(type: DataType): FixedArrayType | undefined {
  return FIXED_ARRAYS[type.kind as keyof UdfArrays];
}

/** The integer that two words hold, the lower one first, in two's complement. */
export function integerOf(low: bigint, high: bigint): bigint {
  return (BigInt.asIntN(64, high) << 64n) | low;
}
