// Parts of dates, times, timestamps and durations: extract, truncate, and how many lie between two.
#include "kernels-time.h"

namespace millrace {
namespace {

// Microseconds of a part that every day has alike; 0 of others.
i64 micros_of_part(u32 part) {
  switch (part) {
    case PART_WEEK:
      return 7 * DAY_MICROS;
    case PART_DAY:
      return DAY_MICROS;
    case PART_HOUR:
      return 3600 * MICROS;
    case PART_MINUTE:
      return 60 * MICROS;
    case PART_SECOND:
      return MICROS;
    case PART_MILLISECOND:
      return 1000;
    case PART_MICROSECOND:
      return 1;
    default:
      return 0;
  }
}

// A part of the time of a day, or of a duration's: `micros` may be negative there.
MILLRACE_INLINE i64 clock_part(u32 part, i64 micros) {
  switch (part) {
    case PART_HOUR:
      return micros / (3600 * MICROS);
    case PART_MINUTE:
      return micros / (60 * MICROS) % 60;
    case PART_SECOND:
      return micros / MICROS % 60;
    case PART_MILLISECOND:
      return micros % (60 * MICROS) / 1000;
    default:
      return micros % (60 * MICROS);
  }
}

MILLRACE_INLINE i64 day_part(u32 part, i64 day) {
  switch (part) {
    case PART_YEAR:
      return civil_of(day).year;
    case PART_QUARTER:
      return (civil_of(day).month + 2) / 3;
    case PART_MONTH:
      return civil_of(day).month;
    case PART_WEEK:
      return iso_week_of(day).week;
    case PART_DAY:
      return civil_of(day).day;
    case PART_DAY_OF_WEEK:
      return floor_mod(day + 4, 7);
    case PART_ISO_DAY_OF_WEEK:
      return weekday_of(day) + 1;
    case PART_DAY_OF_YEAR:
      return day - day_of({civil_of(day).year, 1, 1}) + 1;
    default:
      return iso_week_of(day).year;
  }
}

MILLRACE_INLINE bool is_clock_part(u32 part) {
  return part >= PART_HOUR && part <= PART_MICROSECOND;
}

u32 extract_from_dates(u32 part, const Column* column, Column* out, const Rows& rows) {
  const Values<i32> from(column);
  i64* to = at<i64>(out->data);
  const bool clock = is_clock_part(part);
  return each_row(out, rows, [=](u32 row) {
    to[row] = clock ? 0 : day_part(part, from[row]);
    return true;
  });
}

u32 extract_from_timestamps(u32 part, const Column* column, Column* out, const Rows& rows) {
  const Values<i64> from(column);
  i64* to = at<i64>(out->data);
  const bool clock = is_clock_part(part);
  return with_unit(column->param, [=, &rows](auto unit) {
    return each_row(out, rows, [=](u32 row) {
      const i64 value = from[row];
      to[row] = clock ? clock_part(part, micros_of(unit, floor_mod(value, unit.day)))
                      : day_part(part, floor_div(value, unit.day));
      return true;
    });
  });
}

// Of a duration, whose days are counted, not in years: parts are cut towards 0.
u32 extract_from_spans(u32 part, const Column* column, Column* out, const Rows& rows) {
  const Values<i64> from(column);
  i64* to = at<i64>(out->data);
  return each_row(out, rows, [=](u32 row) {
    const i64 value = from[row];
    to[row] = part == PART_DAY ? value / DAY_MICROS : clock_part(part, value % DAY_MICROS);
    return true;
  });
}

// Seconds since the epoch, since midnight, or of a duration, to the microsecond.
u32 extract_epoch(const Column* column, Column* out, const Rows& rows) {
  f64* to = at<f64>(out->data);
  if (column->type == TYPE_DATE) {
    const Values<i32> days(column);
    return each_row(out, rows, [=](u32 row) {
      to[row] = static_cast<f64>(days[row]) * DAY_SECONDS;
      return true;
    });
  }
  const Values<i64> from(column);
  const i64 units = units_per_second(column->param);
  return each_row(out, rows, [=](u32 row) {
    const i64 value = from[row];
    const i128 whole = value;
    const i128 micros =
        units > MICROS ? floor_div(value, units / MICROS) : whole * (MICROS / units);
    to[row] = static_cast<f64>(micros) / MICROS;
    return true;
  });
}

// The first day of a part that begins with a day.
MILLRACE_INLINE i64 first_day(u32 part, i64 day) {
  if (part == PART_DAY) return day;
  if (part == PART_WEEK) return day - weekday_of(day);
  const Civil date = civil_of(day);
  if (part == PART_YEAR) return day_of({date.year, 1, 1});
  if (part == PART_QUARTER) return day_of({date.year, (date.month - 1) / 3 * 3 + 1, 1});
  return day_of({date.year, date.month, 1});
}

// Dates become timestamps of microseconds.
u32 truncate_dates(u32 part, const Column* column, Column* out, const Rows& rows) {
  const Values<i32> from(column);
  i64* to = at<i64>(out->data);
  const u32 whole = part > PART_DAY ? PART_DAY : part;
  return each_row(out, rows, [=](u32 row) {
    return multiply<DAY_MICROS>(first_day(whole, from[row]), to[row]);
  });
}

// Towards 0: a duration of -90 minutes has one whole hour.
u32 truncate_spans(u32 part, const Column* column, Column* out, const Rows& rows) {
  const Values<i64> from(column);
  i64* to = at<i64>(out->data);
  const i64 day = part == PART_WEEK ? 7 * DAY_MICROS : DAY_MICROS;
  const i64 span = part <= PART_DAY ? day : micros_of_part(part);
  return each_row(out, rows, [=](u32 row) {
    to[row] = from[row] - from[row] % span;
    return true;
  });
}

u32 truncate_timestamps(u32 part, const Column* column, Column* out, const Rows& rows) {
  const Values<i64> from(column);
  i64* to = at<i64>(out->data);
  return with_unit(column->param, [=, &rows](auto unit) {
    if (part <= PART_DAY) {
      return each_row(out, rows, [=](u32 row) {
        return multiply<unit.day>(first_day(part, floor_div(from[row], unit.day)), to[row]);
      });
    }
    // A part finer than the unit changes nothing.
    const i64 micros = micros_of_part(part);
    const i64 span =
        unit.second > MICROS ? micros * (unit.second / MICROS) : micros * unit.second / MICROS;
    return each_row(out, rows, [=](u32 row) {
      const i64 value = from[row];
      const i64 rest = span == 0 ? 0 : floor_mod(value, span);
      return !__builtin_sub_overflow(value, rest, &to[row]);
    });
  });
}

// Beginnings of a part of days behind `start`, up to `end`; whole weeks alone count by their days.
MILLRACE_INLINE i64 days_between(u32 part, i64 start, i64 end) {
  if (part == PART_DAY) return end - start;
  if (part == PART_WEEK) return (end - start) / 7;
  const Civil a = civil_of(start);
  const Civil b = civil_of(end);
  if (part == PART_YEAR) return b.year - a.year;
  const i64 months_a = a.year * 12 + a.month - 1;
  const i64 months_b = b.year * 12 + b.month - 1;
  return part == PART_MONTH ? months_b - months_a
                            : floor_div(months_b, 3) - floor_div(months_a, 3);
}

// In units of `span` each. A part finer than the unit: `factor` of them are one unit.
struct Counting {
  i64 span;
  i64 factor;
};

template <typename T>
u32 count_parts(const Column* start, const Column* end, Column* out, const Rows& rows,
                Counting by) {
  const Values<T> a(start);
  const Values<T> b(end);
  i64* to = at<i64>(out->data);
  if (by.span > 1) {
    // Two halves of all values at most: no difference is out of range.
    return each_row(out, rows, [=](u32 row) {
      to[row] = floor_div(b[row], by.span) - floor_div(a[row], by.span);
      return true;
    });
  }
  const i64 least = INT64_MIN / by.factor;
  const i64 most = INT64_MAX / by.factor;
  return each_row(out, rows, [=](u32 row) {
    i64 units;
    const bool over = __builtin_sub_overflow(static_cast<i64>(b[row]), a[row], &units);
    to[row] = static_cast<i64>(static_cast<u64>(units) * static_cast<u64>(by.factor));
    return !over && units >= least && units <= most;
  });
}

template <typename T>
u32 count_days(u32 part, const Column* start, const Column* end, Column* out, const Rows& rows,
               i64 day) {
  const Values<T> a(start);
  const Values<T> b(end);
  i64* to = at<i64>(out->data);
  return each_row(out, rows, [=](u32 row) {
    to[row] = days_between(part, floor_div(a[row], day), floor_div(b[row], day));
    return true;
  });
}

u32 difference(u32 part, const Column* start, const Column* end, Column* out, const Rows& rows) {
  if (start->type == TYPE_DATE) {
    if (part <= PART_DAY) return count_days<i32>(part, start, end, out, rows, 1);
    return count_parts<i32>(start, end, out, rows, {1, DAY_MICROS / micros_of_part(part)});
  }
  const i64 second = units_per_second(start->param);
  if (part <= PART_DAY) {
    return count_days<i64>(part, start, end, out, rows, DAY_SECONDS * second);
  }
  const i128 span = static_cast<i128>(micros_of_part(part)) * second;
  const Counting by = span >= MICROS ? Counting{static_cast<i64>(span / MICROS), 1}
                                     : Counting{1, static_cast<i64>(MICROS / span)};
  return count_parts<i64>(start, end, out, rows, by);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// A part of each value: int64, PART_EPOCH float64.
MILLRACE_EXPORT(kernel_time_extract)
u32 kernel_time_extract(u32 part, u32 column_at, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  const u8 type = part == PART_EPOCH ? TYPE_FLOAT64 : TYPE_INT64;
  if (is_null_constant(column)) return address_of(null_column(type, column->length));
  Column* out = result_of(column, type, 0);
  if (out == nullptr) return KERNEL_FULL;
  const Rows rows = rows_of(column, selection, count);
  if (part == PART_EPOCH) return extract_epoch(column, out, rows);
  if (column->type == TYPE_DATE) return extract_from_dates(part, column, out, rows);
  if (column->type == TYPE_TIMESTAMP) return extract_from_timestamps(part, column, out, rows);
  return extract_from_spans(part, column, out, rows);
}

// The beginning of the part that each date or timestamp lies in, as a timestamp of `param`; of
// times and durations their whole parts.
MILLRACE_EXPORT(kernel_time_truncate)
u32 kernel_time_truncate(u32 part, u32 column_at, u32 param, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  const u8 type = column->type == TYPE_DATE ? static_cast<u8>(TYPE_TIMESTAMP) : column->type;
  if (is_null_constant(column)) {
    return address_of(null_column(type, column->length, static_cast<u16>(param)));
  }
  Column* out = result_of(column, type, param);
  if (out == nullptr) return KERNEL_FULL;
  const Rows rows = rows_of(column, selection, count);
  if (column->type == TYPE_DATE) return truncate_dates(part, column, out, rows);
  return column->type == TYPE_TIMESTAMP ? truncate_timestamps(part, column, out, rows)
                                        : truncate_spans(part, column, out, rows);
}

// How many parts begin behind `start`, up to `end`; both are of one type.
MILLRACE_EXPORT(kernel_time_diff)
u32 kernel_time_diff(u32 part, u32 start_at, u32 end_at, u32 selection, u32 count) {
  const Column* start = at<Column>(start_at);
  const Column* end = at<Column>(end_at);
  if (is_null_constant(start) || is_null_constant(end)) {
    return address_of(null_column(TYPE_INT64, start->length));
  }
  Column* out = result_of(start, end, TYPE_INT64, 0);
  if (out == nullptr) return KERNEL_FULL;
  return difference(part, start, end, out, rows_of(start, selection, count));
}
