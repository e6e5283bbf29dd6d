// Arithmetic on decimals: both operands have the result's scale for sums and remainders; a product
// has the sum of their scales. A result beyond the digits of its type fails the row.
//
// Where 18 digits do, all is computed in 64 bits, which is a multiple faster, without a branch: a
// hint tells that some row may be out of range, and then the selected rows are checked one by one.
#include "decimal64.h"
#include "kernels.h"

namespace millrace {
namespace {

// Numbers are part of the contract: src/operators/kernels/arithmetic.ts has the same.
enum DecimalOp : u32 { OP_ADD = 0, OP_SUB = 1, OP_MUL = 2, OP_MOD = 4 };

// Each operator on one pair of words, on two of them, and on 128 bits, where it answers false
// beyond them. Words wrap around, but not those of values that have no more digits than their type:
// a sum of 18 digits and a product that may have 18 fit.
struct Add {
  MILLRACE_INLINE i64 apply(i64 a, i64 b) {
    return static_cast<i64>(static_cast<u64>(a) + static_cast<u64>(b));
  }
  MILLRACE_INLINE v128_t apply(v128_t a, v128_t b) { return wasm_i64x2_add(a, b); }
  MILLRACE_INLINE bool apply(i128 a, i128 b, i128& result) {
    return !__builtin_add_overflow(a, b, &result);
  }
};

struct Sub {
  MILLRACE_INLINE i64 apply(i64 a, i64 b) {
    return static_cast<i64>(static_cast<u64>(a) - static_cast<u64>(b));
  }
  MILLRACE_INLINE v128_t apply(v128_t a, v128_t b) { return wasm_i64x2_sub(a, b); }
  MILLRACE_INLINE bool apply(i128 a, i128 b, i128& result) {
    return !__builtin_sub_overflow(a, b, &result);
  }
};

struct Mul {
  MILLRACE_INLINE i64 apply(i64 a, i64 b) {
    return static_cast<i64>(static_cast<u64>(a) * static_cast<u64>(b));
  }
  MILLRACE_INLINE v128_t apply(v128_t a, v128_t b) { return wasm_i64x2_mul(a, b); }
  MILLRACE_INLINE bool apply(i128 a, i128 b, i128& result) {
    const i64 a_low = static_cast<i64>(a);
    const i64 b_low = static_cast<i64>(b);
    // Values that both fit 64 bits, which most do, need no check.
    if (LIKELY(a == a_low && b == b_low)) {
      result = multiply_narrow(a_low, b_low);
      return true;
    }
    result = 0;
    if (a == 0 || b == 0) return true;
    // The absolute values stay below 10^38, so that none of them has no opposite.
    const u128 x = static_cast<u128>(a < 0 ? -a : a);
    const u128 y = static_cast<u128>(b < 0 ? -b : b);
    if (x > static_cast<u128>(power_of_ten(MAX_PRECISION)) / y) return false;
    result = a * b;
    return true;
  }
};

// A call at work.
struct Operation {
  const Column* left;
  const Column* right;
  Column* out;
  Rows rows;

  bool any_null(u32 row) const { return !is_valid(left, row) || !is_valid(right, row); }
};

u32 fail_at(u32 row) {
  failed_row = row;
  return KERNEL_FAILED;
}

// Negative where a value beyond `most` may be among the results.
template <typename Op, bool left_constant, bool right_constant>
i64 narrow_loop(const Operation& at_work, i64 most) {
  const NarrowValues left(at_work.left->data);
  const NarrowValues right(at_work.right->data);
  const NarrowValues to(at_work.out->data);
  const Rows& rows = at_work.rows;
  i64 hint = 0;
  const auto one = [&](u32 row) {
    const u64 result = Op::apply(left[left_constant ? 0 : row], right[right_constant ? 0 : row]);
    to.set(row, static_cast<i64>(result));
    hint |= static_cast<i64>((most - result) | (most + result));
  };
  if (!rows.dense()) {
    for (u32 i = 0; i < rows.count; ++i) one(rows.selection[i]);
    return hint;
  }
  const u32 end = rows.dense_end();
  const v128_t a = wasm_i64x2_splat(left[0]);
  const v128_t b = wasm_i64x2_splat(right[0]);
  const v128_t mosts = wasm_i64x2_splat(most);
  v128_t hints = wasm_i64x2_splat(0);
  u32 row = 0;
  for (; row + 2 <= end; row += 2) {
    const v128_t result =
        Op::apply(left_constant ? a : left.pair(row), right_constant ? b : right.pair(row));
    to.set_pair(row, result);
    const v128_t beyond =
        wasm_v128_or(wasm_i64x2_sub(mosts, result), wasm_i64x2_add(mosts, result));
    hints = wasm_v128_or(hints, beyond);
  }
  if (row < end) one(row);
  return hint | wasm_i64x2_extract_lane(hints, 0) | wasm_i64x2_extract_lane(hints, 1);
}

template <typename Op>
u32 narrow(const Operation& at_work) {
  const Column* left = at_work.left;
  const Column* right = at_work.right;
  const i64 most = narrow_power_of_ten(precision_of(at_work.out->param)) - 1;
  const bool left_varies = !is_constant(left) || is_constant(right);
  const bool right_varies = !is_constant(right) || is_constant(left);
  const i64 hint = !left_varies    ? narrow_loop<Op, true, false>(at_work, most)
                   : !right_varies ? narrow_loop<Op, false, true>(at_work, most)
                                   : narrow_loop<Op, false, false>(at_work, most);
  if (LIKELY(hint >= 0)) return address_of(at_work.out);
  const NarrowValues results(at_work.out->data);
  for (u32 i = 0; i < at_work.rows.count; ++i) {
    const u32 row = at_work.rows[i];
    const i64 result = results[row];
    if ((result > most || result < -most) && !at_work.any_null(row)) return fail_at(row);
  }
  return address_of(at_work.out);
}

template <typename Op>
u32 wide(const Operation& at_work) {
  const i128 limit = power_of_ten(precision_of(at_work.out->param));
  const i128* a = at<i128>(at_work.left->data);
  const i128* b = at<i128>(at_work.right->data);
  i128* to = at<i128>(at_work.out->data);
  const bool left_constant = is_constant(at_work.left);
  const bool right_constant = is_constant(at_work.right);
  const auto one = [=](u32 row) {
    return Op::apply(a[left_constant ? 0 : row], b[right_constant ? 0 : row], to[row]) &&
           within(to[row], limit);
  };
  for (u32 i = 0; i < at_work.rows.count; ++i) {
    const u32 row = at_work.rows[i];
    if (UNLIKELY(!one(row)) && !at_work.any_null(row)) return fail_at(row);
  }
  return address_of(at_work.out);
}

// A product that may have more than 18 digits, of factors that have not; it always fits.
u32 widening_product(const Operation& at_work) {
  const NarrowValues a(at_work.left->data);
  const NarrowValues b(at_work.right->data);
  i128* to = at<i128>(at_work.out->data);
  const bool left_constant = is_constant(at_work.left);
  const bool right_constant = is_constant(at_work.right);
  const auto one = [=](u32 row) {
    to[row] = multiply_narrow(a[left_constant ? 0 : row], b[right_constant ? 0 : row]);
  };
  const Rows& rows = at_work.rows;
  if (rows.dense()) {
    const u32 end = rows.dense_end();
    for (u32 row = 0; row < end; ++row) one(row);
  } else {
    for (u32 i = 0; i < rows.count; ++i) one(rows.selection[i]);
  }
  return address_of(at_work.out);
}

// By 0 the row is null, see make_null_by_zero; by -1 the machine's division could trap.
void remainders(const Operation& at_work, bool is_narrow) {
  const i128* a = at<i128>(at_work.left->data);
  const i128* b = at<i128>(at_work.right->data);
  i128* to = at<i128>(at_work.out->data);
  const bool left_constant = is_constant(at_work.left);
  const bool right_constant = is_constant(at_work.right);
  for (u32 i = 0; i < at_work.rows.count; ++i) {
    const u32 row = at_work.rows[i];
    const i128 x = a[left_constant ? 0 : row];
    const i128 y = b[right_constant ? 0 : row];
    if (y == 0 || y == -1) {
      to[row] = 0;
    } else if (is_narrow) {
      const i64 divisor = static_cast<i64>(y);
      to[row] = divisor == 0 || divisor == -1 ? 0 : static_cast<i64>(x) % divisor;
    } else {
      to[row] = x % y;
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

u32 product(const Operation& at_work) {
  const u32 left = precision_of(at_work.left->param);
  const u32 right = precision_of(at_work.right->param);
  const bool narrow_factors =
      is_narrow_decimal(at_work.left->param) && is_narrow_decimal(at_work.right->param);
  if (!narrow_factors || precision_of(at_work.out->param) < left + right) {
    return wide<Mul>(at_work);
  }
  if (is_narrow_decimal(at_work.out->param)) return narrow<Mul>(at_work);
  return widening_product(at_work);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// `left op right` as a decimal of the parameter `param`, which operands have, too, but of OP_MUL.
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
  const Operation at_work{left, right, out, rows};
  const bool is_narrow = is_narrow_decimal(type) && left->param == type && right->param == type;
  switch (op) {
    case OP_ADD:
      return is_narrow ? narrow<Add>(at_work) : wide<Add>(at_work);
    case OP_SUB:
      return is_narrow ? narrow<Sub>(at_work) : wide<Sub>(at_work);
    case OP_MUL:
      return product(at_work);
    default:
      remainders(at_work, is_narrow);
      return make_null_by_zero(out, right) ? address_of(out) : static_cast<u32>(KERNEL_FULL);
  }
}
