/** Bitmaps in the open lease: least significant bit first, whole words of 64 bits. */
import type { WasmInstance } from '../../wasm/instance.ts';

/** Bytes of a bitmap as kernels read it, 64 bits at a time. */
function wordBytes(bits: number): number {
  return Math.ceil(bits / 64) * 8;
}

/**
 * A bitmap of what `test` says; bits behind the last are 0.
 *
 * @returns its address.
 * @throws ArenaFull
 */
export function bitmapOf(
  wasm: WasmInstance,
  length: number,
  test: (index: number) => boolean,
): number {
  const address = filledBitmap(wasm, length, false);
  const { u8 } = wasm;
  for (let i = 0; i < length; i++) if (test(i)) u8[address + (i >>> 3)]! |= 1 << (i & 7);
  return address;
}

/**
 * A bitmap of zeros or ones.
 *
 * @throws ArenaFull
 */
export function filledBitmap(wasm: WasmInstance, length: number, value: boolean): number {
  const bytes = wordBytes(length);
  const address = wasm.arenaAlloc(bytes);
  wasm.u8.fill(value ? 0xff : 0, address, address + bytes);
  return address;
}

/** How many of the first `length` bits are 0. */
export function zerosIn(wasm: WasmInstance, address: number, length: number): number {
  let ones = 0;
  const words = address / 4;
  for (let i = 0; i < length >>> 5; i++) ones += onesIn(wasm.u32[words + i]!);
  const rest = length & 31;
  if (rest !== 0) ones += onesIn(wasm.u32[words + (length >>> 5)]! & ((1 << rest) - 1));
  return length - ones;
}

function onesIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
