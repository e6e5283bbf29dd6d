// Decimals, exact: numbers and strings with a number in them, times 10^scale, in 128 bits.
//
//   string  [+-]digits[.digits][(e|E)[+-]digits]     leading zeros and a plus, which JSON's numbers
//                                                    do not have, are allowed
//
// REJECT_RANGE where the digits are more than the precision, or behind the point more than the
// scale; zeros at the end do not count. REJECT_DECIMAL where the string is no such number.
#pragma once
#include "json-field.h"

namespace millrace {

using i128 = __int128;
using u128 = unsigned __int128;

// `s` is at a digit or a minus sign.
const u8* read_decimal_number(const Field& field, const u8* s, i128& value);
// `s` is behind the opening quote.
const u8* read_decimal_text(const Field& field, const u8* s, i128& value);

}  // namespace millrace
