/**
 * Texts and binaries as views, one behind the other. Each view is 16 bytes:
 *
 *     length i32 | up to 12 bytes of the value itself
 *     length i32 | its first 4 bytes | buffer i32 | offset in the buffer i32
 *
 * https://arrow.apache.org/docs/format/Columnar.html, "Variable-size Binary View Layout"
 */
import type { Data } from 'apache-arrow';
import { checkFits, damaged } from './damaged-batch.ts';
import type { RawValues } from './variable-values.ts';

const VIEW_BYTES = 16;
const INLINE_BYTES = 12;

/**
 * The values of a vector of views; a null row is empty.
 *
 * @throws MillraceError `INVALID_SCHEMA` where it does not fit int32 offsets or is damaged.
 */
export function viewValues(data: Data, path: string): RawValues {
  const { length, values } = data;
  if (values.length < length * VIEW_BYTES) throw damaged('fewer views than rows', path);
  const views = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const offsets = new Int32Array(length + 1);
  let end = 0;
  for (let row = 0; row < length; row++) {
    const size = data.getValid(row) ? views.getInt32(row * VIEW_BYTES, true) : 0;
    if (size < 0) throw damaged(`a view of ${size} bytes`, path);
    end += size;
    checkFits(end, path);
    offsets[row + 1] = end;
  }
  const bytes = new Uint8Array(end);
  for (let row = 0; row < length; row++) {
    const size = offsets[row + 1]! - offsets[row]!;
    if (size > 0) bytes.set(viewed(data, views, row, size, path), offsets[row]!);
  }
  return { offsets, bytes, first: 0, end };
}

function viewed(data: Data, views: DataView, row: number, size: number, path: string): Uint8Array {
  const at = row * VIEW_BYTES;
  if (size <= INLINE_BYTES) return data.values.subarray(at + 4, at + 4 + size);
  const number = views.getInt32(at + 8, true);
  const offset = views.getInt32(at + 12, true);
  const buffer = data.variadicBuffers[number];
  if (buffer !== undefined && offset >= 0 && offset + size <= buffer.length) {
    return buffer.subarray(offset, offset + size);
  }
  throw damaged(`a view on bytes that are not there`, path);
}
