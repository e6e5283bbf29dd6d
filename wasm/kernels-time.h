// Dates, times, timestamps and durations as the kernels compute with them.
//
// The calendar is the proleptic Gregorian one, years are astronomical (0 is 1 BC), rests count from
// the past. Instants are looked at in UTC.
#pragma once
#include "decimal.h"
#include "kernels.h"

namespace millrace {

// Numbers are part of the contract: src/operators/kernels/time.ts has the same.
enum TimePart : u32 {
  PART_YEAR = 0,
  PART_QUARTER = 1,
  PART_MONTH = 2,
  PART_WEEK = 3,
  PART_DAY = 4,
  PART_HOUR = 5,
  PART_MINUTE = 6,
  PART_SECOND = 7,
  PART_MILLISECOND = 8,
  PART_MICROSECOND = 9,
  PART_DAY_OF_WEEK = 10,
  PART_ISO_DAY_OF_WEEK = 11,
  PART_DAY_OF_YEAR = 12,
  PART_ISO_YEAR = 13,
  PART_EPOCH = 14,
};

constexpr i64 DAY_SECONDS = 86400;
constexpr i64 MICROS = 1'000'000;
constexpr i64 DAY_MICROS = DAY_SECONDS * MICROS;

// A unit that values count in.
template <i64 PER_SECOND>
struct TimeUnit {
  static constexpr i64 second = PER_SECOND;
  static constexpr i64 day = DAY_SECONDS * PER_SECOND;
};

// `apply` with the unit of a timestamp's `Column::param`.
template <typename Apply>
MILLRACE_INLINE auto with_unit(u32 param, Apply apply) {
  switch (param & TIMESTAMP_UNIT_MASK) {
    case TIMESTAMP_S:
      return apply(TimeUnit<1>{});
    case TIMESTAMP_MS:
      return apply(TimeUnit<1000>{});
    case TIMESTAMP_NS:
      return apply(TimeUnit<1000 * MICROS>{});
    default:
      return apply(TimeUnit<MICROS>{});
  }
}

MILLRACE_INLINE i64 units_per_second(u32 param) {
  return with_unit(param, [](auto unit) { return unit.second; });
}

MILLRACE_INLINE i64 floor_div(i64 value, i64 divisor) {
  const i64 quotient = value / divisor;
  return quotient - (value % divisor < 0);
}
MILLRACE_INLINE i64 floor_mod(i64 value, i64 divisor) {
  const i64 rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}

struct Civil {
  i64 year;
  u32 month;  // 1 to 12
  u32 day;    // 1 to 31
};

// Hinnant, chrono-compatible low-level date algorithms: years begin in March there.
MILLRACE_INLINE Civil civil_of(i64 day) {
  const i64 shifted = day + 719468;
  const i64 era = floor_div(shifted, 146097);
  const u32 day_of_era = static_cast<u32>(shifted - era * 146097);
  const u32 year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const u32 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const u32 from_march = (5 * day_of_year + 2) / 153;
  const u32 month = from_march < 10 ? from_march + 3 : from_march - 9;
  const i64 year = era * 400 + static_cast<i64>(year_of_era) + (month <= 2);
  return {year, month, day_of_year - (153 * from_march + 2) / 5 + 1};
}

MILLRACE_INLINE i64 day_of(Civil date) {
  const i64 year = date.year - (date.month <= 2);
  const i64 era = floor_div(year, 400);
  const u32 year_of_era = static_cast<u32>(year - era * 400);
  const u32 from_march = date.month > 2 ? date.month - 3 : date.month + 9;
  const u32 day_of_year = (153 * from_march + 2) / 5 + date.day - 1;
  const u32 day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<i64>(day_of_era) - 719468;
}

MILLRACE_INLINE bool is_leap(i64 year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}
MILLRACE_INLINE u32 month_days(i64 year, u32 month) {
  // Two bits a month: days beyond 28.
  constexpr u32 BEYOND_28 = 0b11'10'11'10'11'11'10'11'10'11'00'11'00;
  return 28 + (BEYOND_28 >> (2 * month) & 3) + (month == 2 && is_leap(year));
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

// A rest in units as microseconds.
template <typename Unit>
MILLRACE_INLINE i64 micros_of(Unit, i64 rest) {
  if constexpr (Unit::second > MICROS) return rest / (Unit::second / MICROS);
  return rest * (MICROS / (Unit::second > MICROS ? MICROS : Unit::second));
}

MILLRACE_INLINE bool fits_int64(i128 value) { return value == static_cast<i64>(value); }

// Values of fixed width of a column, one stored row of a constant.
template <typename T>
struct Values {
  const T* data;
  u32 mask;

  explicit Values(const Column* column)
      : data(at<T>(column->data)), mask(is_constant(column) ? 0 : ~0u) {}
  T operator[](u32 row) const { return data[row & mask]; }
};

// Selected rows that are valid in `out` must have a result: `apply(row)` answers false where one
// has none. Answers as kernels do.
template <typename Apply>
MILLRACE_INLINE u32 each_row(Column* out, const Rows& rows, Apply apply) {
  if (is_constant(out)) {
    if (rows.count == 0 || apply(0) || !is_valid(out, 0)) return address_of(out);
    failed_row = rows[0];
    return KERNEL_FAILED;
  }
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    if (LIKELY(apply(row)) || !is_valid(out, row)) continue;
    failed_row = row;
    return KERNEL_FAILED;
  }
  return address_of(out);
}

// The column that a kernel of one operand fills, null where the operand is; nullptr where the lease
// is full.
MILLRACE_INLINE Column* result_of(const Column* column, u32 type, u32 param) {
  Column* out = new_fixed_column(static_cast<u8>(type), column->length, column->flags);
  if (out == nullptr) return nullptr;
  out->param = static_cast<u16>(param);
  out->validity = column->validity;
  out->null_count = column->null_count;
  return out;
}
// The same of two operands, neither a null constant.
MILLRACE_INLINE Column* result_of(const Column* left, const Column* right, u32 type, u32 param) {
  const u8 flags = left->flags & right->flags;
  Column* out = new_fixed_column(static_cast<u8>(type), left->length, flags);
  if (out == nullptr || !join_validity(out, left, right)) return nullptr;
  out->param = static_cast<u16>(param);
  return out;
}

}  // namespace millrace
