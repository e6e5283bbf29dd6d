// Sums and differences of dates, times, timestamps and durations.
#include <math.h>

#include "kernels-time.h"

namespace millrace {
namespace {

// Numbers are part of the contract: src/operators/kernels/time.ts has the same.
enum SumOp : u32 {
  SUM_TIMESTAMP = 0,      // timestamp (us, ns) and duration
  SUM_DATE = 1,           // date and int64 days
  SUM_TIME = 2,           // time and duration, within the day
  DIFFERENCE_DATE = 3,    // of dates: int64 days
  DIFFERENCE = 4,         // of timestamps (us, ns): duration
  PRODUCT_INTEGER = 5,    // duration and int64
  PRODUCT_FLOAT = 6,      // duration and float64, halves to even
  ADD_MONTHS = 7,         // timestamp (us, ns) and int64 months
  QUOTIENT = 8,           // duration and float64, halves to even; null by 0
};

// Units of a timestamp in a microsecond: 1 or 1000.
MILLRACE_INLINE i64 units_per_micro(const Column* column) {
  return units_per_second(column->param) / MICROS;
}

// What the operator takes of its right operand: `factor` times it, negative in a difference.
struct Sum {
  const Column* left;
  const Column* right;
  Column* out;
  Rows rows;
  i64 factor;
};

template <typename T, typename To = i64>
u32 add(const Sum& sum, i64 scale) {
  const Values<T> a(sum.left);
  const Values<i64> b(sum.right);
  To* to = at<To>(sum.out->data);
  // At most 1000 times a week.
  const i64 factor = sum.factor * scale;
  const i64 most = INT64_MAX / (factor < 0 ? -factor : factor);
  return each_row(sum.out, sum.rows, [=](u32 row) {
    const i64 count = b[row];
    if (LIKELY(count <= most && count >= -most)) {
      i64 result;
      if (__builtin_add_overflow(static_cast<i64>(a[row]), count * factor, &result)) return false;
      to[row] = static_cast<To>(result);
      return static_cast<i64>(to[row]) == result;
    }
    const i128 result = a[row] + count * static_cast<i128>(factor);
    to[row] = static_cast<To>(result);
    return static_cast<i128>(to[row]) == result;
  });
}

u32 add_to_time(const Sum& sum) {
  const Values<i64> a(sum.left);
  const Values<i64> b(sum.right);
  i64* to = at<i64>(sum.out->data);
  const i64 factor = sum.factor;
  const auto moved_by = [=](i64 count) {
    // Whole days change nothing.
    return static_cast<i64>(static_cast<i128>(count) * factor % DAY_MICROS);
  };
  // Neither is a day, so that a division is too much.
  const auto turn = [=](u32 row, i64 moved) {
    i64 time = a[row] + moved;
    time += time < 0 ? DAY_MICROS : 0;
    to[row] = time - (time >= DAY_MICROS ? DAY_MICROS : 0);
    return true;
  };
  if (is_constant(sum.right)) {
    const i64 moved = moved_by(b[0]);
    return each_row(sum.out, sum.rows, [=](u32 row) { return turn(row, moved); });
  }
  // Parts of a time go into a day without a rest.
  const i64 length = factor < 0 ? -factor : factor;
  if (DAY_MICROS % length != 0) {
    return each_row(sum.out, sum.rows, [=](u32 row) { return turn(row, moved_by(b[row])); });
  }
  const i64 period = DAY_MICROS / length;
  return each_row(sum.out, sum.rows,
                  [=](u32 row) { return turn(row, b[row] % period * factor); });
}

u32 subtract_dates(const Sum& sum) {
  const Values<i32> a(sum.left);
  const Values<i32> b(sum.right);
  i64* to = at<i64>(sum.out->data);
  return each_row(sum.out, sum.rows, [=](u32 row) {
    to[row] = static_cast<i64>(a[row]) - b[row];
    return true;
  });
}

// Nanoseconds are cut to microseconds first, towards the past.
u32 subtract_timestamps(const Sum& sum) {
  const Values<i64> a(sum.left);
  const Values<i64> b(sum.right);
  i64* to = at<i64>(sum.out->data);
  const i64 units = units_per_micro(sum.left);
  if (units == 1) {
    return each_row(sum.out, sum.rows, [=](u32 row) {
      return !__builtin_sub_overflow(a[row], b[row], &to[row]);
    });
  }
  return each_row(sum.out, sum.rows, [=](u32 row) {
    return !__builtin_sub_overflow(floor_div(a[row], units), floor_div(b[row], units), &to[row]);
  });
}

u32 multiply(const Sum& sum) {
  const Values<i64> a(sum.left);
  const Values<i64> b(sum.right);
  i64* to = at<i64>(sum.out->data);
  return each_row(sum.out, sum.rows, [=](u32 row) {
    const i128 product = static_cast<i128>(a[row]) * b[row];
    to[row] = static_cast<i64>(product);
    return fits_int64(product);
  });
}

// Rounds halves to even; false where int64 does not hold the value.
MILLRACE_INLINE bool round_to(f64 value, i64* to) {
  const f64 whole = nearbyint(value);
  // NaN compares false.
  if (!(whole >= -0x1p63 && whole < 0x1p63)) return false;
  *to = static_cast<i64>(whole);
  return true;
}

u32 multiply_by_float(const Sum& sum) {
  const Values<i64> a(sum.left);
  const Values<f64> b(sum.right);
  i64* to = at<i64>(sum.out->data);
  return each_row(sum.out, sum.rows,
                  [=](u32 row) { return round_to(static_cast<f64>(a[row]) * b[row], &to[row]); });
}

u32 divide(const Sum& sum) {
  Column* const out = sum.out;
  const Values<i64> a(sum.left);
  const Values<f64> b(sum.right);
  i64* to = at<i64>(out->data);
  const u32 words = words_for(is_constant(out) ? 1 : out->length);
  u64* const valid = static_cast<u64*>(arena_array(words, 8));
  if (valid == nullptr) return KERNEL_FULL;
  const Words before = validity_words(out);
  for (u32 i = 0; i < words; ++i) valid[i] = before[i];
  const u32 result = each_row(out, sum.rows, [=](u32 row) {
    // Times the reciprocal, as DuckDB: it decides which way halves go.
    if (b[row] != 0) return round_to(static_cast<f64>(a[row]) * (1 / b[row]), &to[row]);
    valid[row >> 6] &= ~(1ull << (row & 63));
    to[row] = 0;
    return true;
  });
  if (result != KERNEL_FAILED) set_validity(out, valid);
  return result;
}

// A day that the month does not have becomes its last.
u32 add_months(const Sum& sum) {
  const Values<i64> a(sum.left);
  const Values<i64> b(sum.right);
  i64* to = at<i64>(sum.out->data);
  const i64 day_units = units_per_second(sum.left->param) * DAY_SECONDS;
  const i64 factor = sum.factor;
  return each_row(sum.out, sum.rows, [=](u32 row) {
    const i128 moved = static_cast<i128>(b[row]) * factor;
    // No two timestamps are so far apart.
    constexpr i64 MOST_MONTHS = 1ll << 40;
    if (moved > MOST_MONTHS || moved < -MOST_MONTHS) return false;
    const i64 day = floor_div(a[row], day_units);
    const Civil date = civil_of(day);
    const i64 months = date.year * 12 + date.month - 1 + static_cast<i64>(moved);
    const i64 year = floor_div(months, 12);
    const u32 month = static_cast<u32>(months - year * 12) + 1;
    const u32 last = month_days(year, month);
    const i64 target = day_of({year, month, date.day < last ? date.day : last});
    const i128 result = a[row] + static_cast<i128>(target - day) * day_units;
    to[row] = static_cast<i64>(result);
    return fits_int64(result);
  });
}

u32 dispatch(u32 op, const Sum& sum) {
  switch (op) {
    case SUM_TIMESTAMP:
      return add<i64>(sum, units_per_micro(sum.left));
    case SUM_DATE:
      return add<i32, i32>(sum, 1);
    case SUM_TIME:
      return add_to_time(sum);
    case DIFFERENCE_DATE:
      return subtract_dates(sum);
    case DIFFERENCE:
      return subtract_timestamps(sum);
    case PRODUCT_INTEGER:
      return multiply(sum);
    case PRODUCT_FLOAT:
      return multiply_by_float(sum);
    case QUOTIENT:
      return divide(sum);
    default:
      return add_months(sum);
  }
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// `op(left, factor * right)` as a column of `type` and `param`; see SumOp for the types.
MILLRACE_EXPORT(kernel_time_sum)
u32 kernel_time_sum(u32 op, u32 left_at, u32 right_at, i64 factor, u32 type, u32 param,
                    u32 selection, u32 count) {
  const Column* left = at<Column>(left_at);
  const Column* right = at<Column>(right_at);
  if (is_null_constant(left) || is_null_constant(right)) {
    const u8 result = static_cast<u8>(type);
    return address_of(null_column(result, left->length, static_cast<u16>(param)));
  }
  Column* out = result_of(left, right, type, param);
  if (out == nullptr) return KERNEL_FULL;
  return dispatch(op, {left, right, out, rows_of(left, selection, count), factor});
}
