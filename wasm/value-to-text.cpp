// Texts of values as SQL prints them; see text-values.h.
#include <charconv>
#include <math.h>

#include "text-values.h"

namespace millrace {
namespace {

constexpr i64 SECOND = 1'000'000'000;  // in nanoseconds
constexpr i64 DAY = 86400 * SECOND;

u8* write_padded(u8* out, u64 value, u32 digits) {
  for (u32 i = digits; i > 0; value /= 10) out[--i] = static_cast<u8>('0' + value % 10);
  return out + digits;
}

// `nanos` behind a point, without zeros at the end; nothing where it is 0.
u8* write_fraction(u8* out, u64 nanos) {
  if (nanos == 0) return out;
  *out++ = '.';
  out = write_padded(out, nanos, 9);
  while (out[-1] == '0') --out;
  return out;
}

u8* write_clock(u8* out, u64 hours, u64 nanos_of_hour) {
  out = hours < 100 ? write_padded(out, hours, 2) : write_uint(out, hours);
  *out++ = ':';
  const u64 seconds = nanos_of_hour / SECOND;
  out = write_padded(out, seconds / 60, 2);
  *out++ = ':';
  out = write_padded(out, seconds % 60, 2);
  return write_fraction(out, nanos_of_hour % SECOND);
}

// Year, month and day of days since the epoch (Hinnant, low-level date algorithms).
void civil_from_days(i64 days, i64& year, u32& month, u32& day) {
  days += 719468;
  const i64 era = (days >= 0 ? days : days - 146096) / 146097;
  const u32 of_era = static_cast<u32>(days - era * 146097);
  const u32 year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const u32 of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const u32 shifted = (5 * of_year + 2) / 153;
  day = of_year - (153 * shifted + 2) / 5 + 1;
  month = shifted < 10 ? shifted + 3 : shifted - 9;
  year = year_of_era + era * 400 + (month <= 2);
}

u8* write_date(u8* out, i64 days) {
  i64 year;
  u32 month, day;
  civil_from_days(days, year, month, day);
  // As DuckDB prints them: there is a year 0 though, and before it the years before Christ.
  const bool before = year < 0;
  const u64 shown = static_cast<u64>(before ? 1 - year : year);
  out = shown < 10000 ? write_padded(out, shown, 4) : write_uint(out, shown);
  *out++ = '-';
  out = write_padded(out, month, 2);
  *out++ = '-';
  out = write_padded(out, day, 2);
  if (!before) return out;
  memcpy(out, " (BC)", 5);
  return out + 5;
}

// Shortest digits of a float that is finite and not negative, as `fmt` sets them: plain from 1e-4
// up to 1e16, else with an exponent of at least two digits.
template <typename T>
u8* write_shortest(u8* out, T magnitude) {
  char text[40];
  const auto result = std::to_chars(text, text + 40, magnitude, std::chars_format::scientific);
  const char* mark = result.ptr;
  while (*--mark != 'e') continue;
  i32 exponent = 0;
  for (const char* digit = mark + 2; digit < result.ptr; ++digit) {
    exponent = exponent * 10 + (*digit - '0');
  }
  if (mark[1] == '-') exponent = -exponent;
  if (exponent < -4 || exponent >= 16) {
    memcpy(out, text, static_cast<u32>(result.ptr - text));
    return out + (result.ptr - text);
  }
  char digits[40];
  i32 count = 0;
  for (const char* digit = text; digit < mark; ++digit) {
    if (*digit != '.') digits[count++] = *digit;
  }
  if (exponent < 0) {
    *out++ = '0';
    *out++ = '.';
    for (i32 i = -1; i > exponent; --i) *out++ = '0';
    memcpy(out, digits, static_cast<u32>(count));
    return out + count;
  }
  for (i32 i = 0; i <= exponent || i < count; ++i) {
    if (i == exponent + 1) *out++ = '.';
    *out++ = static_cast<u8>(i < count ? digits[i] : '0');
  }
  if (count > exponent + 1) return out;
  *out++ = '.';
  *out++ = '0';
  return out;
}

// Numbers that are whole, or hundredths or millionths of one, are written as that where it is the
// same double: below 10^15 no two decimals of so few digits are one, so these are the shortest.
u8* write_short(u8* out, f64 magnitude) {
  if (magnitude >= 1e9) return nullptr;
  const f64 whole = __builtin_trunc(magnitude);
  u32 places = 0;
  u64 fraction = 0;
  if (whole != magnitude) {
    const f64 millionths = __builtin_rint(magnitude * 1e6);
    if (millionths / 1e6 != magnitude || magnitude < 1e-4) return nullptr;
    fraction = static_cast<u64>(millionths) - static_cast<u64>(whole) * 1'000'000;
    places = 6;
    for (; fraction % 10 == 0; fraction /= 10) --places;
  }
  out = write_uint(out, static_cast<u64>(whole));
  *out++ = '.';
  return write_padded(out, fraction, places == 0 ? 1 : places);
}
// All whole numbers up to 2^24 are floats.
u8* write_short(u8* out, f32 magnitude) {
  if (magnitude >= 16777216.0f || truncf(magnitude) != magnitude) return nullptr;
  return write_short(out, static_cast<f64>(magnitude));
}

template <typename T>
u8* write_real(u8* out, T value) {
  if (isnan(value)) {
    memcpy(out, "nan", 3);
    return out + 3;
  }
  if (signbit(value)) *out++ = '-';
  if (isinf(value)) {
    memcpy(out, "inf", 3);
    return out + 3;
  }
  const T magnitude = signbit(value) ? -value : value;
  u8* const end = write_short(out, magnitude);
  return end != nullptr ? end : write_shortest(out, magnitude);
}

}  // namespace

u8* write_uint(u8* out, u64 value) {
  u8 digits[20];
  u32 count = 0;
  do digits[count++] = static_cast<u8>('0' + value % 10);
  while ((value /= 10) != 0);
  while (count > 0) *out++ = digits[--count];
  return out;
}

u8* write_int(u8* out, i64 value) {
  if (value < 0) *out++ = '-';
  return write_uint(out, value < 0 ? 0 - static_cast<u64>(value) : static_cast<u64>(value));
}

u8* write_decimal(u8* out, i128 value, u16 param) {
  const u32 scale = scale_of(param);
  u128 rest = value < 0 ? 0 - static_cast<u128>(value) : static_cast<u128>(value);
  if (value < 0) *out++ = '-';
  // As DuckDB: no zero before the point where the type has no digit there.
  const u32 least = precision_of(param) > scale ? scale + 1 : scale;
  u8 digits[40];
  u32 count = 0;
  for (; rest != 0 || count < least; rest /= 10) {
    digits[count++] = static_cast<u8>('0' + static_cast<u32>(rest % 10));
  }
  while (count > scale) *out++ = digits[--count];
  if (scale == 0) return out;
  *out++ = '.';
  while (count > 0) *out++ = digits[--count];
  return out;
}

u8* write_double(u8* out, f64 value) { return write_real(out, value); }
u8* write_float(u8* out, f32 value) { return write_real(out, value); }

u8* write_date_text(u8* out, i32 days) { return write_date(out, days); }

u8* write_time_text(u8* out, i64 micros) {
  const u64 value = static_cast<u64>(micros);
  return write_clock(out, value / 3'600'000'000, value % 3'600'000'000 * 1000);
}

u8* write_timestamp_text(u8* out, i64 value, u16 param) {
  constexpr i64 UNITS[] = {1000, SECOND, 1'000'000, 1};
  const i64 unit = UNITS[param & TIMESTAMP_UNIT_MASK];
  const i64 per_day = DAY / unit;
  i64 days = value / per_day;
  i64 rest = value % per_day;
  if (rest < 0) {
    --days;
    rest += per_day;
  }
  out = write_date(out, days);
  *out++ = ' ';
  const u64 nanos = static_cast<u64>(rest * unit);
  out = write_clock(out, nanos / (3600 * SECOND), nanos % (3600 * SECOND));
  if (param & TIMESTAMP_LOCAL) return out;
  memcpy(out, "+00", 3);
  return out + 3;
}

u8* write_duration_text(u8* out, i64 micros) {
  if (micros < 0) *out++ = '-';
  const u64 value = micros < 0 ? 0 - static_cast<u64>(micros) : static_cast<u64>(micros);
  return write_clock(out, value / 3'600'000'000, value % 3'600'000'000 * 1000);
}

}  // namespace millrace
