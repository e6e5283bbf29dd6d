// Casts between numbers, bools and what is laid out as a number.
//
// Casts that hold every value are plain loops. What does not fit fails the row, or is null, as
// `misfit` says. Floats become integers by rounding halves to even, as in DuckDB.
#include <math.h>

#include "decimal.h"
#include "kernels-cast.h"

namespace millrace {
namespace {

template <typename T>
constexpr bool is_signed = static_cast<T>(-1) < static_cast<T>(0);
template <typename T>
constexpr bool is_float = static_cast<T>(0.5) != 0;

// What comes back as it was, sign and all, fits.
template <typename From, typename To>
u32 whole_to_integer(Cast& cast) {
  const From* from = at<From>(cast.from->data);
  To* to = at<To>(cast.to->data);
  return cast.all([=](u32 row) {
    const From value = from[row];
    const To kept = static_cast<To>(value);
    to[row] = kept;
    return static_cast<From>(kept) == value && (kept < 0) == (value < 0);
  });
}

// What floats become on their way to integers of a type.
template <typename To>
struct WholeOf {
  using type = i64;
};
template <>
struct WholeOf<u64> {
  using type = u64;
};

template <typename From, typename To>
u32 float_to_integer(Cast& cast) {
  const From* from = at<From>(cast.from->data);
  To* to = at<To>(cast.to->data);
  // The first number beyond the type, a power of two.
  const f64 end = ldexp(1.0, sizeof(To) * 8 - (is_signed<To> ? 1 : 0));
  return cast.all([=](u32 row) {
    const f64 value = from[row];
    const f64 whole = nearbyint(value);
    // -0.3 rounds to 0 and is none of the unsigned numbers all the same.
    const bool fits = is_signed<To> ? whole >= -end : value >= 0;
    to[row] = static_cast<To>(static_cast<typename WholeOf<To>::type>(whole));
    return fits && whole < end;
  });
}

template <typename From, typename To>
u32 to_integer(Cast& cast) {
  if constexpr (is_float<From>) return float_to_integer<From, To>(cast);
  else return whole_to_integer<From, To>(cast);
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
  return cast.all([=](u32 row) {
    to[row] = static_cast<f32>(from[row]);
    return !isinf(to[row]) || isinf(from[row]);
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
      return cast_to_decimal(cast);
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
      return cast_to_decimal(cast);
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

// Whether a column's values are already those of the other type: more digits, as many of them
// behind the point.
bool is_longer_decimal(const Column* column, u8 type, u16 param) {
  return column->type == TYPE_DECIMAL && type == TYPE_DECIMAL &&
         scale_of(param) == scale_of(column->param) &&
         precision_of(param) >= precision_of(column->param);
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
      if (cast.to->type == TYPE_BOOL) return to_bool<i128>(cast);
      return cast_from_decimal(cast);
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
  if (is_longer_decimal(column, to, static_cast<u16>(param))) {
    Column* out = share_column(column);
    if (out != nullptr) out->param = static_cast<u16>(param);
    return address_of(out);
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
