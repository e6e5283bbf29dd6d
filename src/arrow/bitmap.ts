/** Copies of Arrow bitmaps (least significant bit first) that need not begin on a byte. */

/** Bytes that `bits` bits take. */
export function bitmapBytes(bits: number): number {
  return (bits + 7) >>> 3;
}

/**
 * Copies `count` bits from bit `from` of `source` to bit 0 of `target` at byte `at`. Bits behind
 * the last one are zero, up to the byte's end. A whole-byte `from` is one bulk copy.
 */
export function copyBits(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  from: number,
  count: number,
): void {
  if (count === 0) return;
  const bytes = bitmapBytes(count);
  const first = from >>> 3;
  const shift = from & 7;
  if (shift === 0) {
    target.set(source.subarray(first, first + bytes), at);
  } else {
    // Past the source's end `undefined << n` is 0, and those bits are not among `count`.
    for (let i = 0; i < bytes; i++) {
      const low = source[first + i]! >>> shift;
      target[at + i] = low | (source[first + i + 1]! << (8 - shift));
    }
  }
  const used = count & 7;
  if (used !== 0) target[at + bytes - 1]! &= (1 << used) - 1;
}

/** Whether bit `index` is set. */
export function bitAt(bitmap: Uint8Array, index: number): boolean {
  return ((bitmap[index >>> 3]! >>> (index & 7)) & 1) === 1;
}
