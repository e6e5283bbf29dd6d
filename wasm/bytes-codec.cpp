// The string and bytes codecs: the value of each record as one utf8 or binary column.
#include "bytes.h"
#include "simdjson.h"

namespace millrace {
namespace {

// What `bytes_decode` answers; one static instance, read before the next call.
struct BytesDecoded {
  u32 column;        // address of a Column; 0: the lease is full
  u32 rejects;       // address of Reject[reject_count]
  u32 reject_count;
  u32 selection;     // address of u32[rows - reject_count]; 0 = every row
};
BytesDecoded decoded;

MILLRACE_INLINE bool valid_utf8(const u8* text, u32 length) {
  return simdjson::validate_utf8(reinterpret_cast<const char*>(text), length);
}

// Whether every row is valid: the whole is, and no character crosses a border between rows.
bool rows_valid_utf8(const u8* data, const i32* offsets, u32 rows) {
  if (!valid_utf8(data, static_cast<u32>(offsets[rows]))) return false;
  u32 continued = 0;
  for (u32 row = 0; row < rows; row++) {
    const bool empty = offsets[row] == offsets[row + 1];
    continued |= !empty && (data[offsets[row]] & 0xc0) == 0x80;
  }
  return !continued;
}

struct Rejects {
  Reject* list;
  u32 count;
  void add(u32 row, u32 code, u32 position) { list[count++] = {row, code, position, 0}; }
};

// Copies the values; nulls become validity. nullptr: the lease is full.
Column* gather(const Records& records, u8 type) {
  const u32 rows = records.count;
  const i32* const lengths = at<i32>(records.value_length);
  u64 total = 0;
  u32 nulls = 0;
  for (u32 row = 0; row < rows; row++) {
    total += lengths[row] > 0 ? static_cast<u32>(lengths[row]) : 0;
    nulls += lengths[row] < 0;
  }
  if (total > 0x7fffffff) return nullptr;
  Column* const column = static_cast<Column*>(arena_alloc(sizeof(Column)));
  i32* const offsets = static_cast<i32*>(arena_alloc((rows + 1) * 4));
  u8* const data = static_cast<u8*>(arena_alloc(static_cast<u32>(total)));
  u8* const validity = static_cast<u8*>(arena_alloc(rows / 8 + 1));
  if (!column || !offsets || !data || !validity) return nullptr;
  memset(validity, 0xff, rows / 8 + 1);
  const u32* const values = at<u32>(records.value_address);
  u32 used = 0;
  for (u32 row = 0; row < rows; row++) {
    offsets[row] = static_cast<i32>(used);
    if (UNLIKELY(lengths[row] < 0)) {
      validity[row >> 3] &= static_cast<u8>(~(1u << (row & 7)));
      continue;
    }
    copy_bytes(data + used, at<u8>(values[row]), static_cast<u32>(lengths[row]));
    used += static_cast<u32>(lengths[row]);
  }
  offsets[rows] = static_cast<i32>(used);
  *column = {};
  column->type = type;
  column->length = rows;
  column->null_count = nulls;
  column->validity = address_of(validity);
  column->data = address_of(data);
  column->offsets = address_of(offsets);
  column->data_length = used;
  return column;
}

// Closes the gaps that rejected rows would leave: their values become empty and null.
void drop_rejected(Column& column, const Rejects& rejects) {
  i32* const offsets = at<i32>(column.offsets);
  u8* const data = at<u8>(column.data);
  u8* const validity = at<u8>(column.validity);
  u32 used = 0;
  u32 next = 0;
  i32 begin = 0;
  for (u32 row = 0; row < column.length; row++) {
    const i32 end = offsets[row + 1];
    const u32 length = static_cast<u32>(end - begin);
    offsets[row] = static_cast<i32>(used);
    if (next < rejects.count && rejects.list[next].row == row) {
      const u8 bit = static_cast<u8>(1u << (row & 7));
      column.null_count += (validity[row >> 3] & bit) != 0;
      validity[row >> 3] &= static_cast<u8>(~bit);
      next++;
    } else {
      memmove(data + used, data + begin, length);
      used += length;
    }
    begin = end;
  }
  offsets[column.length] = static_cast<i32>(used);
  column.data_length = used;
}

// u32[rows - rejects] of the rows that stay; 0: the lease is full.
u32 select_others(u32 rows, const Rejects& rejects) {
  u32* const selection = static_cast<u32*>(arena_alloc((rows - rejects.count) * 4));
  if (!selection) return 0;
  u32 next = 0;
  u32 count = 0;
  for (u32 row = 0; row < rows; row++) {
    if (next < rejects.count && rejects.list[next].row == row) {
      next++;
    } else {
      selection[count++] = row;
    }
  }
  return address_of(selection);
}

// Finds the rows that are not valid, in order.
void find_rejects(const Column& column, bool check_utf8, bool nullable, Rejects& rejects) {
  const i32* const offsets = at<i32>(column.offsets);
  const u8* const data = at<u8>(column.data);
  for (u32 row = 0; row < column.length; row++) {
    const u32 length = static_cast<u32>(offsets[row + 1] - offsets[row]);
    if (!get_bit(at<u8>(column.validity), row)) {
      if (!nullable) rejects.add(row, REJECT_NULL_MESSAGE, 0);
    } else if (check_utf8 && !valid_utf8(data + offsets[row], length)) {
      rejects.add(row, REJECT_UTF8, valid_utf8_prefix(data + offsets[row], length));
    }
  }
}

bool decode(const Records& records, u8 type, bool nullable) {
  Column* const column = gather(records, type);
  if (!column) return false;
  const bool text_valid =
      type != TYPE_UTF8 ||
      rows_valid_utf8(at<u8>(column->data), at<i32>(column->offsets), column->length);
  if (LIKELY(text_valid && (nullable || column->null_count == 0))) {
    if (column->null_count == 0) column->validity = 0;
    decoded.column = address_of(column);
    return true;
  }
  if (column->length > 0x0fffffff / sizeof(Reject)) return false;
  Rejects rejects{static_cast<Reject*>(arena_alloc(column->length * sizeof(Reject))), 0};
  if (!rejects.list) return false;
  find_rejects(*column, !text_valid, nullable, rejects);
  drop_rejected(*column, rejects);
  decoded.selection = select_others(column->length, rejects);
  if (!decoded.selection) return false;
  decoded.rejects = address_of(rejects.list);
  decoded.reject_count = rejects.count;
  decoded.column = address_of(column);
  return true;
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// Values of `records` (address of a `Records`) as one column of `type`, utf8 or binary. Text that
// is not UTF-8 is a reject, and so is a null value unless `nullable`. Returns the address of a
// `BytesDecoded`.
MILLRACE_EXPORT(bytes_decode) u32 export_bytes_decode(u32 records, u32 type, u32 nullable) {
  decoded = {};
  if (!decode(*at<Records>(records), static_cast<u8>(type), nullable != 0)) decoded = {};
  return address_of(&decoded);
}
