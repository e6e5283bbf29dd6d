#include "compare-values.h"

namespace millrace {
namespace {

using i128 = __int128;

struct Items {
  u32 begin;
  u32 length;
};

MILLRACE_INLINE Items items_at(const Column* column, u32 i) {
  const i32* offsets = at<i32>(column->offsets) + i;
  return {static_cast<u32>(offsets[0]), static_cast<u32>(offsets[1] - offsets[0])};
}

MILLRACE_INLINE u32 stored_row(const Column* column, u32 row) {
  return is_constant(column) ? 0 : row;
}

MILLRACE_INLINE bool is_null_at(const Column* column, u32 row) {
  return column->type == TYPE_NULL || !is_valid(column, row);
}

bool equal_members(const Column* left, u32 x, const Column* right, u32 y) {
  const Column* a = at<Column>(left->children);
  const Column* b = at<Column>(right->children);
  for (u32 k = 0; k < left->child_count; ++k) {
    if (!equal_values(a + k, x, b + k, y)) return false;
  }
  return true;
}

bool equal_items(const Column* left, u32 x, const Column* right, u32 y) {
  const Items a = items_at(left, x);
  const Items b = items_at(right, y);
  if (a.length != b.length) return false;
  const Column* from = at<Column>(left->children);
  const Column* other = at<Column>(right->children);
  for (u32 k = 0; k < a.length; ++k) {
    if (!equal_values(from, a.begin + k, other, b.begin + k)) return false;
  }
  return true;
}

int order_members(const Column* left, u32 x, const Column* right, u32 y) {
  const Column* a = at<Column>(left->children);
  const Column* b = at<Column>(right->children);
  for (u32 k = 0; k < left->child_count; ++k) {
    const int order = order_values(a + k, x, b + k, y);
    if (order != 0) return order;
  }
  return 0;
}

int order_items(const Column* left, u32 x, const Column* right, u32 y) {
  const Items a = items_at(left, x);
  const Items b = items_at(right, y);
  const Column* from = at<Column>(left->children);
  const Column* other = at<Column>(right->children);
  for (u32 k = 0; k < a.length && k < b.length; ++k) {
    const int order = order_values(from, a.begin + k, other, b.begin + k);
    if (order != 0) return order;
  }
  return a.length < b.length ? -1 : a.length > b.length;
}

template <typename T>
int order_of(T a, T b) {
  return a < b ? -1 : a > b;
}

template <typename T>
int order_floats(T a, T b) {
  const bool nan = a != a;
  const bool other = b != b;
  return nan || other ? nan - other : order_of(a, b);
}

template <typename T>
T value_of(const Column* column, u32 i) {
  return at<T>(column->data)[i];
}

int order_fixed(const Column* left, u32 x, const Column* right, u32 y) {
  switch (left->type) {
    case TYPE_BOOL:
      return get_bit(at<u8>(left->data), x) - get_bit(at<u8>(right->data), y);
    case TYPE_INT8:
      return order_of(value_of<i8>(left, x), value_of<i8>(right, y));
    case TYPE_INT16:
      return order_of(value_of<i16>(left, x), value_of<i16>(right, y));
    case TYPE_UINT8:
      return order_of(value_of<u8>(left, x), value_of<u8>(right, y));
    case TYPE_UINT16:
      return order_of(value_of<u16>(left, x), value_of<u16>(right, y));
    case TYPE_UINT32:
      return order_of(value_of<u32>(left, x), value_of<u32>(right, y));
    case TYPE_UINT64:
      return order_of(value_of<u64>(left, x), value_of<u64>(right, y));
    case TYPE_FLOAT32:
      return order_floats(value_of<f32>(left, x), value_of<f32>(right, y));
    case TYPE_FLOAT64:
      return order_floats(value_of<f64>(left, x), value_of<f64>(right, y));
    case TYPE_DECIMAL:
      return order_of(value_of<i128>(left, x), value_of<i128>(right, y));
    case TYPE_INT32:
    case TYPE_DATE:
      return order_of(value_of<i32>(left, x), value_of<i32>(right, y));
    default:
      return order_of(value_of<i64>(left, x), value_of<i64>(right, y));
  }
}

}  // namespace

bool equal_values(const Column* left, u32 a, const Column* right, u32 b) {
  const bool null = is_null_at(left, a);
  if (null || is_null_at(right, b)) return null && is_null_at(right, b);
  const u32 x = stored_row(left, a);
  const u32 y = stored_row(right, b);
  switch (left->type) {
    case TYPE_BOOL:
      return get_bit(at<u8>(left->data), x) == get_bit(at<u8>(right->data), y);
    case TYPE_UTF8:
    case TYPE_BINARY:
    case TYPE_JSON:
    case TYPE_DICTIONARY:
      return equal_spans(stored_bytes(left, x), stored_bytes(right, y));
    case TYPE_STRUCT:
      return equal_members(left, x, right, y);
    case TYPE_LIST:
    case TYPE_MAP:
      return equal_items(left, x, right, y);
    case TYPE_DECIMAL:
      return value_of<i128>(left, x) == value_of<i128>(right, y);
    default:
      return fixed_key(left, x) == fixed_key(right, y);
  }
}

int order_values(const Column* left, u32 a, const Column* right, u32 b) {
  const bool null = is_null_at(left, a);
  const bool other = is_null_at(right, b);
  if (null || other) return null - other;
  const u32 x = stored_row(left, a);
  const u32 y = stored_row(right, b);
  switch (left->type) {
    case TYPE_UTF8:
    case TYPE_BINARY:
    case TYPE_JSON:
    case TYPE_DICTIONARY: {
      const Span from = stored_bytes(left, x);
      const Span to = stored_bytes(right, y);
      return less_span(from, to) ? -1 : less_span(to, from);
    }
    case TYPE_STRUCT:
      return order_members(left, x, right, y);
    case TYPE_LIST:
    case TYPE_MAP:
      return order_items(left, x, right, y);
    default:
      return order_fixed(left, x, right, y);
  }
}

}  // namespace millrace

using namespace millrace;

namespace {

// As in kernels-compare.cpp.
enum CompareOp : u32 { OP_EQ = 0, OP_NE = 1, OP_LT = 2, OP_LE = 3, OP_GT = 4, OP_GE = 5 };

bool holds(u32 op, const Column* left, const Column* right, u32 row) {
  switch (op) {
    case OP_EQ:
      return equal_values(left, row, right, row);
    case OP_NE:
      return !equal_values(left, row, right, row);
    case OP_LT:
      return order_values(left, row, right, row) < 0;
    case OP_LE:
      return order_values(left, row, right, row) <= 0;
    case OP_GT:
      return order_values(left, row, right, row) > 0;
    default:
      return order_values(left, row, right, row) >= 0;
  }
}

}  // namespace

// `left op right` on structs, lists and maps of one type, as a bool column; null where one is.
MILLRACE_EXPORT(kernel_compare_nested)
u32 kernel_compare_nested(u32 op, u32 left_at, u32 right_at, u32 selection, u32 count) {
  const Column* left = at<Column>(left_at);
  const Column* right = at<Column>(right_at);
  if (is_null_constant(left) || is_null_constant(right)) {
    return address_of(null_column(TYPE_BOOL, left->length));
  }
  Column* out = new_fixed_column(TYPE_BOOL, left->length, left->flags & right->flags);
  if (out == nullptr || !join_validity(out, left, right)) return KERNEL_FULL;
  const Rows rows = is_constant(out) ? one_row() : rows_of(left, selection, count);
  const auto test = [=](u32 row) {
    return is_valid(left, row) && is_valid(right, row) && holds(op, left, right, row);
  };
  u64* to = at<u64>(out->data);
  if (rows.selection == nullptr) {
    fill_bits_dense(to, rows.count, 0, test);
  } else {
    fill_bits_sparse(to, rows.selection, rows.count, 0, test);
  }
  return address_of(out);
}
