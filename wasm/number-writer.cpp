#include "number-writer.h"

#include <charconv>
#include <string.h>

namespace millrace {
namespace {

struct DigitPairs {
  char text[200];
  constexpr DigitPairs() : text() {
    for (int i = 0; i < 100; i++) {
      text[2 * i] = static_cast<char>('0' + i / 10);
      text[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
  }
};
constexpr DigitPairs PAIRS;

// 0 to 99 without a leading zero; what stands behind a single digit does not matter.
struct ShortPairs {
  char text[200];
  constexpr ShortPairs() : text() {
    for (int i = 0; i < 100; i++) {
      text[2 * i] = static_cast<char>('0' + (i < 10 ? i : i / 10));
      text[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
  }
};
constexpr ShortPairs SHORT_PAIRS;

MILLRACE_INLINE u8* write_pair(u8* out, u32 value) {
  memcpy(out, PAIRS.text + 2 * value, 2);
  return out + 2;
}

MILLRACE_INLINE u8* write_four(u8* out, u32 value) {
  return write_pair(write_pair(out, value / 100), value % 100);
}

MILLRACE_INLINE u8* write_eight(u8* out, u32 value) {
  return write_four(write_four(out, value / 10000), value % 10000);
}

// Below 100, without a leading zero and without a branch: lengths of numbers are hard to predict.
MILLRACE_INLINE u8* write_up_to_two(u8* out, u32 value) {
  memcpy(out, SHORT_PAIRS.text + 2 * value, 2);
  return out + 1 + (value >= 10);
}

// Below 10,000, without leading zeros.
MILLRACE_INLINE u8* write_up_to_four(u8* out, u32 value) {
  if (value < 100) return write_up_to_two(out, value);
  const u32 high = value / 100;
  return write_pair(write_up_to_two(out, high), value - high * 100);
}

// Below 100,000,000, without leading zeros.
MILLRACE_INLINE u8* write_up_to_eight(u8* out, u32 value) {
  if (value < 10000) return write_up_to_four(out, value);
  return write_four(write_up_to_four(out, value / 10000), value % 10000);
}

MILLRACE_INLINE u8* write_uint64(u8* out, u64 value) {
  constexpr u64 E8 = 100000000;
  if (LIKELY(value < E8)) return write_up_to_eight(out, static_cast<u32>(value));
  const u64 high = value / E8;
  const u32 low = static_cast<u32>(value - high * E8);
  if (LIKELY(high < E8)) return write_eight(write_up_to_eight(out, static_cast<u32>(high)), low);
  const u32 top = static_cast<u32>(high / E8);
  const u32 middle = static_cast<u32>(high - top * E8);
  return write_eight(write_eight(write_up_to_four(out, top), middle), low);
}

// A fraction of DIGITS digits, not zero, behind the point; trailing zeros are left out.
template <u32 DIGITS>
MILLRACE_INLINE u8* write_fraction(u8* out, u32 fraction) {
  *out++ = '.';
  if (DIGITS == 2) {
    write_pair(out, fraction);
    return out + (out[1] == '0' ? 1 : 2);
  }
  write_pair(write_four(out, fraction / 100), fraction % 100);
  out += DIGITS;
  while (out[-1] == '0') out--;
  return out;
}

// Digits and exponent of std::to_chars, set as ECMA-262 Number::toString does: `digits` of them,
// the decimal point behind digit `point`.
u8* place_digits(u8* out, const char* digits, i32 count, i32 point) {
  if (point > 0 && point <= 21) {
    if (count <= point) {
      memcpy(out, digits, static_cast<u32>(count));
      memset(out + count, '0', static_cast<u32>(point - count));
      return out + point;
    }
    memcpy(out, digits, static_cast<u32>(point));
    out[point] = '.';
    memcpy(out + point + 1, digits + point, static_cast<u32>(count - point));
    return out + count + 1;
  }
  if (point <= 0 && point > -6) {
    memcpy(out, "0.000000", 8);
    out += 2 - point;
    memcpy(out, digits, static_cast<u32>(count));
    return out + count;
  }
  *out++ = static_cast<u8>(digits[0]);
  if (count > 1) {
    *out++ = '.';
    memcpy(out, digits + 1, static_cast<u32>(count - 1));
    out += count - 1;
  }
  const i32 exponent = point - 1;
  *out++ = 'e';
  *out++ = exponent < 0 ? '-' : '+';
  return write_up_to_four(out, static_cast<u32>(exponent < 0 ? -exponent : exponent));
}

MILLRACE_NOINLINE u8* write_shortest(u8* out, f64 magnitude) {
  char text[32];
  const auto result = std::to_chars(text, text + 32, magnitude, std::chars_format::scientific);
  // d.ddde+XX: close the gap behind the first digit, then read the exponent
  const char* end = result.ptr;
  const char* mark = end;
  while (*--mark != 'e') continue;
  i32 exponent = 0;
  for (const char* digit = mark + 2; digit < end; digit++) {
    exponent = exponent * 10 + (*digit - '0');
  }
  if (mark[1] == '-') exponent = -exponent;
  const i32 count = mark - text == 1 ? 1 : static_cast<i32>(mark - text) - 1;
  if (count > 1) memmove(text + 1, text + 2, static_cast<u32>(count - 1));
  return place_digits(out, text, count, exponent + 1);
}

// Dates that were written: timestamps of a stream share few days. Day d is kept in slot d % DATES.
struct DateText {
  i32 day;
  u32 length;  // 0: none yet
  u8 text[16];
};
constexpr u32 DATES = 64;
DateText dates[DATES];

// `day` since 1970-01-01 to a date of the proleptic Gregorian calendar: Howard Hinnant,
// "chrono-compatible low-level date algorithms", civil_from_days. Years begin in March there.
MILLRACE_NOINLINE void write_date(DateText& date, i32 day) {
  const i32 shifted = day + 719468;
  const i32 era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const u32 day_of_era = static_cast<u32>(shifted - era * 146097);
  const u32 year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const u32 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const u32 month_from_march = (5 * day_of_year + 2) / 153;
  const u32 day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const u32 month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const i32 year = static_cast<i32>(year_of_era) + era * 400 + (month <= 2);
  u8* out = date.text;
  if (LIKELY(year >= 0 && year <= 9999)) {
    out = write_four(out, static_cast<u32>(year));
  } else {
    *out++ = year < 0 ? '-' : '+';
    const u32 magnitude = static_cast<u32>(year < 0 ? -year : year);
    out = write_four(write_pair(out, magnitude / 10000), magnitude % 10000);
  }
  *out = '-';
  out = write_pair(out + 1, month);
  *out = '-';
  out = write_pair(out + 1, day_of_month);
  *out = 'T';
  date.day = day;
  date.length = static_cast<u32>(out + 1 - date.text);
}

}  // namespace

u8* write_int64(u8* out, i64 value) {
  u64 magnitude = static_cast<u64>(value);
  if (value < 0) {
    *out++ = '-';
    magnitude = 0 - magnitude;
  }
  return write_uint64(out, magnitude);
}

u8* write_float64(u8* out, f64 value) {
  f64 magnitude = __builtin_fabs(value);
  if (UNLIKELY(!(magnitude <= __DBL_MAX__))) {
    memcpy(out, "null", 4);
    return out + 4;
  }
  if (value < 0) *out++ = '-';
  // Where whole / 10^k gives the value back, its digits are the shortest: below 10^15 no two
  // decimals of so few digits are the same double. Division rounds correctly, as parsing does.
  if (LIKELY(magnitude < 1e9)) {
    const f64 truncated = __builtin_trunc(magnitude);
    const u32 whole = static_cast<u32>(truncated);
    if (truncated == magnitude) return write_uint64(out, whole);
    const f64 cents = __builtin_rint(magnitude * 1e2);
    if (cents / 1e2 == magnitude) {
      // A multiple of 1/100 is never so near to the next integer that the double rounds up to it.
      const u32 fraction = static_cast<u32>(cents - truncated * 1e2);
      return write_fraction<2>(write_uint64(out, whole), fraction);
    }
    const f64 millionths = __builtin_rint(magnitude * 1e6);
    if (millionths / 1e6 == magnitude) {
      const u32 fraction = static_cast<u32>(millionths - truncated * 1e6);
      return write_fraction<6>(write_uint64(out, whole), fraction);
    }
  } else if (magnitude < 0x1p53 && __builtin_trunc(magnitude) == magnitude) {
    return write_uint64(out, static_cast<u64>(magnitude));
  }
  return write_shortest(out, magnitude);
}

u8* write_timestamp(u8* out, i64 microseconds) {
  constexpr i64 DAY = 86400000000ll;
  i32 day = static_cast<i32>(microseconds / DAY);
  i64 rest = microseconds - day * DAY;
  if (rest < 0) {
    rest += DAY;
    day--;
  }
  DateText& date = dates[static_cast<u32>(day) % DATES];
  if (UNLIKELY(day != date.day || date.length == 0)) write_date(date, day);
  memcpy(out, date.text, 16);
  out += date.length;
  const u32 second_of_day = static_cast<u32>(rest / 1000000);
  const u32 fraction = static_cast<u32>(rest - static_cast<i64>(second_of_day) * 1000000);
  const u32 minute_of_day = second_of_day / 60;
  out = write_pair(out, minute_of_day / 60);
  *out = ':';
  out = write_pair(out + 1, minute_of_day % 60);
  *out = ':';
  out = write_pair(out + 1, second_of_day % 60);
  *out = '.';
  const u32 millis = fraction / 1000;
  const u32 micros = fraction % 1000;
  out[1] = static_cast<u8>('0' + millis / 100);
  out = write_pair(out + 2, millis % 100);
  if (micros) {
    *out = static_cast<u8>('0' + micros / 100);
    out = write_pair(out + 1, micros % 100);
  }
  *out = 'Z';
  return out + 1;
}

}  // namespace millrace
