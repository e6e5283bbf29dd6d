// Bit operations on integers, and shifts as DuckDB has them.
#include "kernels.h"

namespace millrace {
namespace {

// Numbers are part of the contract: src/operators/kernels/bits.ts has the same.
enum BitOp : u32 { BIT_AND = 0, BIT_OR = 1, BIT_XOR = 2, SHIFT_LEFT = 3, SHIFT_RIGHT = 4 };

// Up: a negative number, a negative count, and bits that would be lost fail the row; a zero never.
template <typename T>
MILLRACE_INLINE bool shifted_left(T value, T bits, T& result) {
  constexpr u32 width = sizeof(T) * 8;
  constexpr bool is_signed = static_cast<T>(-1) < static_cast<T>(0);
  result = 0;
  if (value < 0 || bits < 0) return false;
  if (static_cast<u64>(bits) >= width) return value == 0;
  const u64 most = (is_signed ? (1ull << (width - 1)) - 1 : ~0ull >> (64 - width));
  if (static_cast<u64>(value) > most >> bits) return false;
  result = static_cast<T>(static_cast<u64>(value) << bits);
  return true;
}

// Down, with the sign; by the width or more, or by a negative count, nothing is left.
template <typename T>
MILLRACE_INLINE T shifted_right(T value, T bits) {
  constexpr u32 width = sizeof(T) * 8;
  return bits < 0 || static_cast<u64>(bits) >= width ? 0 : static_cast<T>(value >> bits);
}

template <typename T>
MILLRACE_INLINE bool apply(u32 op, T a, T b, T& result) {
  switch (op) {
    case BIT_AND:
      result = a & b;
      return true;
    case BIT_OR:
      result = a | b;
      return true;
    case BIT_XOR:
      result = a ^ b;
      return true;
    case SHIFT_LEFT:
      return shifted_left(a, b, result);
    default:
      result = shifted_right(a, b);
      return true;
  }
}

template <typename T>
u32 loop(u32 op, const Column* left, const Column* right, Column* out, const Rows& rows) {
  const T* a = at<T>(left->data);
  const T* b = at<T>(right->data);
  T* to = at<T>(out->data);
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    const T x = a[is_constant(left) ? 0 : row];
    const T y = b[is_constant(right) ? 0 : row];
    if (LIKELY(apply(op, x, y, to[row]))) continue;
    if (!is_valid(left, row) || !is_valid(right, row)) continue;
    failed_row = row;
    return KERNEL_FAILED;
  }
  return address_of(out);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// `left op right`, both of one integer type.
MILLRACE_EXPORT(kernel_bits)
u32 kernel_bits(u32 op, u32 left_at, u32 right_at, u32 selection, u32 count) {
  const Column* left = at<Column>(left_at);
  const Column* right = at<Column>(right_at);
  if (is_null_constant(left) || is_null_constant(right)) {
    return address_of(null_column(left->type, left->length));
  }
  Column* out = new_fixed_column(left->type, left->length, left->flags & right->flags);
  if (out == nullptr || !join_validity(out, left, right)) return KERNEL_FULL;
  const Rows rows = is_constant(out) ? one_row() : rows_of(left, selection, count);
  switch (left->type) {
    case TYPE_INT8:
      return loop<i8>(op, left, right, out, rows);
    case TYPE_INT16:
      return loop<i16>(op, left, right, out, rows);
    case TYPE_INT32:
      return loop<i32>(op, left, right, out, rows);
    case TYPE_INT64:
      return loop<i64>(op, left, right, out, rows);
    case TYPE_UINT8:
      return loop<u8>(op, left, right, out, rows);
    case TYPE_UINT16:
      return loop<u16>(op, left, right, out, rows);
    case TYPE_UINT32:
      return loop<u32>(op, left, right, out, rows);
    default:
      return loop<u64>(op, left, right, out, rows);
  }
}
