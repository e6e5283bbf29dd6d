/** The values of fixed-width Arrow vectors in our widths: copied in bulk, or converted. */
import { type DataType as ArrowDataType, type Data, TimeUnit, Type } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { bitAt, bitmapBytes, copyBits } from './bitmap.ts';

/** Writes a buffer's bytes at byte `address` of `bytes`; `address` is a multiple of 16. */
export type Fill = (bytes: Uint8Array, address: number) => void;

/** A buffer that is yet to be written. */
export interface PendingBuffer {
  readonly byteLength: number;
  readonly fill: Fill;
}

/**
 * The values of a bool, number, timestamp or date vector as bool, int32, int64, float64 or
 * timestamp, whichever `fromArrowSchema` with `widen` takes its type for.
 *
 * @throws MillraceError `INVALID_SCHEMA` where a timestamp is too far away for microseconds.
 */
export function fixedValues(data: Data, path: string): PendingBuffer {
  const { type, length } = data;
  checkLength(data, path);
  if (type.typeId === Type.Bool) {
    const copy: Fill = (bytes, at) => copyBits(bytes, at, data.values, data.offset, length);
    return { byteLength: bitmapBytes(length), fill: copy };
  }
  const values = widened(type, data, path);
  const whole = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { byteLength: whole.byteLength, fill: (bytes, at) => bytes.set(whole, at) };
}

function checkLength({ type, values, offset, length }: Data, path: string): void {
  const room = type.typeId === Type.Bool ? values.length * 8 - offset : values.length;
  if (room >= length) return;
  throw new MillraceError(
    `column '${path}' of a batch has ${room} values for ${length} rows; the batch is damaged`,
    { code: 'INVALID_SCHEMA', context: { column: path } },
  );
}

type Values = Int32Array | BigInt64Array | Float64Array;

function widened(type: ArrowDataType, data: Data, path: string): Values {
  // A vector that was built may have room behind its last row.
  const values = data.values.subarray(0, data.length);
  switch (type.typeId) {
    case Type.Int: {
      const { bitWidth, isSigned } = type as ArrowDataType & {
        bitWidth: number;
        isSigned: boolean;
      };
      if (bitWidth < 32) return Int32Array.from(values);
      return bitWidth === 32 && !isSigned ? BigInt64Array.from(values, BigInt) : values;
    }
    case Type.Float:
      return values instanceof Float32Array ? Float64Array.from(values) : values;
    case Type.Date:
      return scaled(data, values, 1_000n, path);
    default:
      return microseconds(type as ArrowDataType & { unit: TimeUnit }, data, values, path);
  }
}

function microseconds(
  { unit }: { unit: TimeUnit },
  data: Data,
  values: BigInt64Array,
  path: string,
): BigInt64Array {
  if (unit === TimeUnit.MICROSECOND) return values;
  if (unit === TimeUnit.SECOND) return scaled(data, values, 1_000_000n, path);
  if (unit === TimeUnit.MILLISECOND) return scaled(data, values, 1_000n, path);
  // Nanoseconds round towards the past, so that order is kept across the epoch.
  return values.map((value) => (value - (((value % 1_000n) + 1_000n) % 1_000n)) / 1_000n);
}

const MAX_INT64 = 2n ** 63n - 1n;

function scaled(data: Data, values: BigInt64Array, factor: bigint, path: string): BigInt64Array {
  const most = MAX_INT64 / factor;
  const out = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // What lies under a null is anything.
    if (value > most || value < -most) {
      if (data.nullCount > 0 && !bitAt(data.nullBitmap, data.offset + i)) continue;
      throw tooFar(value, data.type, path);
    }
    out[i] = value * factor;
  }
  return out;
}

function tooFar(value: bigint, type: ArrowDataType, path: string): MillraceError {
  return new MillraceError(
    `column '${path}' has the ${type} ${value}, which is outside of the years that microseconds ` +
      'in an int64 can tell; leave such rows out',
    { code: 'INVALID_SCHEMA', context: { column: path, value } },
  );
}
