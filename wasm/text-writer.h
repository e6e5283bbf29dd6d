// Making columns of texts: their rows are written one behind the other to the end of the open
// lease, which is taken as data only when all of them are there. So nothing is measured first.
#pragma once
#include "kernels-bytes.h"

namespace millrace {

// What no lease has room for, whatever else is in it: more than half of the memory.
inline u64 most_text_bytes() {
  return static_cast<u64>(__builtin_wasm_memory_size(0)) * (65536 / 2);
}

// In the place of the byte behind a text of more than `most_text_bytes`.
inline u8* const TEXT_TOO_LONG = at<u8>(1);

// Where the next text goes. A text may be written up to PADDING bytes past its end.
struct TextWriter {
  u8* top;
  const u8* limit;

  // Room for `bytes`, or nullptr where the lease has it not.
  u8* reserve(u64 bytes) const {
    return bytes <= static_cast<u64>(limit - top) ? top : nullptr;
  }
  // Copies a text; answers the byte behind it, nullptr where there is no room.
  u8* copy(Span span) const {
    u8* const to = reserve(span.length);
    if (to == nullptr) return nullptr;
    copy_span(to, span);
    return to + span.length;
  }
};

// The data of a column of texts, `out`, whose validity is set: `write(writer, row)` is called for
// each selected row that is valid, and answers the byte behind what it wrote at `writer.top`, or
// nullptr where the lease is full, or TEXT_TOO_LONG, which fails the row. It must not allocate. All
// other rows are empty.
template <typename Write>
u32 write_texts(Column* out, const Rows& rows, Write write) {
  const u32 stored = is_constant(out) ? 1 : out->length;
  i32* const offsets = static_cast<i32*>(arena_array(static_cast<u64>(stored) + 1, 4));
  if (offsets == nullptr) return KERNEL_FULL;
  u8* const data = at<u8>(arena_mark());
  const u32 room = arena_room();
  TextWriter writer{data, data + (room < 0x7fffffff ? room : 0x7fffffff)};
  u32 next = 0;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    while (next <= row) offsets[next++] = static_cast<i32>(writer.top - data);
    if (!is_valid(out, row)) continue;
    u8* const end = write(writer, row);
    if (UNLIKELY(end <= TEXT_TOO_LONG)) {
      failed_row = row;
      return end == nullptr ? KERNEL_FULL : KERNEL_FAILED;
    }
    writer.top = end;
  }
  while (next <= stored) offsets[next++] = static_cast<i32>(writer.top - data);
  out->offsets = address_of(offsets);
  out->data = address_of(data);
  out->data_length = static_cast<u32>(writer.top - data);
  return arena_alloc(out->data_length) == nullptr ? static_cast<u32>(KERNEL_FULL)
                                                  : address_of(out);
}

// A result without buffers that is null where one of the operands is, and constant where all are;
// nullptr where the lease is full. None of the operands is a null constant.
inline Column* new_result(u8 type, const Column* const* operands, u32 count) {
  u8 flags = COLUMN_CONSTANT;
  for (u32 i = 0; i < count; ++i) flags &= operands[i]->flags;
  Column* out = new_column(type, operands[0]->length, flags);
  for (u32 i = 0; out != nullptr && i < count; ++i) {
    const Column joined = *out;
    if (!join_validity(out, &joined, operands[i])) return nullptr;
  }
  return out;
}

inline bool has_null_constant(const Column* const* operands, u32 count) {
  for (u32 i = 0; i < count; ++i) {
    if (is_null_constant(operands[i])) return true;
  }
  return false;
}

MILLRACE_INLINE Rows result_rows(const Column* out, u32 selection, u32 count) {
  return is_constant(out) ? one_row() : rows_of(out, selection, count);
}

// Values of fixed width that may be constant.
template <typename T>
struct Values {
  const T* values;
  bool constant;
  explicit Values(const Column* column)
      : values(at<T>(column->data)), constant(is_constant(column)) {}
  T operator[](u32 row) const { return values[constant ? 0 : row]; }
};

// A bitmap of the column's own with its validity, or nullptr: bits can be cleared in it.
inline u64* copy_validity(const Column* column) {
  const u32 words = words_for(is_constant(column) ? 1 : column->length);
  u64* bits = static_cast<u64*>(arena_array(words, 8));
  const Words before = validity_words(column);
  for (u32 i = 0; bits != nullptr && i < words; ++i) bits[i] = before[i];
  return bits;
}

}  // namespace millrace
