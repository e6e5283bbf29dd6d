// Days, counted from 1970-01-01, as dates of the proleptic Gregorian calendar. Years are
// astronomical (0 is 1 BC), rests count from the past. The calendar repeats itself after 400 years.
#pragma once
#include "abi.h"

namespace millrace {

constexpr i64 DAY_SECONDS = 86400;
constexpr i64 ERA_YEARS = 400;
constexpr i64 ERA_DAYS = 146097;
// From the 1st of March in the year 0, with which the eras begin.
constexpr i64 EPOCH_DAY = 719468;

// One division: engines do not see that a quotient and a rest have theirs in common.
MILLRACE_INLINE i64 floor_div(i64 value, i64 divisor) {
  const i64 quotient = value / divisor;
  return quotient - (value - quotient * divisor < 0);
}
MILLRACE_INLINE i64 floor_mod(i64 value, i64 divisor) {
  const i64 rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}

// Halves away from zero; of every value, though not of every sum with a half.
MILLRACE_INLINE i64 rounded_div(i64 value, i64 divisor) {
  const i64 quotient = value / divisor;
  const i64 rest = value - quotient * divisor;
  return quotient + (rest >= divisor / 2) - (rest <= -divisor / 2);
}

struct Civil {
  i64 year;
  u32 month;  // 1 to 12
  u32 day;    // 1 to 31
};

// Neri and Schneider, Euclidean affine functions and their application to calendar algorithms: a
// product has a quotient above and a rest below. Years begin in March there.
MILLRACE_INLINE Civil civil_of(i64 day) {
  const i64 shifted = day + EPOCH_DAY;
  const i64 era = floor_div(shifted, ERA_DAYS);
  const u32 quarters = 4 * static_cast<u32>(shifted - era * ERA_DAYS) + 3;
  const u32 century = quarters / static_cast<u32>(ERA_DAYS);
  const u32 quarter_of_century = quarters % static_cast<u32>(ERA_DAYS) | 3;
  // 2^32 / 1461, rounded up: years above, the rest of the year below.
  constexpr u32 PER_YEAR = 2939745;
  const u64 years = static_cast<u64>(PER_YEAR) * quarter_of_century;
  const u32 day_of_year = static_cast<u32>(years) / PER_YEAR / 4;
  // 65536 / 30.6 days, rounded down: months above, the rest of the month below.
  const u32 months = 2141 * day_of_year + 197913;
  const u32 from_january = months >> 16;
  const bool next_year = day_of_year >= 306;
  const i64 year = era * ERA_YEARS + 100 * century + static_cast<u32>(years >> 32) + next_year;
  return {year, next_year ? from_january - 12 : from_january, (months & 0xffff) / 2141 + 1};
}

// Of a year of the first eras (Hinnant, chrono-compatible low-level date algorithms): with years
// that begin in March, the leap day is the last.
MILLRACE_INLINE i64 day_in_era(u32 year, u32 month, u32 day) {
  // An era more keeps January of the year 0 positive.
  const u32 y = year + static_cast<u32>(ERA_YEARS) - (month <= 2);
  const u32 era = y / static_cast<u32>(ERA_YEARS);
  const u32 year_of_era = y - era * static_cast<u32>(ERA_YEARS);
  const u32 day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const u32 day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * ERA_DAYS + day_of_era - EPOCH_DAY - ERA_DAYS;
}

MILLRACE_INLINE i64 day_of(Civil date) {
  const i64 era = floor_div(date.year, ERA_YEARS);
  const u32 year = static_cast<u32>(date.year - era * ERA_YEARS);
  return era * ERA_DAYS + day_in_era(year, date.month, date.day);
}

// `year` may count within its era.
MILLRACE_INLINE u32 month_days(i64 year, u32 month) {
  // Two bits a month: days beyond 28.
  constexpr u32 BEYOND_28 = 0b11'10'11'10'11'11'10'11'10'11'00'11'00;
  const bool leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return 28 + (BEYOND_28 >> (2 * month) & 3) + leap;
}

// 0 on Mondays: 1970-01-01 is a Thursday.
MILLRACE_INLINE i64 weekday_of(i64 day) { return floor_mod(day + 3, 7); }

// The year and week of ISO 8601: those of the week's Thursday.
struct IsoWeek {
  i64 year;
  i64 week;
};
MILLRACE_INLINE IsoWeek iso_week_of(i64 day) {
  const i64 thursday = day - weekday_of(day) + 3;
  const i64 year = civil_of(thursday).year;
  return {year, (thursday - day_of({year, 1, 1})) / 7 + 1};
}

}  // namespace millrace
