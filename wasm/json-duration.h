// Times of day and durations: microseconds; digits below one are dropped.
//
//   time      HH:MM[:SS[.f{1,9}]]      00:00 to 23:59:59.999999
//   duration  [sign]P[nW][nD][T[nH][nM][nS]]     n: [sign]digits, letters in either case, at least
//             one part; the last one of hours, minutes and seconds may have a fraction of one to
//             nine digits. A day is 24 hours. Years and months are REJECT_MONTHS: they have no
//             fixed length. A number is milliseconds.
#pragma once
#include "json-field.h"

namespace millrace {

// `s` is behind the opening quote, here and below.
const u8* read_time(const u8* s, i64& value);
const u8* read_duration(const u8* s, i64& value);
// `s` is at a digit or a minus sign.
const u8* read_duration_number(const u8* s, i64& value);

}  // namespace millrace
