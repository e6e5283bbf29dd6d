// The columns while they are written: room for them, nulls, taking rows back, handing them over.
//
// Sizes. All text together is shorter than the memory, 2 GiB. Decoded text is no longer than the
// text, and an item of a list takes two bytes of it at least, so neither i32 offsets nor row counts
// can overflow; sizes in bytes can, and are computed in 64 bits.
#pragma once
#include "json-field.h"
#include "json-string.h"

namespace millrace {

// Makes room for `rows` rows of a column and what lies under it; `input_bytes` is the length of all
// messages. False where the arena is full, here and below.
bool open_field(Field& field, u32 rows, u32 input_bytes);
// Doubles the rows of the items of a list or map. On failure `failure` says that the arena is full.
MILLRACE_NOINLINE bool grow_rows(Field& item);
// Room for `bytes` more behind the first `used` bytes of a column of bytes.
MILLRACE_NOINLINE bool reserve_bytes(Field& field, u32 used, u32 bytes);

// Null in a fresh row: of a struct, all below it are null, too, nullable or not.
MILLRACE_NOINLINE void put_null(Field& field, u32 row);
// What a row holds that has no value: null, or zero where the column is not nullable.
MILLRACE_NOINLINE void put_blank(Field& field, u32 row);
// Takes back what was written to a row, and all that was appended below it: fresh again.
MILLRACE_NOINLINE void reset_row(Field& field, u32 row);
// Takes back the items of a list or map from `length` on.
void truncate_items(Field& item, u32 length);
// Moves a row to an earlier one, over what was there. Rows of bytes and of lists lie one behind the
// other: rows are moved in their order, with none left out in between.
void move_row(Field& field, u32 from, u32 to);

// A string into `row` of a column of bytes; `s` is behind the opening quote.
MILLRACE_INLINE const u8* read_utf8(Field& field, const u8* s, u32 row) {
  const u32 used = static_cast<u32>(field.offsets[row]);
  // No string is longer than the rest of its message.
  if (UNLIKELY(used + static_cast<u32>(message_end - s) > field.data_capacity)) {
    if (!reserve_bytes(field, used, raw_string_length(s))) return nullptr;
  }
  u8* out = field.data + used;
  s = copy_string(s, out);
  field.offsets[row + 1] = static_cast<i32>(out - field.data);
  return s;
}

// Fills in a Column and, in the arena, its children.
bool write_column(Field& field, u32 rows, Column& column);
// What to reckon with before anything is learned, where `text_fields` fields share the text.
void guess_sizes(Field& field, u32 text_fields);
// Remembers what this decode needed for the next.
void learn_sizes(Field& field, u32 rows, u32 input_bytes);

}  // namespace millrace
