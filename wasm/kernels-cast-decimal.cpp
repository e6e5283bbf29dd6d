// Casts from and to decimals: in 64 bits where 18 digits do. Decimals become integers and shorter
// decimals by rounding halves away from zero, as in DuckDB.
#include <math.h>

#include "decimal-float.h"
#include "decimal64.h"
#include "kernels-cast.h"
#include "rounding.h"

namespace millrace {
namespace {

template <typename To>
struct Range {
  static constexpr bool is_signed = static_cast<To>(-1) < static_cast<To>(0);
  static constexpr i128 max =
      (static_cast<i128>(1) << (sizeof(To) * 8 - (is_signed ? 1 : 0))) - 1;
  static constexpr i128 min = is_signed ? -max - 1 : 0;
};

// 10^18 and its opposite are beyond every decimal of 18 digits.
constexpr i64 BEYOND_NARROW = 1'000'000'000'000'000'000;

MILLRACE_INLINE i64 clamp_narrow(i128 value) {
  if (value > BEYOND_NARROW) return BEYOND_NARROW;
  return value < -BEYOND_NARROW ? -BEYOND_NARROW : static_cast<i64>(value);
}

template <typename To>
u32 narrow_to_integer(Cast& cast) {
  const NarrowValues from(cast.from->data);
  To* to = at<To>(cast.to->data);
  const u32 scale = scale_of(cast.from->param);
  const i64 divisor = narrow_power_of_ten(scale);
  const i64 least = clamp_narrow(Range<To>::min);
  const i64 most = clamp_narrow(Range<To>::max);
  if (scale == 0) {
    return cast.all([=](u32 row) {
      const i64 value = from[row];
      to[row] = static_cast<To>(value);
      return value >= least && value <= most;
    });
  }
  return cast.all([=](u32 row) {
    const i64 value = divide_narrow(from[row], divisor);
    to[row] = static_cast<To>(value);
    return value >= least && value <= most;
  });
}

template <typename To>
u32 to_integer(Cast& cast) {
  if (is_narrow_decimal(cast.from->param)) return narrow_to_integer<To>(cast);
  const i128* from = at<i128>(cast.from->data);
  To* to = at<To>(cast.to->data);
  const i128 divisor = power_of_ten(scale_of(cast.from->param));
  return cast.each([=](u32 row) {
    const i128 whole = divide_rounded(from[row], divisor);
    to[row] = static_cast<To>(whole);
    return whole >= Range<To>::min && whole <= Range<To>::max;
  });
}

// Decimals of so many digits are doubles before they are divided.
constexpr u32 MAX_DOUBLE_PRECISION = 15;

template <typename To>
u32 to_float(Cast& cast) {
  To* to = at<To>(cast.to->data);
  const u32 scale = scale_of(cast.from->param);
  const f64 divisor = static_cast<f64>(power_of_ten(scale));
  const NarrowValues narrow(cast.from->data);
  const bool is_double = precision_of(cast.from->param) - 1 < MAX_DOUBLE_PRECISION;
  if (is_double && sizeof(To) == sizeof(f64)) {
    return cast.all([=](u32 row) {
      to[row] = static_cast<To>(static_cast<f64>(narrow[row]) / divisor);
      return true;
    });
  }
  if (is_narrow_decimal(cast.from->param)) {
    return cast.each([=](u32 row) {
      to[row] = decimal_to_float<To>(narrow[row], scale, divisor);
      return true;
    });
  }
  const i128* from = at<i128>(cast.from->data);
  return cast.each([=](u32 row) {
    to[row] = decimal_to_float<To>(from[row], scale, divisor);
    return true;
  });
}

template <typename From>
u32 integer_to_decimal(Cast& cast) {
  const From* from = at<From>(cast.from->data);
  const u32 scale = scale_of(cast.to->param);
  const i128 factor = power_of_ten(scale);
  // Divided, not multiplied: the product may not fit.
  const i128 most = (power_of_ten(precision_of(cast.to->param)) - 1) / factor;
  if (is_narrow_decimal(cast.to->param)) {
    const NarrowValues to(cast.to->data);
    const i64 narrow_factor = static_cast<i64>(factor);
    const i64 narrow_most = static_cast<i64>(most);
    return cast.all([=](u32 row) {
      // The greatest numbers without a sign become negative ones here, and fit as little.
      const i64 value = static_cast<i64>(from[row]);
      to.set(row, static_cast<i64>(static_cast<u64>(value) * static_cast<u64>(narrow_factor)));
      return value <= narrow_most && value >= -narrow_most && (value < 0) == (from[row] < 0);
    });
  }
  i128* to = at<i128>(cast.to->data);
  const bool is_small = sizeof(From) < 8 || static_cast<From>(-1) < 0;
  if (is_small && scale <= MAX_NARROW_PRECISION) {
    const i64 narrow_factor = static_cast<i64>(factor);
    return cast.all([=](u32 row) {
      const i64 value = static_cast<i64>(from[row]);
      to[row] = multiply_narrow(value, narrow_factor);
      return value <= most && value >= -most;
    });
  }
  return cast.each([=](u32 row) {
    const i128 value = static_cast<i128>(from[row]);
    to[row] = value * factor;
    return value <= most && value >= -most;
  });
}

template <typename From>
u32 float_to_decimal(Cast& cast) {
  const From* from = at<From>(cast.from->data);
  const f64 factor = static_cast<f64>(power_of_ten(scale_of(cast.to->param)));
  const i128 limit = power_of_ten(precision_of(cast.to->param));
  const f64 end = static_cast<f64>(limit);
  if (is_narrow_decimal(cast.to->param)) {
    const NarrowValues to(cast.to->data);
    return cast.all([=](u32 row) {
      const f64 value = round_away(static_cast<f64>(from[row]) * factor);
      to.set(row, static_cast<i64>(value));
      return fabs(value) < end;
    });
  }
  i128* to = at<i128>(cast.to->data);
  return cast.each([=](u32 row) {
    const f64 value = round_away(static_cast<f64>(from[row]) * factor);
    if (!(fabs(value) < end)) return false;
    to[row] = static_cast<i128>(value);
    return within(to[row], limit);
  });
}

u32 narrow_to_narrow(Cast& cast, u32 before, u32 after) {
  const NarrowValues from(cast.from->data);
  const NarrowValues to(cast.to->data);
  const i64 most = narrow_power_of_ten(precision_of(cast.to->param)) - 1;
  if (after >= before) {
    const i64 factor = narrow_power_of_ten(after - before);
    const i64 most_before = most / factor;
    return cast.all([=](u32 row) {
      const i64 value = from[row];
      to.set(row, static_cast<i64>(static_cast<u64>(value) * static_cast<u64>(factor)));
      return value <= most_before && value >= -most_before;
    });
  }
  const i64 divisor = narrow_power_of_ten(before - after);
  return cast.all([=](u32 row) {
    const i64 value = divide_narrow(from[row], divisor);
    to.set(row, value);
    return value <= most && value >= -most;
  });
}

u32 narrow_to_wide(Cast& cast, u32 more_scale) {
  const NarrowValues from(cast.from->data);
  i128* to = at<i128>(cast.to->data);
  const i64 factor = narrow_power_of_ten(more_scale);
  const i128 limit = power_of_ten(precision_of(cast.to->param));
  return cast.all([=](u32 row) {
    const i128 value = multiply_narrow(from[row], factor);
    to[row] = value;
    return within(value, limit);
  });
}

u32 decimal_to_decimal(Cast& cast) {
  const i128* from = at<i128>(cast.from->data);
  i128* to = at<i128>(cast.to->data);
  const u32 before = scale_of(cast.from->param);
  const u32 after = scale_of(cast.to->param);
  if (is_narrow_decimal(cast.from->param)) {
    if (is_narrow_decimal(cast.to->param)) return narrow_to_narrow(cast, before, after);
    const bool by_word = after >= before && after - before <= MAX_NARROW_PRECISION;
    if (by_word) return narrow_to_wide(cast, after - before);
  }
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

}  // namespace

u32 cast_from_decimal(Cast& cast) {
  switch (cast.to->type) {
    case TYPE_INT8:
      return to_integer<i8>(cast);
    case TYPE_INT16:
      return to_integer<i16>(cast);
    case TYPE_INT32:
      return to_integer<i32>(cast);
    case TYPE_INT64:
      return to_integer<i64>(cast);
    case TYPE_UINT8:
      return to_integer<u8>(cast);
    case TYPE_UINT16:
      return to_integer<u16>(cast);
    case TYPE_UINT32:
      return to_integer<u32>(cast);
    case TYPE_UINT64:
      return to_integer<u64>(cast);
    case TYPE_FLOAT32:
      return to_float<f32>(cast);
    case TYPE_FLOAT64:
      return to_float<f64>(cast);
    default:
      return decimal_to_decimal(cast);
  }
}

u32 cast_to_decimal(Cast& cast) {
  switch (cast.from->type) {
    case TYPE_INT8:
      return integer_to_decimal<i8>(cast);
    case TYPE_INT16:
      return integer_to_decimal<i16>(cast);
    case TYPE_INT32:
      return integer_to_decimal<i32>(cast);
    case TYPE_INT64:
      return integer_to_decimal<i64>(cast);
    case TYPE_UINT8:
      return integer_to_decimal<u8>(cast);
    case TYPE_UINT16:
      return integer_to_decimal<u16>(cast);
    case TYPE_UINT32:
      return integer_to_decimal<u32>(cast);
    case TYPE_UINT64:
      return integer_to_decimal<u64>(cast);
    case TYPE_FLOAT32:
      return float_to_decimal<f32>(cast);
    default:
      return float_to_decimal<f64>(cast);
  }
}

}  // namespace millrace
