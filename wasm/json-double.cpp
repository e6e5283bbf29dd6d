// Doubles that need more than one rounding-free operation: simdjson's Eisel-Lemire step, then its
// big-decimal fallback. Alone in this file because simdjson's header takes long to compile.
#include "json-number.h"
#include "simdjson.h"

namespace millrace {

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
  // Reads to the first byte that cannot be part of a number; the zero behind the message is one.
  value = simdjson::internal::from_chars(reinterpret_cast<const char*>(text));
  return value <= 1.7976931348623157e308 && value >= -1.7976931348623157e308;
}

}  // namespace millrace
