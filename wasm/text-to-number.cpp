// Numbers and bools from texts; see text-values.h for the grammar.
#include <charconv>

#include "text-values.h"

namespace millrace {
namespace {

MILLRACE_INLINE u32 digit_of(u8 byte) { return static_cast<u32>(byte) - '0'; }

Span trimmed(Span text) {
  while (text.length > 0 && is_space(text.bytes[text.length - 1])) --text.length;
  while (text.length > 0 && is_space(*text.bytes)) {
    ++text.bytes;
    --text.length;
  }
  return text;
}

// Whether the text is `word` in any case of letters.
bool is_word(Span text, const char* word) {
  const u32 length = static_cast<u32>(strlen(word));
  if (text.length != length) return false;
  for (u32 i = 0; i < length; ++i) {
    if ((text.bytes[i] | 0x20) != word[i]) return false;
  }
  return true;
}

// A number taken apart: its digits stand in [digits, end), a point among them.
struct Number {
  bool negative;
  const u8* digits;
  const u8* end;
  i64 point;        // so many digits stand before the decimal point, the exponent included
  i64 count;        // digits
  u64 significand;  // all of them as one number; it wraps beyond SMALL_DIGITS
};

constexpr i64 SMALL_DIGITS = 18;
constexpr u64 SMALL_POWERS[] = {1ull,
                                10ull,
                                100ull,
                                1000ull,
                                10000ull,
                                100000ull,
                                1000000ull,
                                10000000ull,
                                100000000ull,
                                1000000000ull,
                                10000000000ull,
                                100000000000ull,
                                1000000000000ull,
                                10000000000000ull,
                                100000000000000ull,
                                1000000000000000ull,
                                10000000000000000ull,
                                100000000000000000ull,
                                1000000000000000000ull};

// Far outside of every type; sums of a few do not overflow.
constexpr i64 MOST_EXPONENT = 1ll << 40;

bool take_number(Span text, Number& number) {
  const u8* s = text.bytes;
  const u8* const end = s + text.length;
  number.negative = s < end && *s == '-';
  if (s < end && (*s == '-' || *s == '+')) ++s;
  number.digits = s;
  u64 significand = 0;
  for (; s < end && digit_of(*s) <= 9; ++s) significand = significand * 10 + digit_of(*s);
  i64 point = s - number.digits;
  number.count = point;
  if (s < end && *s == '.') {
    const u8* const fraction = ++s;
    for (; s < end && digit_of(*s) <= 9; ++s) significand = significand * 10 + digit_of(*s);
    number.count += s - fraction;
  }
  if (number.count == 0) return false;
  number.significand = significand;
  number.end = s;
  if (s < end && (*s | 0x20) == 'e') {
    ++s;
    const bool down = s < end && *s == '-';
    if (s < end && (*s == '-' || *s == '+')) ++s;
    const u8* const first = s;
    i64 exponent = 0;
    for (; s < end && digit_of(*s) <= 9; ++s) {
      if (exponent < MOST_EXPONENT) exponent = exponent * 10 + digit_of(*s);
    }
    if (s == first) return false;
    point += down ? -exponent : exponent;
  }
  number.point = point;
  return s == end;
}

// One more digit would pass what 128 bits hold.
constexpr u128 MOST = static_cast<u128>(1000000000000000000ull) * 10000000000000000000ull;

// Any number of digits.
bool scale_long(const Number& number, i64 wanted, u128& magnitude) {
  i64 seen = 0;
  bool up = false;
  magnitude = 0;
  for (const u8* s = number.digits; s < number.end && seen <= wanted; ++s) {
    if (*s == '.') continue;
    const u32 digit = digit_of(*s);
    if (seen++ == wanted) {
      up = digit >= 5;
      break;
    }
    if (magnitude > MOST) return false;
    magnitude = magnitude * 10 + digit;
  }
  for (; seen < wanted && magnitude != 0; ++seen) {
    if (magnitude > MOST) return false;
    magnitude *= 10;
  }
  magnitude += up;
  return true;
}

}  // namespace

bool read_scaled(Span text, u32 scale, i128& value) {
  Number number;
  if (!take_number(trimmed(text), number)) return false;
  const i64 wanted = number.point + scale;  // digits of the result
  const i64 missing = wanted - number.count;
  u128 magnitude;
  if (LIKELY(number.count <= SMALL_DIGITS && missing >= -SMALL_DIGITS && wanted <= SMALL_DIGITS)) {
    if (missing >= 0) {
      magnitude = number.significand * SMALL_POWERS[missing];
    } else {
      const u64 power = SMALL_POWERS[-missing];
      magnitude = (number.significand + power / 2) / power;
    }
  } else if (!scale_long(number, wanted, magnitude)) {
    return false;
  }
  value = number.negative ? -static_cast<i128>(magnitude) : static_cast<i128>(magnitude);
  return true;
}

namespace {

// What floats hold exactly: whole numbers and powers of ten. One operation on them rounds once
// (Clinger, How to read floating point numbers accurately).
template <typename T>
constexpr u64 EXACT_WHOLE = sizeof(T) == 8 ? 1ull << 53 : 1ull << 24;
template <typename T>
constexpr i64 EXACT_POWER = sizeof(T) == 8 ? SMALL_DIGITS : 10;

template <typename T>
bool read_float(Span text, T& value) {
  text = trimmed(text);
  Number number;
  if (!take_number(text, number)) {
    if (text.length == 0) return false;
    const bool negative = *text.bytes == '-';
    if (negative || *text.bytes == '+') {
      ++text.bytes;
      --text.length;
    }
    if (is_word(text, "nan")) {
      value = __builtin_nan("");
      return true;
    }
    if (!is_word(text, "inf") && !is_word(text, "infinity")) return false;
    value = negative ? -__builtin_inf() : __builtin_inf();
    return true;
  }
  const i64 exponent = number.point - number.count;
  if (LIKELY(number.count <= SMALL_DIGITS && number.significand <= EXACT_WHOLE<T> &&
             exponent >= -EXACT_POWER<T> && exponent <= EXACT_POWER<T>)) {
    const T whole = static_cast<T>(number.significand);
    const T power = static_cast<T>(SMALL_POWERS[exponent < 0 ? -exponent : exponent]);
    value = exponent < 0 ? whole / power : whole * power;
    if (number.negative) value = -value;
    return true;
  }
  const char* const begin = reinterpret_cast<const char*>(number.digits);
  const char* const end = reinterpret_cast<const char*>(text.bytes + text.length);
  T magnitude = 0;
  // Where there is no such number it is infinite, or 0.
  if (std::from_chars(begin, end, magnitude).ec == std::errc::result_out_of_range) {
    magnitude = number.point > 0 ? static_cast<T>(__builtin_inf()) : 0;
  }
  value = number.negative ? -magnitude : magnitude;
  return true;
}

}  // namespace

bool read_float64(Span text, f64& value) { return read_float(text, value); }
bool read_float32(Span text, f32& value) { return read_float(text, value); }

bool read_bool(Span text, bool& value) {
  value = is_word(text, "true") || is_word(text, "t") || is_word(text, "yes") ||
          is_word(text, "y") || (text.length == 1 && *text.bytes == '1');
  return value || is_word(text, "false") || is_word(text, "f") || is_word(text, "no") ||
         is_word(text, "n") || (text.length == 1 && *text.bytes == '0');
}

}  // namespace millrace
