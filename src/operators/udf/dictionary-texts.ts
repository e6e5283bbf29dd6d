/** A dictionary column as plain texts. */
import { COLUMN_BYTES, readColumn, writeColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { columnFrom } from '../kernels/kernel-result.ts';
import { plainColumn } from './plain-column.ts';

/**
 * The texts of a compact dictionary column as a utf8 column.
 *
 * @throws ArenaFull
 */
export function dictionaryTexts(wasm: WasmInstance, dictionary: number): number {
  const { length, nullCount, validity, data, children } = readColumn(wasm, dictionary);
  if (nullCount === length) {
    const type = { type: { kind: 'utf8' }, nullable: true } as const;
    return plainColumn(wasm, type, new Array(length).fill(null));
  }
  let indices = data;
  if (nullCount > 0) {
    // What lies under a null need not be an index.
    indices = wasm.arenaAlloc(length * 4);
    for (let row = 0; row < length; row++) {
      const isValid = (wasm.u8[validity + (row >>> 3)]! >>> (row & 7)) & 1;
      wasm.u32[indices / 4 + row] = isValid ? wasm.u32[data / 4 + row]! : 0;
    }
  }
  const texts = columnFrom(wasm.exports.kernel_take(children[0]!, indices, length));
  const at = wasm.arenaAlloc(COLUMN_BYTES);
  writeColumn(wasm, at, { ...readColumn(wasm, texts), validity, nullCount });
  return at;
}
