// Numbers that are off the fast path; see json-number.h.
#include "json-number.h"

namespace millrace {
namespace {

// A number without a fraction that an int64, or a uint64, holds.
const u8* read_whole(const u8* s, bool is_signed, u64& magnitude, bool& negative) {
  Decimal decimal;
  const u8* const end = scan_number(s, decimal);
  if (end == nullptr) return nullptr;
  const i64 point = static_cast<i64>(decimal.digits) + decimal.exponent;
  const Whole<u64> whole = whole_part<u64>(s, end, point);
  if (whole.has_fraction) return fail(REJECT_TYPE, s);
  magnitude = whole.magnitude;
  negative = decimal.negative;
  const u64 signed_limit = static_cast<u64>(INT64_MAX) + negative;
  const u64 limit = is_signed ? signed_limit : negative ? 0 : UINT64_MAX;
  return whole.overflow || magnitude > limit ? fail(REJECT_RANGE, s) : end;
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

const u8* scan_number(const u8* s, Decimal& decimal) {
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

const u8* read_integer_slow(const u8* s, i64& value) {
  u64 magnitude;
  bool negative;
  const u8* const end = read_whole(s, true, magnitude, negative);
  if (end != nullptr) value = static_cast<i64>(negative ? 0 - magnitude : magnitude);
  return end;
}

const u8* read_unsigned_slow(const u8* s, u64& value) {
  bool negative;
  return read_whole(s, false, value, negative);
}

const u8* read_scaled_integer(const u8* s, i32 scale, bool floor, i64& value) {
  Decimal decimal;
  const u8* const end = scan_number(s, decimal);
  if (end == nullptr) return nullptr;
  const i64 point = static_cast<i64>(decimal.digits) + decimal.exponent + scale;
  Whole<u64> whole = whole_part<u64>(s, end, point);
  const u64 limit = static_cast<u64>(INT64_MAX) + decimal.negative;
  if (whole.overflow || whole.magnitude > limit) return fail(REJECT_RANGE, s);
  if (floor && decimal.negative && whole.has_fraction && ++whole.magnitude > limit) {
    return fail(REJECT_RANGE, s);
  }
  value = static_cast<i64>(decimal.negative ? 0 - whole.magnitude : whole.magnitude);
  return end;
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
