// Decimals of at most 18 digits: in memory they have 16 bytes as all do, but the low word alone is
// the value, and the high one its sign.
#pragma once
#include <wasm_simd128.h>

#include "decimal.h"

namespace millrace {

constexpr u32 MAX_NARROW_PRECISION = 18;

// Whether a decimal of the parameter fits 64 bits; what has no precision is not trusted to.
MILLRACE_INLINE bool is_narrow_decimal(u16 param) {
  return precision_of(param) - 1 < MAX_NARROW_PRECISION;
}

MILLRACE_INLINE i64 narrow_power_of_ten(u32 exponent) {
  i64 power = 1;
  for (u32 i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// The values of such a column. On rows that are null or not selected they are any number.
struct NarrowValues {
  i64* words;
  explicit NarrowValues(u32 data) : words(at<i64>(data)) {}
  i64 operator[](u32 row) const { return words[2 * row]; }
  void set(u32 row, i64 value) const {
    words[2 * row] = value;
    words[2 * row + 1] = value >> 63;
  }
  // Two rows at once, as i64x2.
  v128_t pair(u32 row) const {
    const i64* at = words + 2 * row;
    return wasm_i64x2_shuffle(wasm_v128_load(at), wasm_v128_load(at + 2), 0, 2);
  }
  void set_pair(u32 row, v128_t values) const {
    const v128_t signs = wasm_i64x2_lt(values, wasm_i64x2_splat(0));
    wasm_v128_store(words + 2 * row, wasm_i64x2_shuffle(values, signs, 0, 2));
    wasm_v128_store(words + 2 * row + 2, wasm_i64x2_shuffle(values, signs, 1, 3));
  }
};

// value / divisor, halves away from zero; any number may be divided.
MILLRACE_INLINE i64 divide_narrow(i64 value, i64 divisor) {
  const i64 quotient = value / divisor;
  const i64 rest = value - quotient * divisor;
  const i64 distance = rest < 0 ? -rest : rest;
  const i64 away = value < 0 ? -1 : 1;
  return distance < divisor - distance ? quotient : quotient + away;
}

// The product of any two numbers of 64 bits; the compiler would call a function for it.
MILLRACE_INLINE i128 multiply_narrow(i64 a, i64 b) {
  constexpr i64 LOW = 0xffffffff;
  const u64 a_low = static_cast<u64>(a & LOW);
  const u64 b_low = static_cast<u64>(b & LOW);
  const u64 low = a_low * b_low;
  const i64 first = (a >> 32) * static_cast<i64>(b_low) + static_cast<i64>(low >> 32);
  const i64 second = static_cast<i64>(a_low) * (b >> 32) + (first & LOW);
  const i64 high = (a >> 32) * (b >> 32) + (first >> 32) + (second >> 32);
  const u64 bottom = static_cast<u64>(second) << 32 | (low & static_cast<u64>(LOW));
  return static_cast<i128>(static_cast<u128>(static_cast<u64>(high)) << 64 | bottom);
}

}  // namespace millrace
