// Decimals as floats: the float that is nearest to the decimal, halves to even.
#pragma once
#include <math.h>

#include "decimal.h"

namespace millrace {

// A quotient of whole numbers that is not 0, as digits * 2^exponent: the highest bit of the digits
// is set, and the lowest is set, too, where anything is left behind it.
struct BinaryQuotient {
  u64 digits;
  i32 exponent;

  f64 rounded(f64) const { return static_cast<f64>(digits) * power_of_two(exponent); }

  // In two steps, which round once: a double that is odd where it is not exact is no half of a
  // float, and small floats lose digits only in the second.
  f32 rounded(f32) const {
    const u64 odd = digits >> 11 | ((digits & 0x7ff) != 0 ? 1 : 0);
    return static_cast<f32>(static_cast<f64>(odd) * power_of_two(exponent + 11));
  }

 private:
  // Of an exponent that a normal double has.
  static f64 power_of_two(i32 exponent) {
    return __builtin_bit_cast(f64, static_cast<u64>(1023 + exponent) << 52);
  }
};

MILLRACE_INLINE i32 bits_of(u128 value) {
  const u64 high = static_cast<u64>(value >> 64);
  if (high != 0) return 128 - __builtin_clzll(high);
  const u64 low = static_cast<u64>(value);
  return low == 0 ? 0 : 64 - __builtin_clzll(low);
}

// value / divisor by long division, as many bits at a time as the rest has room for. The value is
// not 0, the divisor is 10^38 at most.
inline BinaryQuotient divide_to_bits(u128 value, u128 divisor) {
  u128 whole = value / divisor;
  u128 rest = value - whole * divisor;
  i32 exponent = 0;
  for (i32 missing = 64 - bits_of(whole); missing > 0; missing = 64 - bits_of(whole)) {
    const i32 room = rest == 0 ? missing : 128 - bits_of(rest);
    const i32 bits = missing < room ? missing : room;
    rest <<= bits;
    const u128 next = rest / divisor;
    rest -= next * divisor;
    whole = whole << bits | next;
    exponent -= bits;
  }
  const i32 beyond = bits_of(whole) - 64;
  const u128 kept = whole >> beyond;
  const bool exact = rest == 0 && kept << beyond == whole;
  return {static_cast<u64>(kept) | (exact ? 0 : 1), exponent + beyond};
}

// Whether a quotient of doubles is the nearest double.
constexpr i64 EXACT_DOUBLE = 1LL << 53;
constexpr u32 EXACT_POWER = 22;

// `value` / 10^scale; `divisor` is that power.
template <typename To>
inline To decimal_to_float(i128 value, u32 scale, f64 divisor) {
  const bool exact = value <= EXACT_DOUBLE && value >= -EXACT_DOUBLE && scale <= EXACT_POWER;
  if (exact) {
    const f64 quotient = static_cast<f64>(static_cast<i64>(value)) / divisor;
    if constexpr (sizeof(To) == sizeof(f64)) return quotient;
    // A double that lies in the middle of two floats may have been rounded to it.
    const u64 behind = __builtin_bit_cast(u64, quotient) & 0x1fff'ffff;
    if (behind != 0x1000'0000) return static_cast<To>(quotient);
  }
  if (value == 0) return 0;
  const u128 size = value < 0 ? -static_cast<u128>(value) : static_cast<u128>(value);
  const To rounded = divide_to_bits(size, power_of_ten(scale)).rounded(To{});
  return value < 0 ? -rounded : rounded;
}

}  // namespace millrace
