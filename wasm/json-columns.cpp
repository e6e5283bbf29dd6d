// See json-columns.h.
#include "json-columns.h"

#include "json-string.h"

namespace millrace {
namespace {

constexpr u32 FIRST_ROWS = 64;
constexpr u32 FIRST_BYTES = 4096;
// Hints are per this many bytes of input (a shift).
constexpr u32 HINT_SHIFT = 16;

u8* allocate(u64 bytes) {
  return bytes > INT32_MAX ? nullptr : static_cast<u8*>(arena_alloc(static_cast<u32>(bytes)));
}

MILLRACE_INLINE u64 bitmap_bytes(u32 rows) { return (static_cast<u64>(rows) + 7) / 8; }
MILLRACE_INLINE bool has_offsets(u8 type) { return type == TYPE_UTF8 || type == TYPE_LIST; }

// Bytes of `data` for so many rows; 0 where it does not go by rows.
u64 value_bytes(u8 type, u32 rows) {
  switch (type) {
    case TYPE_BOOL:
      return bitmap_bytes(rows);
    case TYPE_INT32:
      return static_cast<u64>(rows) * 4;
    case TYPE_INT64:
    case TYPE_FLOAT64:
    case TYPE_TIMESTAMP:
      return static_cast<u64>(rows) * 8;
    default:
      return 0;
  }
}

// Moves the first `used` bytes to a new block of `bytes`.
bool move_block(u8*& block, u64 used, u64 bytes) {
  u8* const moved = allocate(bytes);
  if (moved == nullptr) return false;
  memcpy(moved, block, used);
  block = moved;
  return true;
}

// Gives the buffers that go by rows room for `rows`; what is in them stays.
bool resize_rows(Field& field, u32 rows) {
  const u32 old = field.row_capacity;
  if (!move_block(field.validity, bitmap_bytes(old), bitmap_bytes(rows))) return false;
  memset(field.validity + bitmap_bytes(old), 0xff, bitmap_bytes(rows) - bitmap_bytes(old));
  const u64 bytes = value_bytes(field.type, rows);
  if (bytes > 0 && !move_block(field.data, value_bytes(field.type, old), bytes)) return false;
  if (has_offsets(field.type)) {
    u8* block = reinterpret_cast<u8*>(field.offsets);
    const u64 used = old == 0 ? 0 : (static_cast<u64>(old) + 1) * 4;
    if (!move_block(block, used, (static_cast<u64>(rows) + 1) * 4)) return false;
    field.offsets = reinterpret_cast<i32*>(block);
    if (old == 0) field.offsets[0] = 0;
  }
  field.row_capacity = rows;
  if (field.type != TYPE_STRUCT) return true;
  for (u32 i = 0; i < field.child_count; i++) {
    if (!resize_rows(field.children[i], rows)) return false;
  }
  return true;
}

u32 expected(u32 hint, u32 input_bytes, u32 least) {
  return static_cast<u32>(static_cast<u64>(hint) * input_bytes >> HINT_SHIFT) + least;
}

// The buffers that do not go by the rows of the column itself: text, and items of lists.
bool open_contents(Field& field, u32 input_bytes) {
  if (field.type == TYPE_UTF8) {
    const u32 bytes = expected(field.bytes_hint, input_bytes, FIRST_BYTES);
    field.data = allocate(bytes);
    field.data_capacity = bytes;
    return field.data != nullptr;
  }
  for (u32 i = 0; i < field.child_count; i++) {
    Field& child = field.children[i];
    if (field.type == TYPE_STRUCT) {
      if (!open_contents(child, input_bytes)) return false;
    } else {
      const u32 rows = expected(child.rows_hint, input_bytes, FIRST_ROWS);
      if (!open_field(child, rows, input_bytes)) return false;
    }
  }
  return true;
}

void clear_buffers(Field& field) {
  field.validity = field.data = nullptr;
  field.offsets = nullptr;
  field.row_capacity = field.data_capacity = field.null_count = field.length = 0;
  if (field.type != TYPE_STRUCT) return;
  for (u32 i = 0; i < field.child_count; i++) clear_buffers(field.children[i]);
}

void truncate(Field& item, u32 length) {
  for (u32 row = length; row < item.length; row++) reset_row(item, row);
  if (item.length > length) item.length = length;
}

void put_zero(Field& field, u32 row) {
  switch (field.type) {
    case TYPE_BOOL:
      clear_bit(field.data, row);
      break;
    case TYPE_INT32:
      reinterpret_cast<i32*>(field.data)[row] = 0;
      break;
    case TYPE_INT64:
    case TYPE_FLOAT64:
    case TYPE_TIMESTAMP:
      reinterpret_cast<i64*>(field.data)[row] = 0;
      break;
    case TYPE_UTF8:
    case TYPE_LIST:
      field.offsets[row + 1] = field.offsets[row];
      break;
  }
}

// Falls slowly and rises at once: one small morsel does not make the next ones move their text.
u32 next_hint(u32 hint, u32 used, u32 input_bytes) {
  if (input_bytes == 0) return hint;
  const u64 needed = (static_cast<u64>(used) << HINT_SHIFT) / input_bytes;
  const u64 with_room = needed + needed / 8 + 1;
  const u64 faded = hint - hint / 4;
  return static_cast<u32>(with_room > faded ? with_room : faded);
}

}  // namespace

bool open_field(Field& field, u32 rows, u32 input_bytes) {
  clear_buffers(field);
  return resize_rows(field, rows) && open_contents(field, input_bytes);
}

bool grow_rows(Field& item) {
  if (resize_rows(item, item.row_capacity * 2)) return true;
  fail(ARENA_IS_FULL, nullptr);
  return false;
}

bool reserve_string(Field& field, u32 used, const u8* s) {
  const u32 needed = used + raw_string_length(s);
  if (needed <= field.data_capacity) return true;
  const u64 doubled = static_cast<u64>(field.data_capacity) * 2;
  const u64 bytes = doubled > needed ? doubled : needed;
  if (!move_block(field.data, used, bytes)) {
    fail(ARENA_IS_FULL, nullptr);
    return false;
  }
  field.data_capacity = static_cast<u32>(bytes);
  return true;
}

void put_null(Field& field, u32 row) {
  if (field.type == TYPE_SKIPPED) return;
  clear_bit(field.validity, row);
  field.null_count++;
  put_zero(field, row);
  if (field.type != TYPE_STRUCT) return;
  for (u32 i = 0; i < field.child_count; i++) put_null(field.children[i], row);
}

void put_blank(Field& field, u32 row) {
  if (field.type == TYPE_SKIPPED) return;
  if (field.nullable) return put_null(field, row);
  put_zero(field, row);
  if (field.type != TYPE_STRUCT) return;
  for (u32 i = 0; i < field.child_count; i++) put_blank(field.children[i], row);
}

void reset_row(Field& field, u32 row) {
  if (field.type == TYPE_SKIPPED) return;
  if (!get_bit(field.validity, row)) {
    set_bit(field.validity, row);
    field.null_count--;
  }
  const u32 kept = field.type == TYPE_LIST ? static_cast<u32>(field.offsets[row]) : 0;
  if (field.type == TYPE_LIST) return truncate(field.children[0], kept);
  if (field.type != TYPE_STRUCT) return;
  for (u32 i = 0; i < field.child_count; i++) reset_row(field.children[i], row);
}

bool write_column(Field& field, u32 rows, Column& column) {
  column = {};
  column.type = field.type;
  column.length = rows;
  column.null_count = field.null_count;
  column.validity = field.null_count == 0 ? 0 : address_of(field.validity);
  column.data = address_of(field.data);
  column.offsets = address_of(field.offsets);
  column.data_length = static_cast<u32>(value_bytes(field.type, rows));
  if (field.type == TYPE_UTF8) column.data_length = static_cast<u32>(field.offsets[rows]);
  column.data_capacity = field.data_capacity;
  column.row_capacity = field.row_capacity;
  if (field.child_count == 0) return true;
  const u64 bytes = static_cast<u64>(field.child_count) * sizeof(Column);
  Column* const children = reinterpret_cast<Column*>(allocate(bytes));
  if (children == nullptr) return false;
  column.child_count = field.child_count;
  column.children = address_of(children);
  const u32 child_rows = field.type == TYPE_LIST ? static_cast<u32>(field.offsets[rows]) : rows;
  for (u32 i = 0; i < field.child_count; i++) {
    if (!write_column(field.children[i], child_rows, children[i])) return false;
  }
  return true;
}

void guess_sizes(Field& field, u32 text_fields) {
  // All text together is no longer than the input; a list has an item for each 64 bytes, say.
  field.bytes_hint = (1u << HINT_SHIFT) / (text_fields < 8 ? 8 : text_fields);
  field.rows_hint = 1u << (HINT_SHIFT - 6);
  for (u32 i = 0; i < field.child_count; i++) guess_sizes(field.children[i], text_fields);
}

void learn_sizes(Field& field, u32 rows, u32 input_bytes) {
  if (field.type == TYPE_SKIPPED) return;
  if (field.type == TYPE_UTF8) {
    const u32 used = static_cast<u32>(field.offsets[rows]);
    field.bytes_hint = next_hint(field.bytes_hint, used, input_bytes);
  }
  u32 child_rows = rows;
  if (field.type == TYPE_LIST) {
    Field& item = field.children[0];
    child_rows = static_cast<u32>(field.offsets[rows]);
    item.rows_hint = next_hint(item.rows_hint, child_rows, input_bytes);
  }
  for (u32 i = 0; i < field.child_count; i++) {
    learn_sizes(field.children[i], child_rows, input_bytes);
  }
}

}  // namespace millrace
