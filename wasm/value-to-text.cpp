// Texts of values as SQL prints them; see text-values.h.
#include <charconv>
#include <math.h>

#include "calendar.h"
#include "digits.h"
#include "number-writer.h"
#include "text-values.h"

namespace millrace {
namespace {

constexpr i64 SECOND = 1'000'000'000;  // in nanoseconds
constexpr i64 DAY = 86400 * SECOND;

// `nanos` behind a point, without zeros at the end; nothing where it is 0.
u8* write_fraction(u8* out, u64 nanos) {
  if (nanos == 0) return out;
  constexpr u32 E8 = 100'000'000;
  const u32 digits = static_cast<u32>(nanos);
  out[0] = '.';
  out[1] = static_cast<u8>('0' + digits / E8);
  out = write_eight(out + 2, digits % E8);
  while (out[-1] == '0') --out;
  return out;
}

u8* write_clock(u8* out, u64 hours, u64 nanos_of_hour) {
  out = hours < 100 ? write_pair(out, static_cast<u32>(hours)) : write_uint64(out, hours);
  const u32 seconds = static_cast<u32>(nanos_of_hour / SECOND);
  *out = ':';
  out = write_pair(out + 1, seconds / 60);
  *out = ':';
  out = write_pair(out + 1, seconds % 60);
  return write_fraction(out, nanos_of_hour - static_cast<u64>(seconds) * SECOND);
}

u8* write_date(u8* out, i64 days) {
  const auto [year, month, day] = civil_of(days);
  // There is no year 0 in texts: 1 BC is before the year 1.
  const bool before = year <= 0;
  const u64 shown = static_cast<u64>(before ? 1 - year : year);
  out = shown < 10000 ? write_four(out, static_cast<u32>(shown)) : write_uint64(out, shown);
  *out = '-';
  out = write_pair(out + 1, month);
  *out = '-';
  out = write_pair(out + 1, day);
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
  out = write_uint64(out, static_cast<u64>(whole));
  *out++ = '.';
  if (places == 0) places = 1;
  for (u32 i = places; i > 0; fraction /= 10) out[--i] = static_cast<u8>('0' + fraction % 10);
  return out + places;
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

u8* write_decimal_text(u8* out, i128 value, u16 param) {
  const u32 scale = scale_of(param);
  const u64 low = static_cast<u64>(value);
  u8* const end = write_decimal(out, low, static_cast<u64>(value >> 64), scale);
  // As DuckDB: no zero before the point where the type has no digit there.
  if (precision_of(param) > scale) return end;
  u8* const zero = out + (value < 0);
  memmove(zero, zero + 1, static_cast<u32>(end - zero - 1));
  return end - 1;
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
  const i64 days = floor_div(value, per_day);
  out = write_date(out, days);
  *out++ = ' ';
  const u64 nanos = static_cast<u64>((value - days * per_day) * unit);
  const u64 hours = nanos / (3600 * SECOND);
  out = write_clock(out, hours, nanos - hours * 3600 * SECOND);
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
