// Comparison of values of fixed width.
//
// The order is total, NaN equal to itself and above everything, so every comparison is "equal" or
// "less" with its operands or its result turned round.
#include "decimal64.h"
#include "kernels.h"

namespace millrace {
namespace {

// Numbers are part of the contract: src/operators/kernels/compare.ts has the same.
enum CompareOp : u32 { OP_EQ = 0, OP_NE = 1, OP_LT = 2, OP_LE = 3, OP_GT = 4, OP_GE = 5 };

struct Equal {
  template <typename T>
  MILLRACE_INLINE bool test(T a, T b) {
    return a == b;
  }
  MILLRACE_INLINE bool test(f32 a, f32 b) {
    return static_cast<int>(a == b) | (static_cast<int>(a != a) & static_cast<int>(b != b));
  }
  MILLRACE_INLINE bool test(f64 a, f64 b) {
    return static_cast<int>(a == b) | (static_cast<int>(a != a) & static_cast<int>(b != b));
  }
};

struct Less {
  template <typename T>
  MILLRACE_INLINE bool test(T a, T b) {
    return a < b;
  }
  MILLRACE_INLINE bool test(f32 a, f32 b) {
    return static_cast<int>(a < b) | (static_cast<int>(a == a) & static_cast<int>(b != b));
  }
  MILLRACE_INLINE bool test(f64 a, f64 b) {
    return static_cast<int>(a < b) | (static_cast<int>(a == a) & static_cast<int>(b != b));
  }
};

// The words of decimals that the low ones tell apart: every second one.
struct Narrow {
  i64 word;
  i64 sign;
  bool operator==(Narrow other) const { return word == other.word; }
  bool operator<(Narrow other) const { return word < other.word; }
};

template <typename Op, typename T, bool left_constant, bool right_constant>
void loop(const T* left, const T* right, u64* out, u64 flip, const Rows& rows) {
  const T a = left[0];
  const T b = right[0];
  const auto test = [=](u32 row) {
    return Op::test(left_constant ? a : left[row], right_constant ? b : right[row]);
  };
  if (rows.dense()) {
    fill_bits_dense(out, rows.dense_end(), flip, test);
  } else {
    fill_bits_sparse(out, rows.selection, rows.count, flip, test);
  }
}

template <typename Op, typename T>
void compute(const Column* left, const Column* right, Column* out, u64 flip, const Rows& rows) {
  const T* a = at<T>(left->data);
  const T* b = at<T>(right->data);
  u64* to = at<u64>(out->data);
  if (is_constant(out)) return loop<Op, T, false, false>(a, b, to, flip, one_row());
  if (is_constant(left)) return loop<Op, T, true, false>(a, b, to, flip, rows);
  if (is_constant(right)) return loop<Op, T, false, true>(a, b, to, flip, rows);
  return loop<Op, T, false, false>(a, b, to, flip, rows);
}

template <typename T>
void compare(u32 op, const Column* left, const Column* right, Column* out, const Rows& rows) {
  switch (op) {
    case OP_EQ:
      return compute<Equal, T>(left, right, out, 0, rows);
    case OP_NE:
      return compute<Equal, T>(left, right, out, ~0ull, rows);
    case OP_LT:
      return compute<Less, T>(left, right, out, 0, rows);
    case OP_GE:
      return compute<Less, T>(left, right, out, ~0ull, rows);
    case OP_GT:
      return compute<Less, T>(right, left, out, 0, rows);
    default:
      return compute<Less, T>(right, left, out, ~0ull, rows);
  }
}

// false is below true.
MILLRACE_INLINE u64 compare_words(u32 op, u64 a, u64 b) {
  switch (op) {
    case OP_EQ:
      return ~(a ^ b);
    case OP_NE:
      return a ^ b;
    case OP_LT:
      return ~a & b;
    case OP_LE:
      return ~a | b;
    case OP_GT:
      return a & ~b;
    default:
      return a | ~b;
  }
}

void compare_bools(u32 op, const Column* left, const Column* right, Column* out) {
  const Words a = value_words(left);
  const Words b = value_words(right);
  u64* to = at<u64>(out->data);
  const u32 words = is_constant(out) ? 1 : words_for(out->length);
  for (u32 i = 0; i < words; ++i) to[i] = compare_words(op, a[i], b[i]);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// `left op right`, both of one type of fixed width, as a bool column.
MILLRACE_EXPORT(kernel_compare)
u32 kernel_compare(u32 op, u32 left_at, u32 right_at, u32 selection, u32 count) {
  const Column* left = at<Column>(left_at);
  const Column* right = at<Column>(right_at);
  if (is_null_constant(left) || is_null_constant(right)) {
    return address_of(null_column(TYPE_BOOL, left->length));
  }
  const Rows rows = rows_of(left, selection, count);
  Column* out = new_fixed_column(TYPE_BOOL, left->length, left->flags & right->flags);
  if (out == nullptr || !join_validity(out, left, right)) return KERNEL_FULL;
  switch (left->type) {
    case TYPE_BOOL:
      compare_bools(op, left, right, out);
      break;
    case TYPE_INT8:
      compare<i8>(op, left, right, out, rows);
      break;
    case TYPE_INT16:
      compare<i16>(op, left, right, out, rows);
      break;
    case TYPE_INT32:
    case TYPE_DATE:
      compare<i32>(op, left, right, out, rows);
      break;
    case TYPE_UINT8:
      compare<u8>(op, left, right, out, rows);
      break;
    case TYPE_UINT16:
      compare<u16>(op, left, right, out, rows);
      break;
    case TYPE_UINT32:
      compare<u32>(op, left, right, out, rows);
      break;
    case TYPE_UINT64:
      compare<u64>(op, left, right, out, rows);
      break;
    case TYPE_FLOAT32:
      compare<f32>(op, left, right, out, rows);
      break;
    case TYPE_DECIMAL:
      if (is_narrow_decimal(left->param) && is_narrow_decimal(right->param)) {
        compare<Narrow>(op, left, right, out, rows);
      } else {
        compare<i128>(op, left, right, out, rows);
      }
      break;
    case TYPE_FLOAT64:
      compare<f64>(op, left, right, out, rows);
      break;
    default:
      compare<i64>(op, left, right, out, rows);
  }
  return address_of(out);
}
