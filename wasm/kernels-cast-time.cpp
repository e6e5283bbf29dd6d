// Casts between dates, times, timestamps and durations.
//
// Between units as in DuckDB: to a finer one exactly, or it does not fit; to seconds and
// milliseconds by rounding halves away from zero, to microseconds by cutting off towards the past.
#include "kernels-cast.h"
#include "kernels-time.h"

namespace millrace {
namespace {

// `apply` with the unit that has so many of a finer one; each has a division of its own.
template <typename Apply>
u32 with_ratio(i64 ratio, Apply apply) {
  if (ratio == 1000) return apply(TimeUnit<1000>{});
  if (ratio == MICROS) return apply(TimeUnit<MICROS>{});
  return apply(TimeUnit<1000 * MICROS>{});
}

u32 same_unit(Cast& cast) {
  const i64* from = at<i64>(cast.from->data);
  i64* to = at<i64>(cast.to->data);
  return cast.all([=](u32 row) {
    to[row] = from[row];
    return true;
  });
}

u32 finer(Cast& cast, i64 ratio) {
  const i64* from = at<i64>(cast.from->data);
  i64* to = at<i64>(cast.to->data);
  return with_ratio(ratio, [=, &cast](auto unit) {
    return cast.all([=](u32 row) { return multiply<unit.second>(from[row], to[row]); });
  });
}

u32 coarser(Cast& cast, i64 ratio, bool rounds) {
  const i64* from = at<i64>(cast.from->data);
  i64* to = at<i64>(cast.to->data);
  return with_ratio(ratio, [=, &cast](auto unit) {
    if (rounds) {
      return cast.all([=](u32 row) {
        to[row] = rounded_div(from[row], unit.second);
        return true;
      });
    }
    return cast.all([=](u32 row) {
      to[row] = floor_div(from[row], unit.second);
      return true;
    });
  });
}

u32 between_units(Cast& cast) {
  const i64 before = units_per_second(cast.from->param);
  const i64 after = units_per_second(cast.to->param);
  if (after == before) return same_unit(cast);
  if (after > before) return finer(cast, after / before);
  return coarser(cast, before / after, after < MICROS);
}

u32 date_to_timestamp(Cast& cast) {
  const i32* from = at<i32>(cast.from->data);
  i64* to = at<i64>(cast.to->data);
  return with_unit(cast.to->param, [=, &cast](auto unit) {
    return cast.all([=](u32 row) { return multiply<unit.day>(from[row], to[row]); });
  });
}

u32 timestamp_to_date(Cast& cast) {
  const i64* from = at<i64>(cast.from->data);
  i32* to = at<i32>(cast.to->data);
  return with_unit(cast.from->param, [=, &cast](auto unit) {
    return cast.all([=](u32 row) {
      const i64 days = floor_div(from[row], unit.day);
      to[row] = static_cast<i32>(days);
      return days == to[row];
    });
  });
}

u32 timestamp_to_time(Cast& cast) {
  const i64* from = at<i64>(cast.from->data);
  i64* to = at<i64>(cast.to->data);
  return with_unit(cast.from->param, [=, &cast](auto unit) {
    return cast.all([=](u32 row) {
      to[row] = micros_of(unit, floor_mod(from[row], unit.day));
      return true;
    });
  });
}

u32 dispatch(Cast& cast) {
  if (cast.from->type == TYPE_DATE) return date_to_timestamp(cast);
  if (cast.to->type == TYPE_DATE) return timestamp_to_date(cast);
  if (cast.to->type == TYPE_TIME) return timestamp_to_time(cast);
  return between_units(cast);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// A date or timestamp as one, or as a time; `misfit` as in kernel_cast.
MILLRACE_EXPORT(kernel_cast_time)
u32 kernel_cast_time(u32 column_at, u32 type, u32 param, u32 misfit, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  if (is_null_constant(column)) {
    const u8 to = static_cast<u8>(type);
    return address_of(null_column(to, column->length, static_cast<u16>(param)));
  }
  Column* out = result_of(column, type, param);
  if (out == nullptr) return KERNEL_FULL;
  const Rows one = {1, nullptr, count == 0 ? 0u : 1u};
  const Rows rows = is_constant(column) ? one : rows_of(column, selection, count);
  Cast cast{column, out, rows, misfit != 0};
  const u32 result = dispatch(cast);
  // The row of a constant stands for all: the first that is selected names it.
  if (result == KERNEL_FAILED && is_constant(column)) {
    failed_row = rows_of(column, selection, count)[0];
  }
  return result;
}
