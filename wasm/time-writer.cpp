#include "time-writer.h"

#include "calendar.h"
#include "digits.h"

namespace millrace {
namespace {

constexpr i64 MICROS = 1000000;

u8* write_civil(u8* out, i64 days) {
  const auto [year, month, day] = civil_of(days);
  if (LIKELY(year >= 0 && year <= 9999)) {
    out = write_four(out, static_cast<u32>(year));
  } else {
    *out++ = year < 0 ? '-' : '+';
    const u64 magnitude = static_cast<u64>(year < 0 ? -year : year);
    for (u64 digits = 100000; digits > magnitude && digits > 1; digits /= 10) *out++ = '0';
    out = write_uint64(out, magnitude);
  }
  *out = '-';
  out = write_pair(out + 1, month);
  *out = '-';
  return write_pair(out + 1, day);
}

// Dates that were written: timestamps of a stream share few days. Day d is kept in slot d % DATES.
struct DateText {
  i32 day;
  u32 length;  // 0: none yet
  u8 text[16];
};
constexpr u32 DATES = 64;
DateText dates[DATES];
// A sign and six digits of a year fit in the text of a slot.
constexpr i64 MAX_KEPT_DAY = 300'000'000;

MILLRACE_NOINLINE void keep_date(DateText& date, i32 day) {
  u8 text[32];
  u8* const end = write_civil(text, day);
  *end = 'T';
  memcpy(date.text, text, sizeof date.text);
  date.day = day;
  date.length = static_cast<u32>(end + 1 - text);
}

// 2026-01-15T
MILLRACE_INLINE u8* write_day(u8* out, i64 day) {
  if (UNLIKELY(day > MAX_KEPT_DAY || day < -MAX_KEPT_DAY)) {
    out = write_civil(out, day);
    *out = 'T';
    return out + 1;
  }
  DateText& date = dates[static_cast<u32>(day) % DATES];
  if (UNLIKELY(day != date.day || date.length == 0)) keep_date(date, static_cast<i32>(day));
  memcpy(out, date.text, 16);
  return out + date.length;
}

// 10:30:00
MILLRACE_INLINE u8* write_clock(u8* out, u32 second_of_day) {
  const u32 minute_of_day = second_of_day / 60;
  out = write_pair(out, minute_of_day / 60);
  *out = ':';
  out = write_pair(out + 1, minute_of_day % 60);
  *out = ':';
  return write_pair(out + 1, second_of_day % 60);
}

MILLRACE_INLINE u8* write_three(u8* out, u32 value) {
  *out = static_cast<u8>('0' + value / 100);
  return write_pair(out + 1, value % 100);
}

// The point, and three digits or six.
MILLRACE_INLINE u8* write_micros(u8* out, u32 fraction) {
  *out = '.';
  out = write_three(out + 1, fraction / 1000);
  return fraction % 1000 ? write_three(out, fraction % 1000) : out;
}

struct Split {
  i64 day;
  u32 second;    // of the day
  u32 fraction;  // of the second, in the unit
};

// `per_second` units; rests count from the past.
template <i64 PER_SECOND>
MILLRACE_INLINE Split split(i64 value) {
  constexpr i64 PER_DAY = DAY_SECONDS * PER_SECOND;
  i64 day = value / PER_DAY;
  i64 rest = value - day * PER_DAY;
  if (rest < 0) {
    rest += PER_DAY;
    day--;
  }
  const u32 second = static_cast<u32>(rest / PER_SECOND);
  return {day, second, static_cast<u32>(rest - second * PER_SECOND)};
}

// Units other than microseconds.
MILLRACE_NOINLINE u8* write_other_timestamp(u8* out, i64 value, u32 param) {
  const u32 unit = param & TIMESTAMP_UNIT_MASK;
  const Split parts = unit == TIMESTAMP_S    ? split<1>(value)
                      : unit == TIMESTAMP_MS ? split<1000>(value)
                      : unit == TIMESTAMP_NS ? split<1000 * MICROS>(value)
                                             : split<MICROS>(value);
  out = write_clock(write_day(out, parts.day), parts.second);
  if (unit == TIMESTAMP_NS) {
    out = write_micros(out, parts.fraction / 1000);
    if (parts.fraction % 1000) {
      if (parts.fraction / 1000 % 1000 == 0) out = write_three(out, 0);
      out = write_three(out, parts.fraction % 1000);
    }
  } else {
    out = write_micros(out, unit == TIMESTAMP_MS ? parts.fraction * 1000 : parts.fraction);
  }
  if (param & TIMESTAMP_LOCAL) return out;
  *out = 'Z';
  return out + 1;
}

}  // namespace

u8* write_timestamp(u8* out, i64 value, u32 param) {
  if (UNLIKELY(param != TIMESTAMP_US)) return write_other_timestamp(out, value, param);
  const Split parts = split<MICROS>(value);
  out = write_clock(write_day(out, parts.day), parts.second);
  out = write_micros(out, parts.fraction);
  *out = 'Z';
  return out + 1;
}

u8* write_date(u8* out, i32 day) { return write_civil(out, day); }

u8* write_time(u8* out, i64 microseconds) {
  if (UNLIKELY(microseconds < 0 || microseconds >= DAY_SECONDS * MICROS)) {
    memcpy(out, "null", 4);
    return out + 4;
  }
  const Split parts = split<MICROS>(microseconds);
  *out = '"';
  out = write_clock(out + 1, parts.second);
  if (parts.fraction) out = write_micros(out, parts.fraction);
  *out = '"';
  return out + 1;
}

u8* write_duration(u8* out, i64 microseconds) {
  u64 magnitude = static_cast<u64>(microseconds);
  if (microseconds < 0) {
    *out++ = '-';
    magnitude = 0 - magnitude;
  }
  *out++ = 'P';
  const u64 seconds = magnitude / MICROS;
  const u64 days = seconds / DAY_SECONDS;
  const u32 second_of_day = static_cast<u32>(seconds - days * DAY_SECONDS);
  u32 fraction = static_cast<u32>(magnitude - seconds * MICROS);
  const auto write_part = [&](u64 value, u8 letter) {
    if (value == 0) return;
    out = write_uint64(out, value);
    *out++ = letter;
  };
  write_part(days, 'D');
  if (magnitude != 0 && second_of_day == 0 && fraction == 0) return out;
  *out++ = 'T';
  write_part(second_of_day / 3600, 'H');
  write_part(second_of_day / 60 % 60, 'M');
  const u32 second = second_of_day % 60;
  if (fraction == 0) {
    if (magnitude == 0) *out++ = '0', *out++ = 'S';
    write_part(second, 'S');
    return out;
  }
  out = write_uint64(out, second);
  *out++ = '.';
  u32 digits = 6;
  for (; fraction % 10 == 0; fraction /= 10) digits--;
  for (u32 i = digits; i-- > 0; fraction /= 10) out[i] = static_cast<u8>('0' + fraction % 10);
  out[digits] = 'S';
  return out + digits + 1;
}

}  // namespace millrace
