// Finding a text in another.
#pragma once
#include <string.h>

#include "kernels-bytes.h"

namespace millrace {

// The first place of `part` in [s, end), or nullptr. Sixteen places are tried at once by the first
// and the last byte of the part (Mula, SIMD-friendly algorithms for substring searching).
MILLRACE_INLINE const u8* find_bytes(const u8* s, const u8* end, Span part) {
  if (part.length == 0) return s;
  if (static_cast<u64>(end - s) < part.length) return nullptr;
  const u8* const last = end - part.length;  // the last place where it could be
  const v128_t head = wasm_u8x16_splat(part.bytes[0]);
  const v128_t tail = wasm_u8x16_splat(part.bytes[part.length - 1]);
  for (; s <= last; s += 16) {
    const v128_t heads = wasm_i8x16_eq(wasm_v128_load(s), head);
    const v128_t tails = wasm_i8x16_eq(wasm_v128_load(s + part.length - 1), tail);
    u32 places = wasm_i8x16_bitmask(wasm_v128_and(heads, tails));
    for (; places != 0; places &= places - 1) {
      const u8* const place = s + __builtin_ctz(places);
      if (place > last) return nullptr;
      if (part.length <= 2 || memcmp(place + 1, part.bytes + 1, part.length - 2) == 0) {
        return place;
      }
    }
  }
  return nullptr;
}

}  // namespace millrace
