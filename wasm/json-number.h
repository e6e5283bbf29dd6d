// Numbers, strictly by RFC 8259's grammar. Digits are taken eight at a time, without a branch on
// how many of them there are.
#pragma once
#include "json-failure.h"
#include "json-simd.h"

namespace millrace {

// A decimal number as it stands in the text: significand * 10^exponent.
struct Decimal {
  u64 significand;  // meaningless where digits > 19
  i64 exponent;     // clamped to +-EXPONENT_LIMIT, far outside every type
  u32 digits;       // of integer and fraction together, leading zeros included
  bool negative;
};

constexpr u32 MAX_U64_DIGITS = 19;
constexpr i64 EXPONENT_LIMIT = 1'000'000'000'000;

// Integers that are written with a fraction or an exponent, or that are too long: 1.0, 1e3, 10e-1.
// REJECT_TYPE where the value is no integer, REJECT_RANGE where it does not fit.
MILLRACE_NOINLINE const u8* read_integer_slow(const u8* s, i64& value);
// The same for uint64.
MILLRACE_NOINLINE const u8* read_unsigned_slow(const u8* s, u64& value);
// A number times 10^scale, digits below one dropped (`floor`: towards negative infinity), to int64.
// For times that are written as numbers.
MILLRACE_NOINLINE const u8* read_scaled_integer(const u8* s, i32 scale, bool floor, i64& value);
// A float32, rounded once; REJECT_RANGE where it overflows (json-float32.cpp).
MILLRACE_NOINLINE const u8* read_float32(const u8* s, float& value);
MILLRACE_NOINLINE const u8* skip_number(const u8* s);

// The parts of the number at `s`, by the grammar.
MILLRACE_NOINLINE const u8* scan_number(const u8* s, Decimal& decimal);
// Doubles beyond Clinger's fast path: correctly rounded; false where they overflow. `text` is the
// number's first byte.
MILLRACE_NOINLINE bool round_double(const Decimal& decimal, const u8* text, f64& value);
// The part of a number behind `e`; adds it to the exponent.
MILLRACE_NOINLINE const u8* read_exponent(const u8* s, i64& exponent);

alignas(64) inline constexpr f64 POWERS_OF_TEN[] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};
inline constexpr u32 SMALL_POWERS_OF_TEN[] = {1,      10,      100,      1000,     10000,
                                              100000, 1000000, 10000000, 100000000};

MILLRACE_INLINE bool starts_number(u8 byte) {
  return static_cast<u8>(byte - '0') <= 9 || byte == '-';
}

// How many of the eight bytes, from the first on, are digits.
MILLRACE_INLINE u32 leading_digits(u64 word) {
  // A digit has high nibble 3, also after adding 6. A carry out of a byte spoils only later bytes,
  // and that byte is itself no digit.
  constexpr u64 HIGH_NIBBLES = 0xf0f0f0f0f0f0f0f0ull;
  constexpr u64 THREES = 0x3030303030303030ull;
  const u64 wrong = ((word & HIGH_NIBBLES) ^ THREES) |
                    (((word + 0x0606060606060606ull) & HIGH_NIBBLES) ^ THREES);
  return wrong == 0 ? 8 : static_cast<u32>(__builtin_ctzll(wrong)) >> 3;
}

// The value of eight digits, the first in the lowest byte; a zero byte counts as the digit 0.
MILLRACE_INLINE u32 eight_digits(u64 word) {
  word = (word & 0x0f0f0f0f0f0f0f0full) * 2561 >> 8;
  word = (word & 0x00ff00ff00ff00ffull) * 6553601 >> 16;
  return static_cast<u32>((word & 0x0000ffff0000ffffull) * 42949672960001ull >> 32);
}

// Appends a run of digits to `value`, which wraps beyond 19 of them.
MILLRACE_INLINE const u8* read_digits(const u8* s, u64& value) {
  for (;;) {
    const u64 word = load64(s);
    const u32 count = leading_digits(word);
    if (count == 0) return s;
    value = value * SMALL_POWERS_OF_TEN[count] + eight_digits(word << (64 - 8 * count));
    s += count;
    if (LIKELY(count < 8)) return s;
  }
}

template <typename Magnitude>
struct Whole {
  Magnitude magnitude;
  bool has_fraction;  // digits that are not zero were dropped
  bool overflow;      // of the magnitude's type
};

// Appends one digit; false where the magnitude no longer fits.
template <typename Magnitude>
bool append_digit(Magnitude& magnitude, u32 digit) {
  constexpr Magnitude MOST = ~static_cast<Magnitude>(0);
  if (magnitude > MOST / 10 || (magnitude == MOST / 10 && digit > MOST % 10)) return false;
  magnitude = magnitude * 10 + digit;
  return true;
}

// The digits of the number [text, end) up to the decimal point, which stands behind its digit
// `point`. Every digit is looked at, so that numbers of 100 digits are judged exactly, too.
template <typename Magnitude>
Whole<Magnitude> whole_part(const u8* text, const u8* end, i64 point) {
  Whole<Magnitude> whole{0, false, false};
  i64 seen = 0;  // digits before this one
  for (const u8* s = text; s < end && (*s | 0x20) != 'e'; s++) {
    const u32 digit = static_cast<u32>(*s) - '0';
    if (digit > 9) continue;  // the sign, the point
    if (seen++ >= point) {
      whole.has_fraction |= digit != 0;
    } else if (!append_digit(whole.magnitude, digit)) {
      whole.overflow = true;
    }
  }
  // Zeros that only the exponent writes; forty of them overflow everything but zero.
  for (i64 zeros = point - seen; zeros > 0 && whole.magnitude != 0 && !whole.overflow; zeros--) {
    whole.overflow = !append_digit(whole.magnitude, 0);
  }
  return whole;
}

MILLRACE_INLINE bool continues_number(u8 byte) { return byte == '.' || (byte | 0x20) == 'e'; }

// An int64; `s` is at a digit or a minus sign.
MILLRACE_INLINE const u8* read_integer(const u8* s, i64& value) {
  const bool negative = *s == '-';
  const u8* const first = s + negative;
  u64 magnitude = 0;
  const u8* const end = read_digits(first, magnitude);
  const u32 digits = static_cast<u32>(end - first);
  const bool plain = digits - 1 < MAX_U64_DIGITS && (digits == 1 || *first != '0') &&
                     magnitude <= static_cast<u64>(INT64_MAX) + negative && !continues_number(*end);
  if (UNLIKELY(!plain)) return read_integer_slow(s, value);
  value = static_cast<i64>(negative ? 0 - magnitude : magnitude);
  return end;
}

// A uint64, as above.
MILLRACE_INLINE const u8* read_unsigned(const u8* s, u64& value) {
  u64 magnitude = 0;
  const u8* const end = read_digits(s, magnitude);
  const u32 digits = static_cast<u32>(end - s);
  const bool plain = digits - 1 < MAX_U64_DIGITS && (digits == 1 || *s != '0') &&
                     !continues_number(*end);
  if (UNLIKELY(!plain)) return read_unsigned_slow(s, value);
  value = magnitude;
  return end;
}

// A float64; `s` is at a digit or a minus sign.
MILLRACE_INLINE const u8* read_double(const u8* s, f64& value) {
  Decimal decimal{0, 0, 0, *s == '-'};
  const u8* const first = s + decimal.negative;
  const u8* end = read_digits(first, decimal.significand);
  decimal.digits = static_cast<u32>(end - first);
  if (UNLIKELY(decimal.digits == 0 || (*first == '0' && decimal.digits > 1))) {
    return fail(REJECT_SYNTAX, s);
  }
  if (*end == '.') {
    const u8* const fraction = end + 1;
    end = read_digits(fraction, decimal.significand);
    if (UNLIKELY(end == fraction)) return fail(REJECT_SYNTAX, s);
    decimal.exponent = fraction - end;
    decimal.digits += static_cast<u32>(end - fraction);
  }
  if (UNLIKELY((*end | 0x20) == 'e')) {
    end = read_exponent(end, decimal.exponent);
    if (end == nullptr) return nullptr;
  }
  // Clinger: both operands are exact doubles, so one operation rounds once.
  const i64 exponent = decimal.exponent;
  if (LIKELY(decimal.digits <= MAX_U64_DIGITS && decimal.significand <= 1ull << 53 &&
             exponent >= -22 && exponent <= 22)) {
    f64 result = static_cast<f64>(decimal.significand);
    result = exponent < 0 ? result / POWERS_OF_TEN[-exponent] : result * POWERS_OF_TEN[exponent];
    value = decimal.negative ? -result : result;
    return end;
  }
  if (UNLIKELY(!round_double(decimal, s, value))) return fail(REJECT_RANGE, s);
  return end;
}

}  // namespace millrace
