/** Texts and bytes as user functions see them. */
import type { UdfBytesVector, UdfDictionaryVector } from './function-types.ts';
import type { VectorHeader } from './vector.ts';

/** Buffer's own methods, which read shared memory without a copy first. */
interface TextBuffer extends Uint8Array {
  utf8Slice(begin: number, end: number): string;
  latin1Slice(begin: number, end: number): string;
}

/** Texts up to here are put together by hand, which is faster than a call into V8. */
const SHORT_BYTES = 8;

/** A column of utf8, json or binary. */
export class BytesVector implements UdfBytesVector {
  readonly length: number;
  readonly nullCount: number;
  readonly validity: Uint8Array | undefined;
  readonly offsets: Int32Array;
  readonly data: Uint8Array;
  readonly #isText: boolean;

  /** @param isText whether values are texts; else bytes. */
  constructor(
    { length, nullCount, validity }: VectorHeader,
    offsets: Int32Array,
    data: Buffer,
    isText: boolean,
  ) {
    this.length = length;
    this.nullCount = nullCount;
    this.validity = validity;
    this.offsets = offsets;
    this.data = data;
    this.#isText = isText;
  }

  isNull(row: number): boolean {
    const { validity } = this;
    return validity !== undefined && (validity[row >>> 3]! & (1 << (row & 7))) === 0;
  }

  get(row: number): string | Uint8Array | null {
    if (this.isNull(row)) return null;
    if (this.#isText) return this.text(row);
    return new Uint8Array(this.bytes(row));
  }

  bytes(row: number): Uint8Array {
    const { buffer, byteOffset } = this.data;
    const begin = this.offsets[row]!;
    return new Uint8Array(buffer, byteOffset + begin, this.offsets[row + 1]! - begin);
  }

  /** The text of a row, whether it is null or not. */
  text(row: number): string {
    const begin = this.offsets[row]!;
    const end = this.offsets[row + 1]!;
    const { data } = this;
    if (end - begin > SHORT_BYTES) return (data as TextBuffer).utf8Slice(begin, end);
    let text = '';
    for (let i = begin; i < end; i++) {
      const byte = data[i]!;
      if (byte >= 0x80) return (data as TextBuffer).utf8Slice(begin, end);
      text += String.fromCharCode(byte);
    }
    return text;
  }
}

/** A column of texts of which each is stored once. */
export class DictionaryVector implements UdfDictionaryVector {
  readonly length: number;
  readonly nullCount: number;
  readonly validity: Uint8Array | undefined;
  readonly indices: Int32Array;
  readonly values: UdfBytesVector<string>;
  readonly #texts: (string | undefined)[] = [];
  readonly #dictionary: BytesVector;

  constructor(
    { length, nullCount, validity }: VectorHeader,
    indices: Int32Array,
    values: BytesVector,
  ) {
    this.length = length;
    this.nullCount = nullCount;
    this.validity = validity;
    this.indices = indices;
    this.values = values as UdfBytesVector<string>;
    this.#dictionary = values;
  }

  isNull(row: number): boolean {
    const { validity } = this;
    return validity !== undefined && (validity[row >>> 3]! & (1 << (row & 7))) === 0;
  }

  get(row: number): string | null {
    if (this.isNull(row)) return null;
    const index = this.indices[row]!;
    const known = this.#texts[index];
    if (known !== undefined) return known;
    const text = this.#dictionary.text(index);
    this.#texts[index] = text;
    return text;
  }
}
