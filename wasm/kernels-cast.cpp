// Casts between numbers, bools and what is laid out as a number.
//
// Casts that hold every value are plain loops. All others go over the selected rows; what does not
// fit fails the row, or is null, as `misfit` says. Floats become integers by rounding halves to
// even, decimals become integers and shorter decimals by rounding halves away from zero, as in
// DuckDB.
#include <math.h>

#include "decimal.h"
#include "kernels-cast.h"

namespace millrace {
namespace {

// What a value of each type is computed as: integers in 128 bits, floats as they are.
template <typename From>
inline bool to_whole(From value, i128& whole) {
  whole = value;
  return true;
}
template <>
inline bool to_whole(f64 value, i128& whole) {
  // Beyond 2^126 no type has room; NaN compares false.
  if (!(fabs(value) < 8.5e37)) return false;
  whole = static_cast<i128>(nearbyint(value));
  return true;
}
template <>
inline bool to_whole(f32 value, i128& whole) {
  return to_whole(static_cast<f64>(value), whole);
}

template <typename To>
struct Range {
  static constexpr bool is_signed = static_cast<To>(-1) < static_cast<To>(0);
  static constexpr i128 max =
      (static_cast<i128>(1) << (sizeof(To) * 8 - (is_signed ? 1 : 0))) - 1;
  static constexpr i128 min = is_signed ? -max - 1 : 0;
};

template <typename From, typename To>
u32 to_integer(Cast& cast) {
  const From* from = at<From>(cast.from->data);
  To* to = at<To>(cast.to->data);
  return cast.each([=](u32 row) {
    i128 whole;
    if (!to_whole(from[row], whole)) return false;
    // -0.3 rounds to 0 and is none of the unsigned numbers all the same.
    if (from[row] < 0 && !Range<To>::is_signed) return false;
    to[row] = static_cast<To>(whole);
    return whole >= Range<To>::min && whole <= Range<To>::max;
  });
}

template <typename To>
u32 decimal_to_integer(Cast& cast) {
  const i128* from = at<i128>(cast.from->data);
  To* to = at<To>(cast.to->data);
  const i128 divisor = power_of_ten(scale_of(cast.from->param));
  return cast.each([=](u32 row) {
    const i128 whole = divide_rounded(from[row], divisor);
    to[row] = static_cast<To>(whole);
    return whole >= Range<To>::min && whole <= Range<To>::max;
  });
}

template <typename From, typename To>
u32 plain(Cast& cast) {
  const From* __restrict from = at<From>(cast.from->data);
  To* __restrict to = at<To>(cast.to->data);
  if (cast.rows.dense()) {
    const u32 end = cast.rows.dense_end();
    for (u32 i = 0; i < end; ++i) to[i] = static_cast<To>(from[i]);
  } else {
    for (u32 i = 0; i < cast.rows.count; ++i) {
      const u32 row = cast.rows.selection[i];
      to[row] = static_cast<To>(from[row]);
    }
  }
  return address_of(cast.to);
}

// A double that float32 has no room for becomes infinite in C; it does not fit in SQL.
u32 to_float32(Cast& cast) {
  const f64* from = at<f64>(cast.from->data);
  f32* to = at<f32>(cast.to->data);
  return cast.each([=](u32 row) {
    to[row] = static_cast<f32>(from[row]);
    return !isinf(to[row]) || isinf(from[row]);
  });
}

template <typename To>
u32 decimal_to_float(Cast& cast) {
  const i128* from = at<i128>(cast.from->data);
  To* to = at<To>(cast.to->data);
  const u32 scale = scale_of(cast.from->param);
  return cast.each([=](u32 row) {
    to[row] = static_cast<To>(to_double(from[row], scale));
    return true;
  });
}

template <typename From>
u32 to_decimal(Cast& cast) {
  const From* from = at<From>(cast.from->data);
  i128* to = at<i128>(cast.to->data);
  const i128 factor = power_of_ten(scale_of(cast.to->param));
  const i128 limit = power_of_ten(precision_of(cast.to->param));
  return cast.each([=](u32 row) {
    const i128 value = static_cast<i128>(from[row]);
    to[row] = value * factor;
    // Divided, not multiplied: the product may not fit.
    const i128 most = (limit - 1) / factor;
    return value <= most && value >= -most;
  });
}

template <typename From>
u32 float_to_decimal(Cast& cast) {
  const From* from = at<From>(cast.from->data);
  i128* to = at<i128>(cast.to->data);
  const f64 factor = static_cast<f64>(power_of_ten(scale_of(cast.to->param)));
  const i128 limit = power_of_ten(precision_of(cast.to->param));
  return cast.each([=](u32 row) {
    const f64 value = round(static_cast<f64>(from[row]) * factor);
    if (!(fabs(value) < static_cast<f64>(limit))) return false;
    to[row] = static_cast<i128>(value);
    return within(to[row], limit);
  });
}

u32 decimal_to_decimal(Cast& cast) {
  const i128* from = at<i128>(cast.from->data);
  i128* to = at<i128>(cast.to->data);
  const u32 before = scale_of(cast.from->param);
  const u32 after = scale_of(cast.to->param);
  const i128 limit = power_of_ten(precision_of(cast.to->param));
  if (after >= before) {
    const i128 factor = power_of_ten(after - before);
    const i128 most = (limit - 1) / factor;
    return cast.each([=](u32 row) {
      const i128 value = from[row];
      to[row] = value * factor;
      return value <= most && value >= -most;
    });
  }
  const i128 divisor = power_of_ten(before - after);
  return cast.each([=](u32 row) {
    to[row] = divide_rounded(from[row], divisor);
    return within(to[row], limit);
  });
}

template <typename From>
u32 to_bool(Cast& cast) {
  const From* from = at<From>(cast.from->data);
  u64* to = at<u64>(cast.to->data);
  const u32 end = cast.rows.dense_end();
  fill_bits_dense(to, end, 0, [=](u32 row) { return from[row] != 0; });
  return address_of(cast.to);
}

template <typename To>
u32 from_bool(Cast& cast, To one) {
  const u8* from = at<u8>(cast.from->data);
  To* to = at<To>(cast.to->data);
  return cast.each([=](u32 row) {
    to[row] = get_bit(from, row) ? one : 0;
    return true;
  });
}

template <typename From>
u32 from_integer(Cast& cast) {
  switch (cast.to->type) {
    case TYPE_BOOL:
      return to_bool<From>(cast);
    case TYPE_INT8:
      return to_integer<From, i8>(cast);
    case TYPE_INT16:
      return to_integer<From, i16>(cast);
    case TYPE_INT32:
      if (sizeof(From) < 4) return plain<From, i32>(cast);
      return to_integer<From, i32>(cast);
    case TYPE_INT64:
      if (sizeof(From) < 8) return plain<From, i64>(cast);
      return to_integer<From, i64>(cast);
    case TYPE_UINT8:
      return to_integer<From, u8>(cast);
    case TYPE_UINT16:
      return to_integer<From, u16>(cast);
    case TYPE_UINT32:
      return to_integer<From, u32>(cast);
    case TYPE_UINT64:
      return to_integer<From, u64>(cast);
    case TYPE_FLOAT32:
      return plain<From, f32>(cast);
    case TYPE_FLOAT64:
      return plain<From, f64>(cast);
    default:
      return to_decimal<From>(cast);
  }
}

template <typename From>
u32 from_float(Cast& cast) {
  switch (cast.to->type) {
    case TYPE_BOOL:
      return to_bool<From>(cast);
    case TYPE_INT8:
      return to_integer<From, i8>(cast);
    case TYPE_INT16:
      return to_integer<From, i16>(cast);
    case TYPE_INT32:
      return to_integer<From, i32>(cast);
    case TYPE_INT64:
      return to_integer<From, i64>(cast);
    case TYPE_UINT8:
      return to_integer<From, u8>(cast);
    case TYPE_UINT16:
      return to_integer<From, u16>(cast);
    case TYPE_UINT32:
      return to_integer<From, u32>(cast);
    case TYPE_UINT64:
      return to_integer<From, u64>(cast);
    case TYPE_FLOAT32:
      return sizeof(From) == 4 ? plain<From, f32>(cast) : to_float32(cast);
    case TYPE_FLOAT64:
      return plain<From, f64>(cast);
    default:
      return float_to_decimal<From>(cast);
  }
}

u32 from_decimal(Cast& cast) {
  switch (cast.to->type) {
    case TYPE_BOOL:
      return to_bool<i128>(cast);
    case TYPE_INT8:
      return decimal_to_integer<i8>(cast);
    case TYPE_INT16:
      return decimal_to_integer<i16>(cast);
    case TYPE_INT32:
      return decimal_to_integer<i32>(cast);
    case TYPE_INT64:
      return decimal_to_integer<i64>(cast);
    case TYPE_UINT8:
      return decimal_to_integer<u8>(cast);
    case TYPE_UINT16:
      return decimal_to_integer<u16>(cast);
    case TYPE_UINT32:
      return decimal_to_integer<u32>(cast);
    case TYPE_UINT64:
      return decimal_to_integer<u64>(cast);
    case TYPE_FLOAT32:
      return decimal_to_float<f32>(cast);
    case TYPE_FLOAT64:
      return decimal_to_float<f64>(cast);
    default:
      return decimal_to_decimal(cast);
  }
}

u32 from_bools(Cast& cast) {
  switch (width_of(cast.to->type)) {
    case 1:
      return from_bool<u8>(cast, 1);
    case 2:
      return from_bool<u16>(cast, 1);
    case 4:
      return cast.to->type == TYPE_FLOAT32 ? from_bool<f32>(cast, 1) : from_bool<u32>(cast, 1);
    case 8:
      return cast.to->type == TYPE_FLOAT64 ? from_bool<f64>(cast, 1) : from_bool<u64>(cast, 1);
    default:
      return from_bool<i128>(cast, power_of_ten(scale_of(cast.to->param)));
  }
}

}  // namespace

u32 cast_number(Cast& cast) {
  switch (cast.from->type) {
    case TYPE_BOOL:
      return from_bools(cast);
    case TYPE_INT8:
      return from_integer<i8>(cast);
    case TYPE_INT16:
      return from_integer<i16>(cast);
    case TYPE_INT32:
      return from_integer<i32>(cast);
    case TYPE_INT64:
      return from_integer<i64>(cast);
    case TYPE_UINT8:
      return from_integer<u8>(cast);
    case TYPE_UINT16:
      return from_integer<u16>(cast);
    case TYPE_UINT32:
      return from_integer<u32>(cast);
    case TYPE_UINT64:
      return from_integer<u64>(cast);
    case TYPE_FLOAT32:
      return from_float<f32>(cast);
    case TYPE_FLOAT64:
      return from_float<f64>(cast);
    default:
      return from_decimal(cast);
  }
}

}  // namespace millrace

using namespace millrace;

// A column of numbers or bools as another of them; `misfit` is 0 to fail the row, 1 to make null.
MILLRACE_EXPORT(kernel_cast)
u32 kernel_cast(u32 column_at, u32 type, u32 param, u32 misfit, u32 selection, u32 count) {
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
  Cast cast{column, out, rows, misfit != 0};
  return cast_number(cast);
}
