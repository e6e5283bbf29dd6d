// Moving short runs of bytes, sixteen at a time. PADDING behind every buffer makes that safe.
#pragma once
#include <string.h>
#include <wasm_simd128.h>

#include "abi.h"

namespace millrace {

constexpr u32 COPY_BY_VECTORS_MAX = 512;

// Copies `length` bytes between buffers that do not overlap; up to 15 more are read and written.
MILLRACE_INLINE void copy_bytes(u8* to, const u8* from, u32 length) {
  if (UNLIKELY(length > COPY_BY_VECTORS_MAX)) {
    memcpy(to, from, length);
    return;
  }
  for (u32 i = 0; i < length; i += 16) wasm_v128_store(to + i, wasm_v128_load(from + i));
}

MILLRACE_INLINE bool get_bit(const u8* bitmap, u32 index) {
  return bitmap[index >> 3] >> (index & 7) & 1;
}

// Row `row` of a column as its buffers have it: a constant column has one row for all.
MILLRACE_INLINE u32 column_row(const Column& column, u32 row) {
  return column.flags & COLUMN_CONSTANT ? 0 : row;
}
MILLRACE_INLINE bool column_is_null(const Column& column, u32 row) {
  return column.validity && !get_bit(at<u8>(column.validity), column_row(column, row));
}

// Bytes of a utf8, binary, json or dictionary value.
struct Bytes {
  const u8* data;
  u32 length;
};
MILLRACE_INLINE Bytes column_bytes(const Column& column, u32 row) {
  const bool indexed = column.type == TYPE_DICTIONARY;
  const Column& texts = indexed ? *at<Column>(column.children) : column;
  const u32 place = column_row(column, row);
  const u32 index = indexed ? at<u32>(column.data)[place] : place;
  const i32* const offsets = at<i32>(texts.offsets) + index;
  return {at<u8>(texts.data) + offsets[0], static_cast<u32>(offsets[1] - offsets[0])};
}

// Length of the valid UTF-8 that `text` starts with (Unicode 15, table 3-7).
u32 valid_utf8_prefix(const u8* text, u32 length);

}  // namespace millrace
