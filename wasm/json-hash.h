// Texts in hash tables. What senders choose must not make tables slow, so the hash is SipHash-1-3
// (Aumasson and Bernstein; one and three rounds, as in Rust's HashMap) under a random key.
#pragma once
#include "json-simd.h"

namespace millrace {

struct HashKey {
  u64 words[2];
};

// Bytes [0, length) of `text`, at most eight, as a number; eight are readable.
MILLRACE_INLINE u64 word_of(const u8* text, u32 length) {
  return length >= 8 ? load64(text) : load64(text) & ((1ull << (8 * length)) - 1);
}

// Whether two texts of `length` bytes are the same; eight bytes behind both are readable.
MILLRACE_INLINE bool same_text(const u8* a, const u8* b, u32 length) {
  for (; length > 8; a += 8, b += 8, length -= 8) {
    if (load64(a) != load64(b)) return false;
  }
  return word_of(a, length) == word_of(b, length);
}

// Seven bytes behind the text are readable.
MILLRACE_NOINLINE u64 hash_text(const HashKey& key, const u8* text, u32 length);

}  // namespace millrace
