/**
 * Texts of columns as strings of JavaScript and back. A call into the engine per text would cost
 * more than most of what is done with it, so that many are decoded at once and cut into slices,
 * which V8 makes without a copy.
 */
import { COLUMN_BYTES, writeColumn } from '../../wasm/column.ts';
import { ArenaFull, type WasmInstance } from '../../wasm/instance.ts';

/** Bytes that are decoded at once: slices keep the whole string, and caches should, too. */
const CHUNK_BYTES = 32 * 1024;

/**
 * The texts of a utf8 column that is no constant and has no nulls, in arrays of some, in order.
 *
 * @throws ArenaFull
 */
export function* stringsIn(wasm: WasmInstance, column: number): Generator<string[]> {
  const found = wasm.exports.kernel_text_units(column);
  if (found === 0) throw new ArenaFull('the lease has no room for lengths of texts');
  const { u32, i32 } = wasm;
  const count = u32[column / 4 + 1]!;
  const data = u32[column / 4 + 4]!;
  const offsets = u32[column / 4 + 5]! / 4;
  const units = found / 4;
  const memory = Buffer.from(wasm.memory.buffer);
  for (let row = 0, end = 0; row < count; row = end) {
    const begin = i32[offsets + row]!;
    end = row + 1;
    while (end < count && i32[offsets + end + 1]! - begin <= CHUNK_BYTES) end++;
    const bytes = i32[offsets + end]! - begin;
    const first = u32[units + row]!;
    const isAscii = u32[units + end]! - first === bytes;
    const encoding = isAscii ? 'latin1' : 'utf8';
    const chunk = memory.toString(encoding, data + begin, data + begin + bytes);
    const texts = new Array<string>(end - row);
    let from = 0;
    for (let i = row; i < end; i++) {
      const to = u32[units + i + 1]! - first;
      texts[i - row] = chunk.slice(from, to);
      from = to;
    }
    yield texts;
  }
}

/** Texts on their way to a column. */
export class TextsWriter {
  readonly #wasm: WasmInstance;
  readonly #offsets: number;
  /** Whole runs of texts, or single ones where characters could grow together. */
  readonly #pieces: string[] = [];
  #count = 0;
  #bytes = 0;

  /**
   * @param capacity most texts that will come.
   * @throws ArenaFull
   */
  constructor(wasm: WasmInstance, capacity: number) {
    this.#wasm = wasm;
    this.#offsets = wasm.arenaAlloc((capacity + 1) * 4);
    wasm.i32[this.#offsets / 4] = 0;
  }

  push(texts: readonly string[]): void {
    const joined = texts.join('');
    const isAscii = Buffer.byteLength(joined) === joined.length;
    // Half a character, which some patterns can cut off, becomes U+FFFD for itself.
    for (const piece of isAscii ? [joined] : texts) this.#pieces.push(piece);
    const { i32 } = this.#wasm;
    const offsets = this.#offsets / 4 + this.#count + 1;
    let end = this.#bytes;
    for (let i = 0; i < texts.length; i++) {
      end += isAscii ? texts[i]!.length : Buffer.byteLength(texts[i]!);
      i32[offsets + i] = end;
    }
    this.#bytes = end;
    this.#count += texts.length;
  }

  /**
   * A utf8 column of all texts.
   *
   * @throws ArenaFull
   */
  finish(): number {
    const wasm = this.#wasm;
    const data = wasm.arenaAlloc(this.#bytes);
    const bytes = Buffer.from(wasm.memory.buffer, data, this.#bytes);
    let end = 0;
    for (const piece of this.#pieces) end += bytes.write(piece, end);
    const column = wasm.arenaAlloc(COLUMN_BYTES);
    const rows = { length: this.#count, constant: false, nullCount: 0, validity: 0 };
    const buffers = { data, offsets: this.#offsets, dataLength: this.#bytes, children: [] };
    writeColumn(wasm, column, { type: 'utf8', ...rows, ...buffers });
    return column;
  }
}
