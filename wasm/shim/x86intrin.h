// The SSE4.2 intrinsics that simdjson's westmere kernel uses, on WebAssembly's 128-bit vectors.
// Only what that kernel calls is here, and only for the ways in which it calls it.
#pragma once
#include <stdint.h>
#include <wasm_simd128.h>

typedef v128_t __m128i;
#define SHIM static inline __attribute__((always_inline))

// --- load, store, make
SHIM __m128i _mm_loadu_si128(const __m128i* from) { return wasm_v128_load(from); }
SHIM void _mm_storeu_si128(__m128i* to, __m128i value) { wasm_v128_store(to, value); }
SHIM __m128i _mm_set1_epi8(int byte) { return wasm_i8x16_splat(static_cast<int8_t>(byte)); }
SHIM __m128i _mm_setzero_si128() { return wasm_i64x2_const(0, 0); }
SHIM __m128i _mm_set_epi64x(int64_t high, int64_t low) { return wasm_i64x2_make(low, high); }
SHIM __m128i _mm_set_epi32(int d, int c, int b, int a) { return wasm_i32x4_make(a, b, c, d); }
#define _mm_setr_epi8(...) wasm_i8x16_make(__VA_ARGS__)
#define _mm_setr_epi16(...) wasm_i16x8_make(__VA_ARGS__)
SHIM int64_t _mm_cvtsi128_si64(__m128i a) { return wasm_i64x2_extract_lane(a, 0); }
SHIM int _mm_cvtsi128_si32(__m128i a) { return wasm_i32x4_extract_lane(a, 0); }

// --- bits
SHIM __m128i _mm_or_si128(__m128i a, __m128i b) { return wasm_v128_or(a, b); }
SHIM __m128i _mm_and_si128(__m128i a, __m128i b) { return wasm_v128_and(a, b); }
SHIM __m128i _mm_xor_si128(__m128i a, __m128i b) { return wasm_v128_xor(a, b); }
SHIM __m128i _mm_andnot_si128(__m128i a, __m128i b) { return wasm_v128_andnot(b, a); }
SHIM int _mm_testz_si128(__m128i a, __m128i b) {
  return !wasm_v128_any_true(wasm_v128_and(a, b));
}
#define _mm_srli_epi16(a, count) wasm_u16x8_shr(a, count)
#define _mm_slli_epi16(a, count) wasm_i16x8_shl(a, count)

// --- compare, add, limit
SHIM __m128i _mm_cmpeq_epi8(__m128i a, __m128i b) { return wasm_i8x16_eq(a, b); }
SHIM __m128i _mm_cmpgt_epi8(__m128i a, __m128i b) { return wasm_i8x16_gt(a, b); }
SHIM int _mm_movemask_epi8(__m128i a) { return static_cast<int>(wasm_i8x16_bitmask(a)); }
SHIM __m128i _mm_add_epi8(__m128i a, __m128i b) { return wasm_i8x16_add(a, b); }
SHIM __m128i _mm_sub_epi8(__m128i a, __m128i b) { return wasm_i8x16_sub(a, b); }
SHIM __m128i _mm_adds_epu8(__m128i a, __m128i b) { return wasm_u8x16_add_sat(a, b); }
SHIM __m128i _mm_subs_epu8(__m128i a, __m128i b) { return wasm_u8x16_sub_sat(a, b); }
SHIM __m128i _mm_max_epu8(__m128i a, __m128i b) { return wasm_u8x16_max(a, b); }
SHIM __m128i _mm_min_epu8(__m128i a, __m128i b) { return wasm_u8x16_min(a, b); }
SHIM __m128i _mm_max_epi8(__m128i a, __m128i b) { return wasm_i8x16_max(a, b); }
SHIM __m128i _mm_min_epi8(__m128i a, __m128i b) { return wasm_i8x16_min(a, b); }

// --- shuffle: SSE looks at bit 7 and the low four bits, WebAssembly at the whole index
SHIM __m128i _mm_shuffle_epi8(__m128i table, __m128i index) {
  const v128_t mask = wasm_i8x16_const_splat(static_cast<int8_t>(0x8f));
  return wasm_i8x16_swizzle(table, wasm_v128_and(index, mask));
}
template <int N>
SHIM __m128i shim_alignr(__m128i high, __m128i low) {
  return wasm_i8x16_shuffle(low, high, N, N + 1, N + 2, N + 3, N + 4, N + 5, N + 6, N + 7, N + 8,
                            N + 9, N + 10, N + 11, N + 12, N + 13, N + 14, N + 15);
}
#define _mm_alignr_epi8(high, low, count) shim_alignr<(count)>(high, low)

// --- multiply: simdjson multiplies digits only, so nothing saturates
SHIM __m128i _mm_madd_epi16(__m128i a, __m128i b) { return wasm_i32x4_dot_i16x8(a, b); }
SHIM __m128i _mm_maddubs_epi16(__m128i unsigned_a, __m128i signed_b) {
  const v128_t low_a = wasm_v128_and(unsigned_a, wasm_i16x8_const_splat(0xff));
  const v128_t low_b = wasm_i16x8_shr(wasm_i16x8_shl(signed_b, 8), 8);
  const v128_t high_a = wasm_u16x8_shr(unsigned_a, 8);
  const v128_t high_b = wasm_i16x8_shr(signed_b, 8);
  return wasm_i16x8_add_sat(wasm_i16x8_mul(low_a, low_b), wasm_i16x8_mul(high_a, high_b));
}
SHIM __m128i _mm_packus_epi32(__m128i a, __m128i b) { return wasm_u16x8_narrow_i32x4(a, b); }
// simdjson multiplies by all ones only, which makes it a prefix xor
SHIM __m128i _mm_clmulepi64_si128(__m128i a, __m128i, int) {
  uint64_t bits = static_cast<uint64_t>(wasm_i64x2_extract_lane(a, 0));
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return wasm_i64x2_make(static_cast<int64_t>(bits), 0);
}

// --- scalars
SHIM long long _popcnt64(uint64_t bits) { return __builtin_popcountll(bits); }
SHIM uint64_t _umul128(uint64_t a, uint64_t b, uint64_t* high) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  *high = static_cast<uint64_t>(product >> 64);
  return static_cast<uint64_t>(product);
}
