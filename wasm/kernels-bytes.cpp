// Comparison of utf8 and binary values, byte by byte.
#include "kernels-bytes.h"

namespace millrace {
namespace {

// As in kernels-compare.cpp.
enum CompareOp : u32 { OP_EQ = 0, OP_NE = 1, OP_LT = 2, OP_LE = 3, OP_GT = 4, OP_GE = 5 };

template <typename Test>
MILLRACE_INLINE void fill(u64* out, u64 flip, const Rows& rows, Test test) {
  if (rows.selection == nullptr) {
    fill_bits_dense(out, rows.count, flip, test);
  } else {
    fill_bits_sparse(out, rows.selection, rows.count, flip, test);
  }
}

// The common case: a column against one short text.
void equal_short(const Column* column, Span wanted, u64* out, u64 flip, const Rows& rows) {
  const u8* data = at<u8>(column->data);
  const i32* offsets = at<i32>(column->offsets);
  const v128_t mask = mask_of(wanted.length);
  const v128_t text = wasm_v128_and(wasm_v128_load(wanted.bytes), mask);
  const i32 length = static_cast<i32>(wanted.length);
  fill(out, flip, rows, [=](u32 row) {
    const i32 begin = offsets[row];
    const v128_t value = wasm_v128_and(wasm_v128_load(data + begin), mask);
    const int same = wasm_i8x16_all_true(wasm_i8x16_eq(value, text));
    return same & static_cast<int>(offsets[row + 1] - begin == length);
  });
}

void equal(const Column* left, const Column* right, u64* out, u64 flip, const Rows& rows) {
  if (is_constant(left)) return equal(right, left, out, flip, rows);
  const Spans a(left);
  const Spans b(right);
  if (is_constant(right) && b[0].length <= 16) return equal_short(left, b[0], out, flip, rows);
  fill(out, flip, rows, [=](u32 row) { return equal_spans(a[row], b[row]); });
}

void less(const Column* left, const Column* right, u64* out, u64 flip, const Rows& rows) {
  const Spans a(left);
  const Spans b(right);
  fill(out, flip, rows, [=](u32 row) { return less_span(a[row], b[row]); });
}

void compare(u32 op, const Column* left, const Column* right, u64* out, const Rows& rows) {
  switch (op) {
    case OP_EQ:
      return equal(left, right, out, 0, rows);
    case OP_NE:
      return equal(left, right, out, ~0ull, rows);
    case OP_LT:
      return less(left, right, out, 0, rows);
    case OP_GE:
      return less(left, right, out, ~0ull, rows);
    case OP_GT:
      return less(right, left, out, 0, rows);
    default:
      return less(right, left, out, ~0ull, rows);
  }
}

// Two constants: the texts of their one row.
void compare_constants(u32 op, const Column* left, const Column* right, u64* out) {
  const Span a = Spans(left)[0];
  const Span b = Spans(right)[0];
  const bool same = equal_spans(a, b);
  const bool below = less_span(a, b);
  const bool results[] = {same, !same, below, below || same, !below && !same, !below};
  *out = results[op];
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// `left op right` on utf8 and binary columns, as a bool column.
MILLRACE_EXPORT(kernel_compare_bytes)
u32 kernel_compare_bytes(u32 op, u32 left_at, u32 right_at, u32 selection, u32 count) {
  const Column* left = at<Column>(left_at);
  const Column* right = at<Column>(right_at);
  if (is_null_constant(left) || is_null_constant(right)) {
    return address_of(null_column(TYPE_BOOL, left->length));
  }
  Column* out = new_fixed_column(TYPE_BOOL, left->length, left->flags & right->flags);
  if (out == nullptr || !join_validity(out, left, right)) return KERNEL_FULL;
  u64* bits = at<u64>(out->data);
  if (is_constant(out)) {
    compare_constants(op, left, right, bits);
  } else {
    compare(op, left, right, bits, rows_of(left, selection, count));
  }
  return address_of(out);
}
