// Characters (code points) of texts that are valid UTF-8.
#pragma once
#include <wasm_simd128.h>

#include "abi.h"

namespace millrace {

MILLRACE_INLINE bool is_tail(u8 byte) { return (byte & 0xc0) == 0x80; }

// Bytes of a character by its first.
MILLRACE_INLINE u32 character_bytes(u8 lead) {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

MILLRACE_INLINE u32 read_character(const u8* s) {
  if (*s < 0x80) return *s;
  if (*s < 0xe0) return (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu);
  if (*s < 0xf0) return (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
  return (s[0] & 7u) << 18 | (s[1] & 0x3fu) << 12 | (s[2] & 0x3fu) << 6 | (s[3] & 0x3fu);
}

// Writes at most 4 bytes.
MILLRACE_INLINE u8* write_character(u8* out, u32 character) {
  const auto tail = [=](u32 shift) { return static_cast<u8>(0x80 | (character >> shift & 0x3f)); };
  if (character < 0x80) {
    *out++ = static_cast<u8>(character);
  } else if (character < 0x800) {
    *out++ = static_cast<u8>(0xc0 | character >> 6);
    *out++ = tail(0);
  } else if (character < 0x10000) {
    *out++ = static_cast<u8>(0xe0 | character >> 12);
    *out++ = tail(6);
    *out++ = tail(0);
  } else {
    *out++ = static_cast<u8>(0xf0 | character >> 18);
    *out++ = tail(12);
    *out++ = tail(6);
    *out++ = tail(0);
  }
  return out;
}

// Bytes that begin a character among 16, as a mask.
MILLRACE_INLINE u32 leads_of(const u8* s) {
  // Tails are 0x80 to 0xbf: as signed bytes below -64.
  return wasm_i8x16_bitmask(wasm_i8x16_ge(wasm_v128_load(s), wasm_i8x16_splat(-64)));
}

MILLRACE_INLINE u32 count_characters(const u8* s, u32 length) {
  u32 count = 0;
  for (; length > 16; length -= 16, s += 16) count += __builtin_popcount(leads_of(s));
  return count + __builtin_popcount(leads_of(s) & ((1u << length) - 1));
}

// Behind `count` characters, at most `end`; `s` is at the first of one.
MILLRACE_INLINE const u8* skip_characters(const u8* s, const u8* end, u64 count) {
  if (count >= static_cast<u64>(end - s)) return end;
  while (count >= 16 && end - s >= 16) {
    count -= __builtin_popcount(leads_of(s));
    s += 16;
  }
  while (s < end && is_tail(*s)) ++s;
  while (count > 0 && s < end) {
    s += character_bytes(*s);
    --count;
  }
  return s;
}

// `count` characters before `s`, at least `begin`.
MILLRACE_INLINE const u8* back_characters(const u8* begin, const u8* s, u64 count) {
  for (; count > 0 && s > begin; --count) {
    do --s;
    while (s > begin && is_tail(*s));
  }
  return s;
}

}  // namespace millrace
