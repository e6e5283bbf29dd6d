// Timestamps and dates: the units of the column since 1970-01-01.
//
//   timestamp  DATE[(T| )HH:MM[:SS[.f{1,9}]][Z|(+|-)HH[[:]MM]]]   T and Z in either case
//              A date alone is its midnight. Of a column with a zone, text without an offset is
//              UTC; of one without, text with an offset is REJECT_OFFSET. Digits below the unit
//              are dropped. No leap seconds, no hour 24.
//   number     milliseconds since the epoch, as Date.now() gives; what is below the unit is
//              dropped towards the past, as of text.
//   DATE       YYYY-MM-DD, or (+|-) and a year of 6 to 12 digits
#pragma once
#include "calendar.h"
#include "json-number.h"

namespace millrace {

// Every form and unit, `param` is that of the column; `s` is behind the opening quote.
MILLRACE_NOINLINE const u8* read_timestamp_text(u32 param, const u8* s, i64& value);
// `s` is at a digit or a minus sign.
const u8* read_timestamp_number(u32 param, const u8* s, i64& value);
// Days; `s` is behind the opening quote.
const u8* read_date(const u8* s, i32& value);

MILLRACE_INLINE bool is_valid_time(u32 year, u32 month, u32 day, u32 hour, u32 minute) {
  return month - 1 < 12 && day - 1 < month_days(year, month) && hour < 24 && minute < 60;
}

// Where the text begins with YYYY-MM-DD(T| )HH:MM:SS: the second it names since the epoch.
MILLRACE_INLINE bool read_common_second(const u8* s, i64& second) {
  constexpr u64 DATE_MARKS = 0xff0000ff00000000ull;  // "YYYY-MM-"
  constexpr u64 TIME_MARKS = 0x0000ff0000ff0000ull;  // "DDTHH:MM"
  constexpr u64 ZEROS = 0x3030303030303030ull;
  const u64 date = load64(s);
  const u64 time = load64(s + 8);
  const u32 seconds_tens = static_cast<u32>(s[17]) - '0';
  const u32 seconds_ones = static_cast<u32>(s[18]) - '0';
  const u64 date_digits = (date & ~DATE_MARKS) | (ZEROS & DATE_MARKS);
  const u64 time_digits = (time & ~TIME_MARKS) | (ZEROS & TIME_MARKS);
  const u64 time_marks = time & TIME_MARKS;
  const bool common = (date & DATE_MARKS) == 0x2d00002d00000000ull &&
                      (time_marks == 0x00003a0000540000ull ||
                       time_marks == 0x00003a0000200000ull) && s[16] == ':' &&
                      leading_digits(date_digits) == 8 && leading_digits(time_digits) == 8 &&
                      seconds_tens <= 5 && seconds_ones <= 9;
  if (UNLIKELY(!common)) return false;
  // Each pair of digits becomes a number in the pair's first byte.
  const u64 date_pairs = (date_digits - ZEROS) * 10 + ((date_digits - ZEROS) >> 8);
  const u64 time_pairs = (time_digits - ZEROS) * 10 + ((time_digits - ZEROS) >> 8);
  const u32 year = static_cast<u32>(date_pairs & 0xff) * 100 + (date_pairs >> 16 & 0xff);
  const u32 month = date_pairs >> 40 & 0xff;
  const u32 day = time_pairs & 0xff;
  const u32 hour = time_pairs >> 24 & 0xff;
  const u32 minute = time_pairs >> 48 & 0xff;
  if (UNLIKELY(!is_valid_time(year, month, day, hour, minute))) return false;
  const i64 days = day_in_era(year, month, day);
  second = days * 86400 + (hour * 3600 + minute * 60 + seconds_tens * 10 + seconds_ones);
  return true;
}

// Microseconds of a column with a zone, in the common form YYYY-MM-DDTHH:MM:SS[.f{1,6}]Z; `s` is
// behind the opening quote.
MILLRACE_INLINE const u8* read_timestamp(const u8* s, i64& value) {
  i64 second;
  if (UNLIKELY(!read_common_second(s, second))) return read_timestamp_text(TIMESTAMP_US, s, value);
  const u8* end = s + 19;
  u64 micros = 0;
  if (*end == '.') {
    const u64 word = load64(++end);
    const u32 digits = leading_digits(word);
    if (UNLIKELY(digits - 1 > 5)) return read_timestamp_text(TIMESTAMP_US, s, value);
    micros = eight_digits(word << (64 - 8 * digits)) * SMALL_POWERS_OF_TEN[6 - digits];
    end += digits;
  }
  if (UNLIKELY(*end != 'Z' || end[1] != '"')) return read_timestamp_text(TIMESTAMP_US, s, value);
  value = second * 1'000'000 + static_cast<i64>(micros);
  return end + 2;
}

}  // namespace millrace
