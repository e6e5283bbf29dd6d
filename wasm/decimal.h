// 128-bit integers as decimals have them: powers of ten, rounding, range.
#pragma once
#include "abi.h"

namespace millrace {

using i128 = __int128;
using u128 = unsigned __int128;

constexpr u32 MAX_PRECISION = 38;

MILLRACE_INLINE u32 precision_of(u16 param) { return param >> 8; }
MILLRACE_INLINE u32 scale_of(u16 param) { return param & 0xff; }

// 10^exponent, 0 to 38.
MILLRACE_INLINE i128 power_of_ten(u32 exponent) {
  i128 power = 1;
  for (u32 i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// Whether a value has at most `limit`'s digits: `limit` is 10^precision.
MILLRACE_INLINE bool within(i128 value, i128 limit) { return value < limit && value > -limit; }

// value / divisor, halves away from zero.
MILLRACE_INLINE i128 divide_rounded(i128 value, i128 divisor) {
  const i128 quotient = value / divisor;
  // Not by %, which would divide once more.
  const i128 rest = value - quotient * divisor;
  const i128 distance = rest < 0 ? -rest : rest;
  if (distance < divisor - distance) return quotient;
  return value < 0 ? quotient - 1 : quotient + 1;
}

}  // namespace millrace
