/** An instance of the module with one open lease, and records laid out by hand, for unit tests. */
import type { WasmInstance as Instance } from '../../src/wasm/instance.ts';
import { WasmInstance } from '../../src/wasm/instance.ts';
import { ARENA_BASE, createMemory, loadModule, PADDING } from '../../src/wasm/module.ts';

const RECORDS_BYTES = 48;

/** How records are laid out. */
export interface RecordsOptions {
  /** What fills the bytes around and between the values. Default `"`: it ends what it must not. */
  readonly foreignByte?: number;
  /** Foreign bytes between two values. Default 0: they touch. */
  readonly gapBytes?: number;
  /** Kafka offset of the first record. Default 0. */
  readonly firstOffset?: bigint;
  readonly keys?: readonly (Uint8Array | null)[];
}

/** A fresh instance on its own memory; everything above the state heap is one open lease. */
export function makeInstance({ megabytes = 64 }: { megabytes?: number } = {}): Instance {
  const byteLength = megabytes * 1024 * 1024;
  const wasm = new WasmInstance(loadModule(), createMemory(byteLength));
  openArena(wasm);
  return wasm;
}

/** Opens the whole arena of an instance again: all that was in it is void. */
export function openArena(wasm: Instance): void {
  wasm.exports.arena_open(ARENA_BASE, wasm.u8.length - PADDING);
}

/**
 * Builds a `Records` by hand in the open lease: values adjacent to each other and to foreign bytes,
 * as a decompressed record set has them; timestamps are 1000 * the record's index.
 *
 * @returns its address.
 */
export function makeRecords(
  wasm: Instance,
  values: readonly (Uint8Array | null)[],
  options: RecordsOptions = {},
): number {
  const { firstOffset = 0n, keys = [] } = options;
  const count = values.length;
  const records = wasm.arenaAlloc(RECORDS_BYTES);
  const words = Array.from({ length: 9 }, () => wasm.arenaAlloc(count * 8));
  const [valueAddress, valueLength, keyAddress, keyLength, offset, timestamp] = words as number[];
  wasm.u32.set([count, count, ...words, 0], records >>> 2);
  for (const word of words.slice(6)) wasm.u32.fill(0, word >>> 2, (word >>> 2) + count);
  placeBytes(wasm, values, valueAddress!, valueLength!, options);
  placeBytes(
    wasm,
    values.map((_, i) => keys[i] ?? null),
    keyAddress!,
    keyLength!,
    options,
  );
  for (let i = 0; i < count; i++) {
    wasm.i64[(offset! >>> 3) + i] = firstOffset + BigInt(i);
    wasm.i64[(timestamp! >>> 3) + i] = BigInt(i) * 1000n;
  }
  return records;
}

/** Texts as UTF-8 values, for `makeRecords`. */
export function utf8Values(texts: readonly (string | null)[]): (Uint8Array | null)[] {
  return texts.map((text) => (text === null ? null : Buffer.from(text)));
}

function placeBytes(
  wasm: Instance,
  values: readonly (Uint8Array | null)[],
  addresses: number,
  lengths: number,
  { foreignByte = 0x22, gapBytes = 0 }: RecordsOptions,
): void {
  const margin = PADDING;
  const total = values.reduce((sum, value) => sum + (value?.length ?? 0) + gapBytes, 0);
  const buffer = wasm.arenaAlloc(total + 2 * margin);
  wasm.u8.fill(foreignByte, buffer, buffer + total + 2 * margin);
  let at = buffer + margin;
  for (const [i, value] of values.entries()) {
    wasm.u32[(addresses >>> 2) + i] = at;
    wasm.i32[(lengths >>> 2) + i] = value?.length ?? -1;
    if (value === null) continue;
    wasm.u8.set(value, at);
    at += value.length + gapBytes;
  }
}
