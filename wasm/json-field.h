// One field of the schema as the reader works on it: what it accepts, and where its values go.
#pragma once
#include "json-failure.h"
#include "json-simd.h"

namespace millrace {

struct Shape;
struct Keys;
struct Dictionary;

// A field's `type` where its values are only checked for syntax; not a TypeId.
constexpr u8 TYPE_SKIPPED = 0;
// In no shape; see Field::shape_position.
constexpr u32 NO_POSITION = 0xffffffff;

struct Field {
  u8 type;  // TypeId or TYPE_SKIPPED
  bool nullable;
  u16 param;  // as Column::param
  // A column of the schema that the plan does not read, under `validate: 'full'`.
  bool only_checked;
  // All ones; 0 for a column that is only checked: each message overwrites its row 0.
  u32 row_mask;
  u32 index;  // pre-order number in the program; NO_COLUMN for the root
  u32 child_count;
  Field* children;  // members of a struct, the item of a list, key and value of a map
  const u8* name;
  u32 name_length;

  // Of structs only.
  Shape* shape;
  Keys* keys;
  // Of dictionaries only.
  Dictionary* dictionary;
  // Where the parent's shape has this field, NO_POSITION = nowhere.
  u32 shape_position;
  // The object in which this field was last seen, see JsonReader::object_count.
  u64 seen_in;

  // The column being written, in the arena; fresh in every decode. Rows from `length` on (of what
  // a list or map has) or from the row at work on (of everything else) have their validity bit set.
  u8* validity;
  u8* data;
  i32* offsets;
  u32 row_capacity;   // rows that validity, data (not of bytes) and offsets hold
  u32 data_capacity;  // bytes that the data of a column of bytes holds
  u32 null_count;
  u32 length;  // rows so far; kept up to date for the items of lists and maps only

  // What earlier morsels needed, per 65,536 bytes of input, with some room: rows of the items of
  // lists and maps, bytes of text.
  u32 rows_hint;
  u32 bytes_hint;
};

// Columns of bytes: offsets into data that does not go by rows.
MILLRACE_INLINE bool has_bytes(u8 type) {
  return type == TYPE_UTF8 || type == TYPE_BINARY || type == TYPE_JSON;
}
// Columns whose children have rows of their own.
MILLRACE_INLINE bool has_items(u8 type) { return type == TYPE_LIST || type == TYPE_MAP; }

// Bytes of one value in `data`, by TypeId; 0 where values have no width in whole bytes.
inline constexpr u8 VALUE_WIDTHS[] = {
    0, 0, 4, 8, 8, 0, 0, 8, 0, 0,  // skipped, bool, int32 … timestamp, struct, list
    1, 2, 1, 2, 4, 8, 4,           // int8, int16, uint8, uint16, uint32, uint64, float32
    16, 4, 8, 8, 0, 4, 0, 0,       // decimal, date, time, duration, map, dictionary, json, null
};

template <typename T>
MILLRACE_INLINE T& value_at(Field& field, u32 row) {
  return reinterpret_cast<T*>(field.data)[row];
}

MILLRACE_INLINE u8 bit_of(u32 i) { return static_cast<u8>(1u << (i & 7)); }
MILLRACE_INLINE void clear_bit(u8* bits, u32 i) { bits[i >> 3] &= static_cast<u8>(~bit_of(i)); }
MILLRACE_INLINE void set_bit(u8* bits, u32 i) { bits[i >> 3] |= bit_of(i); }
MILLRACE_INLINE bool get_bit(const u8* bits, u32 i) { return bits[i >> 3] >> (i & 7) & 1; }
// Without a branch, and without trust in what the bit was.
MILLRACE_INLINE void put_bit(u8* bits, u32 i, bool value) {
  const u32 cleared = bits[i >> 3] & ~bit_of(i);
  bits[i >> 3] = static_cast<u8>(cleared | static_cast<u32>(value) << (i & 7));
}

}  // namespace millrace
