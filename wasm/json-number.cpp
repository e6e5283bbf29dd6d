// Numbers that are off the fast path; see json-number.h.
#include "json-number.h"

namespace millrace {
namespace {

// The whole number at `s`, by the grammar.
const u8* read_decimal(const u8* s, Decimal& decimal) {
  decimal = {0, 0, 0, *s == '-'};
  const u8* const first = s + decimal.negative;
  const u8* end = read_digits(first, decimal.significand);
  decimal.digits = static_cast<u32>(end - first);
  if (end == first || (*first == '0' && decimal.digits > 1)) return fail(REJECT_SYNTAX, s);
  if (*end == '.') {
    const u8* const fraction = end + 1;
    end = read_digits(fraction, decimal.significand);
    if (end == fraction) return fail(REJECT_SYNTAX, s);
    decimal.exponent = fraction - end;
    decimal.digits += static_cast<u32>(end - fraction);
  }
  return (*end | 0x20) == 'e' ? read_exponent(end, decimal.exponent) : end;
}

// Appends one digit; false where the magnitude no longer fits.
bool append_digit(u64& magnitude, u32 digit) {
  return !__builtin_mul_overflow(magnitude, 10ull, &magnitude) &&
         !__builtin_add_overflow(magnitude, static_cast<u64>(digit), &magnitude);
}

struct Whole {
  u64 magnitude;
  bool has_fraction;  // digits that are not zero were dropped
  bool overflow;
};

// The digits of [text, end) up to the decimal point, which `exponent` moves to the right.
// Every digit is looked at, so that 100-digit numbers are judged exactly, too.
Whole whole_part(const u8* text, const u8* end, i64 point) {
  Whole whole{0, false, false};
  i64 seen = 0;  // digits before this one
  for (const u8* s = text; s < end && (*s | 0x20) != 'e'; s++) {
    if (*s == '.' || *s == '-') continue;
    const u32 digit = *s - '0';
    if (seen++ >= point) {
      whole.has_fraction |= digit != 0;
    } else if (!append_digit(whole.magnitude, digit)) {
      whole.overflow = true;
    }
  }
  // Zeros that only the exponent writes; 20 of them overflow everything but zero.
  for (i64 zeros = point - seen; zeros > 0 && whole.magnitude != 0; zeros--) {
    if (!append_digit(whole.magnitude, 0)) {
      whole.overflow = true;
      break;
    }
  }
  return whole;
}

const u8* read_whole(const u8* s, u32 scale, bool fraction_allowed, i64& value) {
  Decimal decimal;
  const u8* const end = read_decimal(s, decimal);
  if (end == nullptr) return nullptr;
  const i64 point = static_cast<i64>(decimal.digits) + decimal.exponent + scale;
  const Whole whole = whole_part(s, end, point);
  if (whole.has_fraction && !fraction_allowed) return fail(REJECT_TYPE, s);
  const u64 limit = static_cast<u64>(INT64_MAX) + decimal.negative;
  if (whole.overflow || whole.magnitude > limit) return fail(REJECT_RANGE, s);
  value = static_cast<i64>(decimal.negative ? 0 - whole.magnitude : whole.magnitude);
  return end;
}

MILLRACE_INLINE const u8* skip_digits(const u8* s) {
  for (;;) {
    const u32 count = leading_digits(load64(s));
    s += count;
    if (LIKELY(count < 8)) return s;
  }
}

}  // namespace

const u8* read_exponent(const u8* s, i64& exponent) {
  const u8* const letter = s++;
  const bool negative = *s == '-';
  if (negative || *s == '+') s++;
  if (static_cast<u8>(*s - '0') > 9) return fail(REJECT_SYNTAX, letter);
  i64 value = 0;
  for (; static_cast<u8>(*s - '0') <= 9; s++) {
    if (value < EXPONENT_LIMIT) value = value * 10 + (*s - '0');
  }
  exponent += negative ? -value : value;
  return s;
}

const u8* read_integer_slow(const u8* s, i64& value) { return read_whole(s, 0, false, value); }

const u8* read_scaled_integer(const u8* s, u32 scale, i64& value) {
  return read_whole(s, scale, true, value);
}

const u8* skip_number(const u8* s) {
  const u8* const first = s + (*s == '-');
  const u8* end = skip_digits(first);
  if (UNLIKELY(end == first || (*first == '0' && end - first > 1))) return fail(REJECT_SYNTAX, s);
  if (*end == '.') {
    const u8* const fraction = end + 1;
    end = skip_digits(fraction);
    if (UNLIKELY(end == fraction)) return fail(REJECT_SYNTAX, s);
  }
  if (UNLIKELY((*end | 0x20) == 'e')) {
    i64 exponent = 0;
    return read_exponent(end, exponent);
  }
  return end;
}

}  // namespace millrace
