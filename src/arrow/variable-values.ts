/**
 * Offsets and bytes of strings, binaries and lists as int32 offsets from 0 and plain bytes. What is
 * damaged is refused here, because the kernels trust offsets and UTF-8.
 */
import { isUtf8 } from 'node:buffer';
import { type Data, Type, type Vector } from 'apache-arrow';
import { MillraceError } from '../errors.ts';
import { bitAt } from './bitmap.ts';
import type { PendingBuffer } from './fixed-values.ts';

/** Bytes or items that one column of one batch may have: offsets are int32. */
const MAX_OFFSET = 2 ** 31 - 1;

/** Both buffers of a variable-width column, and which bytes or items of the vector they span. */
export interface VariableValues {
  readonly offsets: PendingBuffer;
  /** Empty for a list. */
  readonly bytes: PendingBuffer;
  /** First byte or item that a row uses (inclusive), and the last (exclusive). */
  readonly first: number;
  readonly end: number;
}

/**
 * What a utf8, binary, large or dictionary-encoded string, or list vector has.
 *
 * @throws MillraceError `INVALID_SCHEMA` where it does not fit int32 offsets or is damaged.
 */
export function variableValues(data: Data, path: string): VariableValues {
  if (data.type.typeId === Type.Dictionary) return dictionaryValues(data, path);
  const from = data.valueOffsets.subarray(0, data.length + 1) as Int32Array | BigInt64Array;
  const first = Number(from[0] ?? 0);
  const end = Number(from[data.length] ?? 0);
  checkFits(end - first, path);
  const offsets = rebased(from, first, data.length);
  const isList = data.type.typeId === Type.List;
  const bytes = isList ? NO_BYTES : data.values.subarray(first, end);
  const available = isList ? data.children[0]!.length : data.values.length;
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

/** A dictionary's strings one behind the other. */
interface Strings {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

// Batches of one stream share their dictionary; keys are held weakly, so it bounds itself.
const flattened = new WeakMap<Vector, Strings>();

function dictionaryValues(data: Data, path: string): VariableValues {
  const strings = flatten(data.dictionary!, path);
  const indices = data.values as ArrayLike<number | bigint>;
  const offsets = new Int32Array(data.length + 1);
  const isNull = (row: number) => data.nullCount > 0 && !bitAt(data.nullBitmap, data.offset + row);
  let end = 0;
  for (let row = 0; row < data.length; row++) {
    if (!isNull(row)) {
      const index = Number(indices[row]);
      if (!(index >= 0 && index + 1 < strings.offsets.length)) {
        throw damaged(`the index ${index}, which its dictionary does not have`, path);
      }
      end += strings.offsets[index + 1]! - strings.offsets[index]!;
    }
    offsets[row + 1] = end;
  }
  checkFits(end, path);
  const gather = (target: Uint8Array, at: number) => {
    for (let row = 0; row < data.length; row++) {
      if (offsets[row] === offsets[row + 1]) continue;
      const start = strings.offsets[Number(indices[row])]!;
      const stop = start + offsets[row + 1]! - offsets[row]!;
      target.set(strings.bytes.subarray(start, stop), at + offsets[row]!);
    }
  };
  return { offsets: pending(offsets), bytes: { byteLength: end, fill: gather }, first: 0, end };
}

function flatten(dictionary: Vector, path: string): Strings {
  const known = flattened.get(dictionary);
  if (known !== undefined) return known;
  const offsets = new Int32Array(dictionary.length + 1);
  const parts: Uint8Array[] = [];
  let rows = 0;
  let base = 0;
  for (const chunk of dictionary.data) {
    const { first, end } = variableValues(chunk, path);
    const from = chunk.valueOffsets as Int32Array;
    for (let i = 1; i <= chunk.length; i++) offsets[rows + i] = base + from[i]! - first;
    parts.push(chunk.values.subarray(first, end));
    rows += chunk.length;
    base += end - first;
    checkFits(base, path);
  }
  const strings = { offsets, bytes: Buffer.concat(parts) };
  flattened.set(dictionary, strings);
  return strings;
}

function pending(values: Int32Array | Uint8Array): PendingBuffer {
  const whole = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { byteLength: whole.byteLength, fill: (bytes, at) => bytes.set(whole, at) };
}

function checkFits(count: number, path: string): void {
  if (count <= MAX_OFFSET) return;
  throw new MillraceError(
    `column '${path}' has ${count} bytes or items in one batch, more than the ${MAX_OFFSET} ` +
      'of int32 offsets; give smaller batches',
    { code: 'INVALID_SCHEMA', context: { column: path, count } },
  );
}

function damaged(what: string, path: string): MillraceError {
  return new MillraceError(`column '${path}' of a batch has ${what}; the batch is damaged`, {
    code: 'INVALID_SCHEMA',
    context: { column: path },
  });
}
