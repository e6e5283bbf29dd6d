/**
 * Dictionary-encoded strings as int32 indices and the texts that they name, each text once, or as
 * the texts of the rows.
 */
import type { Data, Vector } from 'apache-arrow';
import { bitAt, bitmapBytes } from './bitmap.ts';
import { checkFits, damaged } from './damaged-batch.ts';
import { type PendingBuffer, pending } from './fixed-values.ts';
import { rawValues } from './variable-values.ts';

/** Texts one behind the other: text i is the bytes from `offsets[i]` to `offsets[i + 1]`. */
interface Texts {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** What the batches of a stream share. */
interface Flattened extends Texts {
  /** The text of each entry of the Arrow dictionary; `NO_TEXT` of an entry that is null. */
  readonly textOf: Int32Array;
}

const NO_TEXT = -1;

/** A dictionary column's buffers, and those of its texts. */
export interface DictionaryValues {
  readonly indices: PendingBuffer;
  readonly nullCount: number;
  /** Absent where no row is null. */
  readonly validity: PendingBuffer | undefined;
  readonly texts: { readonly offsets: PendingBuffer; readonly bytes: PendingBuffer };
  readonly textCount: number;
}

/**
 * Indices into the texts that the vector's rows need: all of its dictionary's, or, where the
 * vector is shorter than that, the texts of its rows alone. A row whose dictionary entry is null is
 * null; the index of a null row is 0.
 *
 * @throws MillraceError `INVALID_SCHEMA` where an index or the dictionary is damaged.
 */
export function dictionaryValues(data: Data, path: string): DictionaryValues {
  const all = flatten(data.dictionary!, path);
  const indices = new Int32Array(data.length);
  const validity = new Uint8Array(bitmapBytes(data.length));
  let nullCount = 0;
  for (let row = 0; row < data.length; row++) {
    const text = textAt(data, all, row, path);
    indices[row] = text;
    if (text === NO_TEXT) nullCount += 1;
    else validity[row >>> 3]! |= 1 << (row & 7);
  }
  const texts = all.offsets.length - 1 > data.length ? compact(indices, all) : all;
  if (nullCount > 0) for (let i = 0; i < indices.length; i++) if (indices[i]! < 0) indices[i] = 0;
  return {
    indices: pending(indices),
    nullCount,
    validity: nullCount === 0 ? undefined : pending(validity),
    texts: { offsets: pending(texts.offsets), bytes: pending(texts.bytes) },
    textCount: texts.offsets.length - 1,
  };
}

/** The texts of the rows as a utf8 column's buffers, and how many rows are null. */
export function decodedValues(data: Data, path: string) {
  const all = flatten(data.dictionary!, path);
  const offsets = new Int32Array(data.length + 1);
  const validity = new Uint8Array(bitmapBytes(data.length));
  let nullCount = 0;
  let end = 0;
  for (let row = 0; row < data.length; row++) {
    const text = textAt(data, all, row, path);
    if (text === NO_TEXT) nullCount += 1;
    else {
      validity[row >>> 3]! |= 1 << (row & 7);
      end += all.offsets[text + 1]! - all.offsets[text]!;
    }
    offsets[row + 1] = end;
  }
  checkFits(end, path);
  const gather = (target: Uint8Array, at: number) => {
    for (let row = 0; row < data.length; row++) {
      if (offsets[row] === offsets[row + 1]) continue;
      const text = textAt(data, all, row, path);
      const bytes = all.bytes.subarray(all.offsets[text]!, all.offsets[text + 1]!);
      target.set(bytes, at + offsets[row]!);
    }
  };
  return {
    offsets: pending(offsets),
    bytes: { byteLength: end, fill: gather },
    nullCount,
    validity: nullCount === 0 ? undefined : pending(validity),
  };
}

function textAt(data: Data, { textOf }: Flattened, row: number, path: string): number {
  if (data.nullCount > 0 && !bitAt(data.nullBitmap, data.offset + row)) return NO_TEXT;
  const index = Number((data.values as ArrayLike<number | bigint>)[row]);
  if (index >= 0 && index < textOf.length) return textOf[index]!;
  throw damaged(`the index ${index}, which its dictionary does not have`, path);
}

/** Renumbers `indices` by their first appearance; the texts that they name, in that order. */
function compact(indices: Int32Array, { offsets, bytes }: Texts): Texts {
  const renumbered = new Int32Array(offsets.length - 1).fill(NO_TEXT);
  const used: number[] = [];
  for (let row = 0; row < indices.length; row++) {
    const text = indices[row]!;
    if (text === NO_TEXT) continue;
    if (renumbered[text] === NO_TEXT) renumbered[text] = used.push(text) - 1;
    indices[row] = renumbered[text]!;
  }
  return gatherTexts(used, offsets, bytes);
}

function gatherTexts(texts: readonly number[], offsets: Int32Array, bytes: Uint8Array): Texts {
  const gathered = new Int32Array(texts.length + 1);
  const parts = texts.map((text, i) => {
    const part = bytes.subarray(offsets[text]!, offsets[text + 1]!);
    gathered[i + 1] = gathered[i]! + part.length;
    return part;
  });
  return { offsets: gathered, bytes: Buffer.concat(parts) };
}

// Batches of one stream share their dictionary; keys are held weakly, so it bounds itself.
const flattened = new WeakMap<Vector, Flattened>();

function flatten(dictionary: Vector, path: string): Flattened {
  const known = flattened.get(dictionary);
  if (known !== undefined) return known;
  const offsets = new Int32Array(dictionary.length + 1);
  const textOf = new Int32Array(dictionary.length);
  const parts: Uint8Array[] = [];
  let entry = 0;
  let base = 0;
  for (const chunk of dictionary.data) {
    const own = rawValues(chunk, path);
    for (let i = 0; i < chunk.length; i++) {
      textOf[entry] = chunk.getValid(i) ? entry : NO_TEXT;
      entry += 1;
      offsets[entry] = base + own.offsets[i + 1]!;
    }
    parts.push(own.bytes);
    base += own.bytes.length;
    checkFits(base, path);
  }
  const whole = distinct({ offsets, bytes: Buffer.concat(parts), textOf });
  flattened.set(dictionary, whole);
  return whole;
}

// Arrow allows a text twice in a dictionary; kernels take rows of one text to have one index.
function distinct(all: Flattened): Flattened {
  const { offsets, bytes, textOf } = all;
  const first = new Map<string, number>();
  const kept: number[] = [];
  const renumbered = textOf.map((text) => {
    if (text === NO_TEXT) return NO_TEXT;
    const key = (bytes as Buffer).toString('latin1', offsets[text], offsets[text + 1]);
    let number = first.get(key);
    if (number === undefined) {
      number = kept.push(text) - 1;
      first.set(key, number);
    }
    return number;
  });
  if (kept.length === textOf.length) return all;
  return { ...gatherTexts(kept, offsets, bytes), textOf: renumbered };
}
