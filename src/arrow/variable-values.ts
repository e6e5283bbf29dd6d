/**
 * Offsets and bytes of strings, binaries, lists and maps as int32 offsets from 0 and plain bytes.
 * What is damaged is refused here, because the kernels trust offsets and UTF-8.
 */
import { isUtf8 } from 'node:buffer';
import { type Data, Type } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { type PendingBuffer, pending } from './fixed-values.ts';

/** Bytes or items that one column of one batch may have: offsets are int32. */
const MAX_OFFSET = 2 ** 31 - 1;

/** Both buffers of a variable-width column, and which bytes or items of the vector they span. */
export interface VariableValues {
  readonly offsets: PendingBuffer;
  /** Empty for a list or map. */
  readonly bytes: PendingBuffer;
  /** First byte or item that a row uses (inclusive), and the last (exclusive). */
  readonly first: number;
  readonly end: number;
}

/**
 * What a utf8, binary, list or map vector, or a large one of them, has.
 *
 * @throws MillraceError `INVALID_SCHEMA` where it does not fit int32 offsets or is damaged.
 */
export function variableValues(data: Data, path: string): VariableValues {
  const from = data.valueOffsets.subarray(0, data.length + 1) as Int32Array | BigInt64Array;
  const first = Number(from[0] ?? 0);
  const end = Number(from[data.length] ?? 0);
  checkFits(end - first, path);
  const offsets = rebased(from, first, data.length);
  const hasItems = data.type.typeId === Type.List || data.type.typeId === Type.Map;
  const bytes = hasItems ? NO_BYTES : data.values.subarray(first, end);
  const available = hasItems ? data.children[0]!.length : data.values.length;
  const isDamaged = first < 0 || end > available || !ascends(offsets, end - first);
  if (isDamaged) throw damaged('offsets that do not fit its values', path);
  const isText = data.type.typeId === Type.Utf8 || data.type.typeId === Type.LargeUtf8;
  if (isText && !isValidText(offsets, bytes)) throw damaged('text that is not UTF-8', path);
  return { offsets: pending(offsets), bytes: pending(bytes), first, end };
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

/**
 * Refuses what int32 offsets cannot count.
 *
 * @throws MillraceError `INVALID_SCHEMA`.
 */
export function checkFits(count: number, path: string): void {
  if (count <= MAX_OFFSET) return;
  throw new MillraceError(
    `column '${path}' has ${count} bytes or items in one batch, more than the ${MAX_OFFSET} ` +
      'of int32 offsets; give smaller batches',
    { code: 'INVALID_SCHEMA', context: { column: path, count } },
  );
}

/** The error of a vector that is not what Arrow's format allows. */
export function damaged(what: string, path: string): MillraceError {
  return new MillraceError(`column '${path}' of a batch has ${what}; the batch is damaged`, {
    code: 'INVALID_SCHEMA',
    context: { column: path },
  });
}
