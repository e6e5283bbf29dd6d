/** Strings to the buffers of a utf8 column: all of them in one go, for one call into V8. */
import type { ColumnFields } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';

/** Code units that are joined at once: a longer string would be more than V8 holds. */
const MAX_JOINED = 2 ** 24;

/**
 * Offsets and UTF-8 of well-formed texts; null is empty.
 *
 * @throws ArenaFull
 */
export function textBuffers(
  wasm: WasmInstance,
  texts: readonly (string | null)[],
): Pick<ColumnFields, 'data' | 'offsets' | 'dataLength'> {
  const offsets = wasm.arenaAlloc((texts.length + 1) * 4);
  const begins = wasm.i32.subarray(offsets / 4, offsets / 4 + texts.length + 1);
  const parts: string[] = [];
  let from = 0;
  let bytes = 0;
  while (from < texts.length) {
    const end = partEnd(texts, from);
    const part = texts.slice(from, end).join('');
    const partBytes = Buffer.byteLength(part);
    fillOffsets(texts, from, end, bytes, partBytes === part.length, begins);
    parts.push(part);
    bytes += partBytes;
    from = end;
  }
  const data = wasm.arenaAlloc(bytes);
  const memory = Buffer.from(wasm.memory.buffer);
  parts.reduce((at, part) => at + memory.write(part, at, 'utf8'), data);
  begins[texts.length] = bytes;
  return { data, offsets, dataLength: bytes };
}

// At least one text, and not more than can be joined.
function partEnd(texts: readonly (string | null)[], from: number): number {
  let units = 0;
  for (let i = from; i < texts.length; i++) {
    units += texts[i]?.length ?? 0;
    if (units > MAX_JOINED && i > from) return i;
  }
  return texts.length;
}

function fillOffsets(
  texts: readonly (string | null)[],
  from: number,
  end: number,
  first: number,
  isAscii: boolean,
  begins: Int32Array<ArrayBufferLike>,
): void {
  let at = first;
  for (let i = from; i < end; i++) {
    begins[i] = at;
    const text = texts[i] ?? '';
    at += isAscii ? text.length : Buffer.byteLength(text);
  }
}
