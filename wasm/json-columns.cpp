// See json-columns.h.
#include "json-columns.h"

#include "json-dictionary.h"

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
MILLRACE_INLINE bool has_offsets(u8 type) { return has_bytes(type) || has_items(type); }

// Bytes of `data` for so many rows; 0 where it does not go by rows.
u64 value_bytes(u8 type, u32 rows) {
  return type == TYPE_BOOL ? bitmap_bytes(rows) : static_cast<u64>(rows) * VALUE_WIDTHS[type];
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

// The buffers that do not go by the rows of the column itself: text, and what lists and maps have.
bool open_contents(Field& field, u32 input_bytes) {
  if (field.type == TYPE_DICTIONARY) {
    Field& texts = field.dictionary->texts;
    clear_dictionary(*field.dictionary);
    return open_field(texts, expected(texts.rows_hint, input_bytes, FIRST_ROWS), input_bytes);
  }
  if (has_bytes(field.type)) {
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

void put_zero(Field& field, u32 row) {
  if (has_offsets(field.type)) {
    field.offsets[row + 1] = field.offsets[row];
    return;
  }
  const u32 width = VALUE_WIDTHS[field.type];
  if (width == 8) {
    value_at<i64>(field, row) = 0;
  } else if (width == 4) {
    value_at<i32>(field, row) = 0;
  } else if (width > 0) {
    memset(field.data + static_cast<size_t>(row) * width, 0, width);
  } else if (field.type == TYPE_BOOL) {
    clear_bit(field.data, row);
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

bool reserve_bytes(Field& field, u32 used, u32 bytes) {
  const u32 needed = used + bytes;
  if (needed <= field.data_capacity) return true;
  const u64 doubled = static_cast<u64>(field.data_capacity) * 2;
  const u64 capacity = doubled > needed ? doubled : needed;
  if (!move_block(field.data, used, capacity)) {
    fail(ARENA_IS_FULL, nullptr);
    return false;
  }
  field.data_capacity = static_cast<u32>(capacity);
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

namespace {

// Rows [from, to), the last ones that were written: of what lies under lists and maps, all behind
// the start of row `from`. Offsets further on may be anything.
void take_back(Field& field, u32 from, u32 to) {
  if (field.type == TYPE_SKIPPED) return;
  for (u32 row = from; row < to; row++) {
    if (get_bit(field.validity, row)) continue;
    set_bit(field.validity, row);
    field.null_count--;
  }
  for (u32 i = 0; i < field.child_count; i++) {
    if (field.type == TYPE_STRUCT) {
      take_back(field.children[i], from, to);
    } else {
      truncate_items(field.children[i], static_cast<u32>(field.offsets[from]));
    }
  }
}

}  // namespace

void reset_row(Field& field, u32 row) { take_back(field, row, row + 1); }

void truncate_items(Field& item, u32 length) {
  if (item.length <= length) return;
  take_back(item, length, item.length);
  item.length = length;
}

void move_row(Field& field, u32 from, u32 to) {
  const bool valid = get_bit(field.validity, from);
  if (valid != get_bit(field.validity, to)) {
    put_bit(field.validity, to, valid);
    field.null_count += valid ? -1 : 1;
  }
  if (field.type == TYPE_BOOL) put_bit(field.data, to, get_bit(field.data, from));
  const u32 width = VALUE_WIDTHS[field.type];
  if (width > 0) {
    memcpy(field.data + static_cast<size_t>(to) * width,
           field.data + static_cast<size_t>(from) * width, width);
  }
  if (field.type == TYPE_STRUCT) {
    for (u32 i = 0; i < field.child_count; i++) move_row(field.children[i], from, to);
  }
  if (!has_offsets(field.type)) return;
  // The end of `to` may be the start of `from`.
  const u32 start = static_cast<u32>(field.offsets[from]);
  const u32 length = static_cast<u32>(field.offsets[from + 1]) - start;
  const u32 target = static_cast<u32>(field.offsets[to]);
  field.offsets[to + 1] = static_cast<i32>(target + length);
  if (has_bytes(field.type)) memmove(field.data + target, field.data + start, length);
  for (u32 i = 0; i < field.child_count; i++) {
    for (u32 k = 0; k < length; k++) move_row(field.children[i], start + k, target + k);
  }
}

namespace {

Column* allocate_columns(u32 count) {
  return reinterpret_cast<Column*>(allocate(static_cast<u64>(count) * sizeof(Column)));
}

bool write_children(Field& field, u32 rows, Column& column) {
  Column* const children = allocate_columns(field.child_count);
  if (children == nullptr) return false;
  column.child_count = field.child_count;
  column.children = address_of(children);
  for (u32 i = 0; i < field.child_count; i++) {
    if (!write_column(field.children[i], rows, children[i])) return false;
  }
  return true;
}

// Keys and values are the members of a struct, an entry a row.
bool write_entries(Field& map, u32 rows, Column& column) {
  Column* const entries = allocate_columns(1);
  if (entries == nullptr) return false;
  *entries = {};
  entries->type = TYPE_STRUCT;
  entries->length = entries->row_capacity = rows;
  column.child_count = 1;
  column.children = address_of(entries);
  return write_children(map, rows, *entries);
}

bool write_texts(Dictionary& dictionary, Column& column) {
  Column* const texts = allocate_columns(1);
  if (texts == nullptr) return false;
  finish_dictionary(dictionary);
  column.child_count = 1;
  column.children = address_of(texts);
  return write_column(dictionary.texts, dictionary.texts.length, *texts);
}

}  // namespace

bool write_column(Field& field, u32 rows, Column& column) {
  column = {};
  column.type = field.type;
  column.param = field.param;
  column.length = rows;
  column.null_count = field.null_count;
  column.validity = field.null_count == 0 ? 0 : address_of(field.validity);
  column.data = address_of(field.data);
  column.offsets = address_of(field.offsets);
  column.data_length = static_cast<u32>(value_bytes(field.type, rows));
  if (has_bytes(field.type)) column.data_length = static_cast<u32>(field.offsets[rows]);
  column.data_capacity = field.data_capacity;
  column.row_capacity = field.row_capacity;
  if (field.type == TYPE_DICTIONARY) return write_texts(*field.dictionary, column);
  if (field.child_count == 0) return true;
  const u32 items = has_items(field.type) ? static_cast<u32>(field.offsets[rows]) : rows;
  return field.type == TYPE_MAP ? write_entries(field, items, column)
                                : write_children(field, items, column);
}

void guess_sizes(Field& field, u32 text_fields) {
  // All text together is no longer than the input; a list has an item for each 64 bytes, say.
  field.bytes_hint = (1u << HINT_SHIFT) / (text_fields < 8 ? 8 : text_fields);
  field.rows_hint = 1u << (HINT_SHIFT - 6);
  if (field.type == TYPE_DICTIONARY) guess_sizes(field.dictionary->texts, text_fields);
  for (u32 i = 0; i < field.child_count; i++) guess_sizes(field.children[i], text_fields);
}

void learn_sizes(Field& field, u32 rows, u32 input_bytes) {
  if (field.type == TYPE_SKIPPED) return;
  if (has_bytes(field.type)) {
    const u32 used = static_cast<u32>(field.offsets[rows]);
    field.bytes_hint = next_hint(field.bytes_hint, used, input_bytes);
  }
  if (field.type == TYPE_DICTIONARY) {
    Field& texts = field.dictionary->texts;
    texts.rows_hint = next_hint(texts.rows_hint, texts.length, input_bytes);
    learn_sizes(texts, texts.length, input_bytes);
  }
  const bool items = has_items(field.type);
  const u32 child_rows = items ? static_cast<u32>(field.offsets[rows]) : rows;
  for (u32 i = 0; i < field.child_count; i++) {
    Field& child = field.children[i];
    if (items) child.rows_hint = next_hint(child.rows_hint, child_rows, input_bytes);
    learn_sizes(child, child_rows, input_bytes);
  }
}

}  // namespace millrace
