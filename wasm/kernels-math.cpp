// Functions of one number, and powers.
//
// abs, sign, round, floor and ceil keep the type they are given (floor and ceil take floats alone:
// an integer is whole already); the others take float64.
#include <math.h>

#include "decimal64.h"
#include "kernels.h"
#include "rounding.h"

namespace millrace {
namespace {

// Numbers are part of the contract: src/operators/kernels/math.ts has the same.
enum MathOp : u32 {
  MATH_ABS = 0,
  MATH_SIGN = 1,
  MATH_FLOOR = 2,
  MATH_CEIL = 3,
  MATH_ROUND = 4,
  MATH_SQRT = 5,
  MATH_LN = 6,
  MATH_LOG10 = 7,
  MATH_EXP = 8,
};

// A call at work.
struct Job {
  const Column* from;
  Column* to;
  Rows rows;

  // Selected rows that are valid must have a result: `apply(row)` answers false where one has none.
  template <typename Apply>
  u32 each(Apply apply) const {
    for (u32 i = 0; i < rows.count; ++i) {
      const u32 row = rows[i];
      if (LIKELY(apply(row)) || !is_valid(from, row)) continue;
      failed_row = row;
      return KERNEL_FAILED;
    }
    return address_of(to);
  }

  // Functions that have a result for everything.
  template <typename T, typename U, typename Apply>
  u32 all(Apply apply) const {
    const T* __restrict source = at<T>(from->data);
    U* __restrict target = at<U>(to->data);
    if (rows.dense()) {
      const u32 end = rows.dense_end();
      for (u32 i = 0; i < end; ++i) target[i] = apply(source[i]);
    } else {
      for (u32 i = 0; i < rows.count; ++i) {
        const u32 row = rows.selection[i];
        target[row] = apply(source[row]);
      }
    }
    return address_of(to);
  }
};

template <typename T>
u32 absolute(const Job& job) {
  if constexpr (static_cast<T>(-1) > 0) {
    return job.all<T, T>([](T value) { return value; });
  } else {
    const T* from = at<T>(job.from->data);
    T* to = at<T>(job.to->data);
    // The least integer has no opposite: it is the one that stays negative.
    return job.each([=](u32 row) {
      const T value = from[row];
      to[row] = value < 0 ? static_cast<T>(-static_cast<u64>(value)) : value;
      return to[row] >= 0;
    });
  }
}

template <typename T>
u32 sign(const Job& job) {
  return job.all<T, i8>([](T value) { return static_cast<i8>((value > 0) - (value < 0)); });
}

template <typename T>
u32 whole_numbers(u32 op, const Job& job) {
  return op == MATH_ABS ? absolute<T>(job) : sign<T>(job);
}

// Halves away from zero. As DuckDB: what has no room for the factor stays as it is.
template <typename T>
u32 rounded(const Job& job, i32 digits) {
  if (digits == 0) {
    return job.all<T, T>([](T value) { return static_cast<T>(round_away(value)); });
  }
  const f64 factor = pow(10.0, digits < 0 ? -digits : digits);
  return job.all<T, T>([=](T value) {
    const f64 moved = digits < 0 ? value / factor : value * factor;
    const f64 result = digits < 0 ? round_away(moved) * factor : round_away(moved) / factor;
    if (isnan(result) || isinf(result)) return digits < 0 ? static_cast<T>(0) : value;
    return static_cast<T>(result);
  });
}

template <typename T>
u32 floats(u32 op, const Job& job, i32 digits) {
  switch (op) {
    case MATH_ABS:
      return job.all<T, T>([](T value) { return static_cast<T>(fabs(value)); });
    case MATH_SIGN:
      return sign<T>(job);
    case MATH_FLOOR:
      return job.all<T, T>([](T value) { return static_cast<T>(floor(value)); });
    case MATH_CEIL:
      return job.all<T, T>([](T value) { return static_cast<T>(ceil(value)); });
    default:
      return rounded<T>(job, digits);
  }
}

u32 doubles(u32 op, const Job& job) {
  const f64* from = at<f64>(job.from->data);
  f64* to = at<f64>(job.to->data);
  switch (op) {
    case MATH_SQRT:
      return job.each([=](u32 row) {
        to[row] = sqrt(from[row]);
        return !(from[row] < 0);
      });
    case MATH_LN:
      return job.each([=](u32 row) {
        to[row] = log(from[row]);
        return !(from[row] <= 0);
      });
    case MATH_LOG10:
      return job.each([=](u32 row) {
        to[row] = log10(from[row]);
        return !(from[row] <= 0);
      });
    default:
      return job.all<f64, f64>([](f64 value) { return exp(value); });
  }
}

u32 narrow_absolute(const Job& job) {
  const NarrowValues from(job.from->data);
  const NarrowValues to(job.to->data);
  return job.each([=](u32 row) {
    const i64 value = from[row];
    to.set(row, value < 0 ? static_cast<i64>(0 - static_cast<u64>(value)) : value);
    return true;
  });
}

// As `decimals` below, of at most 18 digits.
u32 narrow_decimals(u32 op, const Job& job, u32 dropped, u32 zeros) {
  const NarrowValues from(job.from->data);
  const NarrowValues to(job.to->data);
  const i64 divisor = narrow_power_of_ten(dropped);
  const i64 factor = narrow_power_of_ten(zeros);
  const i64 most = narrow_power_of_ten(precision_of(job.to->param)) - 1;
  return job.each([=](u32 row) {
    const i64 value = from[row];
    i64 result;
    if (op == MATH_ROUND) {
      result = divide_narrow(value, divisor);
    } else {
      result = value / divisor;
      const i64 rest = value - result * divisor;
      if (op == MATH_FLOOR) result -= rest < 0;
      if (op == MATH_CEIL) result += rest > 0;
    }
    const i64 shown = static_cast<i64>(static_cast<u64>(result) * static_cast<u64>(factor));
    to.set(row, shown);
    return shown <= most && shown >= -most;
  });
}

// To `to`'s scale, which is no greater.
u32 decimals(u32 op, const Job& job, i32 digits) {
  const i128* from = at<i128>(job.from->data);
  if (op == MATH_SIGN) return sign<i128>(job);
  i128* to = at<i128>(job.to->data);
  const bool is_narrow = is_narrow_decimal(job.from->param) && is_narrow_decimal(job.to->param);
  if (op == MATH_ABS && is_narrow) return narrow_absolute(job);
  if (op == MATH_ABS) {
    return job.all<i128, i128>([](i128 value) { return value < 0 ? -value : value; });
  }
  const u32 scale = scale_of(job.from->param);
  const u32 kept = scale_of(job.to->param);
  // Digits in front of the point are rounded to zeros.
  const u32 zeros = op == MATH_ROUND && digits < 0 ? static_cast<u32>(-digits) : 0;
  if (is_narrow && zeros + scale - kept <= MAX_NARROW_PRECISION) {
    return narrow_decimals(op, job, zeros + scale - kept, zeros);
  }
  const bool all_gone = zeros + scale - kept > MAX_PRECISION;
  const i128 divisor = all_gone ? 1 : power_of_ten(scale - kept + zeros);
  const i128 factor = all_gone ? 0 : power_of_ten(zeros);
  const i128 limit = power_of_ten(precision_of(job.to->param));
  return job.each([=](u32 row) {
    const i128 value = from[row];
    i128 result;
    if (op == MATH_ROUND) {
      result = divide_rounded(value, divisor);
    } else {
      result = value / divisor;
      if (op == MATH_FLOOR && value < result * divisor) result -= 1;
      if (op == MATH_CEIL && value > result * divisor) result += 1;
    }
    to[row] = result * factor;
    return within(to[row], limit);
  });
}

// Integers to a power of ten, halves away from zero.
template <typename T>
u32 round_integers(const Job& job, u32 zeros) {
  const T* from = at<T>(job.from->data);
  T* to = at<T>(job.to->data);
  const i128 factor = zeros > 20 ? 0 : power_of_ten(zeros);
  return job.each([=](u32 row) {
    const i128 result = factor == 0 ? 0 : divide_rounded(from[row], factor) * factor;
    to[row] = static_cast<T>(result);
    return static_cast<i128>(to[row]) == result;
  });
}

template <typename T>
u32 integers(u32 op, const Job& job, i32 digits) {
  if (op == MATH_ROUND) return round_integers<T>(job, static_cast<u32>(-digits));
  return whole_numbers<T>(op, job);
}

u32 dispatch(u32 op, const Job& job, i32 digits) {
  switch (job.from->type) {
    case TYPE_INT8:
      return integers<i8>(op, job, digits);
    case TYPE_INT16:
      return integers<i16>(op, job, digits);
    case TYPE_INT32:
      return integers<i32>(op, job, digits);
    case TYPE_INT64:
      return integers<i64>(op, job, digits);
    case TYPE_UINT8:
      return integers<u8>(op, job, digits);
    case TYPE_UINT16:
      return integers<u16>(op, job, digits);
    case TYPE_UINT32:
      return integers<u32>(op, job, digits);
    case TYPE_UINT64:
      return integers<u64>(op, job, digits);
    case TYPE_FLOAT32:
      return floats<f32>(op, job, digits);
    case TYPE_FLOAT64:
      return op >= MATH_SQRT ? doubles(op, job) : floats<f64>(op, job, digits);
    default:
      return decimals(op, job, digits);
  }
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// `op(column)` as a column of `type` and `param`; `digits` is what `round` keeps.
MILLRACE_EXPORT(kernel_math)
u32 kernel_math(u32 op, u32 column_at, u32 type, u32 param, i32 digits, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  const u8 to = static_cast<u8>(type);
  if (is_null_constant(column)) {
    return address_of(null_column(to, column->length, static_cast<u16>(param)));
  }
  Column* out = new_fixed_column(to, column->length, column->flags);
  if (out == nullptr) return KERNEL_FULL;
  out->param = static_cast<u16>(param);
  out->validity = column->validity;
  out->null_count = column->null_count;
  const Rows rows = is_constant(column) ? one_row() : rows_of(column, selection, count);
  return dispatch(op, {column, out, rows}, digits);
}

// left ^ right, float64.
MILLRACE_EXPORT(kernel_power)
u32 kernel_power(u32 left_at, u32 right_at, u32 selection, u32 count) {
  const Column* left = at<Column>(left_at);
  const Column* right = at<Column>(right_at);
  if (is_null_constant(left) || is_null_constant(right)) {
    return address_of(null_column(TYPE_FLOAT64, left->length));
  }
  Column* out = new_fixed_column(TYPE_FLOAT64, left->length, left->flags & right->flags);
  if (out == nullptr || !join_validity(out, left, right)) return KERNEL_FULL;
  const Rows rows = is_constant(out) ? one_row() : rows_of(left, selection, count);
  const f64* a = at<f64>(left->data);
  const f64* b = at<f64>(right->data);
  f64* to = at<f64>(out->data);
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    to[row] = pow(a[is_constant(left) ? 0 : row], b[is_constant(right) ? 0 : row]);
  }
  return address_of(out);
}
