/** Kafka's primitive types, written and read without a library. */

const INITIAL_BYTES = 256;
/** A varint of 32 bits has at most so many bytes. */
const VARINT_BYTES_MAX = 5;

/** Writes Kafka's primitive types into a buffer that grows. */
export class WireWriter {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;

  /** What was written; a view that is valid until the next write. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  int8(value: number): this {
    const at = this.#take(1);
    this.#bytes.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#take(2);
    this.#bytes.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#take(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }

  int64(value: bigint): this {
    const at = this.#take(8);
    this.#bytes.writeBigInt64BE(value, at);
    return this;
  }

  /** STRING or NULLABLE_STRING: INT16 length, -1 for null. */
  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    return this.int16(Buffer.byteLength(value)).raw(Buffer.from(value));
  }

  /** COMPACT_STRING or COMPACT_NULLABLE_STRING: UNSIGNED_VARINT length + 1, 0 for null. */
  compactString(value: string | null): this {
    if (value === null) return this.unsignedVarint(0);
    return this.unsignedVarint(Buffer.byteLength(value) + 1).raw(Buffer.from(value));
  }

  /** BYTES: INT32 length, then the bytes. */
  byteString(value: Uint8Array): this {
    return this.int32(value.length).raw(value);
  }

  /** COMPACT_BYTES: UNSIGNED_VARINT length + 1, then the bytes. */
  compactByteString(value: Uint8Array): this {
    return this.unsignedVarint(value.length + 1).raw(value);
  }

  /** UUID, given as {@link WireReader.uuid} answers it. */
  uuid(value: string): this {
    return this.raw(Buffer.from(value.replaceAll('-', ''), 'hex'));
  }

  /** ARRAY: INT32 number of items. */
  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }

  /** COMPACT_ARRAY: UNSIGNED_VARINT number of items + 1. */
  compactArray<T>(items: readonly T[], write: (item: T) => void): this {
    this.unsignedVarint(items.length + 1);
    for (const item of items) write(item);
    return this;
  }

  /** An empty TAG_BUFFER. */
  noTags(): this {
    return this.unsignedVarint(0);
  }

  unsignedVarint(value: number): this {
    let rest = value >>> 0;
    for (; rest > 0x7f; rest >>>= 7) this.int8((((rest & 0x7f) | 0x80) << 24) >> 24);
    return this.int8(rest);
  }

  raw(value: Uint8Array): this {
    const at = this.#take(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** Makes room, and answers where it begins. */
  #take(byteLength: number): number {
    const at = this.#length;
    this.#length += byteLength;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    return at;
  }
}

/** Reads Kafka's primitive types; throws a `RangeError` behind the end. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  /** Reads from `bytes`, which are borrowed: {@link raw} gives views. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#take(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  /** STRING or NULLABLE_STRING. */
  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.raw(length).toString();
  }

  /** COMPACT_STRING or COMPACT_NULLABLE_STRING. */
  compactString(): string | null {
    const length = this.unsignedVarint();
    return length === 0 ? null : this.raw(length - 1).toString();
  }

  /** COMPACT_BYTES, a view; empty where it is null. */
  compactByteString(): Buffer {
    return this.raw(Math.max(this.unsignedVarint() - 1, 0));
  }

  /** UUID as text, such as `01234567-89ab-cdef-0123-456789abcdef`. */
  uuid(): string {
    const hex = this.raw(16).toString('hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  /** ARRAY; empty where it is null. */
  array<T>(read: () => T): T[] {
    return this.#items(this.int32(), read);
  }

  /** COMPACT_ARRAY; empty where it is null. */
  compactArray<T>(read: () => T): T[] {
    return this.#items(this.unsignedVarint() - 1, read);
  }

  /** Skips a TAG_BUFFER. */
  tags(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint();
      this.#take(this.unsignedVarint());
    }
  }

  unsignedVarint(): number {
    let value = 0;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = this.#bytes.readUInt8(this.#take(1));
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError(`a varint of more than ${VARINT_BYTES_MAX} bytes at ${this.#at}`);
  }

  /** A view of the next bytes. */
  raw(byteLength: number): Buffer {
    const at = this.#take(byteLength);
    return this.#bytes.subarray(at, this.#at);
  }

  #items<T>(count: number, read: () => T): T[] {
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read());
    return items;
  }

  #take(byteLength: number): number {
    const at = this.#at;
    const end = at + byteLength;
    if (byteLength < 0 || end > this.#bytes.length) {
      throw new RangeError(
        `an answer of ${this.#bytes.length} bytes ends before byte ${end}: it is damaged`,
      );
    }
    this.#at = end;
    return at;
  }
}
