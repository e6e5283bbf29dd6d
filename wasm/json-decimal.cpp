// See json-decimal.h.
#include "json-decimal.h"

#include "json-number.h"
#include "json-text.h"

namespace millrace {
namespace {

constexpr u32 MAX_PRECISION = 38;

struct PowersOfTen {
  u128 values[MAX_PRECISION + 1];
  constexpr PowersOfTen() : values() {
    values[0] = 1;
    for (u32 i = 1; i <= MAX_PRECISION; i++) values[i] = values[i - 1] * 10;
  }
};
constexpr PowersOfTen POWERS;

MILLRACE_INLINE u32 precision_of(const Field& field) { return field.param >> 8; }
MILLRACE_INLINE i32 scale_of(const Field& field) { return field.param & 0xff; }

MILLRACE_INLINE bool take(const Field& field, u128 magnitude, bool negative, i128& value) {
  if (UNLIKELY(magnitude >= POWERS.values[precision_of(field)])) return false;
  value = negative ? -static_cast<i128>(magnitude) : static_cast<i128>(magnitude);
  return true;
}

// The number [s, end) whose parts are known; false where it does not fit.
MILLRACE_INLINE bool convert(const Field& field, const u8* s, const u8* end,
                             const Decimal& decimal, i128& value) {
  const i64 shift = decimal.exponent + scale_of(field);
  if (LIKELY(decimal.digits <= MAX_U64_DIGITS && shift >= 0 && shift <= MAX_U64_DIGITS)) {
    const u128 magnitude = static_cast<u128>(decimal.significand) * POWERS.values[shift];
    return take(field, magnitude, decimal.negative, value);
  }
  const i64 point = static_cast<i64>(decimal.digits) + shift;
  const Whole<u128> whole = whole_part<u128>(s, end, point);
  if (whole.overflow || whole.has_fraction) return false;
  return take(field, whole.magnitude, decimal.negative, value);
}

// The number that [s, end) is from its first to its last byte; `end` is readable and no digit.
bool convert_text(const Field& field, const u8* s, const u8* end, i128& value, bool& fits) {
  const bool negative = *s == '-';
  if (negative || *s == '+') s++;
  while (*s == '0' && static_cast<u8>(s[1] - '0') <= 9) s++;
  Decimal decimal;
  if (static_cast<u8>(*s - '0') > 9 || scan_number(s, decimal) != end) return false;
  decimal.negative = negative;
  fits = convert(field, s, end, decimal, value);
  return true;
}

}  // namespace

const u8* read_decimal_number(const Field& field, const u8* s, i128& value) {
  Decimal decimal;
  const u8* const end = scan_number(s, decimal);
  if (UNLIKELY(end == nullptr)) return nullptr;
  return LIKELY(convert(field, s, end, decimal, value)) ? end : fail(REJECT_RANGE, s);
}

const u8* read_decimal_text(const Field& field, const u8* s, i128& value) {
  const TextValue text = open_text(s);
  if (UNLIKELY(text.behind == nullptr)) return nullptr;
  bool fits = false;
  const bool is_number = convert_text(field, text.begin, text.end, value, fits);
  close_text(text);
  if (UNLIKELY(!is_number)) return fail(REJECT_DECIMAL, s - 1);
  return LIKELY(fits) ? text.behind : fail(REJECT_RANGE, s - 1);
}

}  // namespace millrace
