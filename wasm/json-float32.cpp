// float32, rounded once. Rounding to float64 first is wrong only where that gives exactly the
// middle between two float32: then the digits of the text and of the middle decide.
#include "json-number.h"

namespace millrace {
namespace {

constexpr f64 FLOAT_MIN_NORMAL = 0x1p-126;
// The middle below the smallest float32 is 2^24 * 5^174 / 10^174: 429 bits, 130 digits.
constexpr u32 MAX_WORDS = 16;
constexpr u32 MAX_DIGITS = 9 * 16;
constexpr u32 BILLION = 1'000'000'000;

// All digits of a finite double that is the middle of two float32: 0.DIGITS * 10^point.
struct Middle {
  u32 words[MAX_WORDS];  // least significant first
  u32 count;
  u8 digits[MAX_DIGITS];
  u32 digit_count;
  i64 point;

  void multiply(u32 factor) {
    u64 carry = 0;
    for (u32 i = 0; i < count; i++) {
      carry += static_cast<u64>(words[i]) * factor;
      words[i] = static_cast<u32>(carry);
      carry >>= 32;
    }
    if (carry != 0) words[count++] = static_cast<u32>(carry);
  }

  u32 divide_by_billion() {
    u64 rest = 0;
    for (u32 i = count; i-- > 0;) {
      rest = rest << 32 | words[i];
      words[i] = static_cast<u32>(rest / BILLION);
      rest %= BILLION;
    }
    while (count > 0 && words[count - 1] == 0) count--;
    return static_cast<u32>(rest);
  }

  explicit Middle(f64 value) : count(1), point(0) {
    u64 bits;
    memcpy(&bits, &value, 8);
    // The low 28 bits are zero: float32 has 24 bits, and the middle one more.
    words[0] = static_cast<u32>((bits & (1ull << 52) - 1) >> 28 | 1u << 24);
    i32 exponent = static_cast<i32>(bits >> 52 & 0x7ff) - 1023 - 24;
    for (; exponent > 0; exponent--) multiply(2);
    // x / 2^n is x * 5^n / 10^n.
    for (i32 i = exponent; i < 0; i++) multiply(5);
    u8 reversed[MAX_DIGITS];
    u32 length = 0;
    while (count > 0) {
      u32 chunk = divide_by_billion();
      for (u32 i = 0; i < 9; i++, chunk /= 10) reversed[length++] = static_cast<u8>(chunk % 10);
    }
    while (length > 0 && reversed[length - 1] == 0) length--;
    for (u32 i = 0; i < length; i++) digits[i] = reversed[length - 1 - i];
    digit_count = length;
    point = static_cast<i64>(length) + exponent;
  }
};

// -1, 0 or 1 as the number [text, end) is below, at or above the middle; signs do not count.
i32 compare(const u8* text, const u8* end, const Decimal& decimal, const Middle& middle) {
  i64 point = static_cast<i64>(decimal.digits) + decimal.exponent;
  u32 at = 0;
  bool leading = true;
  i32 order = 0;
  for (const u8* s = text; s < end && (*s | 0x20) != 'e'; s++) {
    const u32 digit = static_cast<u32>(*s) - '0';
    if (digit > 9) continue;
    if (leading && digit == 0) {
      point--;
      continue;
    }
    leading = false;
    const u32 other = at < middle.digit_count ? middle.digits[at] : 0;
    at++;
    if (order == 0 && digit != other) order = digit < other ? -1 : 1;
  }
  if (point != middle.point) return point < middle.point ? -1 : 1;
  if (order != 0) return order;
  for (; at < middle.digit_count; at++) {
    if (middle.digits[at] != 0) return -1;
  }
  return 0;
}

// The float32 next to a finite `value`, away from zero or towards it.
float neighbour(float value, bool away) {
  u32 bits;
  memcpy(&bits, &value, 4);
  bits += away ? 1 : -1;
  memcpy(&value, &bits, 4);
  return value;
}

// In the place of infinity the power of two that would come next.
f64 widen(float value) { return __builtin_isinf(value) ? 0x1p128 : static_cast<f64>(value); }

// `rounded` is a positive double that float32 does not have, of the number [s, end).
MILLRACE_NOINLINE float round_middle(const u8* s, const u8* end, f64 rounded) {
  const float near = static_cast<float>(rounded);
  const bool is_below = widen(near) < rounded;
  const float other = neighbour(near, is_below);
  // The three have so few bits that the differences are exact.
  if (rounded - widen(near) != widen(other) - rounded) return near;
  Decimal decimal;
  scan_number(s, decimal);
  const i32 order = compare(s, end, decimal, Middle(rounded));
  if (order == 0) return near;  // a true tie goes to even, as the conversion did
  return (order < 0) == is_below ? near : other;
}

}  // namespace

const u8* read_float32(const u8* s, float& value) {
  f64 rounded;
  const u8* const end = read_double(s, rounded);
  if (UNLIKELY(end == nullptr)) return nullptr;
  const f64 magnitude = __builtin_fabs(rounded);
  float result = static_cast<float>(magnitude);
  u64 bits;
  memcpy(&bits, &magnitude, 8);
  const bool may_be_middle = (bits & 0x1fffffff) == 0x10000000 || magnitude < FLOAT_MIN_NORMAL;
  if (UNLIKELY(may_be_middle) && static_cast<f64>(result) != magnitude) {
    result = round_middle(s, end, magnitude);
  }
  if (UNLIKELY(__builtin_isinf(result))) return fail(REJECT_RANGE, s);
  value = *s == '-' ? -result : result;
  return end;
}

}  // namespace millrace
