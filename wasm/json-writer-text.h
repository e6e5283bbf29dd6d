// Text in JSON: strings with their escapes, and base64. Every function answers the byte behind what
// it wrote, or nullptr where `end` is too near.
#pragma once
#include <wasm_simd128.h>

#include "bytes.h"

namespace millrace {

MILLRACE_INLINE bool has_room(const u8* out, const u8* end, u32 bytes) {
  return LIKELY(end - out >= static_cast<ptrdiff_t>(bytes));
}

// All ones in each of sixteen bytes that JSON does not take as it is. Exchanging bit 1 leaves the
// control characters among themselves and moves the quote (0x22) next to them.
MILLRACE_INLINE v128_t needs_escape(v128_t bytes) {
  const v128_t moved = wasm_v128_xor(bytes, wasm_u8x16_const_splat(2));
  const v128_t control_or_quote = wasm_u8x16_le(moved, wasm_u8x16_const_splat(0x20));
  const v128_t backslash = wasm_i8x16_eq(bytes, wasm_u8x16_const_splat('\\'));
  return wasm_v128_or(control_or_quote, backslash);
}

// What a string is between its quotes, where something in it needs an escape.
MILLRACE_NOINLINE u8* write_escaped(u8* out, const u8* end, const u8* from, u32 length);

// RFC 4648 base64 with padding, in quotes.
u8* write_base64(u8* out, const u8* end, Bytes bytes);

// Copies as if nothing needs an escape and looks at the end whether something did. Strings of
// sixteen bytes and more end with a vector that overlaps the one before.
MILLRACE_INLINE u8* write_string(u8* out, const u8* end, const u8* from, u32 length) {
  if (UNLIKELY(!has_room(out, end, length + 32))) return nullptr;
  *out++ = '"';
  bool escapes;
  if (length < 16) {
    const v128_t bytes = wasm_v128_load(from);
    wasm_v128_store(out, bytes);
    escapes = wasm_i8x16_bitmask(needs_escape(bytes)) & ((1u << length) - 1);
  } else {
    const v128_t last = wasm_v128_load(from + length - 16);
    v128_t found = needs_escape(last);
    for (u32 i = 0; i < length - 16; i += 16) {
      const v128_t bytes = wasm_v128_load(from + i);
      wasm_v128_store(out + i, bytes);
      found = wasm_v128_or(found, needs_escape(bytes));
    }
    wasm_v128_store(out + length - 16, last);
    escapes = wasm_v128_any_true(found);
  }
  if (UNLIKELY(escapes)) {
    out = write_escaped(out, end, from, length);
    if (!out || !has_room(out, end, 1)) return nullptr;
  } else {
    out += length;
  }
  *out = '"';
  return out + 1;
}

}  // namespace millrace
