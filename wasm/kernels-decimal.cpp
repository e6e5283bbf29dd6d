// Arithmetic on decimals: both operands have the result's scale for sums and remainders; a product
// has the sum of their scales. A result beyond the digits of its type fails the row.
#include "decimal.h"
#include "kernels.h"

namespace millrace {
namespace {

// Numbers are part of the contract: src/operators/kernels/arithmetic.ts has the same.
enum DecimalOp : u32 { OP_ADD = 0, OP_SUB = 1, OP_MUL = 2, OP_MOD = 4 };

MILLRACE_INLINE bool computed(u32 op, i128 a, i128 b, i128& result) {
  switch (op) {
    case OP_ADD:
      return !__builtin_add_overflow(a, b, &result);
    case OP_SUB:
      return !__builtin_sub_overflow(a, b, &result);
    default: {
      // Values that both fit 64 bits, which most do, need no check.
      const bool small = a == static_cast<i64>(a) && b == static_cast<i64>(b);
      if (LIKELY(small)) {
        result = a * b;
        return true;
      }
      if (a == 0 || b == 0) {
        result = 0;
        return true;
      }
      // The absolute values stay below 10^38, so that none of them has no opposite.
      const u128 x = static_cast<u128>(a < 0 ? -a : a);
      const u128 y = static_cast<u128>(b < 0 ? -b : b);
      const u128 limit = static_cast<u128>(power_of_ten(MAX_PRECISION));
      if (x > limit / y) return false;
      result = a * b;
      return true;
    }
  }
}

bool make_null_by_zero(Column* out, const Column* right) {
  const i128* divisors = at<i128>(right->data);
  const bool constant = is_constant(right);
  const u32 stored = is_constant(out) ? 1 : out->length;
  u64* bits = static_cast<u64*>(arena_array(words_for(stored), 8));
  if (bits == nullptr) return false;
  fill_bits_dense(bits, stored, 0, [=](u32 row) { return divisors[constant ? 0 : row] != 0; });
  const Words before = validity_words(out);
  for (u32 i = 0; i < words_for(stored); ++i) bits[i] &= before[i];
  set_validity(out, bits);
  return true;
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// `left op right` as a decimal of the parameter `param`.
MILLRACE_EXPORT(kernel_decimal)
u32 kernel_decimal(u32 op, u32 left_at, u32 right_at, u32 param, u32 selection, u32 count) {
  const Column* left = at<Column>(left_at);
  const Column* right = at<Column>(right_at);
  const u16 type = static_cast<u16>(param);
  if (is_null_constant(left) || is_null_constant(right)) {
    return address_of(null_column(TYPE_DECIMAL, left->length, type));
  }
  Column* out = new_fixed_column(TYPE_DECIMAL, left->length, left->flags & right->flags);
  if (out == nullptr || !join_validity(out, left, right)) return KERNEL_FULL;
  out->param = type;
  const Rows rows = is_constant(out) ? one_row() : rows_of(left, selection, count);
  const i128 limit = power_of_ten(precision_of(type));
  const i128* a = at<i128>(left->data);
  const i128* b = at<i128>(right->data);
  i128* to = at<i128>(out->data);
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    const i128 x = a[is_constant(left) ? 0 : row];
    const i128 y = b[is_constant(right) ? 0 : row];
    if (op == OP_MOD) {
      to[row] = y == 0 ? 0 : x % y;
      continue;
    }
    i128 result = 0;
    if (LIKELY(computed(op, x, y, result) && within(result, limit))) {
      to[row] = result;
    } else if (is_valid(left, row) && is_valid(right, row)) {
      failed_row = row;
      return KERNEL_FAILED;
    }
  }
  if (op == OP_MOD && !make_null_by_zero(out, right)) return KERNEL_FULL;
  return address_of(out);
}
