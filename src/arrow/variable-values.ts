/**
 * Offsets and bytes of strings, binaries, lists and maps as int32 offsets from 0 and plain bytes.
 * What is damaged is refused here, because the kernels trust offsets and UTF-8.
 */
import { isUtf8 } from 'node:buffer';
import { type Data, type FixedSizeBinary, type FixedSizeList, Type } from 'apache-arrow';
import { checkFits, damaged } from './damaged-batch.ts';
import { type PendingBuffer, pending } from './fixed-values.ts';
import { viewValues } from './view-values.ts';

/** What a variable-width vector has, from its first row on: offsets begin at 0. */
export interface RawValues {
  readonly offsets: Int32Array;
  /** Empty for a list or map. */
  readonly bytes: Uint8Array;
  /** First item that a row uses (inclusive), and the last (exclusive). */
  readonly first: number;
  readonly end: number;
}

/** Both buffers of a variable-width column, and which items of the vector they span. */
export interface VariableValues extends Pick<RawValues, 'first' | 'end'> {
  readonly offsets: PendingBuffer;
  readonly bytes: PendingBuffer;
}

/**
 * The buffers of a utf8, binary, list or map vector, of a large one of them, of views, or of fixed
 * size.
 *
 * @throws MillraceError `INVALID_SCHEMA` where it does not fit int32 offsets or is damaged.
 */
export function variableValues(data: Data, path: string): VariableValues {
  const { offsets, bytes, first, end } = rawValues(data, path);
  return { offsets: pending(offsets), bytes: pending(bytes), first, end };
}

/** The same as arrays, which may be the vector's own; throws as {@link variableValues}. */
export function rawValues(data: Data, path: string): RawValues {
  switch (data.type.typeId) {
    case Type.Utf8View:
    case Type.BinaryView:
      return checkedText(viewValues(data, path), data, path);
    case Type.FixedSizeBinary:
    case Type.FixedSizeList:
      return fixedSizeValues(data, path);
    default:
      return checkedText(offsetValues(data, path), data, path);
  }
}

const LISTS: readonly Type[] = [Type.List, Type.LargeList, Type.Map];
const TEXTS: readonly Type[] = [Type.Utf8, Type.LargeUtf8, Type.Utf8View];

function offsetValues(data: Data, path: string): RawValues {
  const from = data.valueOffsets.subarray(0, data.length + 1) as Int32Array | BigInt64Array;
  const first = Number(from[0] ?? 0);
  const end = Number(from[data.length] ?? 0);
  checkFits(end - first, path);
  const offsets = rebased(from, first, data.length);
  const hasItems = LISTS.includes(data.type.typeId);
  const bytes = hasItems ? NO_BYTES : data.values.subarray(first, end);
  const available = hasItems ? data.children[0]!.length : data.values.length;
  const isDamaged = first < 0 || end > available || !ascends(offsets, end - first);
  if (isDamaged) throw damaged('offsets that do not fit its values', path);
  return { offsets, bytes, first, end };
}

function fixedSizeValues({ type, length, values, children }: Data, path: string): RawValues {
  const { byteWidth, listSize } = type as Partial<FixedSizeBinary & FixedSizeList>;
  const size = byteWidth ?? listSize!;
  const end = length * size;
  checkFits(end, path);
  const available = byteWidth === undefined ? children[0]!.length : values.length;
  if (end > available) throw damaged(`${available} bytes or items for ${length} rows`, path);
  const offsets = Int32Array.from({ length: length + 1 }, (_, row) => row * size);
  return { offsets, bytes: byteWidth ? values.subarray(0, end) : NO_BYTES, first: 0, end };
}

function checkedText(values: RawValues, { type }: Data, path: string): RawValues {
  if (!TEXTS.includes(type.typeId) || isValidText(values.offsets, values.bytes)) return values;
  throw damaged('text that is not UTF-8', path);
}

function ascends(offsets: Int32Array, end: number): boolean {
  for (let i = 1; i < offsets.length; i++) if (offsets[i]! < offsets[i - 1]!) return false;
  return offsets[0] === 0 && offsets[offsets.length - 1] === end;
}

// Rows are valid where all of them together are and none begins inside a character.
function isValidText(offsets: Int32Array, bytes: Uint8Array): boolean {
  if (!isUtf8(bytes)) return false;
  for (const offset of offsets) if ((bytes[offset]! & 0xc0) === 0x80) return false;
  return true;
}

const NO_BYTES = new Uint8Array(0);

function rebased(from: Int32Array | BigInt64Array, first: number, length: number): Int32Array {
  // An empty vector may come without any offset.
  if (from.length === 0) return new Int32Array(length + 1);
  if (from instanceof Int32Array) return first === 0 ? from : from.map((offset) => offset - first);
  return Int32Array.from(from, (offset) => Number(offset) - first);
}
