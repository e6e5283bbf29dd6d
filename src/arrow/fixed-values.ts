/** The values of fixed-width Arrow vectors in our widths: copied in bulk, or converted. */
import { type Data, Precision, Type } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { bitmapBytes, copyBits } from './bitmap.ts';
import type { DataType } from './schema.ts';
import { checkTimes, inUnit } from './time-values.ts';

/** Writes a buffer's bytes at byte `address` of `bytes`; `address` is a multiple of 16. */
export type Fill = (bytes: Uint8Array, address: number) => void;

/** A buffer that is yet to be written. */
export interface PendingBuffer {
  readonly byteLength: number;
  readonly fill: Fill;
}

/** A buffer that exists, to be copied. */
export function pending(values: ArrayBufferView): PendingBuffer {
  const whole = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { byteLength: whole.byteLength, fill: (bytes, at) => bytes.set(whole, at) };
}

/**
 * The values of a vector of fixed width as values of `to`, which `isImportable` allows for what
 * `fromArrowSchema` with `widen` takes the vector's type for.
 *
 * @throws MillraceError `INVALID_SCHEMA` where a value has no place in `to` (a timestamp that is
 *   too far away, nanoseconds that microseconds do not tell), or the batch is damaged.
 */
export function fixedValues(data: Data, to: DataType, path: string): PendingBuffer {
  const { type, length } = data;
  checkLength(data, path);
  if (type.typeId === Type.Bool) {
    const copy: Fill = (bytes, at) => copyBits(bytes, at, data.values, data.offset, length);
    return { byteLength: bitmapBytes(length), fill: copy };
  }
  return pending(valuesAs(data, to, path));
}

function checkLength({ type, values, offset, length, stride }: Data, path: string): void {
  const bits = type.typeId === Type.Bool;
  const room = bits ? values.length * 8 - offset : Math.floor(values.length / stride);
  if (room >= length) return;
  throw new MillraceError(
    `column '${path}' of a batch has ${room} values for ${length} rows; the batch is damaged`,
    { code: 'INVALID_SCHEMA', context: { column: path } },
  );
}

function valuesAs(data: Data, to: DataType, path: string): ArrayBufferView {
  // A vector that was built may have room behind its last row.
  const values = data.values.subarray(0, data.length * data.stride);
  switch (to.kind) {
    case 'float32':
    case 'float64':
      return floatsAs(data, values, to.kind);
    case 'time': {
      const micros = inUnit(data, values, 'us', path, 'exactly');
      checkTimes(data, micros, path);
      return micros;
    }
    case 'duration':
      return inUnit(data, values, 'us', path, 'exactly');
    case 'timestamp':
      return inUnit(data, values, to.unit, path, 'towards the past');
    default:
      return integersAs(values, to.kind);
  }
}

function floatsAs(
  { type }: Data,
  values: Float32Array | Float64Array | Uint16Array,
  kind: 'float32' | 'float64',
) {
  const isHalf = (type as unknown as { precision: Precision }).precision === Precision.HALF;
  const numbers = isHalf ? halfFloats(values as Uint16Array) : (values as Float32Array);
  if (kind === 'float32') return numbers;
  return numbers instanceof Float32Array ? Float64Array.from(numbers) : numbers;
}

/** IEEE 754 half precision: sign, 5 bits of exponent, 10 bits of fraction. */
function halfFloats(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const sign = half >>> 15 === 0 ? 1 : -1;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

const INTEGERS = {
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
} as const;

function integersAs(values: ArrayBufferView & ArrayLike<never>, kind: DataType['kind']) {
  const Wanted = INTEGERS[kind as keyof typeof INTEGERS];
  // Int8 and decimals have no narrower type, dates are as they are.
  if (Wanted === undefined || values instanceof Wanted) return values;
  if (Wanted === BigInt64Array || Wanted === BigUint64Array) {
    return (Wanted as typeof BigInt64Array).from(values as ArrayLike<number>, BigInt);
  }
  return (Wanted as typeof Int32Array).from(values as ArrayLike<number>);
}
