// Sixteen bytes at a time: the few vector operations the JSON reader uses, and words from memory.
#pragma once
#include <string.h>
#include <wasm_simd128.h>

#include "abi.h"

namespace millrace {

using Block = v128_t;
constexpr u32 BLOCK_BYTES = 16;

MILLRACE_INLINE Block load_block(const void* from) { return wasm_v128_load(from); }
MILLRACE_INLINE void store_block(void* to, Block block) { wasm_v128_store(to, block); }
MILLRACE_INLINE Block splat(u8 byte) { return wasm_u8x16_splat(byte); }
MILLRACE_INLINE Block equal(Block a, Block b) { return wasm_i8x16_eq(a, b); }
MILLRACE_INLINE Block either(Block a, Block b) { return wasm_v128_or(a, b); }
// Bit i is the top bit of byte i: of a comparison its outcome, of text whether it is not ASCII.
MILLRACE_INLINE u32 mask_of(Block block) { return wasm_i8x16_bitmask(block); }

MILLRACE_INLINE u32 load32(const u8* from) {
  u32 word;
  memcpy(&word, from, sizeof word);
  return word;
}
MILLRACE_INLINE u64 load64(const u8* from) {
  u64 word;
  memcpy(&word, from, sizeof word);
  return word;
}

// The bytes that end a run of plain text in a string: quote, backslash, control characters.
MILLRACE_INLINE u32 special_mask(Block block) {
  const Block control = equal(wasm_u8x16_min(block, splat(0x1f)), block);
  const Block quote = equal(block, splat('"'));
  return mask_of(either(either(quote, equal(block, splat('\\'))), control));
}

}  // namespace millrace
