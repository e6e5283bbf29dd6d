// Doubles that need more than one rounding-free operation: simdjson's Eisel-Lemire step, then its
// big-decimal fallback. Alone in this file because simdjson's header takes long to compile.
#include "json-number.h"
#include "simdjson.h"

namespace millrace {
namespace {

// More than any double needs to be told from its neighbours (767), so that what lies behind can
// only be zero or not.
constexpr u32 SIGNIFICANT_DIGITS = 800;
// Far outside of what a double can hold, in powers of ten.
constexpr i64 FAR = 1000;

MILLRACE_INLINE u8* write_exponent(u8* out, i64 exponent) {
  *out++ = 'e';
  if (exponent < 0) *out++ = '-';
  u64 rest = static_cast<u64>(exponent < 0 ? -exponent : exponent);
  u8 digits[20];
  u32 count = 0;
  do digits[count++] = static_cast<u8>('0' + rest % 10);
  while ((rest /= 10) != 0);
  while (count > 0) *out++ = digits[--count];
  *out++ = 0;
  return out;
}

// The same number with few digits and a small exponent. simdjson's fallback bounds both the place
// of the point and the exponent before it adds them, and is wrong where only their sum is small.
bool round_long(const Decimal& decimal, const u8* text, f64& value) {
  u8 canonical[SIGNIFICANT_DIGITS + 32];
  u8* out = canonical;
  if (decimal.negative) *out++ = '-';
  i64 point = static_cast<i64>(decimal.digits) + decimal.exponent;  // value = 0.DIGITS * 10^point
  u32 count = 0;
  bool more = false;
  for (u32 seen = 0; seen < decimal.digits; text++) {
    if (*text == '-' || *text == '.') continue;
    seen++;
    if (count == 0 && *text == '0') {
      point--;
    } else if (count < SIGNIFICANT_DIGITS) {
      *out++ = *text;
      count++;
    } else {
      more |= *text != '0';
    }
  }
  value = decimal.negative ? -0.0 : 0.0;
  if (count == 0 || point < -FAR) return true;
  if (point > FAR) return false;
  if (more) {
    *out++ = '1';
    count++;
  }
  write_exponent(out, point - count);
  value = simdjson::internal::from_chars(reinterpret_cast<const char*>(canonical));
  return value <= 1.7976931348623157e308 && value >= -1.7976931348623157e308;
}

}  // namespace

bool round_double(const Decimal& decimal, const u8* text, f64& value) {
  constexpr i64 SMALLEST = simdjson::internal::smallest_power;
  constexpr i64 LARGEST = simdjson::internal::largest_power;
  if (decimal.digits <= MAX_U64_DIGITS) {
    if (decimal.significand == 0) {
      value = decimal.negative ? -0.0 : 0.0;
      return true;
    }
    if (decimal.exponent >= SMALLEST && decimal.exponent <= LARGEST &&
        simdjson::westmere::numberparsing::compute_float_64(decimal.exponent, decimal.significand,
                                                            decimal.negative, value)) {
      return true;
    }
  }
  if (decimal.digits > SIGNIFICANT_DIGITS || decimal.exponent < -FAR || decimal.exponent > FAR) {
    return round_long(decimal, text, value);
  }
  // Reads to the first byte that cannot be part of a number; the zero behind the message is one.
  value = simdjson::internal::from_chars(reinterpret_cast<const char*>(text));
  return value <= 1.7976931348623157e308 && value >= -1.7976931348623157e308;
}

}  // namespace millrace
