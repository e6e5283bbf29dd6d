// Single values of any two columns of one type: whether they are equal, and which is greater.
//
// The order is DuckDB's, and total: NaN is itself and above every number, -0 is 0. Of structs the
// first members that differ decide, of lists and maps the first items or entries, else the length;
// within them null is null and above everything. The depth of the recursion is that of the type.
#pragma once
#include "kernels-bytes.h"

namespace millrace {

// Rows are those of the morsel: of a constant any. Both may be null.
bool equal_values(const Column* left, u32 a, const Column* right, u32 b);
// Below 0 where the left is less, above 0 where it is greater.
int order_values(const Column* left, u32 a, const Column* right, u32 b);

// A float by a number that is the same exactly where floats count as equal.
MILLRACE_INLINE u64 key_of(f64 value) {
  if (value != value) return 0x7ff8000000000000ull;
  const f64 plain = value + 0.0;
  u64 key;
  memcpy(&key, &plain, 8);
  return key;
}

MILLRACE_INLINE bool is_bytes(u8 type) {
  return type == TYPE_UTF8 || type == TYPE_BINARY || type == TYPE_JSON;
}

// Row `i` as it is stored. Texts of dictionaries are compared as such: other batches' may be in
// there twice, and two columns have different ones.
MILLRACE_INLINE Span stored_bytes(const Column* column, u32 i) {
  if (column->type != TYPE_DICTIONARY) return Spans(column)[i];
  return Spans(at<Column>(column->children))[static_cast<u32>(at<i32>(column->data)[i])];
}

// A value of at most 8 bytes; equal keys are equal values.
MILLRACE_INLINE u64 fixed_key(const Column* column, u32 i) {
  switch (width_of(column->type)) {
    case 1:
      return at<u8>(column->data)[i];
    case 2:
      return at<u16>(column->data)[i];
    case 4:
      if (column->type == TYPE_FLOAT32) return key_of(static_cast<f64>(at<f32>(column->data)[i]));
      return at<u32>(column->data)[i];
    default:
      if (column->type == TYPE_FLOAT64) return key_of(at<f64>(column->data)[i]);
      return at<u64>(column->data)[i];
  }
}

}  // namespace millrace
