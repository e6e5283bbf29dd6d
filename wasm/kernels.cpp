// New columns and validity bitmaps for the kernels; see kernels.h.
#include "kernels.h"

namespace millrace {

u32 failed_row = 0;

void* arena_array(u64 count, u32 item_bytes) {
  const u64 bytes = count * item_bytes;
  return bytes >= 1u << 31 ? nullptr : arena_alloc(static_cast<u32>(bytes));
}

u32 width_of(u8 type) {
  switch (type) {
    case TYPE_INT8:
    case TYPE_UINT8:
      return 1;
    case TYPE_INT16:
    case TYPE_UINT16:
      return 2;
    case TYPE_INT32:
    case TYPE_UINT32:
    case TYPE_FLOAT32:
    case TYPE_DATE:
    case TYPE_DICTIONARY:
      return 4;
    case TYPE_INT64:
    case TYPE_UINT64:
    case TYPE_FLOAT64:
    case TYPE_TIMESTAMP:
    case TYPE_TIME:
    case TYPE_DURATION:
      return 8;
    case TYPE_DECIMAL:
      return 16;
    default:
      return 0;
  }
}

Column* new_column(u8 type, u32 length, u8 flags) {
  Column* column = static_cast<Column*>(arena_alloc(sizeof(Column)));
  if (column == nullptr) return nullptr;
  memset(column, 0, sizeof(Column));
  column->type = type;
  column->flags = flags;
  column->length = length;
  return column;
}

Column* new_fixed_column(u8 type, u32 length, u8 flags) {
  Column* column = new_column(type, length, flags);
  if (column == nullptr) return nullptr;
  const u32 stored = flags & COLUMN_CONSTANT ? 1 : length;
  const bool bits = type == TYPE_BOOL;
  void* data = bits ? arena_array(words_for(stored), 8) : arena_array(stored, width_of(type));
  if (data == nullptr) return nullptr;
  column->data = address_of(data);
  column->data_length = bits ? (stored + 7) / 8 : stored * width_of(type);
  return column;
}

Column* null_column(u8 type, u32 length, u16 param) {
  Column* column = new_column(type, length, COLUMN_CONSTANT);
  if (column == nullptr) return nullptr;
  void* zeroes = arena_alloc(16);
  if (zeroes == nullptr) return nullptr;
  memset(zeroes, 0, 16);
  column->param = param;
  column->data = address_of(zeroes);
  if (type == TYPE_UTF8 || type == TYPE_BINARY || type == TYPE_JSON) {
    column->offsets = address_of(zeroes);
  }
  if (type == TYPE_DICTIONARY) {
    Column* texts = new_column(TYPE_UTF8, 0);
    if (texts == nullptr) return nullptr;
    texts->data = texts->offsets = address_of(zeroes);
    column->children = address_of(texts);
    column->child_count = 1;
  }
  column->null_count = length;
  column->validity = length == 0 ? 0 : address_of(zeroes);
  return column;
}

Column* share_column(const Column* column) {
  Column* copy = static_cast<Column*>(arena_alloc(sizeof(Column)));
  if (copy != nullptr) memcpy(copy, column, sizeof(Column));
  return copy;
}

u32 count_zeroes(const u64* bits, u32 length) {
  u32 ones = 0;
  for (u32 i = 0; i < length / 64; ++i) ones += __builtin_popcountll(bits[i]);
  const u32 rest = length % 64;
  if (rest != 0) ones += __builtin_popcountll(bits[length / 64] & ((1ull << rest) - 1));
  return length - ones;
}

void set_validity(Column* column, const u64* bits) {
  if (is_constant(column)) {
    column->null_count = bits[0] & 1 ? 0 : column->length;
  } else {
    column->null_count = count_zeroes(bits, column->length);
  }
  column->validity = column->null_count == 0 ? 0 : address_of(bits);
}

bool join_validity(Column* out, const Column* left, const Column* right) {
  // A null constant has been dealt with, and another constant has no nulls.
  const Column* nullable = left->validity != 0 ? left : right;
  if (left->validity == 0 || right->validity == 0) {
    out->validity = nullable->validity;
    out->null_count = nullable->null_count;
    return true;
  }
  const u32 words = words_for(out->length);
  u64* joined = static_cast<u64*>(arena_array(words, 8));
  if (joined == nullptr) return false;
  const u64* a = at<u64>(left->validity);
  const u64* b = at<u64>(right->validity);
  for (u32 i = 0; i < words; ++i) joined[i] = a[i] & b[i];
  set_validity(out, joined);
  return true;
}

}  // namespace millrace

using namespace millrace;

// The row that the last KERNEL_FAILED was about.
MILLRACE_EXPORT(kernel_failed_row) u32 kernel_failed_row() { return failed_row; }
// A constant null of a scalar type, with the type's Column::param.
MILLRACE_EXPORT(kernel_null) u32 kernel_null(u32 type, u32 length, u32 param) {
  return address_of(null_column(static_cast<u8>(type), length, static_cast<u16>(param)));
}
