// Dates, times, timestamps and durations as the kernels compute with them.
//
// Instants are looked at in UTC.
#pragma once
#include "calendar.h"
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

// `value` times FACTOR; false where that is out of range. Cheaper than a product of 128 bits.
template <i64 FACTOR>
MILLRACE_INLINE bool multiply(i64 value, i64& product) {
  static_assert(FACTOR > 0 && (FACTOR & (FACTOR - 1)) != 0, "no product is exactly INT64_MIN");
  constexpr i64 MOST = INT64_MAX / FACTOR;
  product = static_cast<i64>(static_cast<u64>(value) * static_cast<u64>(FACTOR));
  return value <= MOST && value >= -MOST;
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
